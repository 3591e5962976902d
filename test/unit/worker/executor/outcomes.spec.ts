import { describe, expect, it, jest } from '@jest/globals';
import type { JobContext } from '../../../../lib/job/job-context.js';
import { LeaseLostError, WorkerShutdownError } from '../../../../lib/queue.errors.js';
import { createQueueLogger } from '../../../../lib/support/queue-logger.js';
import { deferred } from '../../../support/deferred.js';
import { thrower } from '../../../support/thrower.js';
import { ExecutorScene } from './scene.js';

const error = new Error('no luck');
const asked = new Error('asked for');

describe('JobExecutor: an attempt', () => {
  it.each([
    ['returns', () => 1],
    ['returns nothing', () => undefined],
    ['resolves', () => Promise.resolve(1)],
    ['returns something with a then()', () => ({ then: (resolve: (value: number) => void) => resolve(1) })],
  ])('is completed if handle() %s', async (_name, handle) => {
    expect(await new ExecutorScene({ handle }).run()).toEqual({ kind: 'completed' });
  });

  it.each([
    ['throws', thrower(error)],
    ['rejects', () => Promise.reject(error)],
  ])('is retried if handle() %s', async (_name, handle) => {
    expect(await new ExecutorScene({ handle }).run()).toEqual({ kind: 'retrying', error, delay: 60 });
  });

  it('fails the job if it is the last attempt and throws', async () => {
    const scene = new ExecutorScene({ handle: thrower(error) });
    expect(await scene.run({ attempt: 2 })).toMatchObject({ kind: 'retrying', delay: 120 });
    expect(await scene.run({ attempt: 3 })).toEqual({ kind: 'failed', error });
  });

  it.each([
    ['a string', 'out of paper', 'out of paper'],
    ['an empty string', '', 'Error'],
    ['a number', 42, 'A value that is no Error was thrown (number)'],
    ['undefined', undefined, 'A value that is no Error was thrown (undefined)'],
    ['null', null, 'A value that is no Error was thrown (object)'],
    ['an object', { secret: 1 }, 'A value that is no Error was thrown (object)'],
    ['a symbol', Symbol('s'), 'A value that is no Error was thrown (symbol)'],
  ])('gets an Error if handle() throws %s', async (_name, thrown, message) => {
    const scene = new ExecutorScene({ handle: thrower(thrown) });
    const outcome = await scene.run();
    expect(outcome).toMatchObject({ kind: 'retrying', error: expect.any(Error) });
    expect(scene.logger.of('warn')).toEqual([expect.stringContaining(message)]);
  });

  it('fails the job if the handler calls release() once more than it may, and its failed() is called', async () => {
    const told: Error[] = [];
    const seen: number[] = [];
    const scene = new ExecutorScene({
      handle: (_, job) => (seen.push(job.releases), job.release('5m')),
      failed: (failure) => told.push(failure),
      options: { maxReleases: 2 },
    });
    expect(await scene.run()).toEqual({ kind: 'released', delay: 300 });
    expect(await scene.run({ releases: 1 })).toEqual({ kind: 'released', delay: 300 });
    const tooMany = expect.objectContaining({ code: 'ERR_TOO_MANY_RELEASES', jobId: 'a', releases: 2 });
    expect(await scene.run({ releases: 2 })).toEqual({ kind: 'failed', error: tooMany });
    expect(await scene.run({ releases: 2, options: { maxReleases: 3 } })).toMatchObject({ kind: 'released' });
    expect(told).toEqual([tooMany]);
    expect(seen).toEqual([0, 1, 2, 2]);
    expect(scene.logger.of('error')).toEqual([expect.stringContaining('may not be released again')]);
  });

  it.each([
    ['and returns', (_: unknown, job: JobContext) => job.release('5m'), { kind: 'released', delay: 300 }],
    [
      'and then throws',
      (_: unknown, job: JobContext) => {
        job.release();
        throw error;
      },
      { kind: 'released', delay: 0 },
    ],
  ])('is released if the handler calls release() %s', async (_name, handle, outcome) => {
    const scene = new ExecutorScene({ handle });
    expect(await scene.run()).toEqual(outcome);
    expect(await scene.run({ attempt: 3 })).toEqual(outcome);
  });

  it('fails the job if the handler calls fail(), and then returns or throws', async () => {
    const returns = (_: unknown, job: JobContext): void => job.fail(asked);
    const throws = (_: unknown, job: JobContext): never => {
      job.fail(asked);
      throw error;
    };
    expect(await new ExecutorScene({ handle: returns }).run()).toEqual({ kind: 'failed', error: asked });
    expect(await new ExecutorScene({ handle: throws }).run()).toEqual({ kind: 'failed', error: asked });
  });

  it('ends with the last request of the handler if it calls fail() and release()', async () => {
    const handle = (_: unknown, job: JobContext): void => {
      job.fail(asked);
      job.release(8);
    };
    expect(await new ExecutorScene({ handle }).run()).toEqual({ kind: 'released', delay: 8 });
  });

  it('is retried if the handler calls release() with an invalid delay', async () => {
    const handle = (_: unknown, job: JobContext): void => job.release(-1);
    expect(await new ExecutorScene({ handle }).run()).toMatchObject({
      kind: 'retrying',
      error: { code: 'ERR_INVALID_DELAY' },
    });
  });

  it('is abandoned without a log line or a failed() call if the lease was lost', async () => {
    const end = deferred();
    const scene = new ExecutorScene({ handle: () => end.promise, failed: thrower('it was called') });
    const attempt = scene.begin({ attempt: 3 });
    const outcome = scene.execute(attempt);
    attempt.control.abort(new LeaseLostError('mail'));
    end.reject(error);
    expect(await outcome).toEqual({ kind: 'abandoned' });
    expect(scene.logger.text).toBe('');
  });

  it('is requeued if the handler throws because the worker stops', async () => {
    const handle = (_: unknown, { signal }: JobContext): Promise<never> =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    const scene = new ExecutorScene({ handle });
    const attempt = scene.begin({ attempt: 3 });
    const outcome = scene.execute(attempt);
    attempt.control.abort(new WorkerShutdownError());
    expect(await outcome).toEqual({ kind: 'requeued' });
  });
});

describe('JobExecutor: execute()', () => {
  it('calls failed() with the error if its message cannot be read', async () => {
    const hostile = Object.defineProperty(new Error(), 'message', { get: thrower(new Error('unreadable')) });
    const failures: Error[] = [];
    const scene = new ExecutorScene({ handle: thrower(hostile), failed: (failure) => failures.push(failure) });
    expect((await scene.run()).kind).toBe('retrying');
    expect((await scene.run({ attempt: 3 })).kind).toBe('failed');
    expect(failures).toHaveLength(1);
    expect(failures[0]).toBe(hostile);
  });

  it('calls failed() if the logger of the application throws', async () => {
    const fail = thrower(new Error('disk full'));
    const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const logger = createQueueLogger({ log: fail, warn: fail, error: fail }, 'Queue');
    const failures: Error[] = [];
    const scene = new ExecutorScene(
      { handle: thrower(error), failed: (failure) => failures.push(failure) },
      { logger },
    );
    expect(await scene.run()).toEqual({ kind: 'retrying', error, delay: 60 });
    expect(await scene.run({ attempt: 3 })).toEqual({ kind: 'failed', error });
    expect(failures).toEqual([error]);
    write.mockRestore();
  });

  it('returns an outcome if it throws itself', async () => {
    const scene = new ExecutorScene({});
    const attempt = scene.begin();
    Object.defineProperty(attempt, 'registered', { get: thrower(error), set() {} });
    const message = 'How this attempt ended could not be told';
    expect(await scene.execute(attempt)).toMatchObject({ kind: 'retrying', error: { message } });
  });
});
