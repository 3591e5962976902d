import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { transform } from '@swc/core';
import { swcOptions } from '../../support/swc-options.mjs';

const ROOT = resolve(import.meta.dirname, '../../..');
const CACHE = join(ROOT, 'node_modules', '.cache', 'nestjs-job-queue-chaos');
const SOURCES = ['lib', 'test/chaos/process'];
const MAIN = 'test/chaos/process/main.js';
/** Programs that are older belong to no run that still goes on. */
const KEPT_MS = 3_600_000;

let program: Promise<string> | undefined;

/**
 * The program of the processes, as JavaScript: one that compiles itself takes twice as long to start. It is made once for
 * a state of the sources.
 */
export function chaosProgram(): Promise<string> {
  program ??= make();
  return program;
}

async function make(): Promise<string> {
  const sources = await readSources();
  const hash = createHash('sha256').update(JSON.stringify(sources)).digest('hex').slice(0, 16);
  const folder = join(CACHE, hash);
  if (await exists(folder)) return join(folder, MAIN);
  await mkdir(CACHE, { recursive: true });
  await removeOld();
  const draft = await mkdtemp(join(CACHE, 'draft-'));
  for (const [path, source] of sources) {
    const { code } = await transform(source, { ...swcOptions, sourceMaps: false, filename: join(ROOT, path) });
    const target = join(draft, path.replace(/\.ts$/, '.js'));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, code);
  }
  await writeFile(join(draft, 'package.json'), '{ "type": "module" }');
  // Of two that make it at once, one is thrown away.
  await rename(draft, folder).catch(async (error: unknown) => {
    await rm(draft, { recursive: true });
    if (!(await exists(folder))) throw error;
  });
  return join(folder, MAIN);
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

async function removeOld(): Promise<void> {
  for (const name of await readdir(CACHE)) {
    const path = join(CACHE, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > KEPT_MS) await rm(path, { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
