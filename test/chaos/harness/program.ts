import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { transform } from '@swc/core';
import { madeOnce } from '../../support/made-once.js';
import { swcOptions } from '../../support/swc-options.mjs';

const ROOT = resolve(import.meta.dirname, '../../..');
const SOURCES = ['lib', 'test/chaos/process'];
const MAIN = 'test/chaos/process/main.js';

let program: Promise<string> | undefined;

/**
 * Compiles the program of the processes to JavaScript: a program that compiles itself takes twice as long to start. Does
 * this once for each state of the sources.
 */
export function chaosProgram(): Promise<string> {
  program ??= make();
  return program;
}

async function make(): Promise<string> {
  const sources = await readSources();
  const hash = createHash('sha256').update(JSON.stringify(sources)).digest('hex').slice(0, 16);
  const made = await madeOnce('nestjs-job-queue-chaos', hash, async (folder) => {
    for (const [path, source] of sources) {
      const { code } = await transform(source, { ...swcOptions, sourceMaps: false, filename: join(ROOT, path) });
      const target = join(folder, path.replace(/\.ts$/, '.js'));
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, code);
    }
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  });
  return join(made, MAIN);
}

async function readSources(): Promise<[path: string, source: string][]> {
  const sources: [string, string][] = [];
  for (const folder of SOURCES) {
    const names = await readdir(join(ROOT, folder), { recursive: true });
    for (const name of names.filter((each) => each.endsWith('.ts')).sort()) {
      const path = join(folder, name);
      sources.push([path, await readFile(join(ROOT, path), 'utf8')]);
    }
  }
  return sources;
}
