import { describe, expect, it } from '@jest/globals';
import { rateOfShares } from '../../bench/measurements/processes.js';

describe('rateOfShares', () => {
  const shares = [
    { jobs: 300, first: 1_010, last: 1_400 },
    { jobs: 700, first: 1_005, last: 1_500 },
    { jobs: 0, first: 1_000, last: 1_000 },
  ];

  it('counts from the common start to the last job of any process', () => {
    expect(rateOfShares(shares, 1_000, 1_000)).toBe(2_000);
  });

  it('throws if a job is missing or ran twice', () => {
    expect(() => rateOfShares(shares, 1_001, 1_000)).toThrow('1000 of 1001');
    expect(() => rateOfShares(shares, 999, 1_000)).toThrow('1000 of 999');
  });
});
