import { beforeEach, describe, expect, it } from '@jest/globals';
import type { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';
import { QueueConnectionError } from '../../../../lib/queue.errors.js';
import { claim, idsOf, numbered, release, settle } from '../../../contract/scene.js';
import { eventually } from '../../../support/eventually.js';
import { RedisDrivers } from '../../../support/redis-drivers.js';
import { TcpProxy } from '../../../support/tcp-proxy.js';
import { useRedis } from '../../../support/use-redis.js';

/** A clear that is sent again may arrive after other processes have pushed: their jobs must stay. */
describe('clearing a queue', () => {
  const redis = useRedis();
  const drivers = new RedisDrivers();
  let proxy: TcpProxy;
  let driver: RedisDriver;
  let other: RedisDriver;
  const push = (from: RedisDriver, ids: readonly string[], delay = 0): Promise<unknown> =>
    from.push(
      'mail',
      ids.map((id) => ({ id, body: '', delay })),
      false,
    );
  const delayed = (): Promise<string[]> => redis.client.zrange('queue:mail:delayed', '0', '-1');
  /** Redis stores times in whole milliseconds. */
  const nextMillisecond = async (): Promise<void> => {
    const start = await serverTime();
    await eventually(async () => (await serverTime()) > start);
  };
  const serverTime = async (): Promise<number> => {
    const [seconds, micros] = await redis.client.time();
    return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
  };

  beforeEach(async () => {
    proxy = drivers.keep(await TcpProxy.start(redis));
    const address = { host: proxy.host, port: proxy.port, database: redis.database };
    driver = await drivers.connect({ redis: { ...address, requestDeadline: 0.4 } });
    other = await drivers.connect({ redis: { url: redis.url } });
    // Loads the scripts: otherwise the lost reply would be NOSCRIPT.
    await push(driver, ['warm']);
    await driver.clear('mail');
  });

  it.each([
    ['ready', 0],
    ['delayed', 60],
  ])(
    'keeps %s jobs that were pushed after a clear with a lost answer, when that clear is sent again',
    async (place, delay) => {
      await push(driver, ['old', 'older'], delay);
      const dropped = await proxy.loseReplyAnd(
        () => driver.clear('mail'),
        `\r\n${place}\r\n`,
        async () => {
          await nextMillisecond();
          await push(other, ['new'], delay);
        },
      );
      expect(dropped).toBe(0);
      expect(await redis.client.hkeys('queue:mail:jobs')).toEqual(['new']);
      expect([...(await redis.client.lrange('queue:mail', 0, -1)), ...(await delayed())]).toEqual(['new']);
    },
  );

  it('drops no job that was pushed after a clear had failed, although that clear arrives later', async () => {
    await push(driver, ['old'], 60);
    const lost = proxy.loseReplyTo('\r\ndelayed\r\n');
    const clearing = expect(driver.clear('mail')).rejects.toBeInstanceOf(QueueConnectionError);
    await lost;
    await proxy.refuse();
    await clearing;
    await push(other, ['new'], 60);
    await redis.client.config('RESETSTAT');
    await proxy.pass();
    await eventually(() => driver.ping().then(() => true));
    expect(await redis.client.info('commandstats')).toMatch(/cmdstat_evalsha:/);
    expect(await delayed()).toEqual(['new']);
  });

  it('finds old jobs behind new jobs, wherever jobs wait', async () => {
    await push(driver, numbered(150, 'soon'), 50);
    await push(driver, numbered(150, 'late'), 70);
    await push(driver, numbered(150, 'old'));
    await nextMillisecond();
    // The clear begins now, and comes to its first job only after the others have pushed.
    const past = await drivers.connect({
      redis: { url: redis.url },
      scriptTime: `local now = ${await serverTime()}`,
    });
    await nextMillisecond();
    await push(other, numbered(150, 'between'), 60);
    await push(other, numbered(150, 'new'));
    // New jobs in front, as a worker requeues them.
    const consumer = other.consume('mail', { lease: 30, onLost: () => undefined });
    const held = await claim(consumer, 300);
    const given = held.filter(({ id }) => id.startsWith('new'));
    for (const jobs of [held.slice(0, 150), given]) {
      await settle(consumer, ...jobs.map((job) => release(job, { position: 'front' })));
    }
    expect(await redis.client.lindex('queue:mail', 0)).toBe(given[0]!.id);
    expect(await past.clear('mail')).toBe(450);
    expect(await delayed()).toEqual(numbered(150, 'between'));
    expect(await redis.client.lrange('queue:mail', 0, -1)).toEqual(idsOf(given));
  });
});
