import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { assertJobId, createJobId, hashQueue, isGeneratedId, queueHashOf } from '../../../lib/job/job-id.js';
import { InvalidJobIdError } from '../../../lib/queue.errors.js';

/** Halves of surrogate pairs too. */
const anyCodeUnit = fc.nat(0xffff).map((code) => String.fromCharCode(code));

describe('assertJobId', () => {
  it.each([
    'a',
    '0',
    '-',
    '_',
    'order-42_B',
    'x'.repeat(256),
    '😀'.repeat(128),
    '__proto__',
    'a:b/c.d^e=f@g+h,i~j',
    'ä',
  ])('accepts %s', (id) => {
    expect(() => assertJobId(id)).not.toThrow();
  });

  it.each([
    '',
    ' ',
    'a b',
    '~a',
    'a\n',
    '\na',
    'a\0',
    'a\u0085',
    'a\u2028',
    'a\u00a0b',
    '{a}',
    'a}',
    '\ud800',
    'a\udc00',
    'x'.repeat(257),
    '😀'.repeat(129),
    5,
    null,
    undefined,
    {},
    ['a'],
    { toString: () => 'a' },
  ])('rejects %j, and names the given value in the error', (id) => {
    expect(() => assertJobId(id)).toThrow(InvalidJobIdError);
    expect(() => assertJobId(id)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_JOB_ID', given: id, message: expect.stringContaining('got ') }),
    );
  });

  it('accepts only the characters and lengths that its message names', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCodeUnit, maxLength: 270 }), (id) => {
        const isClean = !id.startsWith('~') && Buffer.from(id).toString() === id && !/[\s\p{Cc}{}]/u.test(id);
        expect(isTaken(id)).toBe(id.length > 0 && id.length <= 256 && isClean);
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
  it('makes a valid job id of 20 letters and digits', () => {
    const id = createJobId(Date.now(), 'mail');
    expect(id).toMatch(/^[0-9A-Za-z]{20}$/);
    expect(() => assertJobId(id)).not.toThrow();
  });

  it('makes ids that sort by the time of their creation', () => {
    // Eight letters last until the year 8888.
    const times = fc.integer({ min: 0, max: 62 ** 8 - 1 });
    fc.assert(
      fc.property(times, times, (a, b) => {
        fc.pre(a < b);
        expect(createJobId(a, 'mail') < createJobId(b, 'images')).toBe(true);
      }),
    );
  });

  it('makes a different id at each call', () => {
    const ids = Array.from({ length: 20_000 }, () => createJobId(1_700_000_000_000, 'mail'));
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(ids.map((id) => id.slice(0, 10))).size).toBe(1);
  });

  it('uses each letter and digit about equally often', () => {
    const counts = new Map<string, number>();
    for (let i = 0; i < 10_000; i++) {
      for (const letter of createJobId(0, 'mail').slice(10)) counts.set(letter, (counts.get(letter) ?? 0) + 1);
    }
    const expected = 100_000 / 62;
    expect(counts.size).toBe(62);
    for (const count of counts.values()) expect(Math.abs(count - expected)).toBeLessThan(expected / 5);
  });
});

describe('isGeneratedId', () => {
  const now = Date.UTC(2030, 5);

  it('is true for ids that the library made, on a machine whose clock is up to a day ahead as well', () => {
    for (const time of [Date.UTC(2026, 0), now, now + 86_000_000]) {
      expect(isGeneratedId(createJobId(time, 'mail'), now)).toBe(true);
    }
  });

  it.each(['order-42', 'order000000000000042', '00000000000000000042', '9m4e2mr0ui3e8a215n4g', 'x'.repeat(20)])(
    'is false for %s',
    (id) => expect(isGeneratedId(id, now)).toBe(false),
  );
});

describe('queueHashOf', () => {
  it('returns the hash of the queue for a generated id', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), (queue, time) => {
        expect(queueHashOf(createJobId(time, queue))).toBe(hashQueue(queue));
      }),
    );
  });

  it.each(['order-42', '', 'x'.repeat(19), 'x'.repeat(21), `${'x'.repeat(19)}-`])(
    'returns no hash for the id %p, which was not generated',
    (id) => {
      expect(queueHashOf(id)).toBeUndefined();
    },
  );
});

describe('hashQueue', () => {
  it('returns the same two letters or digits at each call', () => {
    expect(hashQueue('mail')).toMatch(/^[0-9A-Za-z]{2}$/);
    expect(hashQueue('mail')).toBe(hashQueue('mail'));
  });

  it('returns different hashes for most queues', () => {
    const queues = Array.from({ length: 100 }, (_, i) => `queue-${i}`);
    expect(new Set(queues.map(hashQueue)).size).toBeGreaterThan(90);
  });

  it('returns the same hash in every version, because stored ids contain it', () => {
    expect(['default', 'mail', 'images'].map(hashQueue)).toEqual(['UA', '5q', 'xf']);
  });
});
