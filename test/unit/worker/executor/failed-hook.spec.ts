import { describe, expect, it } from '@jest/globals';
import type { JobContext } from '../../../../lib/job/job-context.js';
import { LeaseLostError } from '../../../../lib/queue.errors.js';
import { deferred } from '../../../support/deferred.js';
import type { TestJob } from '../../../support/jobs.js';
import { thrower } from '../../../support/thrower.js';
import { ExecutorScene } from './scene.js';

const error = new Error('no luck');

describe('JobExecutor: failed()', () => {
  it('is called once, with the error, the data and the context of the attempt', async () => {
    const calls: unknown[][] = [];
    const contexts: JobContext[] = [];
    const scene = new ExecutorScene({
      handle: (_data, job) => (contexts.push(job), thrower(error)()),
      failed: (...args) => void calls.push(args),
    });
    await scene.run({ data: { to: 'ada' } });
    await scene.run({ data: { to: 'ada' }, attempt: 2 });
    expect(calls).toEqual([]);
    await scene.run({ data: { to: 'ada' }, attempt: 3 });
    expect(calls).toEqual([[error, { to: 'ada' }, contexts[2]]]);
  });

  it('gets an Error if the handler throws another value', async () => {
    const errors: Error[] = [];
    const scene = new ExecutorScene({ handle: thrower('a string'), failed: (thrown) => errors.push(thrown) });
    await scene.run({ attempt: 3 });
    expect(errors).toEqual([new Error('a string')]);
  });

  it('is awaited before the attempt ends', async () => {
    const end = deferred();
    const scene = new ExecutorScene({ handle: thrower(error), failed: () => end.promise });
    let over = false;
    const outcome = scene.run({ attempt: 3 }).finally(() => (over = true));
    await scene.clock.advance(60);
    expect(over).toBe(false);
    end.resolve();
    expect(await outcome).toEqual({ kind: 'failed', error });
  });

  it('ends with a logged error if it takes longer than the timeout of the job', async () => {
    const scene = new ExecutorScene({
      handle: thrower(error),
      failed: () => deferred().promise,
      options: { timeout: 30 },
    });
    let over = false;
    const outcome = scene.run({ attempt: 3 }).finally(() => (over = true));
    await scene.clock.advance(29);
    expect(over).toBe(false);
    await scene.clock.advance(1);
    expect(await outcome).toEqual({ kind: 'failed', error });
    expect(scene.logger.of('error')[1]).toContain('failed() of SendEmailJob a threw');
    expect(scene.clock.pending).toBe(0);
  });

  it.each([
    ['throws', thrower(new Error('also that'))],
    ['rejects', () => Promise.reject(new Error('also that'))],
  ])('changes no outcome if it %s, and the error is logged', async (_name, failed) => {
    const scene = new ExecutorScene({ handle: thrower(error), failed });
    expect(await scene.run({ attempt: 3 })).toEqual({ kind: 'failed', error });
    expect(scene.logger.of('error')).toEqual([
      expect.stringContaining('failed for good: no luck'),
      expect.stringContaining('failed() of SendEmailJob a threw: also that'),
    ]);
  });

  it('cannot change the outcome with release() or fail()', async () => {
    const failed = (_error: Error, _data: unknown, job: JobContext): void => job.release(5);
    const scene = new ExecutorScene({ handle: thrower(error), failed });
    expect(await scene.run({ attempt: 3 })).toEqual({ kind: 'failed', error });
  });

  it.each<[string, NonNullable<TestJob['handle']>]>([
    ['ended well', () => undefined],
    ['is put back', (_data, job) => job.release(1)],
    ['is not held any more', () => Promise.reject(error)],
  ])('is not called for a job that %s', async (name, handle) => {
    let calls = 0;
    const scene = new ExecutorScene({ handle, failed: () => calls++ });
    const attempt = scene.begin({ attempt: 3 });
    const outcome = scene.execute(attempt);
    if (name === 'is not held any more') attempt.control.abort(new LeaseLostError('mail'));
    await outcome;
    expect(calls).toBe(0);
  });
});
