import { beforeEach, describe, expect, it } from '@jest/globals';
import { ArrayDriver } from '../../../lib/drivers/array/array.driver.js';
import { JobCodec } from '../../../lib/job/job-codec.js';
import { jsonSerializer } from '../../../lib/job/json-serializer.js';
import { JOB_STATES, type JobState } from '../../../lib/job/job-status.js';
import { JobMender } from '../../../lib/mending/job-mender.js';
import { claim, complete, fail, idsOf, numbered, retry, settle } from '../../contract/scene.js';
import { FakeClock } from '../../support/fake-clock.js';

const QUEUE = 'mail';
const codec = new JobCodec({ serializer: jsonSerializer, maxPayloadSize: 100 });

describe('JobMender', () => {
  let clock: FakeClock;
  let driver: ArrayDriver;
  let mender: JobMender;
  const consume = (queue = QUEUE) => driver.consume(queue, { lease: 3_600, onLost: () => undefined });

  /** Pushes jobs, and lets them fail. */
  async function failing(ids: readonly string[], { name = 'Mail', tags = [] as string[], queue = QUEUE } = {}) {
    const header = tags.length > 0 ? `\t${JSON.stringify({ g: tags })}` : '';
    const consumer = consume(queue);
    await driver.push(
      queue,
      ids.map((id) => ({ id, body: `h${name}${header}\n"g"`, delay: 0 })),
      false,
    );
    await settle(consumer, ...(await claim(consumer, ids.length)).map((job) => fail(job)));
  }

  const claimed = async (queue = QUEUE) => idsOf(await claim(consume(queue), 1_000));

  beforeEach(() => {
    clock = new FakeClock();
    driver = new ArrayDriver({ statusTtl: 3_600, clock });
    mender = new JobMender(driver, codec, clock);
  });

  it('puts jobs of several queues back', async () => {
    await failing(['a', 'b']);
    await failing(['c'], { queue: 'other' });
    expect(await mender.retry(['c', 'a', 'nobody'])).toBe(2);
    expect(await mender.retry('b')).toBe(1);
    expect(await claimed()).toEqual(['a', 'b']);
    expect(await claimed('other')).toEqual(['c']);
  });

  it('removes jobs of several queues', async () => {
    await failing(['a']);
    await driver.push('other', [{ id: 'b', body: 'hMail\n', delay: 0 }], false);
    expect(await mender.remove(['a', 'b', 'nobody'])).toBe(2);
    expect(await mender.remove('a')).toBe(0);
  });

  describe('retryAll', () => {
    it('puts back all failed jobs, in the order in which they failed', async () => {
      await failing(numbered(250));
      expect(await mender.retryAll(QUEUE)).toBe(250);
      expect(await claimed()).toEqual(numbered(250));
    });

    it('puts back those of a name, with a tag, at most so many', async () => {
      await failing(numbered(150, 'mail'));
      await failing(['vip-1', 'vip-2', 'vip-3'], { tags: ['vip', 'de'] });
      await failing(['other'], { name: 'Other', tags: ['vip'] });
      expect(await mender.retryAll(QUEUE, { name: 'Mail', tag: 'vip', limit: 2 })).toBe(2);
      expect(await mender.retryAll(QUEUE, { tag: 'vip' })).toBe(2);
      expect(await mender.retryAll(QUEUE, { name: 'Unknown' })).toBe(0);
      expect(await claimed()).toEqual(['vip-1', 'vip-2', 'vip-3', 'other']);
      expect(await mender.retryAll(QUEUE, { limit: 120 })).toBe(120);
    });

    it('puts them into another queue, at most so many', async () => {
      await failing(numbered(250));
      expect(await mender.retryAll(QUEUE, { to: 'other', limit: 120 })).toBe(120);
      expect(await claimed('other')).toEqual(numbered(120));
      expect(await driver.counts(QUEUE)).toMatchObject({ ready: 0, failed: 130 });
      expect(await mender.retryAll(QUEUE, { to: 'other' })).toBe(130);
      expect(await claimed('other')).toEqual(numbered(250).slice(120));
    });

    it('puts them back to their own queue if that is the other one', async () => {
      await failing(['a', 'b']);
      expect(await mender.retryAll(QUEUE, { to: QUEUE })).toBe(2);
      expect(await claimed()).toEqual(['a', 'b']);
    });

    it('puts back those that failed at a time or later, and before another time', async () => {
      const begin = clock.now();
      for (const id of numbered(5)) {
        await failing([id]);
        await clock.advance(10);
      }
      const since = new Date(begin + 10_000);
      const until = new Date(begin + 30_000);
      expect(await mender.retryAll(QUEUE, { since, until })).toBe(2);
      expect(await claimed()).toEqual(numbered(3).slice(1));
    });

    it('ends, although the jobs fail again at once', async () => {
      await failing(numbered(250));
      const consumer = consume();
      const { mending } = driver;
      const putBack = mending.retry.bind(mending);
      mending.retry = async (queue, ids) => {
        const count = await putBack(queue, ids);
        await clock.advance(1);
        await settle(consumer, ...(await claim(consumer, 300)).map((job) => fail(job)));
        return count;
      };
      expect(await mender.retryAll(QUEUE)).toBe(250);
      expect(await driver.counts(QUEUE)).toMatchObject({ ready: 0, failed: 250 });
    });
  });

  describe('flush', () => {
    it('removes failed jobs, and no other ones', async () => {
      await failing(numbered(250));
      await driver.push(QUEUE, [{ id: 'waits', body: 'hMail\n', delay: 0 }], false);
      expect(await mender.flush(QUEUE)).toBe(250);
      expect(await claimed()).toEqual(['waits']);
    });

    it('removes those of a name that failed so long ago', async () => {
      await failing(['old', 'other'], { name: 'Mail' });
      await failing(['old-report'], { name: 'Report' });
      await clock.advance(60);
      await failing(['new']);
      expect(await mender.flush(QUEUE, { olderThan: '1m', name: 'Mail' })).toBe(2);
      expect(await mender.flush(QUEUE, { olderThan: 61 })).toBe(0);
      expect(await driver.counts(QUEUE)).toMatchObject({ failed: 2 });
    });
  });

  describe('a waiting job', () => {
    const HEADER = 'hMail\t{"m":2,"d":{"tenant":"a"},"g":["vip"],"later":1}';
    const push = (id: string, delay = 0) => driver.push(QUEUE, [{ id, body: `${HEADER}\n{"to":1}`, delay }], false);

    it('is promoted', async () => {
      await push('a', 60);
      expect(await mender.promote('a')).toBe(true);
      expect(await mender.promote('a')).toBe(false);
      expect(await mender.promote('nobody')).toBe(false);
      expect(await claimed()).toEqual(['a']);
    });

    it('gets another time: seconds, text, or a Date', async () => {
      await push('a');
      const dues = [3_600, '2h', new Date(clock.now() + 1_800_000)] as const;
      for (const due of dues) expect(await mender.reschedule('a', due)).toBe(true);
      expect(await mender.reschedule('nobody', 1)).toBe(false);
      await clock.advance(1_799);
      expect(await claimed()).toEqual([]);
      await clock.advance(1);
      expect(await claimed()).toEqual(['a']);
    });

    it('gets other data, and keeps its options, also those of a newer version', async () => {
      await push('a');
      expect(await mender.setData('a', { to: 2, cc: ['ä'] })).toBe(true);
      expect(await mender.setData('nobody', 1)).toBe(false);
      const [job] = await claim(consume(), 1);
      expect(job!.body).toBe(`${HEADER}\n{"to":2,"cc":["ä"]}`);
      expect(await mender.setData('a', { to: 3 })).toBe(false);
    });

    it('gets another priority', async () => {
      await push('a');
      await push('b');
      expect(await mender.setPriority('b', 1_000)).toBe(true);
      expect(await mender.setPriority('a', -1_000)).toBe(true);
      expect(await mender.setPriority('nobody', 5)).toBe(false);
      const jobs = await claim(consume(), 2);
      expect(jobs.map(({ id, body }) => [id, body.includes('"p":1000'), body.includes('"p":-1000')])).toEqual([
        ['b', true, false],
        ['a', false, true],
      ]);
      expect(await mender.setPriority('a', 5)).toBe(false);
    });

    it('gets other data although somebody changes its options meanwhile', async () => {
      await push('a');
      const { mending } = driver;
      const read = mending.readWaiting.bind(mending);
      const priorities = [5, 6];
      mending.readWaiting = async (queue, id) => {
        const body = await read(queue, id);
        const priority = priorities.shift();
        if (priority !== undefined) await mender.setPriority(id, priority);
        return body;
      };
      expect(await mender.setData('a', { to: 2 })).toBe(true);
      const [job] = await claim(consume(), 1);
      expect(job!.body).toBe(`${HEADER.slice(0, -1)},"p":6}\n{"to":2}`);
    });

    it('keeps the data of another job that has its id meanwhile', async () => {
      await push('a');
      const { mending } = driver;
      const read = mending.readWaiting.bind(mending);
      mending.readWaiting = async (queue, id) => {
        const body = await read(queue, id);
        await mender.remove('a');
        await driver.push(QUEUE, [{ id: 'a', body: 'hOther\n1', delay: 0 }], false);
        return body;
      };
      expect(await mender.setData('a', { to: 2 })).toBe(false);
      expect((await claim(consume(), 1))[0]!.body).toBe('hOther\n1');
    });

    it.each([5, 'text', null, undefined, [1], true])(
      'keeps the data of a job that carries it, if it is %o',
      async (data) => {
        await driver.push(QUEUE, [{ id: 'i', body: 'iMail\n{"to":1}', delay: 0 }], false);
        await expect(mender.setData('i', data)).rejects.toMatchObject({
          code: 'ERR_PAYLOAD_NOT_SERIALIZABLE',
          message: expect.stringContaining('but the job carries its data: an object with its properties is expected'),
        });
        expect(await mender.setData('i', { to: 2 })).toBe(true);
        expect((await claim(consume(), 1))[0]!.body).toBe('iMail\n{"to":2}');
      },
    );

    it.each([
      ['is too large', 'x'.repeat(200), 'ERR_PAYLOAD_TOO_LARGE'],
      ['cannot be stored', { at: () => undefined }, 'ERR_PAYLOAD_NOT_SERIALIZABLE'],
    ])('keeps its data if the new one %s', async (_, data, code) => {
      await push('a');
      await expect(mender.setData('a', data)).rejects.toMatchObject({ code });
      expect((await claim(consume(), 1))[0]!.body).toBe(`${HEADER}\n{"to":1}`);
    });
  });

  describe('clear', () => {
    /** Makes a job in each state; each has its state for an id. */
    async function oneOfEach(): Promise<void> {
      const consumer = consume();
      const push = (id: string, delay = 0) => driver.push(QUEUE, [{ id, body: 'hMail\n', delay }], false);
      for (const id of ['completed', 'failed', 'retrying', 'processing']) await push(id);
      const [completed, failed, retrying] = await claim(consumer, 4);
      await settle(consumer, complete(completed!), fail(failed!), retry(retrying!));
      await push('queued');
      await push('delayed', 60);
      await push('cancelled');
      await driver.cancellations.cancel('cancelled');
    }
    const left = async (): Promise<string[]> => {
      const found = await Promise.all(JOB_STATES.map((id) => driver.getStatus(id)));
      return JOB_STATES.filter((state, index) => found[index]?.state === state);
    };

    it('removes the jobs that wait', async () => {
      await oneOfEach();
      expect(await mender.clear(QUEUE)).toBe(3);
      expect(await left()).toEqual(['processing', 'completed', 'failed', 'cancelled']);
    });

    it.each([
      [['queued']],
      [['delayed']],
      [['retrying', 'queued']],
      [['failed']],
      [['completed']],
      [['cancelled', 'delayed']],
      [['queued', 'delayed', 'retrying', 'failed', 'completed', 'cancelled']],
    ] satisfies [JobState[]][])('removes those in the states %j', async (states) => {
      await oneOfEach();
      expect(await mender.clear(QUEUE, { states })).toBe(states.length);
      expect(await left()).toEqual(JOB_STATES.filter((state) => !(states as JobState[]).includes(state)));
    });

    it('removes many', async () => {
      await driver.push(
        QUEUE,
        numbered(250).map((id, index) => ({ id, body: 'hMail\n', delay: index % 2 })),
        false,
      );
      expect(await mender.clear(QUEUE, { states: ['delayed'] })).toBe(125);
      expect(await driver.counts(QUEUE)).toMatchObject({ ready: 125, delayed: 0 });
    });
  });

  describe('obliterate', () => {
    it('removes a queue', async () => {
      await failing(['a']);
      await mender.obliterate(QUEUE);
      expect(await driver.queues()).toEqual([]);
    });

    it('refuses while jobs run, and says how many', async () => {
      await driver.push(QUEUE, [{ id: 'a', body: 'hMail\n', delay: 0 }], false);
      await claim(consume(), 1);
      const error = { code: 'ERR_QUEUE_BUSY', queue: QUEUE, running: 1, message: expect.stringContaining('got 1.') };
      await expect(mender.obliterate(QUEUE)).rejects.toMatchObject(error);
      expect(await driver.queues()).toEqual([QUEUE]);
    });
  });

  describe('refuses, before it changes anything,', () => {
    it.each([
      ['an id', () => mender.retry(['a', 'a b']), 'ERR_INVALID_JOB_ID', 'a b'],
      ['an id to remove', () => mender.remove(7 as never), 'ERR_INVALID_JOB_ID', '7'],
      ['a queue', () => mender.retryAll('a b'), 'ERR_INVALID_QUEUE_NAME', 'a b'],
      ['a queue to remove', () => mender.obliterate('*'), 'ERR_INVALID_QUEUE_NAME', '*'],
      ['a queue to empty', () => mender.clear('*'), 'ERR_INVALID_QUEUE_NAME', '*'],
      ['a state', () => mender.clear(QUEUE, { states: ['processing'] }), 'ERR_INVALID_OPTION', 'clear.states'],
      ['no state', () => mender.clear(QUEUE, { states: [] }), 'ERR_INVALID_OPTION', 'clear.states'],
      ['a queue to flush', () => mender.flush(''), 'ERR_INVALID_QUEUE_NAME', '""'],
      ['options', () => mender.retryAll(QUEUE, 'all' as never), 'ERR_INVALID_OPTION', 'retryAll'],
      ['a limit', () => mender.retryAll(QUEUE, { limit: 0 }), 'ERR_INVALID_OPTION', 'retryAll.limit'],
      ['a time', () => mender.retryAll(QUEUE, { since: 'now' as never }), 'ERR_INVALID_OPTION', 'retryAll.since'],
      ['another queue', () => mender.retryAll(QUEUE, { to: 'c d' }), 'ERR_INVALID_QUEUE_NAME', 'c d'],
      ['no other queue', () => mender.retryAll(QUEUE, { to: null as never }), 'ERR_INVALID_QUEUE_NAME', 'null'],
      ['no time', () => mender.retryAll(QUEUE, { until: new Date(NaN) }), 'ERR_INVALID_OPTION', 'retryAll.until'],
      ['an unknown option', () => mender.retryAll(QUEUE, { tags: 'a' } as never), 'ERR_INVALID_OPTION', '"tag"'],
      ['an id to promote', () => mender.promote(''), 'ERR_INVALID_JOB_ID', '""'],
      ['a delay', () => mender.reschedule('a', -1), 'ERR_INVALID_DELAY', '-1'],
      ['an id for a priority', () => mender.setPriority('a b', 1), 'ERR_INVALID_JOB_ID', 'a b'],
      ['a priority', () => mender.setPriority('a', 1_001), 'ERR_INVALID_OPTION', 'a whole number from -1000 to 1000'],
      ['half a priority', () => mender.setPriority('a', 0.5), 'ERR_INVALID_OPTION', '0.5'],
      ['no priority', () => mender.setPriority('a', undefined as never), 'ERR_INVALID_OPTION', 'priority'],
      ['an id for data', () => mender.setData('a b', 1), 'ERR_INVALID_JOB_ID', 'a b'],
      ['an age', () => mender.flush(QUEUE, { olderThan: -1 }), 'ERR_INVALID_OPTION', 'flush.olderThan'],
    ])('%s that is wrong', async (_, call, code, named) => {
      await failing(['a']);
      await expect(call()).rejects.toMatchObject({ code, message: expect.stringContaining(named) });
      expect(await driver.counts(QUEUE)).toMatchObject({ ready: 0, failed: 1 });
    });
  });
});
