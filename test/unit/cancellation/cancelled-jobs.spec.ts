import { describe, expect, it } from '@jest/globals';
import { mayHaveRun } from '../../../lib/cancellation/cancelled-jobs.js';
import { JobCancelledError } from '../../../lib/queue.errors.js';
import { ExecutorScene } from '../worker/executor/scene.js';

describe('a job that was cancelled before it began', () => {
  /** Runs a job that is cancelled already. */
  async function run(claimed: { readonly crashes?: number; readonly attempt?: number; readonly body?: string }) {
    const calls: unknown[] = [];
    const scene = new ExecutorScene({
      prepare: () => void calls.push('prepared'),
      handle: () => void calls.push('handled'),
      failed: () => void calls.push('failed'),
      cancelled: (reason) => void calls.push(reason),
    });
    const error = new JobCancelledError('a', 'no use');
    const attempt = scene.begin(claimed);
    attempt.control.abort(error);
    return { outcome: await scene.execute(attempt), calls, error };
  }

  it.each([
    [{}, false],
    [{ attempt: 2 }, false],
    [{ crashes: 1 }, true],
    [{ crashes: 3 }, true],
  ])('is made for its cancelled(), and does not run (%o)', async (claimed, hasRun) => {
    const { outcome, calls, error } = await run(claimed);
    expect(outcome).toEqual({ kind: 'cancelled', error, hasRun });
    expect(calls).toEqual(['prepared', 'no use']);
  });

  it('is not touched any more if it has cost too many workers', async () => {
    const { outcome, calls, error } = await run({ crashes: 4 });
    expect(outcome).toEqual({ kind: 'cancelled', error, hasRun: true });
    expect(calls).toEqual([]);
  });

  it.each([
    ['ends here if it has not run', {}, 'cancelled'],
    ['waits for a worker that knows it if it may have run', { attempt: 2 }, 'unknown'],
  ])('%s, and its name is unknown', async (_, claimed, kind) => {
    const { outcome, calls } = await run({ ...claimed, body: 'hNobody\n{}' });
    expect(outcome).toMatchObject(kind === 'cancelled' ? { kind, hasRun: false } : { kind });
    expect(calls).toEqual([]);
  });

  it('may have run in an earlier attempt, or in a lost worker', () => {
    const job = { id: 'a', body: '', pushedAt: 0, fence: 1, unknownFor: 0 };
    const answers = [
      { attempt: 1, crashes: 0 },
      { attempt: 2, crashes: 0 },
      { attempt: 1, crashes: 1 },
    ];
    expect(answers.map((each) => mayHaveRun({ ...job, ...each }))).toEqual([false, true, true]);
  });
});

describe('JobCancelledError', () => {
  it('has a code, and tells the reason if there is one', () => {
    expect(new JobCancelledError('a', 'no use')).toMatchObject({
      code: 'ERR_JOB_CANCELLED',
      jobId: 'a',
      reason: 'no use',
      message: 'Job a was cancelled: no use',
    });
    expect(new JobCancelledError('a').message).toBe('Job a was cancelled');
  });
});
