import type { Result } from '../report/result.js';
import type { Subject } from '../subject/subject.js';
import { OURS_AND_BULLMQ } from '../systems/systems.js';
import type { Bench, Measurement } from './measurement.interface.js';
import { chooseCounts, inTurn, rateOf, type Samples } from './rounds.js';
import { BYTES, fill } from './workload.js';

const CONCURRENCY = 100;
const REFILL = 500;
/** The smallest depth, with which the others are compared. */
const LEAST = 1_000;
/** Multiplies the time limit, because a round runs jobs of each depth. */
const TIME_LIMIT_FACTOR = 3;

/** The rate at each depth, in the order of the depths. */
type Rates = readonly number[];

/**
 * Measures how fast a worker runs jobs while many wait. One server has a queue of each depth during all rounds. Every 500th
 * job pushes 500, so that the depths stay constant.
 */
export const depth: Measurement = {
  name: 'depth',
  systems: OURS_AND_BULLMQ,
  async run(bench) {
    const depthsOf = ({ system }: Pick<Subject, 'system'>): number[] => {
      const { both, ours } = bench.effort.depths;
      return [LEAST, both, ...(system === 'ours' && ours !== undefined ? [ours] : [])];
    };
    const samples = await measure(bench, depthsOf);
    return depthsOf({ system: 'ours' }).flatMap((waiting, i) => report(samples, waiting, i));
  },
};

async function measure(bench: Bench, depthsOf: (subject: Subject) => number[]): Promise<Samples<Rates>> {
  const surpluses = new Map<string, number>();
  const work = async (subject: Subject, count: number, waiting: number) => {
    const queue = queueOf(waiting);
    const key = `${subject.system} ${queue}`;
    const options = { bytes: BYTES, retention: 'none', concurrency: CONCURRENCY, refill: REFILL, queue } as const;
    const timing = await subject.run('workSteadily', { ...options, count, surplus: surpluses.get(key) ?? 0 });
    surpluses.set(key, timing.surplus);
    return timing;
  };
  const counts = await chooseCounts(bench, async (subject, count) => {
    await fill(subject, LEAST, 'none', queueOf(LEAST));
    surpluses.clear();
    return work(subject, count, LEAST);
  });
  surpluses.clear();
  await bench.server.empty();
  for (const subject of bench.subjects) {
    for (const waiting of depthsOf(subject)) await fill(subject, waiting, 'none', queueOf(waiting));
  }
  const effort = { ...bench.effort, timeLimit: bench.effort.timeLimit * TIME_LIMIT_FACTOR };
  const turn = async (subject: Subject): Promise<Rates> => {
    const rates: number[] = [];
    for (const waiting of depthsOf(subject)) rates.push(rateOf(await work(subject, counts.get(subject)!, waiting)));
    return rates;
  };
  return inTurn({ ...bench, effort }, effort.rounds, turn, true);
}

function queueOf(waiting: number): string {
  return `waiting-${waiting}`;
}

function report(samples: Samples<Rates>, waiting: number, index: number): Result[] {
  const reached = Object.entries(samples).filter(([, rounds]) => rounds[0]?.[index] !== undefined);
  const values = (figure: (round: Rates) => number): Result['values'] =>
    Object.fromEntries(reached.map(([system, rounds]) => [system, rounds.map(figure)]));
  const title = `empty jobs, ${waiting.toLocaleString('en-US')} waiting`;
  const rate: Result = { id: `depth.${waiting}`, title, unit: 'jobs/s', values: values((round) => round[index]!) };
  if (waiting === LEAST) return [rate];
  const parts = values((round) => round[index]! / round[0]!);
  const part = `${title}: part of the rate with ${LEAST.toLocaleString('en-US')}`;
  return [rate, { id: `depth.${waiting}.part`, title: part, unit: 'part', values: parts }];
}
