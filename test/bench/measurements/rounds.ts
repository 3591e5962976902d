import type { Effort } from '../effort.js';
import type { Timing } from '../subject/bench-system.js';
import type { Subject } from '../subject/subject.js';
import type { SystemName } from '../systems/system.interface.js';
import { OTHERS } from '../systems/systems.js';
import type { Bench } from './measurement.interface.js';

/** For each system that took part, what it gave in each round. */
export type Samples<T = number> = Partial<Record<SystemName, T[]>>;

/**
 * Gives each system its turn, again and again, each time on an empty server: A B A B ... It stops early on a machine that
 * takes too long.
 *
 * @param standing leaves on the server what is there
 */
export async function inTurn<T>(
  { subjects, server, effort }: Bench,
  rounds: number,
  turn: (subject: Subject) => Promise<T>,
  standing = false,
): Promise<Samples<T>> {
  const samples = new Map(subjects.map(({ system }) => [system, [] as T[]]));
  // Those for orientation take no rounds from the others.
  let spent = 0;
  for (let round = 0; round < rounds; round++) {
    if (round >= effort.minRounds && spent >= effort.patience * 1000) break;
    for (const subject of subjects) {
      const isOther = OTHERS.includes(subject.system);
      if (isOther && round >= effort.otherRounds) continue;
      const began = performance.now();
      if (!standing) await server.empty();
      samples.get(subject.system)!.push(await turn(subject));
      if (!isOther) spent += performance.now() - began;
    }
  }
  return Object.fromEntries(samples);
}

/** One figure of what each round gave. */
export function mapSamples<From, To>(samples: Samples<From>, map: (value: From) => To): Samples<To> {
  return Object.fromEntries(Object.entries(samples).map(([system, values]) => [system, values.map(map)]));
}

/** Does something with so many jobs, and tells what the part of interest took. */
export type TimedTask = (subject: Subject, count: number) => Promise<Timing>;

const FIRST_COUNT = 500;
const MIN_JOBS = 200;

/** Warms each system up, and finds out how many jobs a second it does. */
export async function warmUp(bench: Bench, task: TimedTask): Promise<ReadonlyMap<Subject, number>> {
  const rates = new Map<Subject, number>();
  for (const subject of bench.subjects) {
    let count = Math.min(FIRST_COUNT, bench.effort.maxJobs);
    let spent = 0;
    while (spent < bench.effort.warmUp) {
      await bench.server.empty();
      const timing = await task(subject, count);
      spent += timing.seconds;
      rates.set(subject, rateOf(timing));
      count = chooseCount(rateOf(timing), bench.effort);
    }
  }
  return rates;
}

/**
 * Finds out with how many jobs a task takes each system about `effort.seconds`: they differ by an order, and who is done in a
 * moment is measured badly. It warms the systems up as well.
 */
export async function chooseCounts(bench: Bench, task: TimedTask): Promise<ReadonlyMap<Subject, number>> {
  const rates = await warmUp(bench, task);
  return new Map(Array.from(rates, ([subject, rate]) => [subject, chooseCount(rate, bench.effort)]));
}

/** Jobs per second. */
export function rateOf({ jobs, seconds }: Timing): number {
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
