import type { Result } from '../report/result.js';
import { machineTime } from '../subject/machine-clock.js';
import type { Subject } from '../subject/subject.js';
import type { Share } from '../subject/tasks/share.js';
import type { SystemName } from '../systems/system.interface.js';
import { OURS_AND_BULLMQ } from '../systems/systems.js';
import type { Bench, Measurement } from './measurement.interface.js';
import { chooseCount, inTurn, warmUp } from './rounds.js';
import { BYTES, fill } from './workload.js';

const CONCURRENCY = 100;
/** The most processes. */
const MOST = 4;
/** How long before the start all processes get the start time, in milliseconds. */
const LEAD = 250;
/** The most attempts of a round in which the processes stop before all jobs have run. */
const ATTEMPTS = 3;
/** Multiplies the time limit, because a round has a turn for each number of processes. */
const TIME_LIMIT_FACTOR = 3;

/** Measures the rate of several processes on one queue, from their common start until the last job has run. */
export const processes: Measurement = {
  name: 'processes',
  systems: OURS_AND_BULLMQ,
  async run(bench) {
    const teams = new Map<SystemName, readonly Subject[]>();
    for (const subject of bench.subjects) {
      const more = Array.from({ length: MOST - 1 }, () => bench.spawn(subject.system));
      teams.set(subject.system, [subject, ...more]);
    }
    const counts = await prepare(bench, teams);
    const effort = { ...bench.effort, timeLimit: bench.effort.timeLimit * TIME_LIMIT_FACTOR };
    const samples = await inTurn({ ...bench, effort }, effort.rounds, async (subject) => {
      const rates: number[] = [];
      for (let size = 1; size <= MOST; size++) {
        const team = teams.get(subject.system)!.slice(0, size);
        rates.push(await work(bench, team, counts.get(subject.system)!));
      }
      return rates;
    });
    return Array.from({ length: MOST }, (_, i): Result => {
      const values = Object.entries(samples).map(([system, rounds]) => [system, rounds.map((rates) => rates[i]!)]);
      const title = `empty jobs, ${i + 1} worker process${i === 0 ? '' : 'es'}`;
      return { id: `processes.${i + 1}`, title, unit: 'jobs/s', values: Object.fromEntries(values) };
    });
  },
};

/** Warms up all processes. Returns the number of jobs for each system. */
async function prepare(
  bench: Bench,
  teams: ReadonlyMap<SystemName, readonly Subject[]>,
): Promise<ReadonlyMap<SystemName, number>> {
  const counts = new Map<SystemName, number>();
  for (const [system, team] of teams) {
    const rates = await warmUp({ ...bench, subjects: team }, async (subject, count) => {
      await fill(subject, count, 'none');
      return subject.run('work', { bytes: BYTES, retention: 'none', count, concurrency: CONCURRENCY });
    });
    counts.set(system, chooseCount(rates.get(team[0]!)!, bench.effort));
  }
  return counts;
}

async function work(bench: Bench, team: readonly Subject[], count: number): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    await bench.server.empty();
    const { shares, startAt } = await workOnce(team, count);
    const complete = shares.reduce((sum, share) => sum + share.jobs, 0) === count;
    // On a busy machine, a pause may look like the end of the queue.
    if (complete || attempt === ATTEMPTS) return rateOfShares(shares, count, startAt);
  }
}

async function workOnce(team: readonly Subject[], count: number): Promise<{ shares: Share[]; startAt: number }> {
  await fill(team[0]!, count, 'none');
  const options = { bytes: BYTES, retention: 'none', concurrency: CONCURRENCY } as const;
  await Promise.all(team.map((subject) => subject.run('join', options)));
  const startAt = machineTime() + LEAD;
  return { shares: await Promise.all(team.map((subject) => subject.run('share', { startAt }))), startAt };
}

/**
 * Returns the jobs per second of all processes together.
 *
 * @param startAt the common start on the machine clock, in milliseconds
 * @throws Error if a job did not run, or ran twice
 */
export function rateOfShares(shares: readonly Share[], count: number, startAt: number): number {
  const jobs = shares.reduce((sum, share) => sum + share.jobs, 0);
  if (jobs !== count) throw new Error(`${jobs} of ${count} jobs ran`);
  const last = Math.max(...shares.map((share) => share.last));
  return jobs / ((last - startAt) / 1000);
}
