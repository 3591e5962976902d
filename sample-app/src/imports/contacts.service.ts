import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { QueueManager } from 'nestjs-job-queue';
import { AppConfig } from '../config/app.config.js';
import { WelcomeContact } from './welcome-contact.definition.js';

export interface Contact {
  readonly email: string;
  readonly name: string;
}

/** Keeps uploaded lists, and contacts by their address: to write a contact twice changes nothing. */
@Injectable()
export class ContactsService {
  private readonly folder: string;

  constructor(
    { outbox }: AppConfig,
    private readonly queue: QueueManager,
  ) {
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

  /**
   * Stores a contact, and has it welcomed if it is new. The id of the job lets two pushes store one job, so that an import may be
   * repeated.
   */
  async upsert(email: string, name: string): Promise<void> {
    await this.write(this.fileOf(email), JSON.stringify({ email, name } satisfies Contact));
    if (!(await this.isWelcomed(email))) {
      await this.queue.push(WelcomeContact, { email }, { id: `welcome-${hash(email)}` });
    }
  }

  async find(email: string): Promise<Contact | undefined> {
    const text = await this.read(this.fileOf(email));
    return text === undefined ? undefined : (JSON.parse(text) as Contact);
  }

  /** Resolves with true if the contact has got its first e-mail. */
  async isWelcomed(email: string): Promise<boolean> {
    return (await this.read(this.markOf(email))) !== undefined;
  }

  async setWelcomed(email: string): Promise<void> {
    await this.write(this.markOf(email), '');
  }

  /** Resolves with `undefined` if there is no such file. */
  private async read(file: string): Promise<string | undefined> {
    try {
      return await readFile(file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Renames the finished file, so that nobody reads half of it. */
  private async write(file: string, text: string): Promise<void> {
    const part = `${file}.${randomUUID()}.part`;
    await writeFile(part, text);
    await rename(part, file);
  }

  private fileOf(email: string): string {
    return join(this.folder, `${hash(email)}.json`);
  }

  private markOf(email: string): string {
    return join(this.folder, `${hash(email)}.welcomed`);
  }
}

function hash(email: string): string {
  return createHash('sha256').update(email).digest('hex').slice(0, 32);
}
