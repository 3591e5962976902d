import { beforeEach, describe, expect, it } from '@jest/globals';
import { RedisKeys } from '../../../lib/drivers/redis/keys.js';
import type { RedisDriver } from '../../../lib/drivers/redis/redis.driver.js';
import {
  PLACES_OF_STATE,
  type ListCursor,
  type ListPlace,
  type ListRequest,
} from '../../../lib/drivers/queue-lists.interface.js';
import { JOB_STATES } from '../../../lib/job/job-status.js';
import { slices } from '../../../lib/support/slices.js';
import { numbered, settlement, TestConsumer } from '../../contract/scene.js';
import { RedisDrivers } from '../../support/redis-drivers.js';
import { useRedis } from '../../support/use-redis.js';

const QUEUE = 'mail';
/** Longer than a list in which an element is searched. */
const LONG = 1_500;

describe('lists of jobs in Redis', () => {
  const redis = useRedis();
  const drivers = new RedisDrivers();
  const keys = new RedisKeys(false).of(QUEUE);
  let driver: RedisDriver;

  beforeEach(async () => {
    driver = await drivers.connect({ redis: { url: redis.url } });
  });

  const push = async (ids: readonly string[], body = 'hmail\n{}'): Promise<void> => {
    for (let at = 0; at < ids.length; at += 500) {
      const jobs = ids.slice(at, at + 500).map((id) => ({ id, body, delay: 0 }));
      await driver.push(QUEUE, jobs, false);
    }
  };
  const page = (place: ListPlace, request: Partial<ListRequest> = {}) =>
    driver.lists.page(QUEUE, {
      place,
      states: JOB_STATES,
      order: 'oldest',
      limit: 50,
      skip: 0,
      filter: {},
      ...request,
    });
  async function walk(place: ListPlace, request: Partial<ListRequest> = {}): Promise<string[]> {
    const ids: string[] = [];
    let cursor: ListCursor | undefined;
    do {
      const next = await page(place, { limit: 200, ...request, cursor });
      ids.push(...next.jobs.map(({ id }) => id));
      ({ cursor } = next);
    } while (cursor);
    return ids;
  }
  const consume = () => new TestConsumer(driver.consume(QUEUE, { lease: 30, onLost: () => undefined }));

  /** Returns how often commands were called meanwhile. */
  async function callsOf(run: () => Promise<unknown>): Promise<Record<string, number>> {
    await redis.client.config('RESETSTAT');
    await run();
    const info = await redis.client.info('commandstats');
    return Object.fromEntries(
      [...info.matchAll(/cmdstat_(\w+):calls=(\d+)/g)].map((match) => [match[1]!, Number(match[2])]),
    );
  }

  it('have no stale element of a job that was taken out of a long list', async () => {
    await push(numbered(LONG));
    const gone = numbered(LONG).filter((_, index) => index % 100 === 50);
    for (const id of gone) expect(await driver.cancellations.cancel(id)).toBe('cancelled');
    expect(await redis.client.llen(keys.ready)).toBe(LONG);
    const left = numbered(LONG).filter((id) => !gone.includes(id));
    expect(await walk('ready')).toEqual(left);
    expect(await walk('ready', { order: 'newest' })).toEqual(left.toReversed());
    expect(await driver.lists.total(QUEUE, ['queued'])).toBe(left.length);
    expect(await walk('ended')).toEqual(gone);
    expect(await driver.lists.find(gone[0]!, [QUEUE])).toMatchObject({ state: 'cancelled' });
  });

  it('go on where the last page ended, however many jobs were claimed since', async () => {
    await push(numbered(8_000));
    const first = await page('ready', { skip: 7_000, limit: 10 });
    expect(first.skipped).toBe(7_000);
    await redis.client.ltrim(keys.ready, 6_900, -1);
    const next = await page('ready', { limit: 3, cursor: first.cursor });
    expect(next.jobs.map(({ id }) => id)).toEqual(numbered(8_000).slice(7_010, 7_013));
    await redis.client.ltrim(keys.ready, 500, -1);
    const last = await page('ready', { limit: 1, cursor: next.cursor });
    expect(last.jobs.map(({ id }) => id)).toEqual(numbered(8_000).slice(7_400, 7_401));
  });

  it.each(['oldest', 'newest'] as const)(
    'skip no job that stays, however many were put back to the front, %s first',
    async (order) => {
      await push(numbered(16_000));
      const claimed = await redis.client.lrange(keys.ready, 0, 11_999);
      await redis.client.ltrim(keys.ready, 12_000, -1);
      const seen = new Set<string>();
      let cursor: ListCursor | undefined;
      for (let number = 0; number === 0 || cursor; number++) {
        const { jobs, cursor: next } = await page('ready', { order, limit: 400, cursor });
        for (const { id } of jobs) seen.add(id);
        cursor = next;
        const some = claimed.splice(-Math.ceil((number + 1) ** 2 * 800));
        if (some.length > 0) await redis.client.lpush(keys.ready, ...some.toReversed());
      }
      const stayed = numbered(16_000).slice(12_000);
      expect(stayed.filter((id) => !seen.has(id))).toEqual([]);
    },
  );

  it('go through the consumers if very many jobs are claimed', async () => {
    await push(numbered(1_200));
    for (let i = 0; i < 6; i++) await consume().claim(200);
    for (const order of ['oldest', 'newest'] as const) {
      const ids = await walk('claimed', { order, limit: 70 });
      expect([...ids].sort()).toEqual(numbered(1_200));
    }
  });

  it('keep their place among failed jobs of the same moment', async () => {
    await push(numbered(100));
    const consumer = consume();
    await consumer.settle(...(await consumer.claim(100)).map((job) => settlement.fail(job)));
    const first = await page('failed', { limit: 30, order: 'newest' });
    await driver.mending.remove(QUEUE, [first.jobs.at(-1)!.id, first.jobs[0]!.id]);
    const next = await page('failed', { limit: 100, order: 'newest', cursor: first.cursor });
    expect([...first.jobs, ...next.jobs].map(({ id }) => id)).toEqual(numbered(100).toReversed());
  });

  it('looks at no more jobs than a page needs, however deep it is', async () => {
    await push(numbered(20_000));
    const deep = await page('ready', { skip: 10_000, limit: 50 });
    const calls = await callsOf(() => page('ready', { limit: 50, cursor: deep.cursor }));
    expect(calls).toMatchObject({ evalsha: 1, get: 50 });
    expect(calls['lrange']).toBeLessThanOrEqual(2);
    expect(calls['hmget']).toBeLessThanOrEqual(5);
    expect(calls['hget']).toBeUndefined();
  });

  it('look at no job for a page of blocked ones while none is blocked', async () => {
    await push(numbered(2_000));
    for (let at = 0; at < 2_000; at += 500) {
      const jobs = numbered(500, `g${at}`).map((id) => ({ id, body: 'hmail\n{}', delay: 0, traits: { group: id } }));
      await driver.push(QUEUE, jobs, true);
    }
    const calls = await callsOf(async () => {
      for (const place of PLACES_OF_STATE.blocked) {
        expect(await page(place, { states: ['blocked'] })).toEqual({ jobs: [], skipped: 0 });
      }
    });
    expect(calls['evalsha']).toBe(PLACES_OF_STATE.blocked.length);
    for (const read of ['lrange', 'zrange', 'hscan']) expect([read, calls[read]]).toEqual([read, undefined]);
  });

  it('look at a bounded number of groups for a page of blocked jobs, and walk on', async () => {
    const limited = await drivers.connect({
      redis: { url: redis.url },
      limits: () => ({ groups: { concurrency: 1 } }),
    });
    const ofGroups = Array.from({ length: 3_000 }, (_, index) => `group-${index}`);
    for (const groups of slices(ofGroups, 500)) {
      const jobs = groups.map((group) => ({ id: `of-${group}`, body: 'hmail\n{}', delay: 0, traits: { group } }));
      await limited.push(QUEUE, jobs, true);
    }
    const consumer = new TestConsumer(limited.consume(QUEUE, { lease: 30, onLost: () => undefined }));
    const [first] = await consumer.claim(1);
    const group = first!.id.slice('of-'.length);
    await limited.push(QUEUE, [{ id: 'blocked', body: 'hmail\n{}', delay: 0, traits: { group } }], true);
    const found: string[] = [];
    let cursor: ListCursor | undefined;
    let pages = 0;
    const calls = await callsOf(async () => {
      do {
        const next = await page('grouped', { states: ['blocked'], cursor });
        found.push(...next.jobs.map(({ id }) => id));
        ({ cursor } = next);
        pages++;
      } while (cursor);
    });
    expect(pages).toBeGreaterThan(3);
    expect(calls['hscan']).toBeLessThanOrEqual(10 * pages);
    expect(found).toEqual(['blocked']);
  });

  it('end a page early if the records are long', async () => {
    await push(numbered(20), `hmail\n"${'x'.repeat(100_000)}"`);
    const { jobs, cursor } = await page('ready');
    expect(jobs.length).toBeLessThan(10);
    expect(cursor).toBeDefined();
    expect(await walk('ready')).toEqual(numbered(20));
  });

  it('take at most a kilobyte of a failed job beside its data and its stacks', async () => {
    const data = `"${'x'.repeat(200)}"`;
    await push(numbered(1_000), `hmail\n${data}`);
    const consumer = consume();
    for (let i = 0; i < 10; i++) {
      const jobs = await consumer.claim(100);
      const details = { took: 5, worker: 'host-of-a-worker:12345', stack: '' };
      await consumer.settle(
        ...jobs.map((job) => Object.assign(settlement.fail(job, 'the mail server is away'), { details })),
      );
    }
    expect((await driver.counts(QUEUE)).failed).toBe(1_000);
    const names = await redis.client.keys('*');
    const sizes = await Promise.all(names.map((name) => redis.client.memory('USAGE', name, 'SAMPLES', 0)));
    const bytes = sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
    expect(bytes / 1_000 - data.length).toBeLessThan(1_024);
  });
});
