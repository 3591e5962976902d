import { expect, test } from '@jest/globals';
import { InvalidDelayError } from '../../../lib/queue.errors.js';
import { duration } from '../../../lib/support/read-duration.js';

test.each([
  ['5m', 300],
  ['90', 90],
  [' 1.5 Hours ', 5400],
  [0.5, 0.5],
])('duration(%j) reads the seconds', (text, seconds) => {
  expect(duration(text)).toBe(seconds);
});

test.each(['5mn', '1h30m', '', '-1s', undefined as unknown as string])(
  'duration(%j) refuses a text that is no duration',
  (text) => {
    expect(() => duration(text)).toThrow(InvalidDelayError);
    expect(() => duration(text)).toThrow(/^Invalid duration: expected seconds .* or a string such as "5m", got /);
  },
);
