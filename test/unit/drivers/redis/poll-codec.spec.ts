import { describe, expect, it } from '@jest/globals';
import { decodePoll, encodeSettlements } from '../../../../lib/drivers/redis/poll-codec.js';

const NOW = 1_767_225_600_000;
const RECORD = `${NOW - 5}body`;

/** A reply of the poll script, with what is given in place of nothing. */
function replyOf(parts: {
  ids?: string[];
  records?: (string | null)[];
  attemptsOfIds?: string[];
  nextDue?: number;
  code?: number;
}): unknown {
  const { ids = [], records = ids.map(() => RECORD), attemptsOfIds = [], nextDue = -1, code = 1 } = parts;
  const claims = ids.length > 0 ? JSON.stringify(ids) : '';
  return [code, nextDue, 0, 0, String(NOW), [], [], claims, records, attemptsOfIds, String(NOW)];
}

describe('settlements on their way to the server', () => {
  it('go in two groups: those that completed as one text', () => {
    const { completed, rest } = encodeSettlements([
      { kind: 'retry', id: 'a', fence: 1, error: 'no "luck"', delay: 1.0004 },
      { kind: 'complete', id: 'b', fence: 2 },
      { kind: 'release', id: 'c', fence: 3, delay: 0, position: 'front' },
      { kind: 'release', id: 'd', fence: 4, delay: 2, position: 'back', unknown: true },
      { kind: 'fail', id: 'e', fence: 5, error: '' },
      { kind: 'complete', id: 'f', fence: 6 },
    ]);
    expect(completed).toBe('[["b","f"],["2","6"]]');
    expect(rest).toEqual(
      [
        // A delay is rounded up: nothing runs before it is due.
        ['retry', 'a', 1, 1001, '"no \\"luck\\""'],
        ['front', 'c', 3, 0, ''],
        ['unknown', 'd', 4, 2000, ''],
        ['fail', 'e', 5, 0, '""'],
      ].flat(),
    );
  });
});

describe('settlements without one that completed', () => {
  it('say so with an empty text', () => {
    expect(encodeSettlements([])).toEqual({ completed: '', rest: [] });
    const { completed, rest } = encodeSettlements([{ kind: 'fail', id: 'a', fence: 1, error: '' }]);
    expect(completed).toBe('');
    expect(rest).toHaveLength(5);
  });
});

describe('a reply to a poll', () => {
  it('gives each job its fence, body and numbers', () => {
    const attemptsOfIds = ['', '2:1:0', `0:0:${NOW - 700}`];
    const { result } = decodePoll(replyOf({ ids: ['a', 'b', 'c'], attemptsOfIds }));
    expect(result.jobs).toMatchObject([
      { id: 'a', body: 'body', pushedAt: NOW - 5, fence: NOW, attempt: 1, crashes: 0, unknownFor: 0 },
      { id: 'b', body: 'body', pushedAt: NOW - 5, fence: NOW + 1, attempt: 3, crashes: 1, unknownFor: 0 },
      { id: 'c', body: 'body', pushedAt: NOW - 5, fence: NOW + 2, attempt: 1, crashes: 0, unknownFor: 700 },
    ]);
  });

  it('takes a job without a record for an dangling id, and leaves the others their fences', () => {
    const { result } = decodePoll(replyOf({ ids: ['a', 'b'], records: [null, RECORD] }));
    expect(result.danglingIds).toEqual(['a']);
    expect(result.jobs).toMatchObject([{ id: 'b', fence: NOW + 1 }]);
  });

  it.each([
    ['garbage', 'x'],
    ['parts of garbage', 'x:y:z'],
    ['too little', '1'],
  ])('bears a tally that is %s', (_, tally) => {
    const { result } = decodePoll(replyOf({ ids: ['a'], attemptsOfIds: [tally] }));
    const [job] = result.jobs;
    expect([job!.attempt, job!.crashes, job!.unknownFor].every(Number.isSafeInteger)).toBe(true);
    expect(job!.attempt).toBeGreaterThanOrEqual(1);
  });

  it('bears a record that is not of this library', () => {
    const { result } = decodePoll(replyOf({ ids: ['a', 'b'], records: ['', 'no time in front of this'] }));
    expect(result.jobs).toMatchObject([
      { id: 'a', body: '', pushedAt: 0 },
      { id: 'b', pushedAt: 0 },
    ]);
  });

  it('tells when the next job is due, if any', () => {
    expect(decodePoll(replyOf({ nextDue: -1 })).result.nextDue).toBeNull();
    expect(decodePoll(replyOf({ nextDue: 0 })).result.nextDue).toBe(0);
    expect(decodePoll(replyOf({ nextDue: 17 })).result.nextDue).toBe(17);
  });
});
