import type { Effort } from '../effort.js';
import type { Timing } from '../subject/bench-system.js';
import type { Subject } from '../subject/subject.js';
import type { SystemName } from '../systems/system.interface.js';
import type { Bench } from './measurement.interface.js';

export type Samples<T = number> = Record<SystemName, T[]>;

/** So many rounds there are, however long they take. */
const MIN_ROUNDS = 3;

/**
 * Gives each system its turn, again and again, each time on an empty server: A B A B ... It stops early on a machine that
 * takes too long.
 */
export async function inTurn<T>(
  { subjects, server, effort }: Bench,
  rounds: number,
  turn: (subject: Subject) => Promise<T>,
): Promise<Samples<T>> {
  const samples = Object.fromEntries(subjects.map(({ system }) => [system, [] as T[]])) as Samples<T>;
  const end = performance.now() + effort.patience * 1000;
  for (let round = 0; round < rounds; round++) {
    if (round >= MIN_ROUNDS && performance.now() > end) break;
    for (const subject of subjects) {
      await server.empty();
      samples[subject.system].push(await turn(subject));
    }
  }
  return samples;
}

/** Does something with so many jobs, and tells what the part of interest took. */
export type TimedTask = (subject: Subject, count: number) => Promise<Timing>;

const FIRST_COUNT = 500;
const MIN_JOBS = 200;

/**
 * Finds out with how many jobs a task takes each system about `effort.seconds`: they differ by an order, and who is done in a
 * moment is measured badly. It warms the systems up as well.
 */
export async function chooseCounts(bench: Bench, task: TimedTask): Promise<ReadonlyMap<Subject, number>> {
  const counts = new Map<Subject, number>();
  for (const subject of bench.subjects) {
    let count = FIRST_COUNT;
    let spent = 0;
    while (spent < bench.effort.warmUp) {
      await bench.server.empty();
      const timing = await task(subject, count);
      spent += timing.seconds;
      count = chooseCount(rateOf(timing), bench.effort);
    }
    counts.set(subject, count);
  }
  return counts;
}

/** Jobs per second. */
function rateOf({ jobs, seconds }: Timing): number {
  return jobs / seconds;
}

/** @param rate jobs per second */
export function chooseCount(rate: number, { seconds, maxJobs }: Effort): number {
  return Math.round(Math.min(Math.max(rate * seconds, MIN_JOBS), maxJobs));
}

/** Measures a rate, in jobs per second. */
export async function measureRate(bench: Bench, task: TimedTask): Promise<Samples> {
  const counts = await chooseCounts(bench, task);
  return inTurn(bench, bench.effort.rounds, async (subject) => {
    const count = counts.get(subject)!;
    return rateOf(await task(subject, count));
  });
}
