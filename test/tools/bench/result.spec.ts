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

describe('judge, without a baseline', () => {
  const PART: Result = {
    id: 'depth.part',
    title: 'part',
    unit: 'part',
    values: { ours: [0.8, 0.9, 1], bullmq: [1, 1, 1] },
  };
  const ALONE: Result = { id: 'alone', title: 'alone', unit: 'ms', values: { ours: [3, 1, 2] } };

  it('compares only what both systems were measured for', () => {
    expect(judge(ALONE).ratio).toBeUndefined();
    expect(judge(ALONE)).toMatchObject({ medians: { ours: 2 }, spread: { least: 1, most: 3 } });
  });

  it('compares no parts: they are comparisons already', () => {
    expect(judge(PART).ratio).toBeUndefined();
    expect(judge(PART).medians).toEqual({ ours: 0.9, bullmq: 1 });
  });

  it.each([
    { is: 'at least', value: 0.9, met: true },
    { is: 'at least', value: 0.91, met: false },
    { is: 'at most', value: 0.9, met: true },
    { is: 'at most', value: 0.89, met: false },
  ] as const)('a target of $is $value for the value itself: $met', ({ met, ...target }) => {
    expect(judge(PART, target).met).toBe(met);
  });

  it('refuses a target for what was not measured', () => {
    expect(() => judge(ALONE, { is: 'at least', ratio: 1 })).toThrow('alone');
    const bare: Result = { ...ALONE, values: { bare: [1] } };
    expect(() => judge(bare, { is: 'at least', value: 1 })).toThrow('alone');
  });
});
