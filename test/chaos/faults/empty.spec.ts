import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { Chaos } from '../harness/chaos.js';
import { Rounds } from '../harness/rounds.js';
import { untilServed } from '../harness/probe.js';
import { sized } from '../harness/size.js';
import { QuickJob, SlowJob } from '../process/jobs.js';

describe('a server that comes back empty', () => {
  const chaos = new Chaos();

  it('loses its jobs; workers and producers continue, and workers log the lost leases', async () => {
    const { rounds, workers } = sized({ short: { rounds: 1, workers: 2 }, long: { rounds: 10, workers: 3 } });
    await chaos.begin({ worker: { lease: 1 } });
    const processes = await chaos.workers(workers);
    const lossesOf = (): Promise<number[]> =>
      Promise.all(processes.map((worker) => chaos.countEvents(worker, 'lease-lost')));
    const windows: { from: number; to: number }[] = [];
    let from = 0;
    let recovery = 0;
    const load = Rounds.start(async (round) => {
      await chaos.producer.pushMany(QuickJob, [1, 2, 3, 4]);
      await chaos.producer.push(SlowJob, round % 40);
      await chaos.producer.push(QuickJob, round, { delay: 0.5 });
    });
    for (let round = 1; round <= rounds; round++) {
      // Every worker holds jobs when the server is killed.
      await chaos.producer.pushMany(SlowJob, Array<number>(workers * 10).fill(1_000));
      await eventually(async () => {
        const running = await Promise.all(processes.map((worker) => chaos.running(worker)));
        return running.every((count) => count > 2);
      });
      const before = await lossesOf();
      chaos.redis.kill('SIGKILL');
      await chaos.redis.restart();
      expect(await chaos.client.ping()).toBe('PONG');
      const to = Date.now();
      windows.push({ from, to });
      from = to;
      recovery = Math.max(recovery, await untilServed(chaos, to));
      // Until a worker learns that its lease is lost, it runs jobs that it no longer holds: the next round would count them.
      await eventually(async () => {
        for (const [i, count] of (await lossesOf()).entries()) expect(count).toBeGreaterThan(before[i]!);
      });
    }
    await load.stop();
    await chaos.drained();
    const forgotten = (at: number): boolean => windows.some((window) => at >= window.from && at <= window.to);
    const histories = await chaos.histories();
    const losses = processes.map(({ name }) => histories[name]!.filter(({ type }) => type === 'lease-lost').length);
    const { figures } = await chaos.expectAllWell(
      { fault: 'the server comes back empty', recovery, also: { times: rounds, 'leases reported lost': sum(losses) } },
      { forgotten },
    );
    // A process with two leases learns of both losses.
    expect(Math.min(...losses)).toBeGreaterThanOrEqual(rounds);
    expect(figures.lost).toBeGreaterThan(0);
    // The server has lost the claims too, so nothing can run again.
    expect(figures.extra).toBe(0);
  });
});

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
