import { hostname } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import type { JobOutcome } from '../../../lib/job/job-outcome.js';
import { toSettlement } from '../../../lib/worker/to-settlement.js';

const thrown = new Error('thrown');

describe('toSettlement', () => {
  const settlementOf = (outcome: JobOutcome): unknown => toSettlement('a', 7, outcome, { took: 12.4 });
  const details = {
    took: 12,
    worker: `${hostname()}:${process.pid}`,
    stack: expect.stringMatching(/^Error: thrown\n +at /),
  };

  it('translates every outcome into a settlement', () => {
    expect(settlementOf({ kind: 'completed' })).toEqual({ kind: 'complete', id: 'a', fence: 7 });
    expect(settlementOf({ kind: 'retrying', error: thrown, delay: 60 })).toEqual({
      kind: 'retry',
      id: 'a',
      fence: 7,
      delay: 60,
      error: 'thrown',
      details,
    });
    expect(settlementOf({ kind: 'failed', error: thrown })).toEqual({
      kind: 'fail',
      id: 'a',
      fence: 7,
      error: 'thrown',
      details,
    });
    expect(settlementOf({ kind: 'released', delay: 30 })).toEqual({
      kind: 'release',
      id: 'a',
      fence: 7,
      delay: 30,
      position: 'back',
    });
    expect(settlementOf({ kind: 'released', delay: 30, hold: 'queue' })).toMatchObject({ delay: 30, hold: 'queue' });
    expect(settlementOf({ kind: 'requeued' })).toEqual({
      kind: 'release',
      id: 'a',
      fence: 7,
      delay: 0,
      position: 'front',
    });
    expect(settlementOf({ kind: 'unknown', error: thrown, delay: 8 })).toEqual({
      kind: 'release',
      id: 'a',
      fence: 7,
      delay: 8,
      position: 'back',
      unknown: true,
    });
  });

  it('returns nothing for a job whose lease was lost', () => {
    expect(settlementOf({ kind: 'abandoned' })).toBeUndefined();
  });

  it('cuts the message of an error', () => {
    const settlement = toSettlement('a', 7, { kind: 'failed', error: new Error('x'.repeat(5_000)) });
    expect(settlement).toMatchObject({ error: `${'x'.repeat(999)}…` });
  });
});
