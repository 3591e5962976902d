import { describe, expect, it } from '@jest/globals';
import { judge, type Result } from '../../bench/report/result.js';
import { formatTable, formatValue } from '../../bench/report/table.js';

function result(title: string, ours: number, bullmq: number, unit: Result['unit'] = 'jobs/s'): Result {
  return { id: title, title, unit, values: { ours: [ours], bullmq: [bullmq] } };
}

describe('formatTable', () => {
  it('is a Markdown table with aligned columns', () => {
    const table = formatTable([
      judge(result('empty jobs', 104_500, 13_000), { is: 'at least', ratio: 8 }),
      judge(result('latency', 0.5, 0.25, 'ms'), { is: 'at most', ratio: 1 }),
      judge(result('memory', 200, 800, 'bytes')),
    ]);
    expect(table.split('\n')).toEqual([
      '|            |    ours | BullMQ | unit   | ours / BullMQ |      rounds | target |        |',
      '| ---------- | ------: | -----: | ------ | ------------: | ----------: | -----: | ------ |',
      '| empty jobs | 104,500 | 13,000 | jobs/s |          8.04 | 8.04 - 8.04 |   >= 8 | met    |',
      '| latency    |   0.500 |  0.250 | ms     |          2.00 | 2.00 - 2.00 |   <= 1 | MISSED |',
      '| memory     |     200 |    800 | bytes  |          0.25 | 0.25 - 0.25 |        |        |',
    ]);
  });

  it('shows one digit less of large ratios', () => {
    expect(formatTable([judge(result('push', 123, 10))])).toContain(' 12.3 |');
  });

  it('is only a head when nothing was measured', () => {
    expect(formatTable([]).split('\n')).toHaveLength(2);
  });
});

describe('formatValue', () => {
  it.each([
    [1_234_567.8, 'jobs/s', '1,234,568'],
    [351.6, 'bytes', '352'],
    [0.21349, 'ms', '0.213'],
    [3.3333, 'us', '3.33'],
  ] as const)('%d %s is %s', (value, unit, text) => {
    expect(formatValue(value, unit)).toBe(text);
  });
});
