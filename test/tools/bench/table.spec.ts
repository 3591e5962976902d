import { describe, expect, it } from '@jest/globals';
import { evaluate, type Result } from '../../bench/report/result.js';
import { formatTable, formatValue } from '../../bench/report/table.js';

function result(title: string, ours: number, bullmq: number, unit: Result['unit'] = 'jobs/s'): Result {
  return { id: title, title, unit, values: { ours: [ours], bullmq: [bullmq] } };
}

describe('formatTable', () => {
  it('makes a Markdown table with aligned columns', () => {
    const table = formatTable([
      evaluate(result('empty jobs', 104_500, 13_000), { is: 'at least', ratio: 8 }),
      evaluate(result('latency', 0.5, 0.25, 'ms'), { is: 'at most', ratio: 1 }),
      evaluate(result('memory', 200, 800, 'bytes')),
    ]);
    expect(table.split('\n')).toEqual([
      '|            |    ours | BullMQ | unit   | ours / BullMQ |      rounds | target |        |',
      '| ---------- | ------: | -----: | ------ | ------------: | ----------: | -----: | ------ |',
      '| empty jobs | 104,500 | 13,000 | jobs/s |          8.04 | 8.04 - 8.04 |   >= 8 | met    |',
      '| latency    |   0.500 |  0.250 | ms     |          2.00 | 2.00 - 2.00 |   <= 1 | MISSED |',
      '| memory     |     200 |    800 | bytes  |          0.25 | 0.25 - 0.25 |        |        |',
    ]);
  });

  it('shows a ratio of 10 or more with one decimal', () => {
    expect(formatTable([evaluate(result('push', 123, 10))])).toContain(' 12.3 |');
  });

  it('has a column for each measured system, in their order', () => {
    const more: Result = {
      id: 'push',
      title: 'push',
      unit: 'jobs/s',
      values: { 'bee-queue': [3_000], bull: [2_000], bullmq: [1_000], ours: [4_000] },
    };
    const bare: Result = { id: 'list', title: 'list', unit: 'jobs/s', values: { ours: [10, 30, 20], bare: [90] } };
    expect(formatTable([evaluate(more), evaluate(bare)]).split('\n')).toEqual([
      '|      |  ours | BullMQ |  Bull | Bee-Queue | bare lists | unit   | ours / BullMQ |      rounds | target |     |',
      '| ---- | ----: | -----: | ----: | --------: | ---------: | ------ | ------------: | ----------: | -----: | --- |',
      '| push | 4,000 |  1,000 | 2,000 |     3,000 |            | jobs/s |          4.00 | 4.00 - 4.00 |        |     |',
      '| list |    20 |        |       |           |         90 | jobs/s |               |     10 - 30 |        |     |',
    ]);
  });

  it('shows the unit of a target for a value, and the largest sample of a percentile', () => {
    const script: Result = { id: 'script', title: 'script', unit: 'ms', values: { ours: [1.5] }, most: 7.25 };
    const part: Result = { id: 'part', title: 'part', unit: 'part', values: { ours: [0.8, 0.9], bullmq: [1, 1] } };
    const table = formatTable([
      evaluate(script, { is: 'at most', value: 5 }),
      evaluate(part, { is: 'at least', value: 0.9 }),
    ]).split('\n');
    expect(table.slice(2)).toEqual([
      '| script | 1.500 |        | ms   |               |   max 7.250 |     <= 5 ms | met    |',
      '| part   |  0.85 |   1.00 | part |               | 0.80 - 0.90 | >= 0.9 part | MISSED |',
    ]);
  });

  it('shows no ratio of 0 to 0', () => {
    expect(formatTable([evaluate(result('idle', 0, 0, 'us/s'))])).toContain('|             - |  - - - |');
  });

  it('makes only a head without results', () => {
    expect(formatTable([]).split('\n')).toHaveLength(2);
  });
});

describe('formatValue', () => {
  it.each([
    [1_234_567.8, 'jobs/s', '1,234,568'],
    [351.6, 'bytes', '352'],
    [0.21349, 'ms', '0.213'],
    [3.3333, 'us', '3.33'],
    [0.987, 'part', '0.99'],
    [1.25, 'commands/s', '1.25'],
    [1_500.4, 'us/s', '1,500'],
    [2.5, 'ms/s', '2.50'],
    [3, 'entries', '3'],
    [undefined, 'ms', ''],
  ] as const)('formats %d %s as %s', (value, unit, text) => {
    expect(formatValue(value, unit)).toBe(text);
  });
});
