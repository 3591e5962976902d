import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { pauseOf, retryPause, spreadPause } from '../../../lib/job/retry-policy.js';

const EVEN = { maxRetryDelay: 3600, retryJitter: 0 };

describe('retryPause()', () => {
  it('doubles the pause with each attempt', () => {
    const pauses = [1, 2, 3, 4, 5].map((attempt) => retryPause(attempt, 60, EVEN, 0.5));
    expect(pauses).toEqual([60, 120, 240, 480, 960]);
  });

  it('limits the pause to maxRetryDelay', () => {
    expect(retryPause(6, 60, EVEN, 0)).toBe(1920);
    expect(retryPause(7, 60, EVEN, 0)).toBe(3600);
    expect(retryPause(1_000_000, 60, EVEN, 0)).toBe(3600);
  });

  it('accepts a retryDelay of a fraction of a second', () => {
    expect(retryPause(3, 0.05, EVEN, 0)).toBeCloseTo(0.2);
  });

  it('adds jitter to a pause below maxRetryDelay', () => {
    const policy = { maxRetryDelay: 3600, retryJitter: 0.1 };
    expect(retryPause(1, 60, policy, 0)).toBe(60);
    expect(retryPause(1, 60, policy, 0.5)).toBeCloseTo(63);
    expect(retryPause(1, 60, policy, 0.999_999)).toBeCloseTo(66);
  });

  it('subtracts jitter from a pause at maxRetryDelay, so that the pause is never longer', () => {
    const policy = { maxRetryDelay: 3600, retryJitter: 0.1 };
    expect(retryPause(20, 60, policy, 0)).toBe(3600);
    expect(retryPause(20, 60, policy, 0.999_999)).toBeCloseTo(3240);
    expect(retryPause(1, 3500, policy, 0.999_999)).toBe(3600);
  });

  it('returns 0 after any number of attempts if retryDelay or maxRetryDelay is 0', () => {
    expect(retryPause(1, 0, EVEN, 0.5)).toBe(0);
    expect(retryPause(1_000_000, 0, EVEN, 0.5)).toBe(0);
    expect(retryPause(5, 60, { maxRetryDelay: 0, retryJitter: 0.1 }, 0.5)).toBe(0);
  });

  it('keeps the pause within the jitter and below maxRetryDelay for each policy', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.double({ min: 0, max: 315_576_000, noNaN: true }),
        fc.double({ min: 0, max: 315_576_000, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempt, retryDelay, maxRetryDelay, retryJitter, random) => {
          const pause = retryPause(attempt, retryDelay, { maxRetryDelay, retryJitter }, random);
          const bare = retryDelay === 0 ? 0 : Math.min(retryDelay * 2 ** (attempt - 1), maxRetryDelay);
          expect(pause).toBeLessThanOrEqual(maxRetryDelay);
          expect(pause).toBeGreaterThanOrEqual(bare * (1 - retryJitter) * (1 - 1e-9));
          expect(pause).toBeLessThanOrEqual(bare * (1 + retryJitter) * (1 + 1e-9));
        },
      ),
    );
  });
});

describe('pauseOf()', () => {
  it('takes the pauses of a list in turn, and repeats the last one', () => {
    expect([1, 2, 3, 4, 1_000].map((attempt) => pauseOf([5, 0, 60], attempt))).toEqual([5, 0, 60, 60, 60]);
  });
});

describe('spreadPause()', () => {
  it('makes a pause longer, whatever its length', () => {
    expect(spreadPause(60, 0.1, 0)).toBe(60);
    expect(spreadPause(60, 0.1, 0.999_999)).toBeCloseTo(66);
    expect(spreadPause(100_000, 0.1, 0.5)).toBeCloseTo(105_000);
  });
});
