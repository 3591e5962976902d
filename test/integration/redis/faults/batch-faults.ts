import fc from 'fast-check';
import type { Settlement } from '../../../../lib/drivers/queue-driver.interface.js';
import type { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';
import { BATCH_QUEUES, BatchRun } from '../../../support/batch-run.js';
import { ScriptFaults, type Fault } from '../../../support/faulty-driver.js';
import type { Fate } from '../../../support/flow-run.js';
import type { RedisTime } from '../../../support/redis-time.js';
import type { FaultRuns } from './describe-faults.js';
import { FaultyProcesses } from './faulty-processes.js';
import { ToldEnds } from './told-ends.js';

/** The scripts by which a batch goes on. */
const STEPS: ReadonlySet<string> = new Set(
  [
    'poll, hand over, push-members, confirm pushed, ends told, trim-outbox, note entry, note added, hand over added, stop members, cancel',
    'open batch, feed batch, hold members, seal batch, add to batch, retry batch, sweep batch',
  ].flatMap((names) => names.split(', ')),
);
const FATES: readonly Fate[] = ['complete', 'complete', 'complete', 'retry', 'fail', 'fail', 'release', 'cancel'];

let batches = 0;

/**
 * Runs random batches while processes die between any two scripts, and scripts arrive twice. Rejects if a batch does not keep its
 * promises.
 *
 * @param connect makes a driver whose scripts read `time`
 * @param change a deliberate fault in a script
 */
export async function runBatches(
  connect: () => Promise<RedisDriver>,
  time: RedisTime,
  { runs, seed, change }: FaultRuns,
): Promise<void> {
  const ends = new ToldEnds();
  const world = { connect: ends.observing(connect), time, change, passed: 0 };
  const property = fc.asyncProperty(
    fc.record({ size: fc.integer({ min: 0, max: 12 }), allowFailures: fc.boolean() }),
    fc.array(fc.constantFrom(...FATES), { maxLength: 12 }).map((fates): Fate[] => fates.concat('complete')),
    fc.array(fc.tuple(fc.nat(14), fc.constantFrom<Fault>('die before', 'die after')), { maxLength: 4 }),
    fc.record({ adds: fc.boolean(), retries: fc.nat(2), early: fc.nat(8) }),
    async (shape, fates, deaths, { adds, retries, early }) => {
      const run = new BatchRun(shape, `f${++batches}`);
      const processes = new FaultyProcesses(world, BATCH_QUEUES, STEPS, deaths);
      await processes.begin();
      let steps = 0;
      /** The settlements that a process had sent when it died: each may have taken effect or not, so its job comes again, or has ended. */
      const uncertain = new Map<string, Settlement>();
      const settleUncertain = (): void => {
        for (const settlement of uncertain.values()) run.settled(settlement);
        uncertain.clear();
      };
      const workOnce = (): Promise<number | 'died'> =>
        processes.tryTo(async ({ consumers }) => {
          let count = 0;
          for (const consumer of consumers.values()) {
            const jobs = [...(await consumer.claim(3)), ...(await consumer.claimRecovered(1))];
            for (const job of jobs) {
              // All that is uncertain has ended, but for this job.
              if (uncertain.delete(job.id)) settleUncertain();
              else if (!run.isMember(job.id)) settleUncertain();
              run.claimed(job);
              const settlement = run.settle(job, fates[steps++ % fates.length]!);
              uncertain.set(job.id, settlement);
              await consumer.settle(settlement);
              uncertain.delete(job.id);
              run.settled(settlement);
            }
            count += jobs.length;
          }
          return count;
        });
      const workAll = async (): Promise<void> => {
        for (let idle = 0; idle < 4;) {
          const count = await workOnce();
          idle = count === 0 ? idle + 1 : 0;
          await processes.pass(2);
        }
        settleUncertain();
      };
      await processes.tryTo(async ({ driver }) => {
        await run.open(driver);
        await run.feed(driver, 0, early);
      });
      await workOnce();
      while ((await processes.tryTo(({ driver }) => run.finish(driver))) === 'died');
      if (adds && (await processes.tryTo(({ driver }) => run.add(driver))) === 'died')
        await run.learnAdded(processes.driver);
      await workAll();
      for (let round = 0; round < retries; round++) {
        while ((await processes.tryTo(({ driver }) => run.retry(driver))) === 'died');
        await workAll();
      }
      await run.expectEnded(processes.driver);
      await ends.expectTold(processes.driver, run.ref, deaths.length);
    },
  );
  try {
    await fc.assert(property, { numRuns: runs, ...(seed !== undefined && { seed }), endOnFailure: true });
  } finally {
    ScriptFaults.end();
  }
}
