import { beforeEach, describe, expect, it } from '@jest/globals';
import type { QueueConsumer } from '../../../../lib/drivers/queue-driver.interface.js';
import type { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';
import { claim, claimOne, claimRecovered, complete, idsOf, IDLE, settle } from '../../../contract/scene.js';
import { eventually } from '../../../support/eventually.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { RedisDrivers } from '../../../support/redis-drivers.js';
import { RedisTime } from '../../../support/redis-time.js';
import { TcpProxy } from '../../../support/tcp-proxy.js';
import { useRedis } from '../../../support/use-redis.js';

/** Seconds. */
const MINUTE = 60;
const HOUR = 3600;
const CONSUMERS = 'queue:mail:consumers';

/** Processes with clocks of their own, on a server whose time stands still until it is told to go on. */
describe.each([
  ['1 s', 1],
  ['30 s', 30],
  ['an hour', HOUR],
])('with a lease of %s', (_, lease) => {
  const redis = useRedis();
  const drivers = new RedisDrivers();
  const lost: string[] = [];
  let time: RedisTime;

  const connect = (clock: FakeClock): Promise<RedisDriver> =>
    drivers.connect({ redis: { url: redis.url }, scriptTime: time.script, clock });
  const consume = (driver: RedisDriver): QueueConsumer =>
    driver.consume('mail', { lease, onLost: () => lost.push('lost') });
  const push = (driver: RedisDriver, ...ids: string[]): Promise<unknown> =>
    driver.push(
      'mail',
      ids.map((id) => ({ id, body: id, delay: 0 })),
      false,
    );

  beforeEach(async () => {
    lost.length = 0;
    time = await RedisTime.start(redis.client);
  });

  it.each([
    ['just ran out', 0],
    ['ran out a minute ago', MINUTE],
    ['ran out an hour ago', HOUR],
  ])('a worker that starts when the lease of a killed one %s recovers its job within 3 s', async (_when, ago) => {
    const killed = await connect(new FakeClock(time.clock.now()));
    await push(killed, 'a');
    await claimOne(consume(killed));
    await time.outage(lease + ago);
    const started = time.clock.now() + (lease + ago) * 1000;
    const clock = new FakeClock(started);
    const driver = await connect(clock);
    const consumer = consume(driver);
    // It asks when it was told to, and gives its signs of life until then.
    const { nextDue } = await consumer.poll(IDLE);
    for (let passed = 0; passed < nextDue!; passed += 100) {
      await time.set(started + Math.min(passed + 100, nextDue!));
      await clock.advance(0.1);
      await driver.ping();
    }
    expect(await claimRecovered(consumer)).toMatchObject([{ id: 'a', crashes: 1 }]);
    expect(nextDue).toBeLessThan(3_000);
  });

  it('a worker that starts first after a jump of the clock recovers no job of a living consumer', async () => {
    const clock = new FakeClock(time.clock.now());
    const living = await connect(clock);
    await push(living, 'a', 'b');
    const consumer = consume(living);
    const a = await claimOne(consumer);
    // Nobody was away, and the next sign of life of the other one is still to come.
    const jumped = time.clock.now() + 10 * HOUR * 1000;
    await time.set(jumped);
    const newcomer = consume(await connect(new FakeClock(jumped)));
    await newcomer.poll(IDLE);
    for (let passed = 100; passed <= 4_000; passed += 100) {
      await time.set(jumped + passed);
      await clock.advance(0.1);
      await living.ping();
      expect(await claimRecovered(newcomer, 0)).toEqual([]);
    }
    expect(await redis.client.llen('queue:mail:recovered')).toBe(0);
    expect((await settle(consumer, complete(a))).refused).toEqual([]);
    expect(lost).toEqual([]);
  });
});

describe('a consumer whose connection was lost', () => {
  const redis = useRedis();
  const drivers = new RedisDrivers();

  it('sends a heartbeat when it is connected again, and keeps its jobs', async () => {
    const time = await RedisTime.start(redis.client);
    const proxy = drivers.keep(await TcpProxy.start(redis));
    const options = { scriptTime: time.script, clock: new FakeClock(time.clock.now()) };
    const address = { host: proxy.host, port: proxy.port, database: redis.database };
    // Its clock stands still: no timer lets it speak.
    const driver = await drivers.connect({ ...options, redis: address });
    await driver.push('mail', [{ id: 'a', body: '', delay: 0 }], false);
    const consumer = driver.consume('mail', { lease: 30, onLost: () => undefined });
    const idle = driver.consume('mail', { lease: 30, onLost: () => undefined });
    const [a] = await claim(consumer, 1);
    await idle.poll(IDLE);
    const before = await redis.client.zrange(CONSUMERS, '0', '-1', 'WITHSCORES');
    await proxy.refuse();
    await time.outage(HOUR);
    const other = await drivers.connect({ ...options, redis: { url: redis.url } });
    const newcomer = other.consume('mail', { lease: 30, onLost: () => undefined });
    await newcomer.poll(IDLE);
    await proxy.pass();
    const end = time.clock.now() + (HOUR + 30) * 1000;
    await eventually(async () => {
      const after = await redis.client.zrange(CONSUMERS, '0', '-1', 'WITHSCORES');
      expect(after.filter((each) => each === String(end))).toHaveLength(3);
    });
    expect(before).not.toContain(String(end));
    await time.outage(HOUR + 3);
    expect(idsOf(await claimRecovered(newcomer))).toEqual([]);
    expect((await settle(consumer, complete(a!))).refused).toEqual([]);
  });

  it('sends heartbeats for its next lease, even if a heartbeat of the lost lease is unanswered', async () => {
    const time = await RedisTime.start(redis.client);
    const clock = new FakeClock(time.clock.now());
    const driver = await drivers.connect({ redis: { url: redis.url }, scriptTime: time.script, clock });
    await driver.push('mail', [{ id: 'a', body: '', delay: 0 }], false);
    const consumer = driver.consume('mail', { lease: 30, onLost: () => undefined });
    await consumer.poll(IDLE);
    await redis.client.del(CONSUMERS);
    // The heartbeat and the poll are on their way together.
    const beating = clock.advance(10);
    expect(await consumer.poll(IDLE)).toMatchObject({ lost: true });
    await claimOne(consumer);
    await beating;
    for (let part = 0; part < 2; part++) {
      await time.set(clock.now() + 1_500);
      await clock.advance(1.5);
      await driver.ping();
    }
    const [, end] = await redis.client.zrange(CONSUMERS, '0', '-1', 'WITHSCORES');
    expect(Number(end)).toBeGreaterThan(clock.now() + 28_000);
  });
});
