import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedis } from './redis-server.js';

/** Where a server is that tests may fill and flush. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly database: number;
  readonly username?: string;
  readonly password?: string;
  /** The same, as one string. */
  readonly url: string;
}

/**
 * The private server that all files of a jest worker share: the first that asks starts it, and it ends with the worker.
 * Files have nothing in common but the process and the disk, so the folder of the server is named by the process, and
 * a note in it says where the server is.
 */
export async function sharedRedis(): Promise<RedisAddress> {
  const dir = join(tmpdir(), `nestjs-job-queue-redis-shared-${process.pid}`);
  const note = join(dir, 'address.json');
  const known = await readFile(note, 'utf8').catch(() => undefined);
  if (known) return JSON.parse(known) as RedisAddress;
  await mkdir(dir, { recursive: true });
  const { host, port, url } = await startRedis({ dir });
  const address: RedisAddress = { host, port, url, database: 0 };
  await writeFile(note, JSON.stringify(address));
  return address;
}
