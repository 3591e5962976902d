import { describe, expect, it } from '@jest/globals';
import { withoutOwnOptions } from '../../../lib/cli/processes/supervise.js';

describe('the arguments of each process of --processes', () => {
  it.each([
    ['emails --processes 4 --json', 'emails --json'],
    ['--processes=4 emails --health-port=8080', 'emails'],
    ['--health-port 8080 --tries 4 --processes 2', '--tries 4'],
  ])('of "%s" are "%s"', (given, expected) => {
    expect(withoutOwnOptions(given.split(' ')).join(' ')).toBe(expected);
  });
});
