import { beforeEach, describe, expect, it } from '@jest/globals';
import { RedisKeys } from '../../../../lib/drivers/redis/keys.js';
import type { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';
import { WHOLE } from '../../../../lib/drivers/redis/scripts/compose-short.js';
import { pollScript, rankedPollScript, shortPollScript } from '../../../../lib/drivers/redis/scripts/poll.script.js';
import type { NewJob } from '../../../../lib/drivers/queue-driver.interface.js';
import { pollWith, type PollWishes } from '../../../support/poll-with.js';
import { RedisDrivers } from '../../../support/redis-drivers.js';
import { SCRIPT_TIME, setClock } from '../../../support/redis-clock.js';
import { useRedis } from '../../../support/use-redis.js';

const START = Date.UTC(2026, 0, 1);
const SECOND = 1_000;

describe('the short forms of the poll script', () => {
  const redis = useRedis();
  const drivers = new RedisDrivers();
  const keys = new RedisKeys(false).of('mail');
  let driver: RedisDriver;

  const whole = (number: number, wishes: PollWishes = {}) =>
    pollWith(redis.client, keys, pollScript, { consumer: 'one', number, ...wishes });
  const short = (number: number, wishes: PollWishes = {}) =>
    pollWith(redis.client, keys, shortPollScript, { consumer: 'one', number, ...wishes });
  const ranked = (number: number, wishes: PollWishes = {}) =>
    pollWith(redis.client, keys, rankedPollScript, { consumer: 'one', number, ...wishes });
  const push = (...jobs: Partial<NewJob>[]): Promise<unknown> =>
    driver.push(
      'mail',
      jobs.map((job, i) => ({ id: `job-${i}`, body: '', delay: 0, ...job })),
      jobs.some(({ traits }) => traits),
    );
  const withPriority = (id: string, priority: number): Partial<NewJob> => {
    return { id, body: `hmail\t{"p":${priority}}\n`, isGenerated: true, traits: { priority } };
  };
  const completed = (id: string, fence: unknown): string => JSON.stringify([[id], [String(fence)]]);

  /** Returns all that the server has stored. */
  async function stored(): Promise<Record<string, string>> {
    const names = (await redis.client.keys('*')).sort();
    const values = await Promise.all(names.map(async (name) => (await redis.client.dumpBuffer(name))?.toString('hex')));
    return Object.fromEntries(names.map((name, i) => [name, values[i] ?? '']));
  }

  beforeEach(async () => {
    driver = await drivers.connect({ redis: { url: redis.url }, scriptTime: SCRIPT_TIME });
    await setClock(redis.client, START);
    // The first polls find out what the queue uses.
    await whole(1);
    expect(await whole(2)).toMatchObject({ code: 1, form: 1 });
  });

  it('claims, settles, promotes and recovers', async () => {
    await push({ id: 'a' }, { id: 'b' }, { id: 'c', delay: 5 });
    const claimed = await short(3, { limit: 2 });
    expect(claimed).toMatchObject({ code: 1, ids: '["a","b"]', more: false, nextDue: 5 * SECOND });
    const settled = await short(4, {
      completed: completed('a', claimed['first']),
      rest: ['retry', 'b', Number(claimed['first']) + 1, 10 * SECOND, '"again"', ''],
    });
    expect(settled).toMatchObject({ code: 1, refused: [], nextDue: 5 * SECOND });
    await setClock(redis.client, START + 5 * SECOND);
    expect(await short(5, { limit: 1 })).toMatchObject({ ids: '["c"]' });
    await setClock(redis.client, START + 40 * SECOND);
    await pollWith(redis.client, keys, pollScript, { consumer: 'two' });
    await setClock(redis.client, START + 43 * SECOND);
    expect(await pollWith(redis.client, keys, shortPollScript, { consumer: 'two', number: 2, limit: 2 })).toMatchObject(
      {
        takenOver: ['one', 'c'],
      },
    );
  });

  it('keeps a result and tells a refusal', async () => {
    await push({ id: 'a' });
    const { first } = await short(3, { limit: 1 });
    const rest = ['a', 'R', '{"sum":3}'];
    expect(await short(4, { completed: completed('a', first), rest, values: 1 })).toMatchObject({ refused: [] });
    expect(await redis.client.get(`${keys.statusPrefix}a`)).toContain('"result":{"sum":3}');
    expect(await short(5, { completed: completed('a', first) })).toMatchObject({ refused: ['a'] });
  });

  it('leaves to the whole script the poll of a consumer that was lost, and changes nothing', async () => {
    await push({ id: 'a' }, { id: 'b' });
    await short(3, { limit: 1 });
    // Others still take its jobs over: then its lease ends at 0, and its polls are known.
    await redis.client.zadd(keys.consumers, 0, 'one');
    const before = await stored();
    expect(await short(4, { limit: 1 })).toMatchObject({ code: WHOLE });
    expect(await stored()).toEqual(before);
    expect(await whole(4, { limit: 1 })).toMatchObject({ code: 0 });
    // Somebody has removed it.
    await redis.client.zrem(keys.consumers, 'one');
    expect(await short(4, { limit: 1 })).toMatchObject({ code: WHOLE });
  });

  it('leaves to the whole script a poll that is not the next one, and changes nothing', async () => {
    await push({ id: 'a' });
    await short(3, { limit: 1 });
    const before = await stored();
    for (const number of [2, 3, 5]) {
      expect(await short(number, { limit: 1 })).toMatchObject({ code: WHOLE });
    }
    expect(await stored()).toEqual(before);
    expect(await whole(3)).toMatchObject({ code: 1, ids: '["a"]' });
  });

  const uses: Record<string, () => Promise<unknown>> = {
    'a group': () => push({ isGenerated: true, traits: { group: 'a' } }),
    'a unique key': () => push({ isGenerated: true, traits: { unique: { key: 'a', until: 'end' } } }),
    'a stale element': async () => {
      await push(...Array.from({ length: 1_200 }, (_, i) => ({ id: `many-${i}` })));
      await driver.cancellations.cancel('many-600');
    },
    'a limit of an operator': () => driver.limits.set('mail', { concurrency: 1 }),
  };
  it.each(Object.keys(uses))('leaves the queue to the whole script because of %s, and changes nothing', async (use) => {
    await uses[use]!();
    const before = await stored();
    expect(await short(3, { limit: 1 })).toMatchObject({ code: WHOLE });
    expect(await stored()).toEqual(before);
    expect(await ranked(3, { limit: 1 })).toMatchObject({ code: WHOLE });
    expect(await stored()).toEqual(before);
    expect(await whole(3, { limit: 1 })).toMatchObject({ code: 1, form: 0 });
  });

  it('claim by priority, and put jobs back by their priority, in a queue whose jobs have no other trait', async () => {
    const ranks = { a: -5, b: 0, c: 5, d: 7 };
    await push(...Object.entries(ranks).map(([id, priority]) => withPriority(id, priority)), {
      ...withPriority('e', 9),
      delay: 5,
    });
    expect(await short(3, { limit: 1 })).toMatchObject({ code: WHOLE });
    expect(await whole(3, { limit: 1 })).toMatchObject({ ids: '["d"]', form: 2 });
    const claimed = await ranked(4, { limit: 2 });
    // A job that comes later may have a higher priority, so none is claimed ahead.
    expect(claimed).toMatchObject({ code: 1, ids: '["c","b"]', more: true, limits: 1 });
    const first = Number(claimed['first']);
    const rest = ['retry', 'c', first, 1_000, '"again"', '', 'front', 'b', first + 1, 0, '', ''];
    expect(await ranked(5, { rest })).toMatchObject({ code: 1, refused: [] });
    expect(await redis.client.hgetall(keys.traits)).toEqual({ c: '\np5', e: '\np9' });
    await setClock(redis.client, START + 5 * SECOND);
    expect(await ranked(6, { limit: 4 })).toMatchObject({ code: 1, ids: '["e","c","b","a"]' });
    // Another trait comes: from then on the queue is for the whole script.
    await push({ id: 'f', isGenerated: true, traits: { priority: 3, group: 'g' } });
    expect(await ranked(7, { limit: 1 })).toMatchObject({ code: WHOLE });
    expect(await whole(7, { limit: 1 })).toMatchObject({ ids: '["f"]', form: 0 });
  });

  it('are told to a queue when its other traits are gone', async () => {
    await push({ id: 'a', isGenerated: true, traits: { group: 'g' } });
    await push(withPriority('b', 3));
    const claimed = await whole(3, { limit: 2 });
    expect(claimed).toMatchObject({ ids: '["a","b"]', form: 0 });
    const first = Number(claimed['first']);
    expect(await whole(4, { completed: completed('a', first) })).toMatchObject({ refused: [] });
    expect(await whole(5)).toMatchObject({ code: 1, form: 2 });
    // Kept records may have a priority. Without any, the shortest form does.
    expect(await ranked(6, { completed: completed('b', first + 1) })).toMatchObject({ refused: [], form: 2 });
    await redis.client.del(keys.jobs, keys.completedIds);
    expect(await ranked(7)).toMatchObject({ form: 1 });
    expect(await redis.client.hget(keys.meta, 'traits')).toBe('0');
  });

  it('find out by the keys which traits jobs have if the field that tells it is gone', async () => {
    await push({ id: 'a', isGenerated: true, traits: { priority: 3 } });
    await redis.client.hdel(keys.meta, 'traits');
    await push({ id: 'b', isGenerated: true, traits: { priority: 4 } });
    expect(await whole(3, { limit: 1 })).toMatchObject({ ids: '["b"]', form: 2 });
    await push({ id: 'c', isGenerated: true, traits: { group: 'g' } });
    await redis.client.hdel(keys.meta, 'traits');
    await push({ id: 'd', isGenerated: true, traits: { priority: 4 } });
    expect(await ranked(4, { limit: 1 })).toMatchObject({ code: WHOLE });
    expect(await whole(4)).toMatchObject({ code: 1, form: 0 });
  });

  it('leaves the queue to the whole script while a job that runs is cancelled, or has told something', async () => {
    await push({ id: 'a' }, { id: 'b' });
    const first = Number((await short(3, { limit: 2 }))['first']);
    await driver.cancellations.cancel('a');
    expect(await short(4)).toMatchObject({ code: WHOLE });
    expect(await whole(4, { completed: completed('a', first) })).toMatchObject({ refused: [], form: 0 });
    expect(await whole(5)).toMatchObject({ form: 1 });
    const rest = ['b', 'p', '50', 'retry', 'b', first + 1, 0, '"again"', ''];
    expect(await short(6, { rest, values: 1 })).toMatchObject({ code: WHOLE });
    expect(await whole(6, { rest, values: 1 })).toMatchObject({ code: 1, refused: [] });
    expect(await short(7)).toMatchObject({ code: WHOLE });
  });
});
