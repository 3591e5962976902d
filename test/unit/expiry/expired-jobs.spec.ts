import { describe, expect, it } from '@jest/globals';
import type { ClaimedJob } from '../../../lib/drivers/queue-driver.interface.js';
import { expiredJobs, isExpired } from '../../../lib/expiry/expired-jobs.js';
import { JobControl } from '../../../lib/job/job-context.js';
import type { RecordOptions } from '../../../lib/job/job-record.js';
import { JobCancelledError } from '../../../lib/queue.errors.js';
import { FakeClock } from '../../support/fake-clock.js';
import { claimedJob, newAttempt } from '../worker/attempts.js';

const PUSHED = 1_000_000;
const options = { expiresIn: 60 };

describe('isExpired()', () => {
  it.each<[string, Partial<ClaimedJob>, RecordOptions, number]>([
    ['of its push', {}, options, 60_000],
    ['when its delay was over', {}, { ...options, delay: 30 }, 90_000],
    ['for which it was rescheduled', { waitsSince: PUSHED + 500_000 }, { ...options, delay: 30 }, 560_000],
  ])('counts from the time %s', (_, facts, given, end) => {
    const job = claimedJob({ pushedAt: PUSHED, ...facts });
    expect(isExpired(job, given, PUSHED + end - 1)).toBe(false);
    expect(isExpired(job, given, PUSHED + end)).toBe(true);
    expect(isExpired(job, { ...given, expiresIn: undefined }, PUSHED + end)).toBe(false);
  });

  it.each<[string, Partial<ClaimedJob>]>([
    ['was tried', { attempt: 2 }],
    ['was released', { releases: 1 }],
    ['went back after its start', { releases: 0 }],
    ['may have started in a worker that was lost', { crashes: 1 }],
  ])('is never true of a job that %s', (_, facts) => {
    expect(isExpired(claimedJob({ pushedAt: PUSHED, ...facts }), options, PUSHED + 1e9)).toBe(false);
  });

  it('is true of a job whose name was unknown all the time', () => {
    expect(isExpired(claimedJob({ pushedAt: PUSHED, unknownFor: 60_000 }), options, PUSHED + 60_000)).toBe(true);
  });
});

describe('the stage of expired jobs', () => {
  const record = { id: 'a', form: 'handler', name: 'SendEmailJob', options, data: '' } as const;

  it('takes the time of the storage at the claim, and adds the time since then', async () => {
    const clock = new FakeClock(5_000);
    const stage = expiredJobs(clock);
    const claim = { now: PUSHED, takenAt: clock.monotonic() };
    const attempt = newAttempt({ job: claimedJob({ pushedAt: PUSHED }), record, claim });
    await clock.advance(59.999);
    // The time to show may be set at any moment.
    clock.set(3_600);
    expect(stage(attempt)).toBeUndefined();
    await clock.advance(0.001);
    expect(stage(attempt)).toEqual({ kind: 'expired' });
  });

  it('leaves a cancelled job alone: it ends with the reason of its cancellation', () => {
    const control = new JobControl(3);
    control.abort(new JobCancelledError('a'));
    const attempt = newAttempt({ record, control, claim: { now: 1e9, takenAt: 0 } });
    expect(expiredJobs(new FakeClock(0))(attempt)).toBeUndefined();
  });
});
