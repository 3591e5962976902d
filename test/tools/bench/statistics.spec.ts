import { describe, expect, it } from '@jest/globals';
import { median, percentile, rateOfBoth, ratioOfPairs, spread } from '../../bench/report/statistics.js';

describe('median', () => {
  it('is the middle value of unsorted values', () => {
    expect(median([9, 1, 5])).toBe(5);
  });

  it('is the mean of the two middle values of an even number of values', () => {
    expect(median([4, 1, 3, 10])).toBe(3.5);
  });

  it('does not change its argument', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });
});

describe('percentile', () => {
  const values = Array.from({ length: 101 }, (_, i) => 100 - i);

  it.each([0, 50, 99, 100])('finds p%d', (percent) => {
    expect(percentile(values, percent)).toBe(percent);
  });

  it('interpolates between two values', () => {
    expect(percentile([10, 20], 25)).toBe(12.5);
  });

  it('is the value itself for one value', () => {
    expect(percentile([7], 99)).toBe(7);
  });

  it('throws without values', () => {
    expect(() => percentile([], 50)).toThrow(RangeError);
  });
});

describe('ratioOfPairs', () => {
  it('compares values of the same round', () => {
    // The machine was busy in the second round: the ratio of each pair is 2, the ratio of the medians would be less.
    expect(ratioOfPairs([200, 20, 210], [100, 10, 105])).toEqual({ median: 2, least: 2, most: 2 });
  });

  it('returns the smallest and the largest ratio', () => {
    expect(ratioOfPairs([10, 30, 20], [10, 10, 10])).toEqual({ median: 2, least: 1, most: 3 });
  });

  it('throws if the numbers of values differ', () => {
    expect(() => ratioOfPairs([1, 2], [1])).toThrow(RangeError);
  });
});

describe('spread', () => {
  it('is the smallest and the largest value', () => {
    expect(spread([3, 1, 2])).toEqual({ least: 1, most: 3 });
  });
});

describe('rateOfBoth', () => {
  it('is the rate of doing both, one after the other', () => {
    // 1 ms for one, 3 ms for the other: 4 ms for both.
    expect(rateOfBoth(1_000, 1_000 / 3)).toBeCloseTo(250);
  });

  it('is not faster than the slower of them', () => {
    expect(rateOfBoth(1e9, 100)).toBeLessThan(100);
  });
});
