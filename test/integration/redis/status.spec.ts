import { beforeEach, describe, expect, it } from '@jest/globals';
import type { RedisDriver } from '../../../lib/drivers/redis/redis.driver.js';
import { claimOne, complete, settle } from '../../contract/scene.js';
import { RedisDrivers } from '../../support/redis-drivers.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { useRedis } from '../../support/use-redis.js';

/** A job for which no status is kept yet is looked for in its queue: that takes more than one question. */
describe('the status of a job', () => {
  const redis = useRedis();
  const drivers = new RedisDrivers();
  let driver: RedisDriver;

  beforeEach(async () => {
    driver = await drivers.connect({ redis: { url: redis.url } });
    await driver.push('mail', [{ id: 'a', body: '', delay: 0 }], false);
  });

  it('is known also when the job begins and ends between the questions', async () => {
    const proxy = drivers.keep(await TcpProxy.start(redis));
    const slow = await drivers.connect({ redis: { host: proxy.host, port: proxy.port, database: redis.database } });
    const monitor = await drivers.client(redis.url).monitor();
    const asked = new Promise<void>((resolve) => {
      monitor.on('monitor', (_time: string, args: string[]) => {
        if (args[0] === 'get' && args[1] === 'job:status:a') resolve();
      });
    });
    proxy.delay(200);
    const status = slow.getStatus('a');
    await asked;
    monitor.disconnect();
    const consumer = driver.consume('mail', { lease: 30, onLost: () => undefined });
    await settle(consumer, complete(await claimOne(consumer)));
    expect(await status).toMatchObject({ state: 'completed' });
  });

  it('of a job that nobody knows is none', async () => {
    expect(await driver.getStatus('unknown')).toBeNull();
  });
});
