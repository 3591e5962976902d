import type { Effort } from '../effort.js';
import type { Subject } from '../subject/subject.js';
import { OURS_AND_BULLMQ } from '../systems/systems.js';
import type { Bench, Measurement } from './measurement.interface.js';
import { inTurn, rateOf, warmUp } from './rounds.js';
import { BATCH, BYTES } from './workload.js';

const CONCURRENCY = 100;
/** Pushing may take this much longer than in the warm-up. */
const MARGIN = 2;
/** The time that the push and the worker get in addition, in milliseconds. */
const REST = 500;

/** Measures the rate of many jobs that are due at one moment, from that moment until the last job has started. */
export const due: Measurement = {
  name: 'due',
  systems: OURS_AND_BULLMQ,
  async run(bench) {
    const { effort } = bench;
    const leads = await prepare(bench);
    const samples = await inTurn(bench, effort.rounds, async (subject) => {
      const count = countFor(subject, effort);
      const lead = leads.get(subject)! * count + REST;
      return rateOf(await subject.run('runDue', { ...OPTIONS, count, lead }));
    });
    const { ours, others } = effort.dueJobs;
    const title = `jobs due at one moment (${ours.toLocaleString('en-US')}; BullMQ ${others.toLocaleString('en-US')})`;
    return [{ id: 'due', title, unit: 'jobs/s', values: samples }];
  },
};

const OPTIONS = { bytes: BYTES, retention: 'none', batch: BATCH, concurrency: CONCURRENCY } as const;

function countFor({ system }: Subject, { dueJobs }: Effort): number {
  return system === 'ours' ? dueJobs.ours : dueJobs.others;
}

/** Warms up the systems. Returns the milliseconds a job by which the push has to start before the jobs are due. */
async function prepare(bench: Bench): Promise<ReadonlyMap<Subject, number>> {
  const pushed = await warmUp(bench, (subject, count) => subject.run('pushMany', { ...OPTIONS, count }));
  const leads = new Map(Array.from(pushed, ([subject, rate]) => [subject, (MARGIN * 1_000) / rate]));
  await warmUp(bench, (subject, count) =>
    subject.run('runDue', { ...OPTIONS, count, lead: leads.get(subject)! * count + REST }),
  );
  return leads;
}
