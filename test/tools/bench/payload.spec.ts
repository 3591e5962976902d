import { describe, expect, it } from '@jest/globals';
import { makePayload, makePayloads } from '../../bench/subject/payload.js';

describe('makePayload', () => {
  it.each([100, 200, 100_000])('takes exactly %d bytes as JSON', (bytes) => {
    expect(Buffer.byteLength(JSON.stringify(makePayload(bytes, 42)))).toBe(bytes);
  });

  it('refuses a size that its other properties exceed', () => {
    expect(() => makePayload(10, 1)).toThrow(RangeError);
  });
});

describe('makePayloads', () => {
  it('makes a different number for each job', () => {
    const numbers = makePayloads(200, 50).map(({ number }) => number);
    expect(new Set(numbers).size).toBe(50);
  });
});
