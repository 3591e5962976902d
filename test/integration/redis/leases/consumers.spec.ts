import { beforeEach, describe, expect, it } from '@jest/globals';
import type { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';
import type { QueueConsumer } from '../../../../lib/drivers/queue-driver.interface.js';
import { claim, claimOne, claimRecovered, complete, idsOf, IDLE, numbered, settle } from '../../../contract/scene.js';
import { RedisDrivers } from '../../../support/redis-drivers.js';
import { RedisTime } from '../../../support/redis-time.js';
import { useRedis } from '../../../support/use-redis.js';

/** Seconds. */
const LEASE = 30;

/** Two processes on one queue, whose time stands still until it is told to go on. */
describe('a lease', () => {
  const redis = useRedis();
  const drivers = new RedisDrivers();
  let time: RedisTime;
  let [driver, other]: RedisDriver[] = [];
  const lost: string[] = [];
  const push = (...ids: string[]): Promise<unknown> =>
    driver!.push(
      'mail',
      ids.map((id) => ({ id, body: `body of ${id}`, delay: 0 })),
      false,
    );
  const consume = (of: RedisDriver, name: string): QueueConsumer =>
    of.consume('mail', { lease: LEASE, onLost: () => lost.push(name) });
  /** Time passes in one process only: the other one is stopped. */
  const pass = (seconds: number, alive: RedisDriver): Promise<void> => time.advance(seconds, alive);

  beforeEach(async () => {
    lost.length = 0;
    time = await RedisTime.start(redis.client);
    const options = { redis: { url: redis.url }, scriptTime: time.script };
    driver = await drivers.connect({ ...options, clock: time.clock });
    // Its clock stands still for good.
    other = await drivers.connect({ ...options, clock: (await RedisTime.start(redis.client)).clock });
  });

  it.each([
    // Seconds. Whoever holds jobs has to speak within the grace of a silence.
    ['1.5 s apart while jobs are held', ['a'], 1.5],
    ['a third of it apart while none is', [], LEASE / 3],
  ])('is prolonged by heartbeats alone, %s', async (_, ids, apart) => {
    if (ids.length > 0) await push(...ids);
    const consumer = consume(driver!, 'one');
    const jobs = await claim(consumer, 1);
    await redis.client.config('RESETSTAT');
    await pass(10 * LEASE, driver!);
    const stats = await redis.client.info('commandstats');
    expect(Number(/cmdstat_zadd:calls=(\d+)/.exec(stats)![1])).toBe((10 * LEASE) / apart);
    expect(await claimRecovered(consume(other!, 'two'))).toEqual([]);
    expect((await settle(consumer, ...jobs.map((job) => complete(job)))).refused).toEqual([]);
    expect(lost).toEqual([]);
  });

  it('is prolonged by rare heartbeats again when all jobs are settled', async () => {
    await push('a', 'b');
    const consumer = consume(driver!, 'one');
    const [a, b] = await claim(consumer);
    await settle(consumer, complete(a!), complete({ ...b!, fence: 1 }));
    await pass(2, driver!);
    await settle(consumer, complete(b!));
    await pass(LEASE / 3, driver!);
    await redis.client.config('RESETSTAT');
    await pass(2 * LEASE, driver!);
    const stats = await redis.client.info('commandstats');
    expect(Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)![1])).toBe(6);
  });

  it('is prolonged without heartbeats if the consumer polls often', async () => {
    await push('a');
    const consumer = consume(driver!, 'one');
    await claimOne(consumer);
    await redis.client.config('RESETSTAT');
    for (let i = 0; i < 20; i++) {
      await consumer.poll(IDLE);
      await pass(1, driver!);
    }
    const stats = await redis.client.info('commandstats');
    expect(Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)![1])).toBe(20);
  });

  it('that has expired lets its jobs be recovered once, and settlements of its consumer are refused', async () => {
    await push('a', 'b', 'c');
    const zombie = consume(other!, 'zombie');
    const jobs = await claim(zombie, 2);
    const consumer = consume(driver!, 'alive');
    await consumer.poll(IDLE);
    await pass(LEASE - 1, driver!);
    await consumer.poll(IDLE);
    expect(await redis.client.lrange('queue:mail:recovered', 0, -1)).toEqual([]);
    await pass(2, driver!);
    for (let i = 0; i < 3; i++) await consumer.poll(IDLE);
    expect(await redis.client.lrange('queue:mail:recovered', 0, -1)).toEqual(['a', 'b']);
    expect(await redis.client.hgetall('queue:mail:attempts')).toEqual({ a: '0:1:0', b: '0:1:0' });

    const result = await zombie.poll({ settlements: jobs.map((job) => complete(job)), limit: 5, recovered: true });
    expect(result).toMatchObject({ lost: true, jobs: [], refused: ['a', 'b'] });
    expect(await driver!.counts('mail')).toEqual({ ready: 3, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
    // It begins anew, as another consumer.
    const again = await zombie.poll({ settlements: jobs.map((job) => complete(job)), limit: 5, recovered: true });
    expect(again).toMatchObject({ lost: false, refused: ['a', 'b'] });
    expect(again.jobs).toMatchObject([
      { id: 'a', crashes: 1 },
      { id: 'c', crashes: 0 },
    ]);
    expect(again.jobs[0]!.fence).toBeGreaterThan(jobs[1]!.fence);
  });

  it.each([
    ['that will be lost before the next heartbeat wakes a waiting worker', LEASE / 3 - 1, 1],
    ['that may be renewed after the next heartbeat wakes nobody', LEASE / 3 + 1, 0],
  ])('%s', async (_, late, woken) => {
    await consume(driver!, 'alive').poll(IDLE);
    await pass(late, driver!);
    // It comes after the last poll of those who wait, and dies at once.
    await push('a');
    await claim(consume(other!, 'zombie'));
    await redis.client.del('queue:mail:marker');
    await pass(LEASE - late, driver!);
    expect(await redis.client.zcard('queue:mail:marker')).toBe(woken);
  });

  it('of a consumer that never returns leaves no keys', async () => {
    await push('a');
    await claim(consume(other!, 'gone'));
    const consumer = consume(driver!, 'alive');
    await consumer.poll(IDLE);
    await pass(LEASE + 1, driver!);
    const [job] = await claimRecovered(consumer);
    await settle(consumer, complete(job!));
    expect(await redis.client.zcard('queue:mail:consumers')).toBe(1);
    expect((await redis.client.keys('queue:mail:claimed:*')).length).toBe(0);
    expect((await redis.client.keys('queue:mail:polls:*')).length).toBe(1);
    expect(await redis.client.exists('queue:mail:attempts')).toBe(0);
  });

  it('that has expired lets many jobs be recovered in parts, and settlements of its consumer are refused meanwhile', async () => {
    const ids = numbered(250);
    await push(...ids);
    const zombie = consume(other!, 'zombie');
    const jobs = await claim(zombie, 250);
    const consumer = consume(driver!, 'alive');
    await consumer.poll(IDLE);
    await pass(LEASE + 1, driver!);
    await consumer.poll(IDLE);
    expect(await driver!.counts('mail')).toMatchObject({ ready: 50, reserved: 200 });
    expect(await settle(zombie, ...jobs.map((job) => complete(job)))).toMatchObject({ lost: true });
    expect(await driver!.counts('mail')).toMatchObject({ ready: 50, reserved: 200 });
    for (let i = 0; i < 4; i++) await consumer.poll(IDLE);
    expect((await redis.client.lrange('queue:mail:recovered', 0, -1)).toSorted()).toEqual(ids);
  });

  it('is lost by a consumer whose first poll was answered late, after a part of its jobs was recovered', async () => {
    await push(...numbered(100));
    const zombie = consume(other!, 'zombie');
    await claim(zombie, 100);
    const consumer = consume(driver!, 'alive');
    await consumer.poll(IDLE);
    await pass(LEASE + 1, driver!);
    await consumer.poll(IDLE);
    // The first poll of the zombie arrives once more: what a lost reply to it brings about.
    Object.assign(Reflect.get(zombie, 'current') as object, { number: 0, answered: 0 });
    expect(await claim(zombie, 100)).toEqual([]);
    await consumer.poll(IDLE);
    expect(await driver!.counts('mail')).toMatchObject({ ready: 100, reserved: 0 });
  });

  it('that is lost is reported once, by the next heartbeat', async () => {
    await push('a');
    const zombie = consume(driver!, 'zombie');
    await claim(zombie);
    await redis.client.del('queue:mail:consumers');
    await pass(LEASE, driver!);
    expect(lost).toEqual(['zombie']);
    expect((await zombie.poll(IDLE)).lost).toBe(true);
    expect((await zombie.poll(IDLE)).lost).toBe(false);
    await pass(2 * LEASE, driver!);
    expect(lost).toEqual(['zombie']);
  });

  it('ends with close(), at once if the consumer has no jobs', async () => {
    await push('a');
    const [idle, busy] = [consume(driver!, 'idle'), consume(driver!, 'busy')];
    await idle.poll(IDLE);
    const [job] = await claim(busy);
    expect(idsOf([job!])).toEqual(['a']);
    await Promise.all([idle.close(), busy.close()]);
    expect(await redis.client.zcard('queue:mail:consumers')).toBe(1);
    expect((await redis.client.keys('queue:mail:polls:*')).length).toBe(1);
    await redis.client.config('RESETSTAT');
    await pass(LEASE / 2, driver!);
    expect(await redis.client.info('commandstats')).not.toContain('evalsha');
  });
});
