import { describe, expect, it } from '@jest/globals';
import { attemptDurationCheck } from '../../../lib/job/attempt-options.reader.js';
import { resolveOptions } from '../../../lib/options/options.resolver.js';

const HINT = /numbers are seconds, not milliseconds.*got 90000$/;

describe('a number beyond reason', () => {
  it.each([{ worker: { lease: 90_000 } }, { worker: { shutdownTimeout: 90_000 } }])('is refused in %j', (options) => {
    expect(() => resolveOptions(options, {})).toThrow(HINT);
  });

  it.each([{ jobs: { timeout: 90_000 } }, { jobs: { retryDelay: 90_000 } }])('is refused in %j', (options) => {
    expect(() => resolveOptions(options, {})).toThrow(HINT);
  });

  it('is taken as text, and up to the limit', () => {
    expect(resolveOptions({ worker: { lease: '2h', shutdownTimeout: 3_600 } }, {}).worker).toMatchObject({
      lease: 7_200,
      shutdownTimeout: 3_600,
    });
    expect(attemptDurationCheck.read('2d')).toBe(172_800);
    expect(attemptDurationCheck.read(86_400)).toBe(86_400);
  });
});
