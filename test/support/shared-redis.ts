import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedis } from './redis-server.js';

/** The address of a server whose database the tests may fill and empty. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly database: number;
  readonly username?: string;
  readonly password?: string;
  /** The whole address as a URL. */
  readonly url: string;
}

/**
 * Returns the private server that all test files of a jest worker share: the first file starts it, and it ends with the
 * worker. Test files share only the process and the disk, so the folder of the server is named after the process id, and
 * a file in it has the address.
 */
export async function sharedRedis(): Promise<RedisAddress> {
  const dir = join(tmpdir(), `nestjs-job-queue-redis-shared-${process.pid}`);
  const addressFile = join(dir, 'address.json');
  const known = await readFile(addressFile, 'utf8').catch(() => undefined);
  if (known) return JSON.parse(known) as RedisAddress;
  await mkdir(dir, { recursive: true });
  const { host, port, url } = await startRedis({ dir });
  const address: RedisAddress = { host, port, url, database: 0 };
  await writeFile(addressFile, JSON.stringify(address));
  return address;
}
