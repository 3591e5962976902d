import { beforeEach, describe, expect, it } from '@jest/globals';
import { RedisKeys } from '../../../lib/drivers/redis/keys.js';
import type { RedisDriver } from '../../../lib/drivers/redis/redis.driver.js';
import { cancelScript } from '../../../lib/drivers/redis/scripts/cancel.script.js';
import { compileScript, toCall } from '../../../lib/drivers/redis/scripts/script.js';
import { claim, idsOf, numbered, TestConsumer } from '../../contract/scene.js';
import { RedisDrivers } from '../../support/redis-drivers.js';
import { useRedis } from '../../support/use-redis.js';

const QUEUE = 'mail';
const LONG = 1_500;

describe('a job that is taken out of a long list in Redis', () => {
  const redis = useRedis();
  const drivers = new RedisDrivers();
  const keys = new RedisKeys(false).of(QUEUE);
  const { source } = compileScript(cancelScript);
  let driver: RedisDriver;
  let calls = 0;

  /** Cancels jobs as if every list were a long one. */
  async function cancel(ids: readonly string[], searched = 0): Promise<unknown[]> {
    const { claimedPrefix, statusPrefix } = keys;
    const sending = ids.map((id) => {
      const kept = { completedTtl: 60, failedTtl: 60, maxCompleted: 0 };
      const wish = { searched, reasonText: '', pushedBy: 0, answerTtl: 60_000 };
      const args = { ...wish, claimedPrefix, statusPrefix, statusTtl: 60, queue: QUEUE, ...kept };
      const [count, ...rest] = toCall(cancelScript, {
        keys: { ...keys, answer: `${keys.callPrefix}${++calls}` },
        args,
        rest: [id],
      });
      return redis.client.eval(source, Number(count), ...rest);
    });
    return Promise.all(sending);
  }

  const push = async (ids: readonly string[], unique = false): Promise<void> => {
    for (let at = 0; at < ids.length; at += 500) {
      const jobs = ids.slice(at, at + 500).map((id) => ({ id, body: 'hmail\n', delay: 0, name: 'mail' }));
      await driver.push(QUEUE, jobs, unique);
    }
  };
  const consume = () => driver.consume(QUEUE, { lease: 30, onLost: () => undefined });
  const left = () => redis.client.keys('queue:mail:gone*');
  const flag = () => redis.client.hget(keys.meta, 'gone');

  beforeEach(async () => {
    driver = await drivers.connect({ redis: { url: redis.url } });
  });

  it('leaves its element in the list of its group, too', async () => {
    const inGroup = ['a', 'b', 'c', 'd', 'e'].map((id) => {
      return { id, body: 'hmail\n', delay: 0, name: 'mail', traits: { group: 'g' } };
    });
    await driver.push(QUEUE, inGroup, true);
    expect(await cancel(['c', 'd'])).toEqual(['1', '1']);
    expect(await driver.counts(QUEUE)).toMatchObject({ ready: 3 });
    const consumer = new TestConsumer(consume());
    const ids: string[] = [];
    for (let polls = 0; polls < 3; polls++) {
      const { jobs, danglingIds } = await consumer.poll({ limit: 5 });
      expect(danglingIds).toEqual([]);
      ids.push(...idsOf(jobs));
    }
    expect(ids).toEqual(['a', 'b', 'e']);
    expect(await left()).toEqual([]);
  });

  it('leaves its element there, and is neither counted nor claimed nor reported', async () => {
    await push(['a', 'b', 'c']);
    expect(await cancel(['b', 'b'])).toEqual(['1', '0']);
    expect(await redis.client.lrange(keys.ready, 0, -1)).toEqual(['a', 'b', 'c']);
    expect(await driver.counts(QUEUE)).toMatchObject({ ready: 2 });
    expect(await driver.getStatus('b')).toMatchObject({ state: 'cancelled' });
    const { jobs, danglingIds, more } = await new TestConsumer(consume()).poll({ limit: 2 });
    expect({ ids: idsOf(jobs), danglingIds, more }).toEqual({ ids: ['a', 'c'], danglingIds: [], more: false });
    expect(await left()).toEqual([]);
  });

  it('is claimed once if its id is pushed again', async () => {
    await push(['a', 'b'], true);
    await cancel(['a']);
    await driver.push(QUEUE, [{ id: 'a', body: 'hmail\n', delay: 0, name: 'mail', replacesEnded: true }], true);
    expect(await redis.client.lrange(keys.ready, 0, -1)).toEqual(['a', 'b', 'a']);
    const consumer = consume();
    expect(idsOf(await claim(consumer, 10))).toEqual(['b', 'a']);
    expect(idsOf(await claim(consumer, 10))).toEqual([]);
  });

  it('keeps a poll short: the poll skips some hundred elements, and says that there is more', async () => {
    const ids = numbered(LONG);
    await push(ids);
    await cancel(ids.slice(0, -1));
    expect(await driver.counts(QUEUE)).toMatchObject({ ready: 1 });
    const consumer = new TestConsumer(consume());
    const claimed: string[] = [];
    let polls = 0;
    for (let more = true; more; polls++) {
      const result = await consumer.poll({ limit: 100 });
      claimed.push(...idsOf(result.jobs));
      ({ more } = result);
    }
    expect(claimed).toEqual(ids.slice(-1));
    expect(polls).toBeGreaterThanOrEqual(LONG / 600);
    expect(polls).toBeLessThanOrEqual(LONG / 300 + 1);
    expect(await left()).toEqual([]);
  });

  it('takes the list with it if no other job is in it', async () => {
    const ids = numbered(LONG);
    await push(ids);
    await cancel(ids);
    expect(await redis.client.exists(keys.ready, keys.gone, keys.marker, keys.jobs)).toBe(0);
    await push(['a']);
    expect(idsOf(await claim(consume()))).toEqual(['a']);
  });

  it('is no obstacle for clear()', async () => {
    await push(numbered(250));
    await cancel(numbered(250).filter((_, index) => index % 3 > 0));
    expect(await driver.clear(QUEUE)).toBe(84);
    expect(await redis.client.exists(keys.ready, keys.gone, keys.marker)).toBe(0);
  });

  it('costs a queue without such jobs no command', async () => {
    await push(['a', 'b']);
    const consumer = consume();
    await claim(consumer, 1);
    expect(await flag()).toBe('0');
    await redis.client.config('RESETSTAT');
    await claim(consumer, 1);
    expect(await redis.client.info('commandstats')).not.toContain('cmdstat_hlen:calls=5');
    await push(['c', 'd']);
    await cancel(['c']);
    expect(await flag()).toBeNull();
    expect(idsOf(await claim(consumer, 2))).toEqual(['d']);
    await claim(consumer, 1);
    expect(await flag()).toBe('0');
  });

  it('is searched in a short list, which then has no stale element', async () => {
    await push(['a', 'b', 'c'], true);
    await cancel(['b']);
    await cancel(['a'], 1_000);
    expect(await redis.client.lrange(keys.ready, 0, -1)).toEqual(['b', 'c']);
    await cancel(['c'], 1_000);
    expect(await redis.client.exists(keys.ready, keys.gone)).toBe(0);
  });

  it('loses no job if somebody deletes the list', async () => {
    await push(['a', 'b', 'c']);
    await cancel(['a']);
    await redis.client.del(keys.ready);
    await push(['d']);
    expect(await driver.counts(QUEUE)).toMatchObject({ ready: 0 });
    expect(await cancel(['b'])).toEqual(['1']);
    expect(idsOf(await claim(consume(), 5))).toEqual(['d']);
    expect(await left()).toEqual([]);
  });
});
