import { describe, expect, it } from '@jest/globals';
import { SCRIPT_CASES } from '../../bench/measurements/script-cases.js';
import { TARGETS, unmeasuredTargets } from '../../bench/report/targets.js';

describe('TARGETS', () => {
  it('has a target for each script', () => {
    const ids = Object.keys(TARGETS).filter((id) => id.startsWith('scripts.') && id !== 'scripts.slow');
    expect(ids.toSorted()).toEqual(SCRIPT_CASES.map(({ id }) => `scripts.${id}`).toSorted());
  });
});

describe('unmeasuredTargets', () => {
  it('returns the targets without a result', () => {
    const ids = Object.keys(TARGETS);
    expect(unmeasuredTargets(ids.map((id) => ({ id })))).toEqual([]);
    expect(unmeasuredTargets(ids.slice(1).map((id) => ({ id })))).toEqual([ids[0]]);
  });
});
