import { describe, expect, it } from '@jest/globals';
import { lift } from '../../../lib/versions/lift.js';

const upgrade = (data: unknown, from: number): unknown => [data, from];

describe('lift', () => {
  it.each([
    [undefined, 2, ['x', 1]],
    [1, 4, ['x', 1]],
    [3, 4, ['x', 3]],
    [4, 4, 'x'],
    [undefined, undefined, 'x'],
  ])('makes of data of version %p for version %p', (from, version, lifted) => {
    expect(lift('x', from, { version, upgrade })).toEqual(lifted);
  });

  it('leaves older data as it is without a function', () => expect(lift('x', 1, { version: 2 })).toBe('x'));
});
