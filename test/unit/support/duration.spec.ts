import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DURATION_EXPECTED, LONGEST_DURATION, toSeconds } from '../../../lib/support/duration.js';

describe('toSeconds()', () => {
  it.each([
    [0, 0],
    [0.25, 0.25],
    [86_400, 86_400],
    [LONGEST_DURATION, LONGEST_DURATION],
    ['90', 90],
    ['1.5', 1.5],
    ['0', 0],
    ['1e3', 1000],
    ['5m', 300],
    ['1.5h', 5400],
    ['30 seconds', 30],
    ['250ms', 0.25],
    ['2 days', 172_800],
    ['  5m  ', 300],
    ['10y', LONGEST_DURATION],
  ])('reads %j as %d s', (value, seconds) => {
    expect(toSeconds(value)).toBe(seconds);
  });

  it.each([
    -1,
    -0.001,
    Number.NaN,
    Infinity,
    -Infinity,
    1e12,
    LONGEST_DURATION + 1,
    '',
    '   ',
    'soon',
    '5 apples',
    '5m 30s',
    '-5m',
    '-1',
    'Infinity',
    'NaN',
    '11y',
    '1_000',
    '5m'.repeat(100),
    ' '.repeat(200),
    null,
    undefined,
    true,
    5n,
    {},
    [5],
    new Date(5),
    Symbol('5'),
  ])('refuses %p', (value) => {
    expect(toSeconds(value)).toBeUndefined();
  });

  it('returns a valid length of time or undefined for any value', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.string(), fc.double()), (value) => {
        const seconds = toSeconds(value);
        expect(seconds === undefined || (seconds >= 0 && seconds <= LONGEST_DURATION)).toBe(true);
      }),
    );
  });

  it('describes the values that it reads', () => {
    expect(DURATION_EXPECTED).toBe('seconds (0 to 315576000, fractions allowed) or a string such as "5m"');
  });
});
