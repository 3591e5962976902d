import { describe, expect, it } from '@jest/globals';
import { judge, type Result } from '../../bench/report/result.js';

const RESULT: Result = {
  id: 'throughput.100',
  title: 'empty jobs, concurrency 100',
  unit: 'jobs/s',
  values: { ours: [80, 100, 90], bullmq: [10, 10, 10] },
};

describe('judge', () => {
  it('takes medians, and the ratio of ours to BullMQ', () => {
    const { medians, ratio } = judge(RESULT);
    expect(medians).toEqual({ ours: 90, bullmq: 10 });
    expect(ratio).toEqual({ median: 9, least: 8, most: 10 });
  });

  it('says nothing about a target where there is none', () => {
    expect(judge(RESULT).met).toBeUndefined();
  });

  it.each([
    { is: 'at least', ratio: 9, met: true },
    { is: 'at least', ratio: 9.1, met: false },
    { is: 'at most', ratio: 9, met: true },
    { is: 'at most', ratio: 8.9, met: false },
  ] as const)('a target of $is $ratio: $met', ({ met, ...target }) => {
    expect(judge(RESULT, target).met).toBe(met);
  });
});
