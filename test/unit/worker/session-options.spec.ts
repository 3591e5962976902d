import { describe, expect, it } from '@jest/globals';
import { resolveOptions } from '../../../lib/options/options.resolver.js';
import {
  checkRunOptions,
  readJobOptions,
  readSessionOptions,
  readSessions,
  readStopTimeout,
  type WorkerRunOptions,
} from '../../../lib/worker/session-options.js';

const { worker } = resolveOptions({ driver: 'array', worker: { concurrency: 7, prefetch: 5, lease: 20 } }, {});
const ordered = { ...worker, queues: ['high', 'low'] };
const allQueues = (): string[] => ['default', 'mail'];

const read = (options: WorkerRunOptions, { of = worker, once = false } = {}) =>
  readSessionOptions(options, of, allQueues, once);

describe('readSessions()', () => {
  const pools = { emails: 10, images: { concurrency: 2 } };

  it('returns one session for queues that share their slots, and one for each pool', () => {
    expect(readSessions({}, worker, allQueues, false)).toEqual([read({})]);
    const expected = [
      { queues: ['emails'], concurrency: 10, isPool: true, lease: 20, prefetch: 5 },
      { queues: ['images'], concurrency: 2, isPool: true },
    ];
    expect(readSessions({ queues: pools }, worker, allQueues, false)).toMatchObject(expected);
    const ofModule = resolveOptions({ driver: 'array', worker: { queues: pools, lease: 20, prefetch: 5 } }, {}).worker;
    expect(ofModule).toMatchObject({ queues: ['emails', 'images'], pools: { emails: 10, images: 2 } });
    expect(readSessions({}, ofModule, allQueues, false)).toMatchObject(expected);
    expect(readSessions({ queues: ['a'] }, ofModule, allQueues, false)).toMatchObject([
      { queues: ['a'], strict: true },
    ]);
    expect(readSessions({ maxJobs: 12 }, ofModule, allQueues, true).map(({ maxJobs }) => maxJobs)).toEqual([10, 2]);
  });

  it.each<[WorkerRunOptions, string]>([
    [{ queues: {} }, 'Option "queues": expected at least one queue'],
    [{ queues: { 'a b': 1 } }, 'Option "queues": expected a queue name'],
    [{ queues: { a: 0 } }, 'Option "queues.a": expected a whole number from 1 to 10000, got 0'],
    [{ queues: { a: { concurrency: '5' as never } } }, 'Option "queues.a.concurrency": expected a whole number'],
    [{ queues: { a: { concurency: 5 } as never } }, 'did you mean "concurrency"?'],
    [{ queues: { a: 1 }, concurrency: 5 }, 'Option "concurrency": expected none beside pools: each queue has its own'],
    [{ queues: { a: 1 }, maxJobs: 5 }, 'Option "maxJobs": expected none beside pools'],
  ])('refuses %j', (options, message) => {
    expect(() => readSessions(options, worker, allQueues, false)).toThrow(message);
  });

  it('refuses a common number of slots beside the pools of the module', () => {
    const resolve = () => resolveOptions({ driver: 'array', worker: { queues: { a: 1 }, concurrency: 5 } }, {});
    expect(resolve).toThrow('Option "worker.concurrency": expected none beside pools');
  });
});

describe('readSessionOptions()', () => {
  it('returns the options of the module for a run without options', () => {
    expect(read({})).toEqual({
      queues: ['default', 'mail'],
      strict: false,
      concurrency: 7,
      prefetch: 5,
      lease: 20,
      stopWhenEmpty: false,
      once: false,
    });
  });

  it('returns the options of the run in place of those of the module', () => {
    const options = { stopWhenEmpty: true, maxJobs: 3, maxTime: '5m' as const, maxMemory: 1_000, concurrency: 2 };
    expect(read(options)).toMatchObject({ ...options, maxTime: 300 });
  });

  it.each([
    ['the module', {}, ordered, ['high', 'low']],
    ['the run', { queues: ['low', 'other'] }, ordered, ['low', 'other']],
  ])('works the queues of %s in strict order', (_, options, of, queues) => {
    expect(read(options, { of })).toMatchObject({ queues, strict: true });
  });

  it('asks for the queues of the job classes only if no list is given', () => {
    const refuse = (): never => {
      throw new Error('There is a list');
    };
    expect(readSessionOptions({}, ordered, refuse, false).queues).toEqual(['high', 'low']);
  });

  it('prefetches nothing if each queue is asked only once', () => {
    expect(read({}, { once: true })).toMatchObject({ once: true, prefetch: 0 });
  });

  it.each([
    [{ maxJobs: 0 }, 'maxJobs'],
    [{ maxJobs: 1.5 }, 'maxJobs'],
    [{ maxTime: 'soon' as never }, 'maxTime'],
    [{ maxMemory: Number.NaN }, 'maxMemory'],
    [{ concurrency: 0 }, 'concurrency'],
    [{ queues: [] }, 'queues'],
    [{ queues: 'emails' as never }, 'queues'],
    [{ queues: ['a', 'a'] }, 'queues'],
  ])('refuses %j', (options, option) => {
    expect(() => read(options)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION', option }));
  });

  it('refuses an invalid queue name', () => {
    expect(() => read({ queues: ['a:b'] })).toThrow(expect.objectContaining({ code: 'ERR_INVALID_QUEUE_NAME' }));
  });
});

describe('readStopTimeout()', () => {
  it('returns milliseconds', () => {
    expect(readStopTimeout({ timeout: '2m' }, 25)).toBe(120_000);
    expect(readStopTimeout({}, 25)).toBe(25_000);
  });

  it.each([
    [{ timeout: 'never' }, 'timeout'],
    [{ timout: 1 }, 'timout'],
  ])('refuses %j', (options, option) => {
    expect(() => readStopTimeout(options as never, 25)).toThrow(expect.objectContaining({ option }));
  });
});

describe('checkRunOptions()', () => {
  it.each([
    [{ stopWhenEmtpy: true }, 'stopWhenEmtpy'],
    [{ queue: 'mail' }, 'queue'],
    [{ stopWhenEmpty: 'yes' }, 'stopWhenEmpty'],
    ['mail', 'options'],
  ])('refuses %j', (options, option) => {
    expect(() => checkRunOptions(options as never)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_OPTION', option }),
    );
  });

  it('takes every option of a run', () => {
    const options = { stopWhenEmpty: true, maxJobs: 1, maxTime: 1, maxMemory: 1, queues: ['a'], concurrency: 1 };
    expect(() => checkRunOptions({ ...options, maxTries: 1, timeout: 1 })).not.toThrow();
  });
});

describe('readJobOptions()', () => {
  it('returns maxTries and timeout of the run, and nothing for a run without them', () => {
    expect(readJobOptions({ maxTries: 9, timeout: '1m' })).toEqual({ maxTries: 9, timeout: 60 });
    expect(readJobOptions({})).toEqual({});
  });

  it.each([
    [{ maxTries: 0 }, 'maxTries'],
    [{ timeout: Infinity }, 'timeout'],
  ])('refuses %j', (options, option) => {
    expect(() => readJobOptions(options)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION', option }));
  });
});
