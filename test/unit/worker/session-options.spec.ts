import { describe, expect, it } from '@jest/globals';
import { resolveOptions } from '../../../lib/options/options.resolver.js';
import {
  readJobOptions,
  readSeconds,
  readSessionOptions,
  type WorkerRunOptions,
} from '../../../lib/worker/session-options.js';

const { worker } = resolveOptions({ driver: 'array', worker: { concurrency: 7, prefetch: 5, lease: 20 } }, {});
const ordered = { ...worker, queues: ['high', 'low'] };
const allQueues = (): string[] => ['default', 'mail'];

const read = (options: WorkerRunOptions, { of = worker, once = false } = {}) =>
  readSessionOptions(options, of, allQueues, once);

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
    [{ queues: ['a', 'a'] }, 'queues'],
  ])('refuses %j', (options, option) => {
    expect(() => read(options)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION', option }));
  });

  it('refuses an invalid queue name', () => {
    expect(() => read({ queues: ['a:b'] })).toThrow(expect.objectContaining({ code: 'ERR_INVALID_QUEUE_NAME' }));
  });
});

describe('readSeconds()', () => {
  it('returns a duration in seconds', () => {
    expect(readSeconds('timeout', '2m')).toBe(120);
  });

  it('refuses a value that is no duration, by the name of its option', () => {
    expect(() => readSeconds('timeout', 'never' as never)).toThrow(expect.objectContaining({ option: 'timeout' }));
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
