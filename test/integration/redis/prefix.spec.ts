import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { RedisDriver } from '../../../lib/drivers/redis/redis.driver.js';
import { QueueFactory } from '../../../lib/queue.factory.js';
import { resolveOptions } from '../../../lib/options/options.resolver.js';
import { useRedis } from '../../support/use-redis.js';
import { claim } from '../../contract/scene.js';

const OPTIONS = { lease: 30, onLost: () => undefined };

describe('two applications with different prefixes on one database', () => {
  const redis = useRedis();
  const drivers: RedisDriver[] = [];
  const open = async (prefix: string): Promise<RedisDriver> => {
    const options = resolveOptions({ driver: 'redis', redis: { url: redis.url }, prefix, logger: false }, {});
    const driver = new QueueFactory().createDriver(options) as RedisDriver;
    drivers.push(driver);
    await driver.connect();
    return driver;
  };
  let shop: RedisDriver;
  let others: readonly RedisDriver[];

  beforeEach(async () => {
    shop = await open('shop:');
    others = [await open(''), await open('shop'), await open('blog:')];
  });
  afterEach(async () => {
    await Promise.all(drivers.splice(0).map((driver) => driver.close()));
  });

  it('do not see jobs, ids, statuses, queues or workers of each other', async () => {
    await shop.push('mail', [{ id: 'a', body: 'hInvoice\n{}', delay: 0, name: 'Invoice' }], true);
    for (const other of others) {
      expect(await other.queues()).toEqual([]);
      expect(await other.getStatus('a')).toBeNull();
      expect(await other.counts('mail')).toMatchObject({ ready: 0 });
      expect(await claim(other.consume('mail', OPTIONS))).toEqual([]);
      await other.push('mail', [{ id: 'a', body: 'hLetter\n{}', delay: 60, name: 'Letter' }], true);
      expect(await other.clear('mail')).toBe(1);
    }
    expect(await claim(shop.consume('mail', OPTIONS))).toMatchObject([{ id: 'a', body: 'hInvoice\n{}' }]);
    expect(await shop.getStatus('a')).toMatchObject({ state: 'processing' });
  });
});
