import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NewJob } from '../../../../lib/drivers/queue-driver.interface.js';
import type { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';
import { claim, claimOne, complete, idsOf, release, settle } from '../../../contract/scene.js';
import { eventually } from '../../../support/eventually.js';
import { RedisDrivers } from '../../../support/redis-drivers.js';
import { startRedisSentinel, type TestRedisSentinel } from '../../../support/redis-sentinel.js';
import { beginGroups, expectJourney, expectOrder } from './journey.js';

describe('a server behind Sentinel', () => {
  const drivers = new RedisDrivers();
  let group: TestRedisSentinel;

  beforeAll(async () => {
    group = await startRedisSentinel();
  }, 120_000);
  afterAll(() => group.stop());

  it('is named by its sentinels in the error if they do not know the name', async () => {
    const redis = { sentinels: [...group.sentinels], name: 'another', connectDeadline: 0.5 };
    const driver = drivers.create({ redis });
    await expect(driver.connect()).rejects.toThrow(
      `Redis "another" of the sentinels 127.0.0.1:${group.sentinels[0]!.port} cannot be reached within 0.5 s`,
    );
  });

  /** The group fails over only once. */
  const expectKept = async (driver: RedisDriver) => {
    const consumer = driver.consume('kept', { lease: 30, onLost: () => undefined });
    const owner = (id: string): NewJob => ({
      id,
      body: id,
      delay: 0,
      isGenerated: true,
      traits: { priority: 3, unique: { key: 'a', until: 'end' } },
    });
    await driver.push('kept', [owner('owner'), { id: 'told', body: 'told', delay: 0, isGenerated: true }], true);
    const [first, told] = await claim(consumer, 2);
    await settle(consumer, release(told!, { delay: 600, hold: 'queue' }), release(first!));
    await driver.limits.set('kept', { concurrency: 1 });
    const replica = drivers.client(group.replica.url);
    await eventually(async () => expect(await replica.hget('queue:kept:limits', 'set')).not.toBeNull());
    return async (): Promise<void> => {
      expect(await driver.push('kept', [owner('other')], true)).toEqual([
        { index: 0, outcome: 'duplicate', id: 'owner' },
      ]);
      const state = await driver.limits.read('kept');
      expect(state).toMatchObject({ limits: { concurrency: 1 }, isSet: true, heldUntil: expect.any(Number) });
      expect(await claim(consumer)).toEqual([]);
      await driver.limits.endHold('kept');
      expect(idsOf(await claim(consumer))).toEqual(['owner']);
      await consumer.close();
    };
  };

  it('serves before and after a failover, and keeps its jobs', async () => {
    const driver = await drivers.connect({ redis: { sentinels: [...group.sentinels], name: group.name } });
    await expectJourney(driver, 'before');
    await expectOrder(driver, 'before');
    const expectKeptAfter = await expectKept(driver);
    const endGroups = await beginGroups(driver, 'grouped');
    const consumer = driver.consume('mail', { lease: 30, onLost: () => undefined });
    const listener = driver.listen(['mail']);
    await driver.push(
      'mail',
      [
        { id: 'held', body: 'held', delay: 0 },
        { id: 'waits', body: 'waits', delay: 0 },
      ],
      true,
    );
    const held = await claimOne(consumer);
    const replica = drivers.client(group.replica.url);
    await eventually(async () => expect(await replica.hlen('queue:mail:jobs')).toBe(2));
    await eventually(async () => expect(await replica.llen('queue:mail')).toBe(1));
    await eventually(async () => expect(await replica.zcard('queue:grouped:holds')).toBe(1));

    const settling = group.failover().then(() => settle(consumer, complete(held)));
    expect(await settling).toMatchObject({ lost: false, refused: [], more: true });

    const waits = await claimOne(consumer);
    expect(waits).toMatchObject({ id: 'waits', attempt: 1, crashes: 0 });
    expect(waits.fence).toBeGreaterThan(held.fence);
    const woken = listener.wait(60_000);
    await driver.push('mail', [{ id: 'new', body: 'new', delay: 0 }], true);
    expect(await woken).toBe('mail');
    await expectJourney(driver, 'after');
    await expectOrder(driver, 'after');
    await expectKeptAfter();
    await endGroups();
    expect(await replica.keys('queue:mail*')).toContain('queue:mail');
  }, 60_000);
});
