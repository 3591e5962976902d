import { describe, expect, it } from '@jest/globals';
import type { Verdict } from '../../../lib/job/job-context.js';
import { decideOutcome, type JobOutcome } from '../../../lib/job/job-outcome.js';
import { RetryTime } from '../../../lib/job/retry-time.js';
import {
  JobCancelledError,
  JobTimeoutError,
  LeaseLostError,
  UnrecoverableError,
  WorkerShutdownError,
} from '../../../lib/queue.errors.js';

const thrown = new Error('thrown');
const asked = new Error('asked for');
const timeout = new JobTimeoutError('a', 5);
const lost = new LeaseLostError('mail');
const shutdown = new WorkerShutdownError();
const hopeless = new UnrecoverableError('no such account');
const cancelled = new JobCancelledError('a');

const RELEASE: Verdict = { kind: 'release', delay: 30 };
const FAIL: Verdict = { kind: 'fail', error: asked };
const FIRST = { attempt: 1, maxTries: 3 };
const LAST = { attempt: 3, maxTries: 3 };
const BEYOND = { attempt: 4, maxTries: 3 };

const completed: JobOutcome = { kind: 'completed' };
const retrying: JobOutcome = { kind: 'retrying', error: thrown, delay: 60 };
const failed: JobOutcome = { kind: 'failed', error: thrown };
const released: JobOutcome = { kind: 'released', delay: 30 };
const failedAsAsked: JobOutcome = { kind: 'failed', error: asked };
const requeued: JobOutcome = { kind: 'requeued' };
const abandoned: JobOutcome = { kind: 'abandoned' };

interface Case {
  readonly error?: Error;
  readonly verdict?: Verdict;
  readonly aborted?: Error;
  readonly tries?: typeof FIRST;
  readonly outcome: JobOutcome;
}

const CASES: Readonly<Record<string, Case>> = {
  'ended well': { outcome: completed },
  'ended well in its last attempt': { tries: LAST, outcome: completed },
  'threw in its first attempt': { error: thrown, outcome: retrying },
  'threw in its last attempt': { error: thrown, tries: LAST, outcome: failed },
  'threw after more attempts than it gets': { error: thrown, tries: BEYOND, outcome: failed },

  'asked to be released': { verdict: RELEASE, outcome: released },
  'asked to be released, then threw': { error: thrown, verdict: RELEASE, outcome: released },
  'asked to be released, then threw in its last attempt': {
    error: thrown,
    verdict: RELEASE,
    tries: LAST,
    outcome: released,
  },
  'asked to fail': { verdict: FAIL, outcome: failedAsAsked },
  'asked to fail, then threw': { error: thrown, verdict: FAIL, outcome: failedAsAsked },

  'threw that it cannot be recovered': { error: hopeless, outcome: { kind: 'failed', error: hopeless } },
  'was told to stop, and threw that it cannot be recovered': {
    error: hopeless,
    aborted: shutdown,
    outcome: { kind: 'failed', error: hopeless },
  },
  'asked to be released, then threw that it cannot be recovered': {
    error: hopeless,
    verdict: RELEASE,
    outcome: { kind: 'failed', error: hopeless },
  },
  'was cancelled, and threw that it cannot be recovered': {
    error: hopeless,
    aborted: cancelled,
    outcome: { kind: 'cancelled', error: cancelled, hasRun: true },
  },

  'ran out of time': { error: timeout, aborted: timeout, outcome: { kind: 'retrying', error: timeout, delay: 60 } },
  'ran out of time in its last attempt': {
    error: timeout,
    aborted: timeout,
    tries: LAST,
    outcome: { kind: 'failed', error: timeout },
  },

  'was told to stop, and completed': { aborted: shutdown, outcome: completed },
  'was told to stop, and threw': { error: thrown, aborted: shutdown, outcome: requeued },
  'was told to stop, and threw the reason in its last attempt': {
    error: shutdown,
    aborted: shutdown,
    tries: LAST,
    outcome: requeued,
  },
  'was told to stop, and asked to be released': { aborted: shutdown, verdict: RELEASE, outcome: released },
  'was told to stop, and asked to fail': { aborted: shutdown, verdict: FAIL, outcome: failedAsAsked },

  'lost its lease, and completed': { aborted: lost, outcome: abandoned },
  'lost its lease, and threw': { error: thrown, aborted: lost, outcome: abandoned },
  'lost its lease, and asked to fail': { aborted: lost, verdict: FAIL, outcome: abandoned },
  'lost its lease, and asked to be released': { aborted: lost, verdict: RELEASE, outcome: abandoned },
};

describe('decideOutcome()', () => {
  it.each(Object.entries(CASES))(
    'decides the outcome of a job that %s',
    (_name, { error, verdict, aborted, tries = FIRST, outcome }) => {
      expect(decideOutcome({ error, verdict, aborted, ...tries, pause: () => 60 })).toEqual(outcome);
    },
  );

  it('lets a job fail in place of a release that it may not have', () => {
    const releaseError = (): Error => asked;
    expect(decideOutcome({ verdict: RELEASE, ...FIRST, pause: () => 60, releaseError })).toEqual(failedAsAsked);
    expect(decideOutcome({ error: thrown, ...FIRST, pause: () => 60, releaseError })).toEqual(retrying);
    const mayBe = (): undefined => undefined;
    expect(decideOutcome({ verdict: RELEASE, ...FIRST, pause: () => 60, releaseError: mayBe })).toEqual(released);
  });

  it.each<[string, number, number, JobOutcome]>([
    ['is over', -1, 0, failed],
    ['is over before the next attempt would begin', 59_999, 60, failed],
    ['ends when the next attempt begins', 60_000, 60, retrying],
    ['is over, and the last pause is not cut', 5_000, 60, failed],
  ])('ends a job whose time for further attempts %s', (_name, left, pause, outcome) => {
    const retryTime = new RetryTime(
      left,
      () => 0,
      () => 0,
    );
    expect(decideOutcome({ error: thrown, ...FIRST, pause: () => pause, retryTime })).toEqual(outcome);
    expect(decideOutcome({ ...FIRST, pause: () => pause, retryTime })).toEqual(completed);
    expect(decideOutcome({ error: thrown, ...LAST, pause: () => 0, retryTime })).toEqual(failed);
  });

  it('computes the pause only if there is a next attempt', () => {
    const pause = (): never => {
      throw new Error('nobody wants to know');
    };
    expect(decideOutcome({ error: thrown, ...LAST, pause })).toEqual(failed);
    expect(decideOutcome({ ...FIRST, pause })).toEqual(completed);
  });
});
