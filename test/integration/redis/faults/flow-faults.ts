import fc from 'fast-check';
import type { Settlement } from '../../../../lib/drivers/queue-driver.interface.js';
import type { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';
import type { TestConsumer } from '../../../contract/scene.js';
import { ScriptFaults, type Fault } from '../../../support/faulty-driver.js';
import { FlowRun, graphs, type Fate } from '../../../support/flow-run.js';
import type { RedisTime } from '../../../support/redis-time.js';
import type { FaultRuns } from './describe-faults.js';
import { FaultyProcesses } from './faulty-processes.js';
import { ToldEnds } from './told-ends.js';

/** The scripts by which a flow goes on. */
const STEPS = new Set([
  'create flows',
  'poll',
  'hand over',
  'push-members',
  'confirm pushed',
  'ends told',
  'trim-outbox',
]);
const FATES: readonly Fate[] = ['complete', 'complete', 'complete', 'retry', 'fail', 'release', 'cancel'];

let flows = 0;

/**
 * Runs random flows while processes die between any two scripts, and scripts arrive twice. Rejects if a flow does not keep its
 * promises.
 *
 * @param connect makes a driver whose scripts read `time`
 * @param change a deliberate fault in a script
 */
export async function runFlows(
  connect: () => Promise<RedisDriver>,
  time: RedisTime,
  { runs, seed, change, inSteps }: FaultRuns,
): Promise<void> {
  const ends = new ToldEnds();
  const world = { connect: ends.observing(connect, inSteps), time, change, passed: 0 };
  const property = fc.asyncProperty(
    graphs,
    // The last one completes: else a flow would not end.
    fc.array(fc.constantFrom(...FATES), { maxLength: 12 }).map((fates): Fate[] => fates.concat('complete')),
    fc.array(fc.tuple(fc.nat(12), fc.constantFrom<Fault>('die before', 'die after')), { maxLength: 3 }),
    async (graph, fates, deaths) => {
      const run = new FlowRun(graph, `f${++flows}`);
      const processes = new FaultyProcesses(world, FlowRun.queues, STEPS, deaths);
      await processes.begin();
      let hadFailure = false;
      let steps = 0;
      /** The settlements that a process had sent when it died: each may have taken effect or not, so its job comes again, or has ended. */
      const uncertain = new Map<string, Settlement>();
      const workOnce = async ({
        consumers,
      }: {
        readonly consumers: ReadonlyMap<string, TestConsumer>;
      }): Promise<number> => {
        let count = 0;
        for (const consumer of consumers.values()) {
          const jobs = [...(await consumer.claim(3)), ...(await consumer.claimRecovered(1))];
          for (const job of jobs) {
            // The nodes before it have completed, although their process died before it knew.
            for (const id of run.openBefore(job)) {
              const before = uncertain.get(id);
              if (before?.kind === 'complete' && uncertain.delete(id)) run.settled(before);
            }
            run.claimed(job);
            const settlement = run.settle(job, fates[steps++ % fates.length]!);
            uncertain.set(job.id, settlement);
            await consumer.settle(settlement);
            uncertain.delete(job.id);
            run.settled(settlement);
            hadFailure ||= settlement.kind === 'fail';
          }
          count += jobs.length;
        }
        return count;
      };
      while ((await processes.tryTo(({ driver }) => run.create(driver))) === 'died');
      for (let idle = 0; idle < 3;) {
        const count = await processes.tryTo(workOnce);
        idle = count === 0 ? idle + 1 : 0;
        await processes.pass(2);
      }
      for (const settlement of uncertain.values()) {
        run.settled(settlement);
        hadFailure ||= settlement.kind === 'fail';
      }
      await run.expectEnded(processes.driver, hadFailure);
      await ends.expectTold(processes.driver, run.ref, deaths.length);
    },
  );
  try {
    await fc.assert(property, { numRuns: runs, ...(seed !== undefined && { seed }), endOnFailure: true });
  } finally {
    ScriptFaults.end();
  }
}
