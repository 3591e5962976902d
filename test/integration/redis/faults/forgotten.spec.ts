import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import type { ClaimedJob, QueueConsumer } from '../../../../lib/drivers/queue-driver.interface.js';
import type { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';
import {
  claim,
  claimOne,
  claimRecovered,
  complete,
  fail,
  idsOf,
  numbered,
  release,
  retry,
  settle,
} from '../../../contract/scene.js';
import { RedisDrivers } from '../../../support/redis-drivers.js';
import { RedisTime } from '../../../support/redis-time.js';
import { useRedis } from '../../../support/use-redis.js';

/** A failover to a replica that lags behind, or a crash, takes Redis back to an earlier state. */
describe('a server that has forgotten settlements', () => {
  const drivers = new RedisDrivers();
  const redis = useRedis();
  let time: RedisTime;
  let driver: RedisDriver;
  const consume = (lost: string[] = []) => driver.consume('mail', { lease: 30, onLost: () => lost.push('lost') });
  const push = (ids: readonly string[]): Promise<unknown> =>
    driver.push(
      'mail',
      ids.map((id) => ({ id, body: id, delay: 0 })),
      false,
    );

  beforeEach(async () => {
    time = await RedisTime.start(redis.client);
    driver = await drivers.connect({ redis: { url: redis.url }, scriptTime: time.script, clock: time.clock });
  });

  it('gets the settlements again', async () => {
    await push(['a', 'b', 'c', 'd', 'e']);
    const consumer = consume();
    const [a, b, c, d] = await claim(consumer, 4);
    const back = await remember(redis.client);
    await settle(consumer, complete(a!));
    await settle(consumer, fail(b!), retry(c!, { delay: 60 }));
    await back();
    expect(await driver.counts('mail')).toEqual({ ready: 1, blocked: 0, delayed: 0, reserved: 4, failed: 0 });
    expect(await settle(consumer, complete(d!))).toMatchObject({ lost: false, refused: [], more: true });
    expect(await driver.counts('mail')).toEqual({ ready: 1, blocked: 0, delayed: 1, reserved: 0, failed: 1 });
    for (const [id, state] of Object.entries({ a: 'completed', b: 'failed', c: 'retrying', d: 'completed' })) {
      expect(await driver.getStatus(id)).toMatchObject({ state, attempt: 1 });
    }
    expect(idsOf(await claim(consumer))).toEqual(['e']);
  });

  it('gets the settlements again if it forgets them a second time', async () => {
    await push(['a', 'b', 'c']);
    const consumer = consume();
    const [a, b, c] = await claim(consumer, 3);
    const back = await remember(redis.client);
    await settle(consumer, complete(a!));
    await back();
    await settle(consumer, complete(b!));
    await back();
    expect((await settle(consumer, complete(c!))).refused).toEqual([]);
    expect(await driver.counts('mail')).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
  });

  it('gets the settlements again in parts if it has forgotten more than one poll may settle', async () => {
    await push(numbered(500));
    const consumer = consume();
    const jobs = [...(await claim(consumer, 300)), ...(await claim(consumer, 200))];
    const back = await remember(redis.client);
    for (const part of [jobs.slice(0, 300), jobs.slice(300, 499)]) {
      await settle(consumer, ...part.map((job, i) => (i % 2 ? complete(job) : fail(job))));
    }
    await back();
    await redis.client.config('RESETSTAT');
    expect((await settle(consumer, complete(jobs[499]!))).refused).toEqual([]);
    // 250 of them have failed, of which one poll settles 125 at the most. It is tried before, as a short one and whole, and after.
    expect(await redis.client.info('commandstats')).toContain('cmdstat_evalsha:calls=5,');
    expect(await driver.counts('mail')).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 250 });
  });

  it('gets requeued jobs at the front in their order, even if they are more than one poll may requeue', async () => {
    const ids = numbered(300);
    await push(ids);
    const consumer = consume();
    const jobs = await claim(consumer, 280);
    const back = await remember(redis.client);
    for (const part of [jobs.slice(200), jobs.slice(100, 200), jobs.slice(0, 100)]) {
      await settle(consumer, ...part.map((job) => release(job, { position: 'front' })));
    }
    await back();
    await settle(consumer);
    expect(idsOf(await claim(consumer, 300))).toEqual(ids);
  });

  describe('with two polls in flight', () => {
    const polls = (consumer: QueueConsumer, first: ClaimedJob, second: ClaimedJob) =>
      Promise.all([
        consumer.poll({ settlements: [complete(first)], limit: 1, recovered: false }),
        consumer.poll({ settlements: [complete(second)], limit: 1, recovered: false }),
      ]);

    it('gets the settlements again once, before both polls', async () => {
      await push(['a', 'b', 'c', 'd', 'e', 'f']);
      const consumer = consume();
      const [a, b, c, d] = await claim(consumer, 4);
      const back = await remember(redis.client);
      await settle(consumer, complete(a!));
      await settle(consumer, fail(b!));
      await back();
      await redis.client.config('RESETSTAT');
      const results = await polls(consumer, c!, d!);
      expect(results.map(({ lost, refused, jobs }) => ({ lost, refused, ids: idsOf(jobs) }))).toEqual([
        { lost: false, refused: [], ids: ['e'] },
        { lost: false, refused: [], ids: ['f'] },
      ]);
      // Both were refused, as short ones and whole; one replay; both again.
      expect(await redis.client.info('commandstats')).toContain('cmdstat_evalsha:calls=7,');
      expect(await driver.counts('mail')).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 2, failed: 1 });
      const [e, f] = results.flatMap(({ jobs }) => jobs);
      expect((await settle(consumer, complete(e!), complete(f!))).refused).toEqual([]);
    });

    it('gets the settlements again that it forgets between the two polls', async () => {
      await push(['a', 'b', 'c', 'd']);
      const consumer = consume();
      const [a, b] = await claim(consumer, 2);
      const back = await remember(redis.client);
      const [first, second] = await polls(consumer, a!, b!);
      expect([first, second].flatMap(({ jobs }) => idsOf(jobs))).toEqual(['c', 'd']);
      await back();
      const [c, d] = [...first.jobs, ...second.jobs];
      // The claims of these were forgotten with the polls.
      const again = await polls(consumer, c!, d!);
      expect(again.map(({ refused }) => refused)).toEqual([['c'], ['d']]);
      expect(again.flatMap(({ jobs }) => idsOf(jobs))).toEqual(['c', 'd']);
      expect(await driver.counts('mail')).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 2, failed: 0 });
    });

    it('ends the lease once if it has forgotten the consumer', async () => {
      const back = await remember(redis.client);
      await push(['a', 'b']);
      const consumer = consume();
      const [a, b] = await claim(consumer, 2);
      await back();
      const results = await polls(consumer, a!, b!);
      expect(results.map(({ lost, refused }) => ({ lost, refused }))).toEqual([
        { lost: true, refused: ['a'] },
        { lost: false, refused: ['b'] },
      ]);
    });
  });

  it('hands jobs whose claims it has forgotten to other consumers, and refuses the replayed settlements', async () => {
    await push(['a', 'b']);
    const consumer = consume();
    const a = await claimOne(consumer);
    const back = await remember(redis.client);
    await settle(consumer, release(a, { position: 'back' }));
    const b = await claimOne(consumer);
    await back();
    await time.set(time.clock.now() + 1);
    const again = await claimOne(consume());
    expect(again).toMatchObject({ id: 'b', attempt: 1, crashes: 0 });
    expect(again.fence).toBeGreaterThan(b.fence);
    expect((await settle(consumer, complete(b))).refused).toEqual(['b']);
    expect(idsOf(await claim(consumer))).toEqual(['a']);
  });

  it('ends the lease of a consumer that cannot replay all settlements, and other consumers recover its jobs', async () => {
    await push(numbered(1_200));
    const lost: string[] = [];
    const consumer = consume(lost);
    const jobs: ClaimedJob[] = [];
    while (jobs.length < 1_200) jobs.push(...(await claim(consumer, 300)));
    const back = await remember(redis.client);
    for (let i = 0; i < 1_100; i += 275) await settle(consumer, ...jobs.slice(i, i + 275).map((job) => complete(job)));
    await back();
    expect(await settle(consumer, complete(jobs[1_199]!))).toMatchObject({ lost: true });
    const other = consume();
    await settle(other);
    await time.advance(40, driver);
    const [taken] = await claimRecovered(other);
    expect(taken).toMatchObject({ crashes: 1 });
  });

  it('lets a consumer that it has forgotten start again with a new lease', async () => {
    const back = await remember(redis.client);
    await push(['a', 'b']);
    const consumer = consume();
    const a = await claimOne(consumer);
    await back();
    expect(await settle(consumer, complete(a))).toMatchObject({ lost: true, refused: ['a'] });
    await push(['c']);
    expect(idsOf(await claim(consumer))).toEqual(['c']);
  });
});

/** Returns a function that takes the server back to its present state, except its clock. */
async function remember(client: Redis): Promise<() => Promise<void>> {
  const all = await client.keys('*');
  const keys = all.filter((key) => !key.startsWith('test:'));
  const dumps = await Promise.all(keys.map((key) => client.dumpBuffer(key)));
  return async () => {
    const now = await client.keys('*');
    const others = now.filter((key) => !key.startsWith('test:'));
    if (others.length > 0) await client.del(...others);
    await Promise.all(keys.map((key, i) => client.restore(key, 0, dumps[i]!)));
  };
}
