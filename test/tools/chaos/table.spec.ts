import { expect, it } from '@jest/globals';
import { formatRows } from '../../chaos/report/table.js';

it('formatRows makes a row for each fault, sorted by name', () => {
  const figures = { jobs: 20_000, lost: 0, runs: 20_003, extra: 3, held: 4, refused: 2, size: 'long' } as const;
  const table = formatRows([
    { ...figures, fault: 'SIGTERM', also: { requeued: 1_200, slowest: '3 s' } },
    { ...figures, fault: 'kill -9', recovery: 1_234 },
  ]);
  expect(table.split('\n')).toEqual([
    '| fault   |   jobs | lost | extra runs | held by lost workers | refused | recovery | also                          |',
    '| ------- | -----: | ---: | ---------: | -------------------: | ------: | -------: | ----------------------------- |',
    '| kill -9 | 20,000 |    0 |          3 |                    4 |       2 |   1.23 s |                               |',
    '| SIGTERM | 20,000 |    0 |          3 |                    4 |       2 |          | requeued: 1,200, slowest: 3 s |',
  ]);
});
