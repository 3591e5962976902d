import { describe, expect, it } from '@jest/globals';
import type { JobContext } from '../../../../lib/job/job-context.js';
import { JobTimeoutError } from '../../../../lib/queue.errors.js';
import { deferred } from '../../../support/deferred.js';
import type { TestJob } from '../../../support/jobs.js';
import { thrower } from '../../../support/thrower.js';
import { ExecutorScene, type ClaimWishes } from './scene.js';

/** A handler that never ends, and the signal it was given. */
function hanging(): { handle: NonNullable<TestJob['handle']>; signal: () => AbortSignal } {
  let signal: AbortSignal | undefined;
  return {
    handle: (_data, job: JobContext) => {
      ({ signal } = job);
      return deferred().promise;
    },
    signal: () => signal!,
  };
}

describe('JobExecutor: the timeout of an attempt', () => {
  it('ends the attempt, aborts the signal, and counts the attempt', async () => {
    const { handle, signal } = hanging();
    const scene = new ExecutorScene({ handle, options: { timeout: 5 } });
    const outcome = scene.run();
    await scene.clock.advance(4.999);
    expect(signal().aborted).toBe(false);
    await scene.clock.advance(0.001);
    expect(await outcome).toMatchObject({ kind: 'retrying', error: expect.any(JobTimeoutError), delay: 60 });
    expect(signal().reason).toMatchObject({ code: 'ERR_JOB_TIMEOUT', jobId: 'a', seconds: 5 });
    expect(scene.clock.pending).toBe(0);
  });

  it('fails the job in its last attempt', async () => {
    const errors: Error[] = [];
    const scene = new ExecutorScene({ ...hanging(), failed: (error) => errors.push(error), options: { timeout: 5 } });
    const outcome = scene.run({ attempt: 3 });
    await scene.clock.advance(5);
    expect(await outcome).toMatchObject({ kind: 'failed', error: { code: 'ERR_JOB_TIMEOUT' } });
    expect(errors).toEqual([expect.any(JobTimeoutError)]);
  });

  it.each([
    ['completes', () => undefined],
    ['throws', thrower(new Error('late'))],
  ])('leaves no timer if the handler %s in time', async (_name, handle) => {
    const scene = new ExecutorScene({ handle, options: { timeout: 5 } });
    await scene.run();
    await scene.clock.advance(0);
    expect(scene.clock.pending).toBe(0);
  });

  it('ignores the result of the handler after the timeout', async () => {
    const ends = [deferred(), deferred()];
    let calls = 0;
    const scene = new ExecutorScene({ handle: () => ends[calls++]!.promise, options: { timeout: 1 } });
    const outcomes = [scene.run(), scene.run()];
    await scene.clock.advance(1);
    ends[0]!.resolve();
    ends[1]!.reject(new Error('nobody may hear of it'));
    expect(await Promise.all(outcomes)).toMatchObject([{ kind: 'retrying' }, { kind: 'retrying' }]);
    expect(scene.logger.text).not.toContain('nobody may hear of it');
  });

  it('leaves no timer after it is cancelled', async () => {
    const scene = new ExecutorScene({ ...hanging(), options: { timeout: 3600 } });
    const attempt = scene.begin();
    void scene.execute(attempt);
    await scene.clock.advance(0);
    expect(scene.clock.pending).toBe(1);
    attempt.timeout?.cancel();
    expect(scene.clock.pending).toBe(0);
  });

  it.each<[string, ClaimWishes, TestJob['options'], number, number | undefined]>([
    ['the push if push, class and defaults have one', { options: { timeout: 1 } }, { timeout: 2 }, 3, 1],
    ['the class if class and defaults have one', {}, { timeout: 2 }, 3, 2],
    ['the defaults if push and class have none', {}, {}, 3, 3],
    ['the push if the push sets 0, which means no timeout', { options: { timeout: 0 } }, { timeout: 2 }, 3, undefined],
    ['the class if the class sets 0, which means no timeout', {}, { timeout: 0 }, 3, undefined],
    ['the defaults if they set 0, which means no timeout', {}, {}, 0, undefined],
  ])('comes from %s', async (_name, claimed, options, timeout, seconds) => {
    const { handle, signal } = hanging();
    const scene = new ExecutorScene({ handle, options }, { defaults: { timeout } });
    void scene.run(claimed);
    await scene.clock.advance(100);
    expect((signal().reason as JobTimeoutError | undefined)?.seconds).toBe(seconds);
  });
});
