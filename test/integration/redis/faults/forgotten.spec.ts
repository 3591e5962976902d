import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
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
  const push = (ids: readonly string[]): Promise<void> =>
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
    expect(await driver.counts('mail')).toEqual({ ready: 1, delayed: 0, reserved: 4, failed: 0 });
    expect(await settle(consumer, complete(d!))).toMatchObject({ lost: false, refused: [], more: true });
    expect(await driver.counts('mail')).toEqual({ ready: 1, delayed: 1, reserved: 0, failed: 1 });
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
    expect(await driver.counts('mail')).toEqual({ ready: 0, delayed: 0, reserved: 0, failed: 0 });
  });

  it('gives jobs whose claims it has forgotten to other consumers, and refuses the replayed settlements', async () => {
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

  it('gives up a consumer that cannot replay all settlements, and other consumers recover its jobs', async () => {
    await push(numbered(1_200));
    const lost: string[] = [];
    const consumer = consume(lost);
    const jobs = [...(await claim(consumer, 600)), ...(await claim(consumer, 600))];
    const back = await remember(redis.client);
    await settle(consumer, ...jobs.slice(0, 600).map((job) => complete(job)));
    await settle(consumer, ...jobs.slice(600, 1_100).map((job) => complete(job)));
    await back();
    expect(await settle(consumer, complete(jobs[1_199]!))).toMatchObject({ lost: true });
    const other = consume();
    await settle(other);
    await time.advance(40, driver);
    const [taken] = await claimRecovered(other);
    expect(taken).toMatchObject({ crashes: 1 });
  });

  it('may forget the consumer itself, which then begins again', async () => {
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
