import { queueNameCheck } from '../job/queue-name.js';
import { InvalidOptionError } from '../queue.errors.js';
import { integer } from '../support/checks.js';
import { OptionReader } from '../support/option-reader.js';

/** Queues with slots of their own: how many jobs of each run at once. */
export type PoolOptions = Readonly<Record<string, number | { readonly concurrency: number }>>;

/** Stands for every queue, in place of a list or of pools. */
export const EVERY_QUEUE = '*';

/** How many jobs of each queue run at once, by queue. */
export type Pools = Readonly<Record<string, number>>;

/** Checks how many jobs run at once in a process. */
export const slotsCheck = integer(1, 10_000);

/** The message for a common number of slots beside pools. */
export const NONE_BESIDE_POOLS = 'none beside pools: each queue has its own slots';

/** Returns true if the value may stand for pools: an object that is no list. */
export function mayBePools(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Reads pools: `{ emails: 10, images: { concurrency: 2 } }`.
 *
 * @param path the name of the option in messages
 * @throws InvalidOptionError
 */
export function readPools(value: object, path: string): Pools {
  const given = OptionReader.of(value, path);
  const pools: Record<string, number> = {};
  for (const queue of given.given()) {
    if (queueNameCheck.read(queue) === undefined) throw new InvalidOptionError(path, queueNameCheck.expected, queue);
    pools[queue] = readSlots(given, queue);
  }
  if (Object.keys(pools).length === 0) throw new InvalidOptionError(path, 'at least one queue', value);
  return Object.freeze(pools);
}

function readSlots(pools: OptionReader, queue: string): number {
  if (!mayBePools(pools.raw(queue))) return pools.get(queue, slotsCheck)!;
  const pool = pools.below(queue);
  pool.refuseOthers(['concurrency']);
  const slots = pool.get('concurrency', slotsCheck);
  if (slots === undefined) throw new InvalidOptionError(pool.at('concurrency'), slotsCheck.expected, slots);
  return slots;
}
