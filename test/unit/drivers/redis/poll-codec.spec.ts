import { describe, expect, it } from '@jest/globals';
import { SAMPLE_BASE } from '../../../../lib/drivers/queue-stats.interface.js';
import { encodeSettlements, readPoll, toResult, type PollReply } from '../../../../lib/drivers/redis/poll-codec.js';
import { pollScript } from '../../../../lib/drivers/redis/scripts/poll.script.js';

const NOW = 1_767_225_600_000;
const RECORD = `${NOW - 5}body`;

/** A reply of the poll script, with what is given in place of nothing. */
function replyOf(parts: {
  readonly ids?: string[];
  readonly records?: (string | null)[];
  readonly attemptTexts?: string[];
  readonly nextDue?: number;
  readonly takenOver?: string[];
}): PollReply {
  const { ids = [], records = ids.map(() => RECORD) } = parts;
  const claims = ids.length > 0 ? JSON.stringify(ids) : '';
  const values: Record<string, unknown> = {
    code: 1,
    first: NOW,
    now: NOW,
    nextDue: -1,
    ...parts,
    ids: claims,
    records,
  };
  return readPoll(Object.keys(pollScript.reply).map((name) => values[name]));
}

describe('the arguments of settlements', () => {
  it('contain completed jobs as one text and the other settlements in a second group', () => {
    const { completed, rest } = encodeSettlements([
      {
        kind: 'retry',
        id: 'a',
        fence: 1,
        error: 'no "luck"',
        delay: 1.0004,
        details: { took: 1.5, worker: 'host:1', stack: 'Error: no\n  at x' },
      },
      { kind: 'complete', id: 'b', fence: 2 },
      { kind: 'release', id: 'c', fence: 3, delay: 0, position: 'front' },
      { kind: 'release', id: 'd', fence: 4, delay: 2, position: 'back', unknown: true },
      { kind: 'release', id: 'i', fence: 9, delay: 0, position: 'front', hasStarted: true },
      { kind: 'release', id: 'j', fence: 10, delay: 0, position: 'back' },
      { kind: 'fail', id: 'e', fence: 5, error: '' },
      { kind: 'complete', id: 'f', fence: 6 },
      { kind: 'complete', id: 'g', fence: 7, keep: 60.2 },
      { kind: 'fail', id: 'h', fence: 8, error: 'x', keep: 0 },
    ]);
    expect(completed).toBe('[["b","f"],["2","6"]]');
    expect(rest).toEqual(
      [
        // A delay is rounded up: nothing runs before it is due.
        ['retry', 'a', 1, 1001, '"no \\"luck\\""', '2 host:1 "Error: no\\n  at x"'],
        ['front', 'c', 3, 0, '', ''],
        ['unknown', 'd', 4, 2000, '', ''],
        ['halted', 'i', 9, 0, '', ''],
        ['back', 'j', 10, 0, '', ''],
        // -1: as long as the queue keeps such jobs.
        ['fail', 'e', 5, -1, '""', ''],
        ['done', 'g', 7, 61, '', ''],
        ['fail', 'h', 8, 0, '"x"', ''],
      ].flat(),
    );
  });
});

describe('the arguments of settlements without a completed job', () => {
  it('contain an empty text for the completed jobs', () => {
    expect(encodeSettlements([])).toMatchObject({ completed: '', values: 0, rest: [] });
    const { completed, rest } = encodeSettlements([{ kind: 'fail', id: 'a', fence: 1, error: '' }]);
    expect(completed).toBe('');
    expect(rest).toHaveLength(6);
  });
});

describe('the arguments of samples', () => {
  it('contain the sum of each counter, and a code for each settlement', () => {
    const sample = 3 * SAMPLE_BASE + 1;
    const { stats } = encodeSettlements([
      { kind: 'retry', id: 'a', fence: 1, error: '', delay: 0, sample: 2 * SAMPLE_BASE },
      { kind: 'complete', id: 'b', fence: 2, sample },
      { kind: 'release', id: 'c', fence: 3, delay: 0, position: 'back', sample },
      { kind: 'complete', id: 'd', fence: 4 },
      { kind: 'complete', id: 'e', fence: 5, sample },
      { kind: 'fail', id: 'f', fence: 6, error: '', sample: 0 },
    ]);
    const { counted, ...codes } = stats;
    const parts = JSON.parse(counted) as string[];
    const sums = Object.fromEntries(parts.flatMap((part, i) => (i % 2 === 0 ? [[part, parts[i + 1]]] : [])));
    expect(sums).toEqual({ completed: '2', failed: '1', retried: '1', 'run:2': '1', 'run:3': '2', 'wait:1': '2' });
    expect(codes).toEqual({ completedCodes: '031-00031', otherCodes: '220-00100' });
  });

  it('contain one code for all settlements that are alike', () => {
    const sample = SAMPLE_BASE + 2;
    const alike = ['a', 'b', 'c'].map((id, fence) => ({ kind: 'complete' as const, id, fence, sample }));
    const { counted, ...codes } = encodeSettlements(alike).stats;
    expect(JSON.parse(counted)).toEqual(['completed', '3', 'run:1', '3', 'wait:2', '3']);
    expect(codes).toEqual({ completedCodes: '012', otherCodes: '012' });
    // The sums of one poll are not those of the next one.
    expect(encodeSettlements(alike).stats.counted).toBe(counted);
  });

  it('are empty if nothing is counted', () => {
    const { stats } = encodeSettlements([{ kind: 'complete', id: 'a', fence: 1 }]);
    expect(stats).toEqual({ counted: '', completedCodes: '', otherCodes: '' });
  });
});

describe('a reply to a poll', () => {
  it('is decoded to jobs with fence, body and numbers', () => {
    const attemptTexts = ['', '2:1:0', `0:0:${NOW - 700}`];
    const result = toResult(replyOf({ ids: ['a', 'b', 'c'], attemptTexts }));
    expect(result.jobs).toMatchObject([
      { id: 'a', body: 'body', pushedAt: NOW - 5, fence: NOW, attempt: 1, crashes: 0, unknownFor: 0 },
      { id: 'b', body: 'body', pushedAt: NOW - 5, fence: NOW + 1, attempt: 3, crashes: 1, unknownFor: 0 },
      { id: 'c', body: 'body', pushedAt: NOW - 5, fence: NOW + 2, attempt: 1, crashes: 0, unknownFor: 700 },
    ]);
  });

  it('is decoded to a dangling id for a job without a record, and the other jobs keep their fences', () => {
    const result = toResult(replyOf({ ids: ['a', 'b'], records: [null, RECORD] }));
    expect(result.danglingIds).toEqual(['a']);
    expect(result.jobs).toMatchObject([{ id: 'b', fence: NOW + 1 }]);
  });

  it.each([
    ['garbage', 'x'],
    ['parts of garbage', 'x:y:z'],
    ['too little', '1'],
  ])('is decoded to no attempts if the attempts of the job are %s', (_, attemptText) => {
    const result = toResult(replyOf({ ids: ['a'], attemptTexts: [attemptText] }));
    const [job] = result.jobs;
    expect([job!.attempt, job!.crashes, job!.unknownFor].every(Number.isSafeInteger)).toBe(true);
    expect(job!.attempt).toBeGreaterThanOrEqual(1);
  });

  it('is decoded to the time of the push of each job, after whatever record it was read', () => {
    const records = ['1700000000123hJob', '', '1700000000123hJob', '17', '1700000000124hJob', '1', '1700000000123'];
    const result = toResult(replyOf({ ids: records.map((_, i) => `job ${i}`), records }));
    expect(result.jobs.map(({ pushedAt }) => pushedAt)).toEqual([
      1_700_000_000_123, 0, 1_700_000_000_123, 17, 1_700_000_000_124, 1, 1_700_000_000_123,
    ]);
  });

  it('is decoded without an error if a record is not of this library', () => {
    const result = toResult(replyOf({ ids: ['a', 'b'], records: ['', 'no time in front of this'] }));
    expect(result.jobs).toMatchObject([
      { id: 'a', body: '', pushedAt: 0 },
      { id: 'b', pushedAt: 0 },
    ]);
  });

  it('is decoded to the due time of the next job, if a job is delayed', () => {
    expect(toResult(replyOf({ nextDue: -1 })).nextDue).toBeNull();
    expect(toResult(replyOf({ nextDue: 0 })).nextDue).toBe(0);
    expect(toResult(replyOf({ nextDue: 17 })).nextDue).toBe(17);
  });

  it('is decoded to each recovered job with its lost consumer', () => {
    expect(toResult(replyOf({ takenOver: ['gone', 'a', 'b'] })).takenOver).toEqual([
      { id: 'a', consumer: 'gone' },
      { id: 'b', consumer: 'gone' },
    ]);
    expect(toResult(replyOf({})).takenOver).toEqual([]);
  });
});

describe('a reply that is a refusal', () => {
  it('is decoded to the last known number only', () => {
    const reply = readPoll([2, 7]);
    expect(reply).toMatchObject({ code: 2, last: 7, refused: [], records: [], more: false });
  });
});
