import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import type { ClaimedJob } from '../../lib/drivers/queue-driver.interface.js';
import { BATCH_QUEUES, BatchRun } from '../support/batch-run.js';
import type { Fate } from '../support/flow-run.js';
import type { DriverHarness } from './driver-harness.js';
import { Scene, type TestConsumer } from './scene.js';

const RUNS = 40;
const FATES: readonly Fate[] = ['complete', 'complete', 'complete', 'retry', 'fail', 'release', 'cancel', 'requeue'];

const shapes = fc.record({ size: fc.integer({ min: 0, max: 14 }), allowFailures: fc.boolean() });
const decisions = fc.array(
  fc.oneof(
    {
      weight: 16,
      arbitrary: fc.record({
        kind: fc.constant('claim' as const),
        queue: fc.nat(2),
        limit: fc.integer({ min: 1, max: 3 }),
      }),
    },
    {
      weight: 20,
      arbitrary: fc.record({ kind: fc.constant('end' as const), pick: fc.nat(20), fate: fc.constantFrom(...FATES) }),
    },
    { weight: 12, arbitrary: fc.record({ kind: fc.constant('feed' as const), from: fc.nat(10), count: fc.nat(6) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('seal', 'add', 'retry', 'open', 'settle') }) },
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constantFrom('drop' as const, 'cancel' as const), queue: fc.nat(2) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel batch' as const) }) },
  ),
  { maxLength: 50 },
);

/** Runs random batches with random ends. */
export function describeBatchRuns(harness: DriverHarness): void {
  describe('batches of random jobs', () => {
    const scene = new Scene(harness);
    let batches = 0;

    it('push each member once, and agree with the jobs, whatever becomes of them', async () => {
      const consumers = new Map<string, TestConsumer>(BATCH_QUEUES.map((queue) => [queue, scene.consume({ queue })]));
      const property = fc.asyncProperty(shapes, decisions, async (shape, all) => {
        const { driver } = scene;
        const run = new BatchRun(shape, `r${++batches}`);
        await run.open(driver);
        const held: { readonly queue: string; readonly job: ClaimedJob }[] = [];
        const settled = async (): Promise<void> => {
          for (const consumer of consumers.values()) await consumer.poll();
          await driver.flows.settled();
        };
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
          await consumers.get(queue)!.settle(settlement);
          run.settled(settlement);
        };
        for (const each of all) {
          if (each.kind === 'claim') await claim(BATCH_QUEUES[each.queue]!, each.limit);
          else if (each.kind === 'end' && held.length > 0) await end(each.pick, each.fate);
          else if (each.kind === 'feed') await run.feed(driver, each.from, each.from + each.count);
          else if (each.kind === 'seal') await run.finish(driver);
          else if (each.kind === 'open') await run.open(driver);
          else if (each.kind === 'settle') await settled();
          else if (each.kind === 'add') {
            await settled();
            await run.add(driver);
          } else if (each.kind === 'retry') {
            await settled();
            await run.retry(driver);
          } else if (each.kind === 'cancel batch') {
            run.wasCancelled = (await driver.flows.cancel(run.ref)) || run.wasCancelled;
          } else if (each.kind === 'drop' || each.kind === 'cancel') {
            const queue = BATCH_QUEUES[each.queue]!;
            const live = (await driver.cancellations.live(queue, { limit: 100, headers: false })).jobs;
            const id = live
              .map((job) => job.id)
              .find((one) => run.isMember(one) && !held.some(({ job }) => job.id === one));
            if (id === undefined) continue;
            const isGone =
              each.kind === 'drop'
                ? (await driver.mending.remove(queue, [id], ['queued', 'delayed', 'retrying'])) > 0
                : (await driver.cancellations.cancelSome(queue, [id], Infinity)).ended.length > 0;
            if (isGone) run.dropped(id);
          }
        }
        await run.finish(driver);
        for (let claimed = 1; claimed > 0 || held.length > 0;) {
          claimed = 0;
          while (held.length > 0) await end(0, 'complete');
          await settled();
          for (const queue of BATCH_QUEUES) claimed += await claim(queue, 10);
        }
        await run.expectEnded(driver);
      });
      await fc.assert(property, { numRuns: RUNS, endOnFailure: true });
    }, 120_000);
  });
}
