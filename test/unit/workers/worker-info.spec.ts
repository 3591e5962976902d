import { expect, it } from '@jest/globals';
import { ArrayWorkers } from '../../../lib/drivers/array/array-workers.js';
import { joinWorkers } from '../../../lib/workers/join-workers.js';
import { readWorkers } from '../../../lib/workers/worker-info.js';
import { FakeClock } from '../../support/fake-clock.js';

it('a worker is read as it is now, the one that started first at the front', async () => {
  const clock = new FakeClock();
  const workers = new ArrayWorkers(clock, () => undefined);
  let busy = 0;
  const first = joinWorkers(workers, clock, () => ({ queues: ['a'], concurrency: 3, busy, consumers: ['c'] }));
  await clock.advance(5);
  joinWorkers(workers, clock, () => ({ queues: ['b'], concurrency: 1, busy: 0, consumers: [] }));
  busy = 2;
  const [a, b] = readWorkers((await workers.read()).toReversed());
  expect(a).toMatchObject({ queues: ['a'], concurrency: 3, busy: 2, consumers: ['c'], pid: process.pid });
  expect(Number(a!.lastSeenAt) - Number(a!.startedAt)).toBe(5_000);
  expect(b).toMatchObject({ queues: ['b'] });
  first.leave();
  expect(readWorkers(await workers.read())).toMatchObject([{ queues: ['b'] }]);
  expect(clock.pending).toBe(0);
});

it('a sign of another program is left out', () => {
  expect(readWorkers([{ id: 'x', text: 'no JSON', lastSeenAt: 1 }])).toEqual([]);
});
