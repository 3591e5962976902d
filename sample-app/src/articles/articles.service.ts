import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app.config.js';

/** The slugs of the articles that have a word. */
type Index = Record<string, string[]>;

const ARTICLE = '.txt';
const INDEX = 'index.json';

/** Keeps articles in files, and an index of their words, which is made anew from all of them. */
@Injectable()
export class ArticlesService {
  private readonly folder: string;

  constructor({ outbox }: AppConfig) {
    this.folder = join(outbox, 'articles');
  }

  async save(slug: string, text: string): Promise<void> {
    await this.write(slug + ARTICLE, text);
  }

  /** Makes the index. @returns the number of articles in it */
  async index(): Promise<number> {
    const files = (await readdir(this.folder)).filter((name) => name.endsWith(ARTICLE)).toSorted();
    const slugs = new Map<string, string[]>();
    for (const file of files) {
      for (const word of wordsOf(await readFile(join(this.folder, file), 'utf8'))) {
        slugs.set(word, [...(slugs.get(word) ?? []), file.slice(0, -ARTICLE.length)]);
      }
    }
    await this.write(INDEX, JSON.stringify(Object.fromEntries(slugs) satisfies Index));
    return files.length;
  }

  /** Finds the articles that have a word, as of the last time the index was made. */
  async search(word: string): Promise<string[]> {
    const index = new Map(Object.entries(await this.readIndex()));
    return index.get(word.toLowerCase()) ?? [];
  }

  private async readIndex(): Promise<Index> {
    try {
      return JSON.parse(await readFile(join(this.folder, INDEX), 'utf8')) as Index;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
      throw error;
    }
  }

  /** Renames the finished file, so that nobody reads half of it. */
  private async write(name: string, text: string): Promise<void> {
    const part = join(this.folder, `${name}.${randomUUID()}.part`);
    await mkdir(this.folder, { recursive: true });
    await writeFile(part, text);
    await rename(part, join(this.folder, name));
  }
}

function wordsOf(text: string): Set<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu));
}
