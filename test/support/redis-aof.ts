import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readdir, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { findRedis } from './redis-binary.js';

const FOLDER = 'appendonlydir';

/** Arguments of a server that appends every command to one file, and writes it to disk before the reply. */
export const PLAIN_AOF = [
  '--appendonly',
  'yes',
  '--appendfsync',
  'always',
  '--auto-aof-rewrite-percentage',
  '0',
  '--aof-use-rdb-preamble',
  'no',
];

/** Copies the append-only files of a server to the folder of another server. */
export async function copyAof(from: string, to: string): Promise<void> {
  await cp(join(from, FOLDER), join(to, FOLDER), { recursive: true });
}

/** Finds the file to which the server of a folder appends, with its size in bytes. */
export async function findAof(dir: string): Promise<{ path: string; size: number }> {
  const name = (await readdir(join(dir, FOLDER))).find((each) => each.endsWith('.incr.aof'));
  if (name === undefined) throw new Error(`${dir} has no append-only file`);
  const path = join(dir, FOLDER, name);
  return { path, size: (await stat(path)).size };
}

/** Cuts the append-only file, as a crash does before the whole file is on disk. */
export async function cutAof(dir: string, bytes: number): Promise<void> {
  await truncate((await findAof(dir)).path, bytes);
}

/** Runs `redis-check-aof --fix`. It is the program of the server, started under this name. */
export async function fixAof(dir: string): Promise<void> {
  const { path, env } = await findRedis();
  const manifest = (await readdir(join(dir, FOLDER))).find((each) => each.endsWith('.manifest'))!;
  const fixing = spawn(path, ['--fix', join(dir, FOLDER, manifest)], {
    argv0: 'redis-check-aof',
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  fixing.stdout.on('data', (text: Buffer) => (output += text.toString()));
  fixing.stdin.on('error', () => undefined);
  fixing.stdin.end('y\ny\n');
  const [code] = (await once(fixing, 'close')) as [number | null];
  if (code !== 0) throw new Error(`redis-check-aof ended with ${code}: ${output}`);
}
