import type { JobTraits } from '../drivers/job-traits.interface.js';

/** What chooses the partition of a job. */
export interface PlacedJob {
  readonly id: string;
  readonly traits?: JobTraits;
}

/** Chooses one of so many partitions, from 0. */
export type ChoosePartition = (key: string, count: number) => number;

/**
 * Returns the text that chooses the partition of a job: its group, else its unique key or the key by which it is debounced, else its id. So
 * the jobs of a group, and those of a key, are in one partition.
 */
export function partitionKeyOf({ id, traits }: PlacedJob): string {
  return traits?.group ?? traits?.unique?.key ?? traits?.debounce?.key ?? id;
}

/**
 * Chooses the partition of a key (jump consistent hash). If the number of partitions grows from n to m, only the share (m - n) / m of
 * all keys gets another one: a new one.
 */
export const choosePartition: ChoosePartition = (key, count) => {
  let state = hashOf(key);
  let chosen = 0;
  for (let next = 0; next < count;) {
    chosen = next;
    state = mixed(state + 0x9e3779b9);
    next = Math.floor((chosen + 1) * (2 ** 32 / (state + 1)));
  }
  return chosen;
};

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

/** Lets each bit of a number change all others, from 0 to 2^32 - 1. */
function mixed(value: number): number {
  let hash = value ^ (value >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
