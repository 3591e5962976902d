import { beforeEach, describe, expect, it } from '@jest/globals';
import type { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';
import { StorageCorruptError } from '../../../../lib/queue.errors.js';
import { claim, complete, drain, fail, idsOf, IDLE, release, retry, settle } from '../../../contract/scene.js';
import { RedisDrivers } from '../../../support/redis-drivers.js';
import { useRedis } from '../../../support/use-redis.js';
import { expectJourney } from '../connections/journey.js';

/** Another program has put a value of another type under a key of the queue `mail`. */
describe('a key of the wrong type', () => {
  const redis = useRedis();
  const drivers = new RedisDrivers();
  let driver: RedisDriver;
  const push = (...ids: string[]): Promise<unknown> =>
    driver.push(
      'mail',
      ids.map((id) => ({ id, body: `body of ${id}`, delay: id.startsWith('late') ? 60 : 0 })),
      false,
    );
  const corruption = expect.objectContaining({ code: 'ERR_STORAGE_CORRUPT', queue: 'mail' }) as unknown;
  /** All that the queue has, key by key. */
  const dump = async (): Promise<unknown> => {
    const keys = (await redis.client.keys('*')).toSorted();
    return Promise.all(keys.map(async (key) => [key, (await redis.client.dumpBuffer(key)).toString('hex')]));
  };
  const corrupt = async (name: string): Promise<string> => {
    const key = `queue:mail${name}`;
    await redis.client.del(key);
    // No key of the queue is a HyperLogLog, a stream or a string.
    await redis.client.set(key, 'foreign');
    return key;
  };

  beforeEach(async () => {
    driver = await drivers.connect({ redis: { url: redis.url } });
    await push('a', 'b', 'c', 'd', 'e', 'late');
  });

  it.each(['', ':delayed', ':jobs', ':marker'])('queue:mail%s fails a push, which stores nothing', async (name) => {
    await corrupt(name);
    const before = await dump();
    await expect(push('x', 'late-x')).rejects.toEqual(corruption);
    expect(await dump()).toEqual(before);
    await expectJourney(driver, 'other');
  });

  it.each(['', ':delayed', ':jobs', ':attempts', ':recovered', ':consumers', ':meta', ':marker', ':failed'])(
    'queue:mail%s fails a poll, which does nothing, and goes on when the key is gone',
    async (name) => {
      const consumer = driver.consume('mail', { lease: 30, onLost: () => undefined });
      const jobs = await claim(consumer, 4);
      const key = await corrupt(name);
      const before = await dump();
      const settlements = jobs.map((job, index) => [complete, fail, retry, release][index]!(job));
      const poll = consumer.poll({ settlements, limit: 1, recovered: true });
      await expect(poll).rejects.toBeInstanceOf(StorageCorruptError);
      await expect(poll).rejects.toEqual(corruption);
      await expect(poll).rejects.toThrow('A key of queue mail holds a value of the wrong type (WRONGTYPE');
      expect(await dump()).toEqual(before);
      await expectJourney(driver, 'other');

      await redis.client.del(key);
      const result = await consumer.poll({ settlements, limit: 1, recovered: true });
      // Without the list of consumers nobody knows that it held them: it begins anew.
      expect(result).toMatchObject(name === ':consumers' ? { lost: true } : { lost: false, refused: [] });
    },
  );

  it.each(['claimed', 'polls'])('queue:mail:%s:CONSUMER fails the polls of its consumer only', async (kind) => {
    const [consumer, other] = [1, 2].map(() => driver.consume('mail', { lease: 30, onLost: () => undefined }));
    const [job] = await claim(consumer!, 1);
    const [key] = await redis.client.keys(`queue:mail:${kind}:*`);
    await corrupt(key!.slice('queue:mail'.length));
    await expect(settle(consumer!, complete(job!))).rejects.toEqual(corruption);
    expect(idsOf(await drain(other!))).toEqual(['b', 'c', 'd', 'e']);
  });

  it('queue:mail:claimed:CONSUMER of a lost consumer is dropped', async () => {
    const consumer = driver.consume('mail', { lease: 30, onLost: () => undefined });
    await consumer.poll(IDLE);
    await redis.client.zadd('queue:mail:consumers', 1, 'lost');
    await redis.client.set('queue:mail:claimed:lost', 'foreign');
    expect(idsOf(await drain(consumer))).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(await redis.client.exists('queue:mail:claimed:lost')).toBe(0);
    expect(await redis.client.zscore('queue:mail:consumers', 'lost')).toBeNull();
  });

  it('queue:mail:producer:ID fails the pushes of one process, which store nothing', async () => {
    const [key] = await redis.client.keys('queue:mail:producer:*');
    await corrupt(key!.slice('queue:mail'.length));
    await expect(push('x')).rejects.toEqual(corruption);
    const other = await drivers.connect({ redis: { url: redis.url } });
    await other.push('mail', [{ id: 'y', body: 'y', delay: 0 }], false);
    expect(await redis.client.lrange('queue:mail', 0, -1)).toEqual(['a', 'b', 'c', 'd', 'e', 'y']);
  });

  it('fails questions and clear, which drops nothing', async () => {
    await corrupt(':delayed');
    await expect(driver.counts('mail')).rejects.toEqual(corruption);
    await expect(driver.clear('mail')).rejects.toEqual(corruption);
    expect(await redis.client.llen('queue:mail')).toBe(5);
    expect(await driver.counts('other')).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
  });

  it('under job:status:ID is overwritten by the next change', async () => {
    await redis.client.rpush('job:status:a', 'foreign');
    await expect(driver.getStatus('a')).rejects.toBeInstanceOf(StorageCorruptError);
    await claim(driver.consume('mail', { lease: 30, onLost: () => undefined }), 1);
    expect(await driver.getStatus('a')).toMatchObject({ state: 'processing' });
  });

  it('under queue:mail:meta fails heartbeats, and the consumer keeps its lease', async () => {
    const lost: string[] = [];
    const consumer = driver.consume('mail', { lease: 1, onLost: () => lost.push('lost') });
    const [job] = await claim(consumer, 1);
    await redis.client.rename('queue:mail:meta', 'aside');
    await redis.client.set('queue:mail:meta', 'foreign');
    await driver.listen(['nothing']).wait(800);
    await redis.client.rename('aside', 'queue:mail:meta');
    await consumer.poll(IDLE);
    expect((await settle(consumer, complete(job!))).refused).toEqual([]);
    expect(lost).toEqual([]);
  });
});
