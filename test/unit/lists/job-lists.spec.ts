import { beforeEach, describe, expect, it } from '@jest/globals';
import { ArrayDriver } from '../../../lib/drivers/array/array.driver.js';
import { resolveOptions } from '../../../lib/options/options.resolver.js';
import { JobLists } from '../../../lib/lists/job-lists.js';
import { readProgress } from '../../../lib/progress/progress.js';
import { ResultCodec } from '../../../lib/results/result-codec.js';
import { toMonotonic } from '../../../lib/support/clock.js';
import { numbered } from '../../contract/scene.js';
import { FakeClock } from '../../support/fake-clock.js';

const options = resolveOptions({ driver: 'array' });
let driver: ArrayDriver;
let lists: JobLists;

beforeEach(() => {
  driver = new ArrayDriver({ statusTtl: 600, clock: toMonotonic(new FakeClock(Date.UTC(2026, 0, 1))) });
  const known = { find: (name: string) => (name === 'Mail' ? { options: { maxTries: 7 } } : undefined) };
  lists = new JobLists(driver, options, known, { results: new ResultCodec(options), readProgress });
});

const push = (ids: readonly string[], body = 'hMail\n{"to":"ada"}', delay = 0) =>
  driver.push(
    'mail',
    ids.map((id) => ({ id, body, delay })),
    false,
  );

describe('JobLists', () => {
  it('decodes a job, its options and its labels', async () => {
    await push(['a'], 'hMail\t{"t":5,"d":{"by":"ada"},"g":["vip"]}\n{"to":"ada"}');
    const { jobs, total, cursor } = await lists.jobs('mail', 'queued');
    expect([total, cursor]).toEqual([1, undefined]);
    expect(jobs).toEqual([
      {
        id: 'a',
        name: 'Mail',
        queue: 'mail',
        state: 'queued',
        data: { to: 'ada' },
        options: { timeout: 5 },
        attempt: 0,
        maxTries: 7,
        pushedAt: new Date(Date.UTC(2026, 0, 1)),
        failures: [],
        priority: 0,
        tags: ['vip'],
        metadata: { by: 'ada' },
      },
    ]);
    expect(await lists.job('a')).toEqual(jobs[0]);
    expect(await lists.job('b')).toBeNull();
  });

  it('takes the number of tries from the push, from the class, or leaves it out', async () => {
    await push(['pushed'], 'hMail\t{"m":2}\n1');
    await push(['classless'], 'hOther\n1');
    expect(await lists.job('pushed')).toMatchObject({ maxTries: 2 });
    expect(await lists.job('classless')).not.toHaveProperty('maxTries');
  });

  it('tells why data is not readable, and the rest of the job', async () => {
    await push(['no-json'], 'hMail\t{"g":["vip"]}\n{');
    await push(['no-options'], 'hMail\t{\n1');
    await push(['no-record'], '?');
    const { jobs } = await lists.jobs('mail', 'queued');
    expect(jobs).toMatchObject([
      {
        id: 'no-json',
        name: 'Mail',
        data: undefined,
        tags: ['vip'],
        dataError: expect.stringContaining('not readable'),
      },
      { id: 'no-options', name: 'Mail', data: undefined, dataError: expect.stringContaining('options') },
      { id: 'no-record', name: '', data: undefined, dataError: expect.stringContaining('header') },
    ]);
  });

  it('goes on with the next place within a page', async () => {
    await push(numbered(5, 'ready'));
    await push(numbered(5, 'later'), 'hMail\n1', 60);
    const first = await lists.jobs('mail', ['queued', 'delayed'], { limit: 7 });
    expect(first.jobs.map(({ id }) => id)).toEqual([...numbered(5, 'ready'), ...numbered(2, 'later')]);
    const next = await lists.jobs('mail', ['queued', 'delayed'], { limit: 7, cursor: first.cursor! });
    expect(next.jobs.map(({ id }) => id)).toEqual(numbered(5, 'later').slice(2));
    expect([first.total, next.total, next.cursor]).toEqual([10, 10, undefined]);
    const last = await lists.jobs('mail', ['queued', 'delayed'], { offset: 6, limit: 2 });
    expect(last.jobs.map(({ id }) => id)).toEqual(numbered(5, 'later').slice(1, 3));
  });

  it('has no total with a filter, and 50 jobs unless it is told', async () => {
    await push(numbered(60));
    expect(await lists.jobs('mail', 'queued', { search: 'job-00005' })).toMatchObject({ jobs: { length: 10 } });
    expect(await lists.jobs('mail', 'queued', { name: 'Mail' })).not.toHaveProperty('total');
    expect((await lists.jobs('mail', 'queued')).jobs).toHaveLength(50);
  });

  it.each<[unknown, unknown, string]>([
    ['ready', {}, '"state": expected one of queued'],
    [[], {}, '"state": expected one of queued'],
    ['queued', { limit: 0 }, '"jobs.limit": expected a whole number from 1 to 500'],
    ['queued', { limit: 501 }, '"jobs.limit": expected a whole number from 1 to 500'],
    ['queued', { offset: -1 }, '"jobs.offset": expected a whole number from 0 to 10000'],
    ['queued', { order: 'up' }, '"jobs.order": expected "oldest" or "newest"'],
    ['queued', { names: 'x' }, '"jobs.names": expected no option of this name (did you mean "name"?)'],
    ['queued', { cursor: 'x' }, '"jobs.cursor": expected the cursor of another page of this list'],
    ['queued', { cursor: 'x', offset: 1 }, '"jobs.offset": expected no offset beside a cursor'],
    ['queued', { tag: '' }, '"jobs.tag": expected a string that is not empty'],
  ])('refuses %o, %o', async (state, given, message) => {
    await expect(lists.jobs('mail', state as never, given as never)).rejects.toMatchObject({
      code: 'ERR_INVALID_OPTION',
      message: expect.stringContaining(message),
    });
  });

  it.each([
    ['oldest', 'ready', -1],
    ['oldest', 'ready', 10_001],
    ['oldest', 'ready', 0.5],
    ['oldest', 'ready', 0, 'x'],
  ])('refuses a forged cursor (%o, %o, %o, %o)', async (...parts) => {
    await push(['a']);
    const cursor = Buffer.from(JSON.stringify(parts)).toString('base64url');
    await expect(lists.jobs('mail', 'queued', { cursor })).rejects.toMatchObject({
      code: 'ERR_INVALID_OPTION',
      message: expect.stringContaining('"jobs.cursor"'),
    });
  });

  it('refuses the cursor of a list of other states, or in another order', async () => {
    await push(numbered(5));
    const { cursor } = await lists.jobs('mail', 'queued', { limit: 2 });
    for (const [state, order] of [
      ['failed', 'oldest'],
      ['queued', 'newest'],
    ] as const) {
      await expect(lists.jobs('mail', state, { cursor: cursor!, order })).rejects.toMatchObject({
        code: 'ERR_INVALID_OPTION',
      });
    }
    await expect(lists.jobs('a b', 'queued')).rejects.toMatchObject({ code: 'ERR_INVALID_QUEUE_NAME' });
    await expect(lists.job('a b')).rejects.toMatchObject({ code: 'ERR_INVALID_JOB_ID' });
  });
});
