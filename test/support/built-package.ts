import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { madeOnce } from './made-once.js';

const run = promisify(execFile);

const ROOT = resolve(import.meta.dirname, '../..');
const CONFIGS = ['package.json', 'tsconfig.json', 'tsconfig.build.json'];

/**
 * Builds the package as users install it: a folder with `package.json` and `dist/`, for tests that start processes. Runs
 * the compiler of the real build without type checks, and once for each state of the sources: test files, jest workers and
 * runs share the folder.
 */
export async function builtPackage(): Promise<string> {
  return built('package', [...CONFIGS, 'lib'], async (folder) => {
    await compile('tsconfig.build.json', join(folder, 'dist'));
    await cp(join(ROOT, 'package.json'), join(folder, 'package.json'));
  });
}

/** Builds the package and the sample application in one folder. */
export async function builtSample(): Promise<string> {
  const library = await builtPackage();
  return built('sample', [...CONFIGS, 'lib', 'sample-app'], async (folder) => {
    await cp(library, folder, { recursive: true });
    await cp(join(ROOT, 'sample-app', 'picture.png'), join(folder, 'sample-app', 'picture.png'));
    await cp(join(ROOT, 'sample-app', 'public'), join(folder, 'sample-app', 'public'), { recursive: true });
    await compile('sample-app/tsconfig.build.json', join(folder, 'sample-app', 'dist'));
  });
}

async function built(
  name: string,
  sources: readonly string[],
  make: (folder: string) => Promise<void>,
): Promise<string> {
  return madeOnce('nestjs-job-queue-builds', `${name}-${await hashOf(sources)}`, make);
}

async function compile(project: string, outDir: string): Promise<void> {
  const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const options = ['--noCheck', '--declaration', 'false', '--sourceMap', 'false', '--outDir', outDir];
  await run(process.execPath, [compiler, '-p', join(ROOT, project), ...options]);
}

async function hashOf(sources: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const source of sources) await addTo(hash, join(ROOT, source));
  return hash.digest('hex').slice(0, 16);
}

async function addTo(hash: ReturnType<typeof createHash>, path: string): Promise<void> {
  if ((await stat(path)).isDirectory()) {
    const names = (await readdir(path)).filter((name) => name !== 'dist' && name !== 'outbox').sort();
    for (const name of names) await addTo(hash, join(path, name));
  } else {
    hash.update(path).update(await readFile(path));
  }
}
