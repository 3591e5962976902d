import { describe, expect, it } from '@jest/globals';
import { findExcesses } from './limits.js';

const LIMITS = { push: { files: 2, functions: 5 }, whole: { files: 4, functions: 10 } };
const AT_THE_LIMIT = {
  push: { files: 2, functions: 5, calls: 1_000 },
  whole: { files: 4, functions: 10, calls: 1_000 },
};

describe('findExcesses', () => {
  it('finds nothing if both trips are at their limits, however many calls there are', () => {
    expect(findExcesses(AT_THE_LIMIT, LIMITS)).toEqual([]);
  });

  it('names each limit that is exceeded', () => {
    const sizes = {
      push: { ...AT_THE_LIMIT.push, functions: 6 },
      whole: { ...AT_THE_LIMIT.whole, files: 5, functions: 12 },
    };
    expect(findExcesses(sizes, LIMITS)).toEqual([
      'push: 6 functions, at most 5 are allowed',
      'whole: 5 files, at most 4 are allowed',
      'whole: 12 functions, at most 10 are allowed',
    ]);
  });
});
