import { describe, expect, it } from '@jest/globals';
import { progressNote, readProgress } from '../../../lib/progress/progress.js';
import { InvalidOptionError } from '../../../lib/queue.errors.js';

describe('progress', () => {
  it.each([0, 0.5, 100, null, 'page 3', [1], { done: 3, of: [], at: new Date(5) }, 'x'.repeat(4_000)])(
    'can be %j',
    (value) => {
      expect(readProgress(progressNote(value).progress!)).toEqual(value);
    },
  );

  it('has the replacement character in the place of halves of characters', () => {
    const value = { 'a\ud83d': ['\ude00', '😀', '\\ud83d', '\n'] };
    expect(readProgress(progressNote(value).progress!)).toEqual({ 'a\ufffd': ['\ufffd', '😀', '\\ud83d', '\n'] });
  });

  it.each([-1, 100.5, Number.NaN, undefined, 5n, () => 1, { map: new Map([[1, 2]]) }, 'é'.repeat(2_100)])(
    'cannot be %p',
    (value) => {
      expect(() => progressNote(value)).toThrow(InvalidOptionError);
      expect(() => progressNote(value)).toThrow(
        'Option "progress": expected a number from 0 to 100, or another value of at most 4 kB as JSON, got ',
      );
    },
  );
});
