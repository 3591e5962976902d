import fc from 'fast-check';
import type { FaultRuns } from './describe-faults.js';
import { expect } from '@jest/globals';
import type { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';
import type { ScheduleStore, TakenSchedules } from '../../../../lib/drivers/queue-schedules.interface.js';
import { labelsInHeader } from '../../../../lib/job/job-record.js';
import { Occurrences, type Timing } from '../../../../lib/schedules/occurrences.js';
import { ScheduleRunner } from '../../../../lib/schedules/schedule-runner.js';
import { StoredSchedules } from '../../../../lib/schedules/stored-schedules.js';
import { TestConsumer } from '../../../contract/scene.js';
import { ScriptFaults, type Fault } from '../../../support/faulty-driver.js';
import { createQueueLogger } from '../../../../lib/support/queue-logger.js';
import type { RedisTime } from '../../../support/redis-time.js';

const LEASE = 30;
const QUIET = createQueueLogger(false, '');
/** The scripts by which schedules go on. */
const STEPS = new Set(['take schedules', 'change schedule', 'push-scheduled', 'forget scheduled']);
const QUEUES = ['red', 'green'] as const;

const timings: fc.Arbitrary<Timing> = fc.oneof(
  fc.record({ every: fc.integer({ min: 700, max: 5_000 }) }),
  fc.record({
    cron: fc.constantFrom('* * * * * *', '*/3 * * * * *', '1,2,30-40/4 * * * * *'),
    timeZone: fc.constant('UTC'),
  }),
);
/** The action of a process at a step, and the seconds that pass before it. */
const steps = fc.array(
  fc.record({ after: fc.double({ min: 0, max: 4, noNaN: true }), act: fc.constantFrom('run', 'sleep', 'wake') }),
  {
    minLength: 1,
    maxLength: 6,
  },
);
const deaths = fc.array(fc.tuple(fc.nat(6), fc.constantFrom<Fault>('die before', 'die after')), { maxLength: 3 });

let runs = 0;

/**
 * Fires random schedules while processes die between any two scripts, scripts arrive twice, and processes stand still after they have
 * taken schedules. Rejects if an occurrence has no job, or several.
 *
 * @param connect makes a driver whose scripts read `time`
 * @param change a deliberate fault in a script
 */
export async function runSchedules(
  connect: () => Promise<RedisDriver>,
  time: RedisTime,
  options: FaultRuns,
): Promise<void> {
  let passed = 0;
  const pass = async (seconds: number): Promise<void> => {
    passed += seconds;
    await time.outage(passed);
  };
  const property = fc.asyncProperty(
    fc.array(timings, { minLength: 1, maxLength: 3 }),
    steps,
    deaths,
    async (all, acts, dying) => {
      const run = ++runs;
      const left = [...dying];
      let sent = 0;
      const decide = (script: string): Fault => {
        if (!STEPS.has(script)) return 'none';
        if (left.length === 0 || sent++ !== left[0]![0]) return 'twice';
        sent = 0;
        return left.shift()![1];
      };
      const open = async (): Promise<{ driver: RedisDriver; faults: ScriptFaults }> => {
        const driver = await connect();
        return { driver, faults: new ScriptFaults(driver, decide, options.change) };
      };
      const observer = await connect();
      void new ScriptFaults(observer, () => 'none', options.change);
      const consumers = QUEUES.map(
        (queue) => new TestConsumer(observer.consume(queue, { lease: LEASE, onLost: () => undefined })),
      );
      const nameOf = (index: number): string => `${run}-${index}`;
      const stored = new StoredSchedules(observer);
      for (const [index, timing] of all.entries()) {
        const behaviour = { catchUp: 'all', overlap: true, jitter: 0 } as const;
        await stored.set(
          nameOf(index),
          { ...timing, ...behaviour, queue: QUEUES[index % 2]!, body: 'hJob\n' },
          undefined,
        );
      }
      const { now: start } = await observer.schedules.read([]);
      const seen: string[] = [];
      const work = async (): Promise<void> => {
        for (const consumer of consumers) {
          for (let jobs = await consumer.claim(); jobs.length > 0; jobs = await consumer.claim()) {
            for (const job of jobs) {
              const { schedule, scheduledFor } = labelsInHeader(job.body.slice(0, job.body.indexOf('\n'))).metadata!;
              seen.push(`${schedule} ${scheduledFor}`);
              await consumer.complete(job);
            }
          }
        }
      };
      let sleeping:
        { readonly driver: RedisDriver; readonly faults: ScriptFaults; readonly taken: TakenSchedules } | undefined;
      let current = await open();
      for (const { after, act } of acts) {
        await pass(after);
        const { driver, faults } = current;
        if (act === 'sleep') {
          const taken = await Promise.race([driver.schedules.take(100), faults.death]);
          if (taken !== 'died') sleeping = { driver, faults, taken };
          current = await open();
        } else {
          const runner = act === 'wake' && sleeping ? wokenUp(sleeping) : new ScheduleRunner(driver, time.clock, QUIET);
          const died = act === 'wake' && sleeping ? sleeping.faults.death : faults.death;
          const outcome = await Promise.race([runner.runOnce().catch(() => undefined), died]);
          if (act === 'wake') sleeping = undefined;
          if (outcome === 'died') current = await open();
        }
        await work();
      }
      left.length = 0;
      const last = new ScheduleRunner((await open()).driver, time.clock, QUIET);
      for (let looks = 0; looks < 3; looks++) {
        await pass(1.1);
        await last.runOnce();
      }
      await work();
      const { now: end } = await observer.schedules.read([]);
      const expected = all.flatMap((timing, index) =>
        occurrences(timing, start, end).map((at) => `${nameOf(index)} ${at}`),
      );
      // What was due at the last moment may be due for a millisecond less.
      const names = all.map((_, index) => nameOf(index));
      for (const name of names) await stored.change(name, undefined, () => 'remove');
      ScriptFaults.end();
      expect(seen.toSorted()).toEqual(expected.toSorted());
      expect(await observer.schedules.take(100)).toMatchObject({ due: [] });
    },
  );
  // A deliberate fault need not be found in its smallest form.
  const endOnFailure = options.change !== undefined;
  await fc.assert(property, {
    numRuns: options.runs,
    endOnFailure,
    ...(options.seed !== undefined && { seed: options.seed }),
  });
}

/** Lists the occurrences after a time, up to another one. */
function occurrences(timing: Timing, start: number, end: number): string[] {
  const all = new Occurrences(timing, start);
  const times: string[] = [];
  for (let at = all.after(start); at !== undefined && at <= end; at = all.after(at))
    times.push(new Date(at).toISOString());
  return times;
}

/** A process that goes on with the schedules that it had taken. */
function wokenUp({ driver, taken }: { readonly driver: RedisDriver; readonly taken: TakenSchedules }): ScheduleRunner {
  let isFirst = true;
  const schedules = Object.assign(Object.create(driver.schedules) as ScheduleStore, {
    take: async (): Promise<TakenSchedules> => {
      const due = isFirst ? taken.due : [];
      isFirst = false;
      return { ...taken, due, hasMore: false };
    },
  });
  return new ScheduleRunner({ schedules }, { now: () => 0, after: () => ({ cancel: () => undefined }) }, QUIET);
}
