import fc from 'fast-check';
import type { Settlement } from '../../../../lib/drivers/queue-driver.interface.js';
import type { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';
import { TestConsumer } from '../../../contract/scene.js';
import { ScriptFaults, type Fault, type ScriptChange } from '../../../support/faulty-driver.js';
import { FlowRun, graphs, type Fate } from '../../../support/flow-run.js';
import type { RedisTime } from '../../../support/redis-time.js';

const LEASE = 30;
/** The scripts by which a flow goes on. */
const STEPS = new Set(['poll', 'hand over', 'push-members', 'confirm pushed', 'trim-outbox']);
const FATES: readonly Fate[] = ['complete', 'complete', 'complete', 'retry', 'fail', 'release', 'cancel'];

/** A process: a driver with consumers of its own. */
class Process {
  readonly consumers: Map<string, TestConsumer>;
  readonly faults: ScriptFaults;

  constructor(
    readonly driver: RedisDriver,
    decide: (script: string) => Fault,
    change: ScriptChange | undefined,
  ) {
    this.faults = new ScriptFaults(driver, decide, change);
    const open = (queue: string) => new TestConsumer(driver.consume(queue, { lease: LEASE, onLost: () => undefined }));
    this.consumers = new Map(FlowRun.queues.map((queue) => [queue, open(queue)]));
  }
}

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
  { runs, seed, change }: { readonly runs: number; readonly seed?: number; readonly change?: ScriptChange },
): Promise<void> {
  const start = async (decide: (script: string) => Fault): Promise<Process> =>
    new Process(await connect(), decide, change);
  let passed = 0;
  /** Lets time pass on the clock of the server alone. */
  const pass = async (seconds: number): Promise<void> => {
    passed += seconds;
    await time.outage(passed);
  };
  const property = fc.asyncProperty(
    graphs,
    // The last one completes: else a flow would not end.
    fc.array(fc.constantFrom(...FATES), { maxLength: 12 }).map((fates): Fate[] => fates.concat('complete')),
    fc.array(fc.tuple(fc.nat(12), fc.constantFrom<Fault>('die before', 'die after')), { maxLength: 3 }),
    async (graph, fates, deaths) => {
      const run = new FlowRun(graph, `f${++flows}`);
      const left = [...deaths];
      let sent = 0;
      const decide = (script: string): Fault => {
        if (!STEPS.has(script)) return 'none';
        if (left.length > 0 && sent++ === left[0]![0]) {
          sent = 0;
          return left.shift()![1];
        }
        return script === 'poll' ? 'none' : 'twice';
      };
      let current = await start(decide);
      let hadFailure = false;
      let steps = 0;
      /** What a process had sent when it died may have taken effect or not: its jobs come again, or have ended. */
      const uncertain = new Map<string, Settlement>();
      const workOnce = async ({ consumers }: Process): Promise<number> => {
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
      /** Does something in a process. If that dies, the next one begins when the leases of the last one have run out. */
      const tryTo = async <T>(act: (process: Process) => Promise<T>): Promise<T | 'died'> => {
        const acting = act(current);
        // Those of a dead process reject at the end of the test.
        acting.catch(() => undefined);
        const result = await Promise.race([acting, current.faults.death]);
        if (result !== 'died') return result;
        current = await start(decide);
        for (let part = 0; part < 5; part++) {
          const polls = tryTo(async ({ consumers }) => {
            for (const consumer of consumers.values()) await consumer.poll();
          });
          if ((await polls) === 'died') break;
          await pass(LEASE / 3);
        }
        return 'died';
      };
      while ((await tryTo(({ driver }) => run.create(driver))) === 'died');
      for (let idle = 0; idle < 3;) {
        const count = await tryTo(workOnce);
        idle = count === 0 ? idle + 1 : 0;
        await pass(2);
      }
      for (const settlement of uncertain.values()) {
        run.settled(settlement);
        hadFailure ||= settlement.kind === 'fail';
      }
      await run.expectEnded(current.driver, hadFailure);
    },
  );
  try {
    await fc.assert(property, { numRuns: runs, ...(seed !== undefined && { seed }), endOnFailure: true });
  } finally {
    ScriptFaults.end();
  }
}
