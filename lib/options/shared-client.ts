import type { Cluster, Redis } from 'ioredis';
import { InvalidOptionError } from '../queue.errors.js';

/** The checked part of a client of ioredis 5 or 6. The client may come from another copy of the package. */
interface ClientLike {
  readonly isCluster?: boolean;
  readonly options: ConnectionSettings & { readonly redisOptions?: ConnectionSettings };
}

interface ConnectionSettings {
  readonly keyPrefix?: string;
  readonly replyMapping?: string;
  readonly stringNumbers?: boolean;
}

/**
 * Checks a client that the application shares with the queue.
 *
 * @throws InvalidOptionError if it is no client of ioredis, or if its options break the scripts of this library
 */
export function checkSharedClient(path: string, given: unknown): Redis | Cluster {
  if (!isClient(given)) throw new InvalidOptionError(path, 'a Redis or Cluster of ioredis', given);
  const { options } = given;
  for (const settings of [options, options.redisOptions ?? {}]) {
    if (settings.keyPrefix) {
      throw new InvalidOptionError(
        `${path}.options.keyPrefix`,
        'none (it changes only some of the keys of a script; share a client without it, and use the option "prefix")',
        settings.keyPrefix,
      );
    }
    if (settings.replyMapping === 'resp3') {
      throw new InvalidOptionError(
        `${path}.options.replyMapping`,
        '"legacy" or nothing (it changes the shape of replies; share a client without it)',
        settings.replyMapping,
      );
    }
    if (settings.stringNumbers) {
      throw new InvalidOptionError(
        `${path}.options.stringNumbers`,
        'false or nothing (it changes the shape of replies; share a client without it)',
        settings.stringNumbers,
      );
    }
  }
  return given as unknown as Redis | Cluster;
}

function isClient(value: unknown): value is ClientLike {
  if (typeof value !== 'object' || value === null) return false;
  const client = value as Record<string, unknown>;
  return (
    ['duplicate', 'sendCommand', 'defineCommand', 'disconnect', 'on'].every(
      (method) => typeof client[method] === 'function',
    ) &&
    typeof client['options'] === 'object' &&
    client['options'] !== null
  );
}
