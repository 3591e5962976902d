import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import type { JobTraits } from '../../../lib/drivers/job-traits.interface.js';
import { createJobId } from '../../../lib/job/job-id.js';
import { closeClient } from '../../support/close-client.js';
import { RedisDrivers } from '../../support/redis-drivers.js';
import { startRedis, type TestRedis } from '../../support/redis-server.js';

/** So many jobs are pushed twice: the first half pays for what is taken once. */
const HALF = 16_000;
const BATCH = 1_000;
/** A record as that of a job with 200 bytes of data. */
const BODY = `h1SendEmail\n{"to":"${'x'.repeat(190)}"}`;

describe('the memory of a waiting job', () => {
  const drivers = new RedisDrivers();
  let server: TestRedis;
  let client: Redis;

  beforeAll(async () => {
    server = await startRedis();
    client = new Redis(server.url);
  }, 120_000);
  afterAll(async () => {
    closeClient(client);
    await server.stop();
  });

  const dataBytes = async (): Promise<number> => {
    const info = await client.info('memory');
    const [used, clients] = ['used_memory', 'mem_clients_normal'].map((field) =>
      Number(new RegExp(`^${field}:(\\d+)`, 'm').exec(info)![1]),
    );
    return used! - clients!;
  };

  /** Returns the bytes of each job of the second half; with a `count`, of each of so many jobs on an empty server. */
  const bytesOfEach = async (
    queue: string,
    traitsOf?: (index: number) => JobTraits,
    count?: number,
  ): Promise<number> => {
    const driver = await drivers.connect({ redis: { url: server.url } });
    const sizes: number[] = [];
    if (count !== undefined) {
      await client.flushall();
      // What a first push takes once, such as its script.
      const first = { id: createJobId(Date.now(), queue), body: BODY, delay: 0, isGenerated: true } as const;
      await driver.push(queue, [{ ...first, ...(traitsOf && { traits: traitsOf(count) }) }], traitsOf !== undefined);
      sizes.push(await dataBytes());
    }
    for (let half = sizes.length; half < 2; half++) {
      for (let at = 0; at < (count ?? HALF); at += BATCH) {
        const jobs = Array.from({ length: BATCH }, (_, i) => ({
          id: createJobId(Date.now(), queue),
          body: BODY,
          delay: 0,
          isGenerated: true as const,
          ...(traitsOf && { traits: traitsOf(half * HALF + at + i) }),
        }));
        await driver.push(queue, jobs, traitsOf !== undefined);
      }
      // The server moves its tables to larger ones step by step, also when nobody asks it.
      await client.eval("return redis.call('DBSIZE')", 0);
      sizes.push(await dataBytes());
    }
    return (sizes[1]! - sizes[0]!) / (count ?? HALF);
  };

  /** The tables of the server differ by the way in which its allocator rounds. */
  it('grows by as much as the documents say with a priority, with a unique key, and with both', async () => {
    const keyOf = (index: number): string => `SendEmail\tcustomer-${String(index).padStart(8, '0')}`;
    const plain = await bytesOfEach('plain');
    const ranked = await bytesOfEach('ranked', (i) => ({ priority: 1 + (i % 10) }));
    const unique = await bytesOfEach('unique', (i) => ({ unique: { key: keyOf(i), until: 'end' } }));
    const both = await bytesOfEach('both', (i) => ({ priority: i % 10, unique: { key: keyOf(i), until: 'end' } }));
    const key = keyOf(0).length;
    expect(plain).toBeLessThanOrEqual(370);
    expect(ranked - plain).toBeLessThanOrEqual(20);
    expect(unique - plain).toBeLessThanOrEqual(205);
    expect(both).toBeLessThanOrEqual(1.5 * plain + key);
  });

  it.each([1_000, 100])(
    'is at most 1.65 times that of a plain one and its keys, with a priority, a unique key and one of %d groups',
    async (groups) => {
      const keyOf = (index: number): string => `SendEmail\tcustomer-${String(index).padStart(8, '0')}`;
      const groupOf = (index: number): string => `customer-${String(index % groups).padStart(5, '0')}`;
      const plain = await bytesOfEach(`plain-${groups}`, undefined, 10_000);
      const full = await bytesOfEach(
        `full-${groups}`,
        (i) => ({ priority: (i % 20) - 10, unique: { key: keyOf(i), until: 'end' }, group: groupOf(i) }),
        10_000,
      );
      expect(full).toBeLessThanOrEqual(1.65 * plain + keyOf(0).length + groupOf(0).length);
    },
  );
});
