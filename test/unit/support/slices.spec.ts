import { describe, expect, it } from '@jest/globals';
import { each, slices } from '../../../lib/support/slices.js';

describe('slices()', () => {
  it.each([
    [0, []],
    [2, [[0, 1]]],
    [
      4,
      [
        [0, 1],
        [2, 3],
      ],
    ],
    [5, [[0, 1], [2, 3], [4]]],
  ])('cuts a list of %d items into parts of two', (length, parts) => {
    expect(
      slices(
        Array.from({ length }, (_, index) => index),
        2,
      ),
    ).toEqual(parts);
  });
});

describe('each()', () => {
  it('calls with so many items at a time, and returns the results in their order', async () => {
    let underWay = 0;
    let most = 0;
    const results = await each(['a', 'b', 'c', 'd', 'e'], 2, async (item) => {
      most = Math.max(most, ++underWay);
      await Promise.resolve();
      underWay--;
      return item.toUpperCase();
    });
    expect(results).toEqual(['A', 'B', 'C', 'D', 'E']);
    expect(most).toBe(2);
  });

  it('rejects if a call rejects, and calls no further ones', async () => {
    const called: number[] = [];
    const calling = each([1, 2, 3], 1, async (item) => {
      called.push(item);
      if (item === 2) throw new Error('no');
      return Promise.resolve(item);
    });
    await expect(calling).rejects.toThrow('no');
    expect(called).toEqual([1, 2]);
  });
});
