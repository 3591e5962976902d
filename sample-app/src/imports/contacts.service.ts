import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app.config.js';

/** Keeps uploaded lists, and contacts by their address: to write a contact twice changes nothing. */
@Injectable()
export class ContactsService {
  private readonly folder: string;

  constructor({ outbox }: AppConfig) {
    this.folder = join(outbox, 'contacts');
  }

  /** Stores an uploaded list. @returns its name */
  async storeList(content: Buffer): Promise<string> {
    const name = `${randomUUID()}.csv`;
    await mkdir(this.folder, { recursive: true });
    await writeFile(join(this.folder, name), content);
    return name;
  }

  /** Reads the lines of a list that are not empty. */
  async readList(name: string): Promise<string[]> {
    const text = await readFile(join(this.folder, name), 'utf8');
    return text.split(/\r?\n/).filter(Boolean);
  }

  async upsert(email: string, name: string): Promise<void> {
    const file = `${encodeURIComponent(email)}.json`;
    await writeFile(join(this.folder, file), JSON.stringify({ email, name }));
  }
}
