import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readdir, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { findRedis } from './redis-binary.js';

const FOLDER = 'appendonlydir';

/** For a server that keeps all it ever wrote in one file, command by command, each of them on disk before its answer. */
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

/** Copies what a server wrote to the folder of another one. */
export async function copyAof(from: string, to: string): Promise<void> {
  await cp(join(from, FOLDER), join(to, FOLDER), { recursive: true });
}

/** The file that a server in that folder appends to, and how long it is. */
export async function findAof(dir: string): Promise<{ path: string; size: number }> {
  const name = (await readdir(join(dir, FOLDER))).find((each) => each.endsWith('.incr.aof'));
  if (name === undefined) throw new Error(`${dir} has no append-only file`);
  const path = join(dir, FOLDER, name);
  return { path, size: (await stat(path)).size };
}

/** As a crash leaves a file that was not yet on disk wholly. */
export async function cutAof(dir: string, bytes: number): Promise<void> {
  await truncate((await findAof(dir)).path, bytes);
}

/** `redis-check-aof --fix`: the program of the server does it under that name. */
export async function fixAof(dir: string): Promise<void> {
  const { path, env } = await findRedis();
  const manifest = (await readdir(join(dir, FOLDER))).find((each) => each.endsWith('.manifest'))!;
  const fixing = spawn(path, ['--fix', join(dir, FOLDER, manifest)], {
    argv0: 'redis-check-aof',
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  fixing.stdout.on('data', (text: Buffer) => (said += text.toString()));
  fixing.stdin.on('error', () => undefined);
  fixing.stdin.end('y\ny\n');
  const [code] = (await once(fixing, 'close')) as [number | null];
  if (code !== 0) throw new Error(`redis-check-aof ended with ${code}: ${said}`);
}
