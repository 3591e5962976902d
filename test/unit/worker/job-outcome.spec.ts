import { describe, expect, it } from '@jest/globals';
import type { Verdict } from '../../../lib/job/job-control.js';
import { JobTimeoutError, LeaseLostError, WorkerShutdownError } from '../../../lib/queue.errors.js';
import { decideOutcome, toSettlement, type JobOutcome } from '../../../lib/worker/job-outcome.js';

const thrown = new Error('thrown');
const asked = new Error('asked for');
const timeout = new JobTimeoutError('a', 5);
const lost = new LeaseLostError('mail');
const shutdown = new WorkerShutdownError();

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

  it('calculates the pause only if another attempt follows', () => {
    const pause = (): never => {
      throw new Error('No other attempt follows');
    };
    expect(decideOutcome({ error: thrown, ...LAST, pause })).toEqual(failed);
    expect(decideOutcome({ ...FIRST, pause })).toEqual(completed);
  });
});

describe('toSettlement()', () => {
  const settlementOf = (outcome: JobOutcome): unknown => toSettlement('a', 7, outcome);

  it('returns the settlement of each outcome', () => {
    expect(settlementOf(completed)).toEqual({ kind: 'complete', id: 'a', fence: 7 });
    expect(settlementOf(retrying)).toEqual({ kind: 'retry', id: 'a', fence: 7, delay: 60, error: 'thrown' });
    expect(settlementOf(failed)).toEqual({ kind: 'fail', id: 'a', fence: 7, error: 'thrown' });
    expect(settlementOf(released)).toEqual({ kind: 'release', id: 'a', fence: 7, delay: 30, position: 'back' });
    expect(settlementOf(requeued)).toEqual({ kind: 'release', id: 'a', fence: 7, delay: 0, position: 'front' });
    expect(settlementOf({ kind: 'unknown', error: thrown, delay: 8 })).toEqual({
      kind: 'release',
      id: 'a',
      fence: 7,
      delay: 8,
      position: 'back',
      unknown: true,
    });
  });

  it('returns no settlement of an abandoned job', () => {
    expect(settlementOf(abandoned)).toBeUndefined();
  });

  it('cuts the message of a long error', () => {
    const settlement = toSettlement('a', 7, { kind: 'failed', error: new Error('x'.repeat(5_000)) });
    expect(settlement).toMatchObject({ error: `${'x'.repeat(999)}…` });
  });
});
