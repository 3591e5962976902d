import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import type { BoardAnswer } from './http.js';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.woff2': 'font/woff2',
};

/** The name of such a file changes with its content. */
const HASHED = /\.[0-9a-f]{8,}\.(?:css|js)$/;
const FOR_EVER = 'private, max-age=31536000, immutable';
const FOR_AN_HOUR = 'private, max-age=3600';

/** Serves the files below a folder: those that were there when it was made, by their exact names, so that no path leads elsewhere. */
export class StaticFiles {
  private readonly paths: ReadonlyMap<string, string>;

  constructor(folder: string) {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const paths = files.map(({ parentPath, name }) => join(parentPath, name));
    this.paths = new Map(paths.map((path) => [relative(folder, path).split(sep).join('/'), path]));
  }

  /** @returns `undefined` if there is no such file */
  async answer(name: string): Promise<BoardAnswer | undefined> {
    const path = this.paths.get(name);
    if (path === undefined) return undefined;
    const type = TYPES[extname(name)] ?? 'application/octet-stream';
    return { status: 200, type, body: await readFile(path), cache: HASHED.test(name) ? FOR_EVER : FOR_AN_HOUR };
  }
}
