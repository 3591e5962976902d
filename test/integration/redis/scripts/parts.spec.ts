import { beforeEach, describe, expect, it } from '@jest/globals';
import { RedisKeys } from '../../../../lib/drivers/redis/keys.js';
import type { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';
import { composeScript } from '../../../../lib/drivers/redis/scripts/compose-script.js';
import { definePart, type ScriptPart } from '../../../../lib/drivers/redis/scripts/part.js';
import { POLL_PARTS } from '../../../../lib/drivers/redis/scripts/poll.script.js';
import { list } from '../../../../lib/drivers/redis/scripts/reply.js';
import { pollWith, type PollWishes } from '../../../support/poll-with.js';
import { RedisDrivers } from '../../../support/redis-drivers.js';
import { SCRIPT_TIME, setClock } from '../../../support/redis-clock.js';
import { useRedis } from '../../../support/use-redis.js';

const START = Date.UTC(2026, 0, 1);
const SECOND = 1_000;

/** The part that recovers jobs, and those that are told of it. */
const TOLD_OF_LOSSES: ReadonlySet<string> = new Set(['recover', 'losses as failures', 'group recoveries']);

describe('a poll script composed of other parts', () => {
  const redis = useRedis();
  const drivers = new RedisDrivers();
  const keys = new RedisKeys(false).of('mail');
  let driver: RedisDriver;

  /** Polls with a script of these parts, and reads the reply by its own declaration. */
  const poll = (parts: readonly ScriptPart[], consumer: string, wishes?: PollWishes) =>
    pollWith(redis.client, keys, composeScript('poll', parts), { consumer, ...wishes });

  const push = (...ids: string[]): Promise<unknown> =>
    driver.push(
      'mail',
      ids.map((id) => ({ id, body: '', delay: 0 })),
      false,
    );

  beforeEach(async () => {
    driver = await drivers.connect({ redis: { url: redis.url }, scriptTime: SCRIPT_TIME });
    await setClock(redis.client, START);
  });

  describe('without crash recovery', () => {
    const parts = POLL_PARTS.filter(({ name }) => !TOLD_OF_LOSSES.has(name));

    it('claims, settles and promotes', async () => {
      await push('a', 'b');
      const first = await poll(parts, 'one', { limit: 2 });
      expect(first).toMatchObject({ code: 1, ids: '["a","b"]', more: false });
      const fences = [first['first'], Number(first['first']) + 1].map(String);
      const settled = await poll(parts, 'one', {
        number: 2,
        completed: JSON.stringify([['a'], [fences[0]]]),
        rest: ['retry', 'b', fences[1]!, 5 * SECOND, '"again"', ''],
      });
      expect(settled).toMatchObject({ code: 1, refused: [], nextDue: 5 * SECOND });
      await setClock(redis.client, START + 5 * SECOND);
      expect(await poll(parts, 'one', { number: 3, limit: 2 })).toMatchObject({
        ids: '["b"]',
        attemptTexts: ['1:0:0'],
      });
    });

    it('leaves the jobs of a lost consumer in its claims, and schedules no recovery', async () => {
      await push('a');
      await poll(parts, 'lost', { limit: 1 });
      await setClock(redis.client, START + 15 * SECOND);
      expect(await poll(parts, 'other')).toMatchObject({ code: 1, nextDue: -1 });
      await setClock(redis.client, START + 31 * SECOND);
      expect(await poll(parts, 'other', { number: 2, limit: 1 })).toMatchObject({ code: 1, ids: '' });
      expect(await redis.client.hlen(keys.claimedPrefix + 'lost')).toBe(1);
      expect(await redis.client.exists(keys.recovered)).toBe(0);
    });
  });

  it('recovers the jobs of a lost consumer if it contains the part of crash recovery', async () => {
    await push('a');
    await poll(POLL_PARTS, 'lost', { limit: 1 });
    await setClock(redis.client, START + 15 * SECOND);
    await poll(POLL_PARTS, 'other');
    await setClock(redis.client, START + 31 * SECOND);
    const reply = await poll(POLL_PARTS, 'other', { number: 2, limit: 1 });
    expect(reply).toMatchObject({ code: 1, ids: '["a"]', takenOver: ['lost', 'a'] });
    // The poll arrives again.
    expect(await poll(POLL_PARTS, 'other', { number: 2, limit: 1 })).toEqual(reply);
  });

  it('calls the hooks of a part when jobs change their state', async () => {
    const note = (word: string, value: string): string => `S.lines[#S.lines + 1] = '${word} ' .. ${value}`;
    const ids = `table.concat(ids, ',')`;
    const diary = definePart({
      name: 'diary',
      shared: { lines: '{}' },
      on: {
        freed: note('freed', ids),
        ended: note('ended', `${ids} .. ' ' .. state`),
        place: note('place', 'id'),
        recovered: note('recovered', ids),
        promoted: note('promoted', ids),
        claimed: note('claimed', ids),
      },
      reply: { notes: list('S.lines') },
    });
    const parts = [diary, ...POLL_PARTS];
    await push('a', 'b', 'c', 'd');
    const { first, notes } = await poll(parts, 'one', { limit: 4 });
    expect(notes).toEqual(['claimed a,b,c,d']);
    const fence = (offset: number): string => String(Number(first) + offset);
    const settled = await poll(parts, 'one', {
      number: 2,
      completed: JSON.stringify([['a'], [fence(0)]]),
      rest: [
        ['fail', 'b', fence(1), -1, '"no"', ''],
        ['retry', 'c', fence(2), 0, '"no"', ''],
        ['back', 'd', fence(3), SECOND, '', ''],
      ].flat(),
    });
    const notesOfEnds = 'freed a, ended a completed, freed b, ended b failed, freed c, place c, freed d';
    expect(settled['notes']).toEqual(notesOfEnds.split(', '));
    await setClock(redis.client, START + SECOND);
    // It waits for its time with attempts of others about: each job that is due is placed by itself.
    const due = await poll(parts, 'one', { number: 3, limit: 2 });
    expect(due['notes']).toEqual(['place d', 'promoted d', 'claimed c,d']);
    await setClock(redis.client, START + 16 * SECOND);
    await poll(parts, 'two');
    await setClock(redis.client, START + 32 * SECOND);
    const taken = await poll(parts, 'two', { number: 2 });
    expect(taken['notes']).toEqual(['recovered c,d']);
  });

  it('lets a part refuse, add and withhold jobs', async () => {
    const gate = definePart({
      name: 'gate',
      on: {
        mayClaim: 'S.limit = math.min(S.limit, 2)',
        source: `if S.limit > #taken then taken[#taken + 1] = 'c' end`,
        admit: `for i = #ids, 1, -1 do if ids[i] == 'a' then table.remove(ids, i) table.remove(records, i) end end`,
      },
    });
    await push('a', 'b', 'c');
    await redis.client.lrem(keys.ready, 1, 'c');
    expect(await poll([gate, ...POLL_PARTS], 'one', { limit: 3 })).toMatchObject({ ids: '["c"]', more: true });
  });
});
