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
])('after a silence, with leases %s', (_, lease) => {
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

  it('nobody is taken for lost before it has spoken', async () => {
    const [a] = await claim(first!, 1);
    const [b] = await claim(second!, 1);
    await time.outage(10 * lease);
    for (let i = 0; i < 5; i++) expect(await claimRecovered(third!, 0)).toEqual([]);
    expect(await anyRecovered()).toBe(0);
    expect((await settle(first!, complete(a!))).refused).toEqual([]);
    expect((await settle(second!, complete(b!))).refused).toEqual([]);
    expect(lost).toEqual([]);
  });

  it('nobody is either where the first to speak does so with a heartbeat', async () => {
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

  it('of a clock that jumped back, who is lost is found, too, where a heartbeat was the first to tell', async () => {
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

  it('who does not speak within the grace is', async () => {
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

  it('that was none, since somebody spoke all the while, there is no grace', async () => {
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
  ])('of a clock that jumped an hour %s, everybody keeps what it holds', async (_direction, jump) => {
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

  it('of a clock that jumped back, who is lost is found within a lease and a grace', async () => {
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

  it('with what was known of the signs of life deleted, nobody is taken for lost at once either', async () => {
    await claim(first!, 1);
    await time.outage(2 * lease);
    await redis.client.del('queue:mail:meta');
    await second!.poll(IDLE);
    expect(await anyRecovered()).toBe(0);
  });
});
