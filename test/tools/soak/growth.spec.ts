import { describe, expect, it } from '@jest/globals';
import { growth } from '../../soak/growth.js';

describe('growth', () => {
  it('is what a figure has grown by', () => {
    expect(growth([1, 2, 3, 4].map((x) => ({ x, y: 100 + 5 * x })))).toBeCloseTo(15);
  });

  it('is about none where it goes up and down', () => {
    const points = Array.from({ length: 100 }, (_, x) => ({ x, y: 1_000 + (x % 2 === 0 ? 50 : -50) }));
    expect(Math.abs(growth(points))).toBeLessThan(5);
  });

  it('is none of a single point', () => {
    expect(growth([{ x: 1, y: 5 }])).toBe(0);
  });
});
