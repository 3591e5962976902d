import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { assertJobId, createJobId, hashQueue, queueHashOf } from '../../../lib/job/job-id.js';
import { InvalidJobIdError } from '../../../lib/queue.errors.js';

/** Halves of surrogate pairs too. */
const anyCodeUnit = fc.nat(0xffff).map((code) => String.fromCharCode(code));

describe('assertJobId', () => {
  it.each(['a', '0', '-', '_', 'order-42_B', 'x'.repeat(64), '__proto__'])('takes %s', (id) => {
    expect(() => assertJobId(id)).not.toThrow();
  });

  it.each([
    '',
    ' ',
    'a b',
    'a:b',
    'a.b',
    'a/b',
    'a\n',
    '\na',
    'a\0',
    '{a}',
    'ä',
    'x'.repeat(65),
    5,
    null,
    undefined,
    {},
    ['a'],
    { toString: () => 'a' },
  ])('refuses %j, and says what was given', (id) => {
    expect(() => assertJobId(id)).toThrow(InvalidJobIdError);
    expect(() => assertJobId(id)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_JOB_ID', given: id, message: expect.stringContaining('got ') }),
    );
  });

  it('takes nothing but what its message says', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCodeUnit, maxLength: 70 }), (id) => {
        const fits = id.length > 0 && id.length <= 64 && id.split('').every((letter) => /[A-Za-z0-9_-]/.test(letter));
        expect(isTaken(id)).toBe(fits);
      }),
    );
  });
});

function isTaken(id: string): boolean {
  try {
    assertJobId(id);
    return true;
  } catch {
    return false;
  }
}

describe('createJobId', () => {
  it('makes 20 letters and digits that are a job id', () => {
    const id = createJobId(Date.now(), 'mail');
    expect(id).toMatch(/^[0-9A-Za-z]{20}$/);
    expect(() => assertJobId(id)).not.toThrow();
  });

  it('makes ids that sort by the time they were made', () => {
    // Eight letters last until the year 8888.
    const times = fc.integer({ min: 0, max: 62 ** 8 - 1 });
    fc.assert(
      fc.property(times, times, (a, b) => {
        fc.pre(a < b);
        expect(createJobId(a, 'mail') < createJobId(b, 'images')).toBe(true);
      }),
    );
  });

  it('makes another one each time', () => {
    const ids = Array.from({ length: 20_000 }, () => createJobId(1_700_000_000_000, 'mail'));
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(ids.map((id) => id.slice(0, 10))).size).toBe(1);
  });

  it('uses every letter and digit about as often as any other', () => {
    const counts = new Map<string, number>();
    for (let i = 0; i < 10_000; i++) {
      for (const letter of createJobId(0, 'mail').slice(10)) counts.set(letter, (counts.get(letter) ?? 0) + 1);
    }
    const expected = 100_000 / 62;
    expect(counts.size).toBe(62);
    for (const count of counts.values()) expect(Math.abs(count - expected)).toBeLessThan(expected / 5);
  });
});

describe('queueHashOf', () => {
  it('finds the hash of its queue in an id that was made', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), (queue, time) => {
        expect(queueHashOf(createJobId(time, queue))).toBe(hashQueue(queue));
      }),
    );
  });

  it.each(['order-42', '', 'x'.repeat(19), 'x'.repeat(21), `${'x'.repeat(19)}-`])('finds none in %p', (id) => {
    expect(queueHashOf(id)).toBeUndefined();
  });
});

describe('hashQueue', () => {
  it('makes two letters or digits, the same ones each time', () => {
    expect(hashQueue('mail')).toMatch(/^[0-9A-Za-z]{2}$/);
    expect(hashQueue('mail')).toBe(hashQueue('mail'));
  });

  it('tells most queues apart', () => {
    const queues = Array.from({ length: 100 }, (_, i) => `queue-${i}`);
    expect(new Set(queues.map(hashQueue)).size).toBeGreaterThan(90);
  });

  it('makes the same hash in every version, because stored ids carry it', () => {
    expect(['default', 'mail', 'images'].map(hashQueue)).toEqual(['UA', '5q', 'xf']);
  });
});
