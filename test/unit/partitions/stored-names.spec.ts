import { describe, expect, it } from '@jest/globals';
import { createJobId, queueHashOf } from '../../../lib/job/job-id.js';
import { isQueueName } from '../../../lib/job/queue-name.js';
import { describeStored, partitionOf, queueOf } from '../../../lib/job/stored-queue.js';
import { choosePartition, partitionKeyOf } from '../../../lib/partitions/partition-choice.js';
import { MOST_PARTITIONS, slotOf, storedName } from '../../../lib/partitions/stored-names.js';

const SLOTS = 16_384;
const QUEUES = ['events', 'a', 'mail', 'Orders_2.new-ones', 'x'.repeat(64)];
const namesOf = (queue: string, count: number): string[] =>
  Array.from({ length: count }, (_, number) => storedName(queue, number));

describe('the names of partitions', () => {
  it('are the same for ever', () => {
    expect(namesOf('events', 8)).toMatchInlineSnapshot(`
      [
        "events",
        "events~1fa",
        "events~2oy",
        "events~3sp",
        "events~4iy",
        "events~5up",
        "events~6ct",
        "events~7qb",
      ]
    `);
  });

  it.each(QUEUES)('of %s are of no queue that an application may name, and tell their queue', (queue) => {
    const names = namesOf(queue, MOST_PARTITIONS);
    expect(new Set(names).size).toBe(MOST_PARTITIONS);
    expect(names[0]).toBe(queue);
    for (const [number, name] of names.entries()) {
      expect([queueOf(name), partitionOf(name)]).toEqual([queue, number]);
      expect(isQueueName(name)).toBe(number === 0);
    }
    expect(describeStored(names[3]!)).toBe(`${queue} (partition 3)`);
    expect(describeStored(queue)).toBe(queue);
  });

  it('are in the slots that the server computes', () => {
    // CLUSTER KEYSLOT
    expect(['a', 'mail', 'images', '123456789'].map(slotOf)).toEqual([15_495, 4_247, 9_450, 12_739]);
  });

  it.each([2, 4, 8, 16, 32])('spread %d partitions evenly over all slots', (count) => {
    for (const queue of QUEUES) {
      const slots = namesOf(queue, count)
        .map(slotOf)
        .toSorted((a, b) => a - b);
      const gaps = slots.map((slot, index) => ((slots[index + 1] ?? slots[0]! + SLOTS) - slot) / (SLOTS / count));
      for (const gap of gaps) expect(Math.abs(gap - 1)).toBeLessThan(0.25);
    }
  });

  it.each([8, 16])('give each of three masters its share of %d partitions', (count) => {
    for (const queue of QUEUES) {
      const shares = [0, 0, 0];
      for (const name of namesOf(queue, count)) shares[Math.floor((slotOf(name) * 3) / SLOTS)]!++;
      expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(2);
    }
  });

  it('have the same hash in the ids of their jobs', () => {
    const hashes = namesOf('events', 8).map((name) => queueHashOf(createJobId(1_700_000_000_000, name)));
    expect(new Set(hashes).size).toBe(1);
  });
});

describe('the choice of a partition', () => {
  const keys = Array.from({ length: 8_000 }, (_, number) => `key-${number}`);

  it('is by the group, else by the key, else by the id', () => {
    const unique = { key: 'u', until: 'end' } as const;
    const debounce = { key: 'd' };
    expect(partitionKeyOf({ id: 'i', traits: { group: 'g', unique } })).toBe('g');
    expect(partitionKeyOf({ id: 'i', traits: { unique } })).toBe('u');
    expect(partitionKeyOf({ id: 'i', traits: { debounce } })).toBe('d');
    expect(partitionKeyOf({ id: 'i', traits: { priority: 1 } })).toBe('i');
    expect(partitionKeyOf({ id: 'i' })).toBe('i');
  });

  it.each([2, 3, 8, 16])('gives each of %d partitions its share', (count) => {
    const shares = new Map<number, number>();
    for (const key of keys) {
      const chosen = choosePartition(key, count);
      shares.set(chosen, (shares.get(chosen) ?? 0) + 1);
    }
    expect(shares.size).toBe(count);
    for (const share of shares.values()) expect(share / (keys.length / count)).toBeCloseTo(1, 0);
  });

  it('moves a key only to a new partition when the number grows', () => {
    for (const [from, to] of [
      [1, 2],
      [8, 9],
      [8, 16],
    ] as const) {
      const moved = keys.filter((key) => choosePartition(key, from) !== choosePartition(key, to));
      for (const key of moved) expect(choosePartition(key, to)).toBeGreaterThanOrEqual(from);
      expect(moved.length / keys.length).toBeCloseTo((to - from) / to, 1);
    }
  });

  it('is the same for ever', () => {
    expect(keys.slice(0, 12).map((key) => choosePartition(key, 8))).toMatchInlineSnapshot(`
      [
        3,
        7,
        4,
        3,
        2,
        4,
        7,
        4,
        4,
        1,
        1,
        0,
      ]
    `);
  });
});
