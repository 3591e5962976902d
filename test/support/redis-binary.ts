import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { provideRedis, type RedisBinary } from './redis-packages.js';

const run = promisify(execFile);

let found: Promise<RedisBinary> | undefined;

/**
 * Finds a server, in this order: the program in REDIS_SERVER; `redis-server` or `valkey-server` on PATH; Debian's
 * packages, unpacked below `node_modules/.cache`.
 *
 * @throws Error with the software to install
 */
export function findRedis(): Promise<RedisBinary> {
  found ??= search();
  return found;
}

async function search(): Promise<RedisBinary> {
  const named = process.env['REDIS_SERVER'];
  if (named) return checked({ path: named, env: {} }, `REDIS_SERVER=${named}`);
  const onPath = (await firstOnPath('redis-server')) ?? (await firstOnPath('valkey-server'));
  if (onPath) return { path: onPath, env: {} };
  try {
    return await checked(await provideRedis(), 'the server of the Debian packages');
  } catch (error) {
    throw new Error(
      'These tests need a Redis server (7.0 or newer) or a Valkey server (7.2 or newer). Install one so that ' +
        '`redis-server` or `valkey-server` is on PATH, or name the program in REDIS_SERVER. ' +
        `(Unpacking one from Debian's packages failed: ${(error as Error).message.trim()})`,
      { cause: error },
    );
  }
}

async function checked(binary: RedisBinary, name: string): Promise<RedisBinary> {
  try {
    await run(binary.path, ['--version'], { env: { ...process.env, ...binary.env } });
    return binary;
  } catch (error) {
    throw new Error(`${name} does not run: ${(error as Error).message.trim()}`, { cause: error });
  }
}

/** Returns the path of a program in a folder of PATH. */
export async function firstOnPath(program: string): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter).filter(Boolean)) {
    const path = join(folder, program);
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}
