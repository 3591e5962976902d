import { describe, expect, it } from '@jest/globals';
import type { ClaimedJob } from '../../../lib/drivers/queue-driver.interface.js';
import { AttemptPolicy } from '../../../lib/job/attempt-policy.js';
import { RetryTime } from '../../../lib/job/retry-time.js';
import { JobCrashedError } from '../../../lib/queue.errors.js';
import { DEFAULTS } from '../../../lib/queue.options.js';
import { lateRetries, lateRetryError } from '../../../lib/retries/late-retries.js';
import { FakeClock } from '../../support/fake-clock.js';
import { testJob } from '../../support/jobs.js';
import { claimedJob, newAttempt } from '../worker/attempts.js';

const over = new RetryTime(
  -1,
  () => 0,
  () => 0,
);
const atItsEnd = new RetryTime(
  0,
  () => 0,
  () => 0,
);

describe('lateRetryError()', () => {
  it.each<[string, Partial<ClaimedJob>, RetryTime | undefined]>([
    ['has no such time', { attempt: 5 }, undefined],
    ['comes at the end of its time', { attempt: 5 }, atItsEnd],
    ['was never tried, however late it comes', { attempt: 1 }, over],
    ['was never tried, and whose worker was lost', { attempt: 1, crashes: 1 }, over],
    ['was released in its first attempt', { attempt: 1, releases: 3 }, over],
  ])('lets a job go on that %s', (_, facts, time) => {
    expect(lateRetryError(claimedJob(facts), time)).toBeUndefined();
  });

  it('is told of a job whose next try comes too late', () => {
    const error = lateRetryError(claimedJob({ attempt: 3 }), over);
    expect(error).toMatchObject({ code: 'ERR_RETRIES_OVER', jobId: 'a', attempts: 2 });
  });
});

describe('the stage of late retries', () => {
  const policy = new AttemptPolicy(DEFAULTS.jobs);
  const options = { retryFor: 60 };
  const record = { id: 'a', form: 'handler', name: 'A', options, data: '' } as const;
  const registered = testJob('A', {});
  const claim = { now: 1_000, takenAt: 0 };

  it('gives an attempt its time, on the clock of the storage at the claim and the time since then', async () => {
    const clock = new FakeClock(0);
    const attempt = newAttempt({ job: claimedJob({ pushedAt: 500 }), record, registered, claim });
    expect(lateRetries(policy, clock)(attempt)).toBeUndefined();
    expect(attempt.retryTime?.left).toBe(59_500);
    await clock.advance(59);
    expect(attempt.retryTime?.left).toBe(500);
    expect(attempt.rejection).toBeUndefined();
  });

  it('rejects a late try, but lets the job be made; an earlier rejection stays', async () => {
    const clock = new FakeClock(0);
    await clock.advance(100);
    const job = claimedJob({ attempt: 2 });
    const attempt = newAttempt({ job, record, registered, claim });
    expect(lateRetries(policy, clock)(attempt)).toBeUndefined();
    expect(attempt.rejection).toMatchObject({ code: 'ERR_RETRIES_OVER' });
    const crashed = new JobCrashedError('a', 3);
    const other = newAttempt({ job, record, registered, claim, rejection: crashed });
    lateRetries(policy, clock)(other);
    expect(other.rejection).toBe(crashed);
  });
});
