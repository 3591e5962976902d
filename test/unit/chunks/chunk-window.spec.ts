import { describe, expect, it } from '@jest/globals';
import { ChunkWindow } from '../../../lib/chunks/chunk-window.js';

describe('ChunkWindow', () => {
  it('doubles while claims bring only items and the queue has more', () => {
    const window = new ChunkWindow();
    expect([1, 2, 4, 4].map((items) => window.taken(items, 0, true, false))).toEqual([2, 4, 8, 8]);
  });

  it('keeps the allowance while other jobs find a slot, and gives it up if they do not', () => {
    const window = new ChunkWindow();
    window.taken(8, 0, true, false);
    expect(window.taken(12, 4, true, false)).toBe(16);
    expect(window.taken(12, 4, true, true)).toBe(0);
    expect(window.taken(5, 5, true, false)).toBe(0);
  });

  it('gives the allowance up if the queue has no more jobs', () => {
    const window = new ChunkWindow();
    window.taken(8, 0, true, false);
    expect(window.taken(8, 0, false, false)).toBe(0);
  });
});
