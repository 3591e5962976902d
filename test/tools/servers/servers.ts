import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { firstOnPath } from '../../support/redis-binary.js';
import { provideRedis, type RedisBinary } from '../../support/redis-packages.js';

const run = promisify(execFile);

/** A server program of this machine. */
export interface FoundServer {
  /** Product and version, for example `Redis 7.0.15`. */
  readonly version: string;
  readonly binary: RedisBinary;
}

/** Says where a server may be. */
export interface Place {
  readonly name: string;
  find(): Promise<RedisBinary | undefined>;
}

/** The places, in the order in which they are looked at. */
export const PLACES: readonly Place[] = [
  { name: 'REDIS_SERVER', find: async () => atPath(process.env['REDIS_SERVER'] || undefined) },
  { name: 'redis-server on PATH', find: async () => atPath(await firstOnPath('redis-server')) },
  { name: 'valkey-server on PATH', find: async () => atPath(await firstOnPath('valkey-server')) },
  { name: 'the Debian packages', find: provideRedis },
];

/** Finds the servers, each version once. @param onMissing called with the places that have none */
export async function findServers(
  places: readonly Place[],
  onMissing: (place: string, reason: string) => void,
): Promise<FoundServer[]> {
  const found = new Map<string, FoundServer>();
  for (const place of places) {
    try {
      const binary = await place.find();
      const version = binary && (await versionOf(binary));
      if (!version) onMissing(place.name, 'none');
      else if (!found.has(version)) found.set(version, { version, binary });
    } catch (error) {
      onMissing(place.name, (error as Error).message.trim());
    }
  }
  return [...found.values()];
}

/** Reads product and version from what a server prints for `--version`. */
export function parseVersion(text: string): string | undefined {
  const match = /^(\w+) server v=(\S+)/i.exec(text.trim());
  return match ? `${match[1]} ${match[2]}` : undefined;
}

async function versionOf({ path, env }: RedisBinary): Promise<string> {
  const { stdout } = await run(path, ['--version'], { env: { ...process.env, ...env } });
  const version = parseVersion(stdout);
  if (version === undefined) throw new Error(`${path} does not tell its version: ${stdout.trim()}`);
  return version;
}

function atPath(path: string | undefined): RedisBinary | undefined {
  return path === undefined ? undefined : { path, env: {} };
}
