import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { claimOne, complete, settle } from '../../../contract/scene.js';
import { eventually } from '../../../support/eventually.js';
import { RedisDrivers } from '../../../support/redis-drivers.js';
import { startRedisSentinel, type TestRedisSentinel } from '../../../support/redis-sentinel.js';
import { expectJourney } from './journey.js';

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

  it('serves before and after a failover, and keeps its jobs', async () => {
    const driver = await drivers.connect({ redis: { sentinels: [...group.sentinels], name: group.name } });
    await expectJourney(driver, 'before');
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

    const settling = group.failover().then(() => settle(consumer, complete(held)));
    expect(await settling).toMatchObject({ lost: false, refused: [], more: true });

    const waits = await claimOne(consumer);
    expect(waits).toMatchObject({ id: 'waits', attempt: 1, crashes: 0 });
    expect(waits.fence).toBeGreaterThan(held.fence);
    const woken = listener.wait(60_000);
    await driver.push('mail', [{ id: 'new', body: 'new', delay: 0 }], true);
    expect(await woken).toBe('mail');
    await expectJourney(driver, 'after');
    expect(await replica.keys('queue:mail*')).toContain('queue:mail');
  }, 60_000);
});
