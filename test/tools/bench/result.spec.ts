import { describe, expect, it } from '@jest/globals';
import { evaluate, type Result } from '../../bench/report/result.js';

const RESULT: Result = {
  id: 'throughput.100',
  title: 'empty jobs, concurrency 100',
  unit: 'jobs/s',
  values: { ours: [80, 100, 90], bullmq: [10, 10, 10] },
};

describe('evaluate', () => {
  it('computes medians, and the ratio of ours to BullMQ', () => {
    const { medians, ratio } = evaluate(RESULT);
    expect(medians).toEqual({ ours: 90, bullmq: 10 });
    expect(ratio).toEqual({ median: 9, least: 8, most: 10 });
  });

  it('leaves met undefined without a target', () => {
    expect(evaluate(RESULT).met).toBeUndefined();
  });

  it.each([
    { is: 'at least', ratio: 9, met: true },
    { is: 'at least', ratio: 9.1, met: false },
    { is: 'at most', ratio: 9, met: true },
    { is: 'at most', ratio: 8.9, met: false },
  ] as const)('compares a ratio of 9 with a target of $is $ratio: $met', ({ met, ...target }) => {
    expect(evaluate(RESULT, target).met).toBe(met);
  });
});

describe('evaluate without a baseline', () => {
  const PART: Result = {
    id: 'depth.part',
    title: 'part',
    unit: 'part',
    values: { ours: [0.8, 0.9, 1], bullmq: [1, 1, 1] },
  };
  const ALONE: Result = { id: 'alone', title: 'alone', unit: 'ms', values: { ours: [3, 1, 2] } };

  it('computes no ratio if BullMQ was not measured', () => {
    expect(evaluate(ALONE).ratio).toBeUndefined();
    expect(evaluate(ALONE)).toMatchObject({ medians: { ours: 2 }, spread: { least: 1, most: 3 } });
  });

  it('computes no ratio of parts', () => {
    expect(evaluate(PART).ratio).toBeUndefined();
    expect(evaluate(PART).medians).toEqual({ ours: 0.9, bullmq: 1 });
  });

  it.each([
    { is: 'at least', value: 0.9, met: true },
    { is: 'at least', value: 0.91, met: false },
    { is: 'at most', value: 0.9, met: true },
    { is: 'at most', value: 0.89, met: false },
  ] as const)('compares a value of 0.9 with a target of $is $value: $met', ({ met, ...target }) => {
    expect(evaluate(PART, target).met).toBe(met);
  });

  it('refuses a target for a value that was not measured', () => {
    expect(() => evaluate(ALONE, { is: 'at least', ratio: 1 })).toThrow('alone');
    const bare: Result = { ...ALONE, values: { bare: [1] } };
    expect(() => evaluate(bare, { is: 'at least', value: 1 })).toThrow('alone');
  });
});
