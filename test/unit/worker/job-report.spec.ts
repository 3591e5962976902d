import { describe, expect, it } from '@jest/globals';
import { toReport } from '../../../lib/worker/job-report.js';
import { claimedJob, newAttempt } from './attempts.js';

/** The clock was set back meanwhile: the time to show is not the time to measure with. */
const CLOCK = { now: () => 7_500, monotonic: () => 12_500, after: () => ({ cancel() {} }) };
const attempt = newAttempt({ job: claimedJob({ attempt: 2 }), startedAt: 10_000 });
const facts = { time: new Date(7_500), queue: 'mail', name: 'SendEmailJob', id: 'a', attempt: 2, duration: 2_500 };

describe('toReport()', () => {
  it('contains the facts of the attempt and its duration', () => {
    expect(toReport(attempt, { kind: 'completed' }, CLOCK)).toEqual({ ...facts, outcome: 'completed' });
  });

  it('contains the error and the delay of an outcome that has them', () => {
    const error = new Error('no luck');
    expect(toReport(attempt, { kind: 'failed', error }, CLOCK)).toEqual({
      ...facts,
      outcome: 'failed',
      error: 'no luck',
    });
    expect(toReport(attempt, { kind: 'retrying', error, delay: 60 }, CLOCK)).toEqual({
      ...facts,
      outcome: 'retrying',
      error: 'no luck',
      delay: 60,
    });
    expect(toReport(attempt, { kind: 'released', delay: 0 }, CLOCK)).toEqual({
      ...facts,
      outcome: 'released',
      delay: 0,
    });
  });

  it('cuts the message of a long error', () => {
    const { error } = toReport(attempt, { kind: 'failed', error: new Error('x'.repeat(5_000)) }, CLOCK);
    expect(error).toHaveLength(1_000);
  });
});
