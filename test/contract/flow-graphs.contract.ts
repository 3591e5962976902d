import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import type { ClaimedJob } from '../../lib/drivers/queue-driver.interface.js';
import { FlowRun, graphs, type Fate } from '../support/flow-run.js';
import type { DriverHarness } from './driver-harness.js';
import { Scene, type TestConsumer } from './scene.js';

const RUNS = 40;
const FATES: readonly Fate[] = ['complete', 'complete', 'complete', 'retry', 'fail', 'release', 'cancel', 'requeue'];

const decisions = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('claim' as const),
        queue: fc.nat(2),
        limit: fc.integer({ min: 1, max: 3 }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('end' as const), pick: fc.nat(20), fate: fc.constantFrom(...FATES) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('retry' as const), pick: fc.nat(20) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constantFrom('drop' as const, 'cancel' as const),
        queue: fc.nat(2),
        node: fc.nat(8),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('create again' as const) }) },
  ),
  { maxLength: 40 },
);

/** Runs random graphs with random ends. */
export function describeFlowGraphs(harness: DriverHarness): void {
  describe('flows of random graphs', () => {
    const scene = new Scene(harness);
    let flows = 0;

    it('push each node once after all before it, and agree with the jobs, whatever becomes of them', async () => {
      const consumers = new Map<string, TestConsumer>(FlowRun.queues.map((queue) => [queue, scene.consume({ queue })]));
      const property = fc.asyncProperty(graphs, decisions, async (graph, all) => {
        const { driver } = scene;
        const run = new FlowRun(graph, `g${++flows}`);
        await run.create(driver);
        const held: { readonly queue: string; readonly job: ClaimedJob }[] = [];
        let hadFailure = false;
        const claim = async (queue: string, limit: number): Promise<number> => {
          const jobs = await consumers.get(queue)!.claim(limit);
          for (const job of jobs) {
            run.claimed(job);
            held.push({ queue, job });
          }
          return jobs.length;
        };
        const end = async (at: number, fate: Fate): Promise<void> => {
          const { queue, job } = held.splice(at % held.length, 1)[0]!;
          const settlement = run.settle(job, fate);
          hadFailure ||= settlement.kind === 'fail';
          await consumers.get(queue)!.settle(settlement);
          run.settled(settlement);
        };
        for (const each of all) {
          if (each.kind === 'claim') await claim(FlowRun.queues[each.queue]!, each.limit);
          else if (each.kind === 'end' && held.length > 0) await end(each.pick, each.fate);
          else if (each.kind === 'create again') await run.create(driver);
          else if (each.kind === 'retry') {
            const failed = run.failedIds;
            if (failed.length === 0) continue;
            const id = failed[each.pick % failed.length]!;
            for (const queue of FlowRun.queues) if ((await driver.mending.retry(queue, [id])) > 0) run.retried(id);
          } else if (each.kind === 'drop' || each.kind === 'cancel') {
            const [queue, id] = [FlowRun.queues[each.queue]!, `${run.ref}.${each.node}`];
            // A job that has ended or runs stays as it is.
            if (held.some(({ job }) => job.id === id) || run.failedIds.includes(id)) continue;
            const isGone =
              each.kind === 'drop'
                ? (await driver.mending.remove(queue, [id], ['queued', 'delayed', 'retrying'])) > 0
                : (await driver.cancellations.cancelSome(queue, [id], Infinity)).ended.length > 0;
            if (isGone) run.cancelled(id);
          }
        }
        while (held.length > 0) await end(0, 'complete');
        // A poll that finds no job may hand over an outbox, whose jobs go to the queues before it.
        for (let idle = 0; idle < 2;) {
          let claimed = 0;
          for (const queue of FlowRun.queues) {
            claimed += await claim(queue, 10);
            while (held.length > 0) await end(0, 'complete');
          }
          idle = claimed > 0 ? 0 : idle + 1;
        }
        await run.expectEnded(driver, hadFailure);
      });
      await fc.assert(property, { numRuns: RUNS, endOnFailure: true });
    }, 120_000);
  });
}
