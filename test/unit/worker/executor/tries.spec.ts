import { describe, expect, it } from '@jest/globals';
import { InvalidOptionError, UnrecoverableError } from '../../../../lib/queue.errors.js';
import type { TestJob } from '../../../support/jobs.js';
import { thrower } from '../../../support/thrower.js';
import { ExecutorScene, type ClaimWishes } from './scene.js';

const error = new Error('no luck');
const handle = thrower(error);

describe('JobExecutor: the number of tries', () => {
  it.each<[string, ClaimWishes, TestJob, number]>([
    ['the push says', { options: { maxTries: 2 } }, { options: { maxTries: 4 }, maxTries: () => 5 }, 2],
    ['the job itself says', {}, { options: { maxTries: 4 }, maxTries: () => 5 }, 5],
    ['the class says', {}, { options: { maxTries: 4 } }, 4],
    ['the class says, where the job itself does not', {}, { options: { maxTries: 4 }, maxTries: () => undefined }, 4],
    ['the defaults say', {}, {}, 6],
  ])('is the number that %s', async (_name, claimed, job, tries) => {
    const seen: number[] = [];
    const scene = new ExecutorScene(
      { ...job, handle: (_data, { maxTries }) => (seen.push(maxTries), handle()) },
      { defaults: { maxTries: 6 } },
    );
    expect(await scene.run({ ...claimed, attempt: tries - 1 })).toMatchObject({ kind: 'retrying' });
    expect(await scene.run({ ...claimed, attempt: tries })).toEqual({ kind: 'failed', error });
    expect(seen).toEqual([tries, tries]);
  });

  it.each([
    ['throws', thrower(new Error('who knows'))],
    ['gives nonsense', thrower(new InvalidOptionError('getMaxTries()', 'a whole number', Number.NaN))],
  ])('is that of the class if getMaxTries() %s, and the attempt fails', async (_name, maxTries) => {
    const errors: Error[] = [];
    let handled = 0;
    const scene = new ExecutorScene({
      handle: () => handled++,
      failed: (failure) => errors.push(failure),
      maxTries,
      retryDelay: () => 7,
      options: { maxTries: 2 },
    });
    expect(await scene.run()).toMatchObject({ kind: 'retrying', delay: 7 });
    expect(await scene.run({ attempt: 2 })).toMatchObject({ kind: 'failed' });
    expect(errors).toHaveLength(1);
    expect(handled).toBe(0);
  });

  it('does not matter if the job throws an UnrecoverableError: it fails at once, and failed() is called', async () => {
    const hopeless = new UnrecoverableError('no such account', { cause: error });
    const told: Error[] = [];
    const deep = async () => Promise.reject(hopeless);
    const scene = new ExecutorScene({ handle: () => deep(), failed: (failure) => told.push(failure) });
    expect(await scene.run()).toEqual({ kind: 'failed', error: hopeless });
    expect(told).toEqual([hopeless]);
  });

  it('is that of the class if the job cannot be created, and the attempt fails', async () => {
    const scene = new ExecutorScene({ prepare: thrower(error), retryDelay: () => 7, options: { maxTries: 2 } });
    expect(await scene.run()).toEqual({ kind: 'retrying', error, delay: 60 });
    expect(await scene.run({ attempt: 2 })).toEqual({ kind: 'failed', error });
  });

  it('is read after the job is created, even if the creation is asynchronous', async () => {
    const scene = new ExecutorScene({ prepare: async () => {}, handle, maxTries: () => 1 });
    expect(await scene.run()).toEqual({ kind: 'failed', error });
  });
});

describe('JobExecutor: the pause before the next try', () => {
  it.each<[string, ClaimWishes, TestJob, number]>([
    ['the push says', { options: { retryDelay: 2 } }, { options: { retryDelay: 4 }, retryDelay: () => 5 }, 2],
    ['the push says, even nothing', { options: { retryDelay: 0 } }, { retryDelay: () => 5 }, 0],
    ['the job itself says', {}, { options: { retryDelay: 4 }, retryDelay: () => 5 }, 5],
    ['the class says', {}, { options: { retryDelay: 4 } }, 4],
    [
      'the class says, where the job itself does not',
      {},
      { options: { retryDelay: 4 }, retryDelay: () => undefined },
      4,
    ],
    ['the defaults say', {}, {}, 6],
  ])('is the pause that %s', async (_name, claimed, job, delay) => {
    const scene = new ExecutorScene({ ...job, handle }, { defaults: { retryDelay: 6 } });
    expect(await scene.run(claimed)).toEqual({ kind: 'retrying', error, delay });
    expect(await scene.run({ ...claimed, attempt: 2 })).toEqual({ kind: 'retrying', error, delay: delay * 2 });
  });

  it('is that of the class if getRetryDelay() throws, and the error is logged', async () => {
    const retryDelay = thrower(new InvalidOptionError('getRetryDelay()', 'seconds', -1));
    const scene = new ExecutorScene({ handle, retryDelay, options: { retryDelay: 4 } });
    expect(await scene.run()).toEqual({ kind: 'retrying', error, delay: 4 });
    expect(scene.logger.of('error')).toEqual([expect.stringContaining('getRetryDelay()')]);
  });

  it('is limited by maxRetryDelay and spread by retryJitter', async () => {
    const scene = new ExecutorScene({ handle }, { defaults: { maxRetryDelay: 100, retryJitter: 0.5, maxTries: 99 } });
    const delays: number[] = [];
    for (let i = 0; i < 50; i++) {
      const outcome = await scene.run({ attempt: 9 });
      delays.push('delay' in outcome ? outcome.delay : Number.NaN);
    }
    expect(Math.max(...delays)).toBeLessThanOrEqual(100);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(50);
    expect(new Set(delays).size).toBeGreaterThan(10);
  });

  it('is that of a backoff function, which gets the attempt and its error, without a limit or a spread', async () => {
    const asked: [number, Error][] = [];
    const backoff = (attempt: number, cause: Error) => (asked.push([attempt, cause]), `${attempt}h` as const);
    const defaults = { maxRetryDelay: 1, retryJitter: 1 };
    const scene = new ExecutorScene(
      { handle, options: { backoff, maxTries: 9 }, retryDelay: thrower(new Error('asked')) },
      { defaults },
    );
    expect(await scene.run({ attempt: 2 })).toEqual({ kind: 'retrying', error, delay: 7_200 });
    expect(asked).toEqual([[2, error]]);
    expect(scene.logger.of('error')).toEqual([]);
  });

  it.each<[string, () => unknown]>([
    ['throws', thrower(new Error('who knows'))],
    ['returns nonsense', () => 'soon'],
    ['returns a promise', async () => 5],
  ])('is that of exponential backoff if the backoff function %s, and the error is logged', async (_name, backoff) => {
    const scene = new ExecutorScene({ handle, options: { backoff: backoff as () => number, retryDelay: 4 } });
    expect(await scene.run({ attempt: 2 })).toEqual({ kind: 'retrying', error, delay: 8 });
    expect(scene.logger.of('error')).toEqual([expect.stringContaining('backoff()')]);
  });

  it('does not ask the job if there is a list', async () => {
    const scene = new ExecutorScene({ handle, options: { backoff: [9] }, retryDelay: thrower(new Error('asked')) });
    expect(await scene.run()).toEqual({ kind: 'retrying', error, delay: 9 });
    expect(scene.logger.of('error')).toEqual([]);
  });
});
