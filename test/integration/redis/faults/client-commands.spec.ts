import { beforeEach, describe, expect, it } from '@jest/globals';
import type { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';
import { claimOne, complete, IDLE, settle } from '../../../contract/scene.js';
import { within } from '../../../support/deadline.js';
import { eventually } from '../../../support/eventually.js';
import { RedisDrivers } from '../../../support/redis-drivers.js';
import { useRedis } from '../../../support/use-redis.js';

/** Commands by which an administrator disturbs connections. */
describe('the connections', () => {
  const redis = useRedis();
  const drivers = new RedisDrivers();
  let driver: RedisDriver;
  const push = (id: string): Promise<unknown> => driver.push('mail', [{ id, body: id, delay: 0 }], false);
  const consume = () => driver.consume('mail', { lease: 30, onLost: () => undefined });
  /** The ids of the driver's connections of a kind. */
  const idsOf = async (name: string): Promise<string[]> =>
    [...String(await redis.client.client('LIST')).matchAll(new RegExp(`^id=(\\d+) .*name=${name}`, 'gm'))].map(
      ([, id]) => id!,
    );
  const untilWaiting = (): Promise<unknown> =>
    eventually(async () => expect(await redis.client.client('LIST')).toMatch(/cmd=bzpopmin/));
  const killAll = async (): Promise<void> => {
    const ids = [...(await idsOf('queue:commands')), ...(await idsOf('queue:waiting'))];
    for (const id of ids) await redis.client.client('KILL', 'ID', id);
  };

  beforeEach(async () => {
    driver = await drivers.connect({ redis: { url: redis.url } });
  });

  it('are renewed after CLIENT KILL, and the commands under way are carried out once', async () => {
    const consumer = consume();
    const listener = driver.listen(['mail']);
    for (let round = 0; round < 5; round++) {
      const waiting = listener.wait(60_000);
      await untilWaiting();
      await killAll();
      await push(`job-${round}`);
      expect(await within(waiting, 5_000, 'the wait')).toBe('mail');
      const job = await claimOne(consumer);
      const [settled] = await Promise.all([settle(consumer, complete(job)), killAll()]);
      expect(settled).toMatchObject({ lost: false, refused: [] });
    }
    expect(await driver.counts('mail')).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
  });

  it.each(['ERROR', 'TIMEOUT'] as const)('wait on after CLIENT UNBLOCK %s', async (how) => {
    const waiting = driver.listen(['mail']).wait(60_000);
    await untilWaiting();
    const [id] = await idsOf('queue:waiting');
    expect(await redis.client.call('CLIENT', 'UNBLOCK', id!, how)).toBe(1);
    await push('a');
    expect(await within(waiting, 5_000, 'the wait')).toBe('mail');
  });

  it.each(['ALL', 'WRITE'] as const)('go on after CLIENT PAUSE %s', async (what) => {
    await push('a');
    const consumer = consume();
    const job = await claimOne(consumer);
    await redis.client.call('CLIENT', 'PAUSE', '400', what);
    const startedAt = Date.now();
    expect(await settle(consumer, complete(job))).toMatchObject({ lost: false, refused: [] });
    expect(Date.now() - startedAt).toBeGreaterThan(200);
    await push('b');
    expect(await claimOne(consumer)).toMatchObject({ id: 'b' });
  });

  it('load their scripts again after SCRIPT FLUSH at any time', async () => {
    const consumer = consume();
    for (let round = 0; round < 5; round++) {
      await redis.client.script('FLUSH');
      await Promise.all([push(`job-${round}`), redis.client.script('FLUSH')]);
      const [job] = await Promise.all([claimOne(consumer), redis.client.script('FLUSH')]);
      expect(job).toMatchObject({ id: `job-${round}` });
      await redis.client.script('FLUSH');
      expect((await settle(consumer, complete(job))).refused).toEqual([]);
      await redis.client.script('FLUSH');
      expect(await driver.counts('mail')).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
    }
  });

  it('serve on after FLUSHALL: a consumer loses its lease and begins again', async () => {
    await push('a');
    const consumer = consume();
    const job = await claimOne(consumer);
    await redis.client.flushall();
    expect(await settle(consumer, complete(job))).toMatchObject({ lost: true, refused: ['a'] });
    expect((await consumer.poll(IDLE)).lost).toBe(false);
    await push('b');
    expect(await claimOne(consumer)).toMatchObject({ id: 'b', attempt: 1 });
  });
});
