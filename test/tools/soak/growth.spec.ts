import { describe, expect, it } from '@jest/globals';
import { growth } from '../../soak/growth.js';

describe('growth', () => {
  it('returns the growth from the first point to the last', () => {
    expect(growth([1, 2, 3, 4].map((x) => ({ x, y: 100 + 5 * x })))).toBeCloseTo(15);
  });

  it('is near 0 for values that go up and down', () => {
    const points = Array.from({ length: 100 }, (_, x) => ({ x, y: 1_000 + (x % 2 === 0 ? 50 : -50) }));
    expect(Math.abs(growth(points))).toBeLessThan(5);
  });

  it('is 0 for a single point', () => {
    expect(growth([{ x: 1, y: 5 }])).toBe(0);
  });
});
