import { expect, it } from '@jest/globals';
import { formatRows } from '../../chaos/report/table.js';

it('shows a row for each fault, by name', () => {
  const figures = { jobs: 20_000, lost: 0, runs: 20_003, extra: 3, held: 4, refused: 2, size: 'long' } as const;
  const table = formatRows([
    { ...figures, fault: 'SIGTERM', also: { 'put back': 1_200, slowest: '3 s' } },
    { ...figures, fault: 'kill -9', recovery: 1_234 },
  ]);
  expect(table.split('\n')).toEqual([
    '| fault   |   jobs | lost | runs over | held by the lost | refused | recovery | also                          |',
    '| ------- | -----: | ---: | --------: | ---------------: | ------: | -------: | ----------------------------- |',
    '| kill -9 | 20,000 |    0 |         3 |                4 |       2 |   1.23 s |                               |',
    '| SIGTERM | 20,000 |    0 |         3 |                4 |       2 |          | put back: 1,200, slowest: 3 s |',
  ]);
});
