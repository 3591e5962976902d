import { beforeEach, describe, expect, it } from '@jest/globals';
import type { QueueConsumer } from '../../../../lib/drivers/queue-driver.interface.js';
import type { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';
import { claim, claimRecovered, complete, idsOf, IDLE, settle } from '../../../contract/scene.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { RedisDrivers } from '../../../support/redis-drivers.js';
import { RedisTime } from '../../../support/redis-time.js';
import { useRedis } from '../../../support/use-redis.js';

const HOUR = 3600;
/** How long nothing is recovered after a silence, in seconds, however long the leases are. */
const GRACE = 2.5;

/** Every lease looks as if it had run out when the server was away, or its clock has jumped. */
describe.each([
  // Seconds.
  ['of 30 s', 30],
  ['of 1 s', 1],
])('crash recovery on Redis with leases %s', (_, lease) => {
  const redis = useRedis();
  const drivers = new RedisDrivers();
  let time: RedisTime;
  let driver: RedisDriver;
  let [first, second, third]: QueueConsumer[] = [];
  const lost: string[] = [];
  const anyRecovered = (): Promise<number> => redis.client.llen('queue:mail:recovered');

  beforeEach(async () => {
    lost.length = 0;
    time = await RedisTime.start(redis.client);
    driver = await drivers.connect({ redis: { url: redis.url }, scriptTime: time.script, clock: time.clock });
    [first, second, third] = [1, 2, 3].map(() => driver.consume('mail', { lease, onLost: () => lost.push('lost') }));
    await driver.push(
      'mail',
      ['a', 'b', 'c'].map((id) => ({ id, body: id, delay: 0 })),
      false,
    );
  });

  it('recovers no jobs after an outage before each consumer can poll', async () => {
    const [a] = await claim(first!, 1);
    const [b] = await claim(second!, 1);
    await time.outage(10 * lease);
    for (let i = 0; i < 5; i++) expect(await claimRecovered(third!, 0)).toEqual([]);
    expect(await anyRecovered()).toBe(0);
    expect((await settle(first!, complete(a!))).refused).toEqual([]);
    expect((await settle(second!, complete(b!))).refused).toEqual([]);
    expect(lost).toEqual([]);
  });

  it('recovers no jobs after an outage if a heartbeat is the first request', async () => {
    const options = { redis: { url: redis.url }, scriptTime: time.script };
    const ownTime = new FakeClock(time.clock.now());
    const early = await drivers.connect({ ...options, clock: ownTime });
    await early.consume('mail', { lease, onLost: () => undefined }).poll(IDLE);
    const [a] = await claim(first!, 1);
    await time.outage(10 * lease);
    await ownTime.advance(lease / 3);
    await early.ping();
    for (let i = 0; i < 5; i++) await second!.poll(IDLE);
    expect(await anyRecovered()).toBe(0);
    expect((await settle(first!, complete(a!))).refused).toEqual([]);
  });

  it('recovers the jobs of a lost consumer after the clock jumped back and a heartbeat was the first request', async () => {
    const ownTime = new FakeClock(time.clock.now());
    const early = await drivers.connect({ redis: { url: redis.url }, scriptTime: time.script, clock: ownTime });
    await early.consume('mail', { lease, onLost: () => undefined }).poll(IDLE);
    await claim(first!, 1);
    const now = time.clock.now() - HOUR * 1000;
    await time.set(now);
    await ownTime.advance(lease / 3);
    await early.ping();
    for (let part = 1; part <= Math.ceil(((lease + GRACE) / lease) * 4) + 1; part++) {
      await time.set(now + (part * lease * 1000) / 4);
      await second!.poll(IDLE);
    }
    expect(await anyRecovered()).toBe(1);
  });

  it('recovers the jobs of a consumer that sends no poll within the grace after an outage', async () => {
    await claim(first!, 1);
    const back = time.clock.now() + 10_000 * lease;
    for (let since = 0; since < GRACE * 1000; since += Math.min(lease, 1) * 250) {
      await time.set(back + since);
      await second!.poll(IDLE);
    }
    await time.set(back + GRACE * 1000 - 1);
    await second!.poll(IDLE);
    expect(await anyRecovered()).toBe(0);
    await time.set(back + GRACE * 1000);
    await second!.poll(IDLE);
    expect(await anyRecovered()).toBe(1);
  });

  it('recovers the jobs of a lost consumer without a grace if another consumer polled all the time', async () => {
    await claim(first!, 1);
    const now = time.clock.now();
    for (let part = 1; part <= 4; part++) {
      await time.set(now + (part * lease * 1000) / 3);
      await second!.poll(IDLE);
    }
    expect(await anyRecovered()).toBe(1);
  });

  it.each([
    ['forward', HOUR],
    ['back', -HOUR],
  ])('recovers no jobs of polling consumers if the clock jumps an hour %s', async (_direction, jump) => {
    const held = [await claim(first!, 1), await claim(second!, 1)].flat();
    await third!.poll(IDLE);
    const now = time.clock.now() + jump * 1000;
    for (let part = 1; part <= 3; part++) {
      await time.set(now + (part * lease * 1000) / 4);
      for (const consumer of [third, second, first]) await consumer!.poll(IDLE);
    }
    expect(await anyRecovered()).toBe(0);
    expect(idsOf(held)).toEqual(['a', 'b']);
    expect((await settle(first!, complete(held[0]!))).refused).toEqual([]);
    expect((await settle(second!, complete(held[1]!))).refused).toEqual([]);
  });

  it('recovers the jobs of a lost consumer within a lease and a grace after the clock jumped back', async () => {
    await claim(first!, 1);
    await second!.poll(IDLE);
    const now = time.clock.now() - HOUR * 1000;
    const polls = Math.ceil(((lease + GRACE) / lease) * 4) + 1;
    for (let part = 0; part <= polls; part++) {
      await time.set(now + (part * lease * 1000) / 4);
      await second!.poll(IDLE);
    }
    expect(await anyRecovered()).toBe(1);
  });

  it('recovers no jobs at once if queue:NAME:meta was deleted', async () => {
    await claim(first!, 1);
    await time.outage(2 * lease);
    await redis.client.del('queue:mail:meta');
    await second!.poll(IDLE);
    expect(await anyRecovered()).toBe(0);
  });
});
