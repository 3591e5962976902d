import type { QueueCounts } from '../drivers/queue-driver.interface.js';
import { queueOf } from '../job/stored-queue.js';
import { each } from '../support/slices.js';
import type { PartitionMap } from './partition-map.js';

/** The most stored queues that are asked at the same time. */
const AT_ONCE = 32;

/** Asks all stored queues of a queue. The answers stand in the order of the partitions. */
export async function askAll<T>(
  map: PartitionMap,
  queue: string,
  ask: (stored: string, index: number, count: number) => Promise<T>,
): Promise<T[]> {
  const all = await map.read(queue);
  const indexes = [...all.keys()];
  return each(indexes, AT_ONCE, (index) => ask(all[index]!, index, all.length));
}

/** Asks all stored queues of a queue, and adds up the answers. */
export async function sumAll(
  map: PartitionMap,
  queue: string,
  ask: (stored: string) => Promise<number>,
): Promise<number> {
  return sumOf(await askAll(map, queue, ask));
}

export function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

/** Adds up the counts of partitions. */
export function sumCounts(all: readonly QueueCounts[]): QueueCounts {
  const sum = (count: keyof QueueCounts): number => sumOf(all.map((counts) => counts[count]));
  return {
    ready: sum('ready'),
    blocked: sum('blocked'),
    delayed: sum('delayed'),
    reserved: sum('reserved'),
    failed: sum('failed'),
  };
}

/** Returns the latest of some times; `null` if there is none. */
export function latestOf(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length > 0 ? Math.max(...known) : null;
}

/** Tells the queue in place of the stored queue. */
export function withQueue<T extends { readonly queue: string }>(answer: T): T {
  const queue = queueOf(answer.queue);
  return queue === answer.queue ? answer : { ...answer, queue };
}
