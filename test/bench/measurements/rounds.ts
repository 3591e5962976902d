import type { Effort } from '../effort.js';
import type { Timing } from '../subject/bench-system.js';
import type { Subject } from '../subject/subject.js';
import type { SystemName } from '../systems/system.interface.js';
import { OTHERS } from '../systems/systems.js';
import type { Bench } from './measurement.interface.js';

/** The value of each round, for each measured system. */
export type Samples<T = number> = Partial<Record<SystemName, T[]>>;

/**
 * Gives each system a turn in each round, on an empty server: A B A B ... Stops early at the time limit.
 *
 * @param keepData true to keep the data on the server between turns
 */
export async function inTurn<T>(
  { subjects, server, effort }: Bench,
  rounds: number,
  turn: (subject: Subject) => Promise<T>,
  keepData = false,
): Promise<Samples<T>> {
  const samples = new Map(subjects.map(({ system }) => [system, [] as T[]]));
  // Systems that are measured only for orientation use up none of the time limit.
  let spent = 0;
  for (let round = 0; round < rounds; round++) {
    if (round >= effort.minRounds && spent >= effort.timeLimit * 1000) break;
    for (const subject of subjects) {
      const isOther = OTHERS.includes(subject.system);
      if (isOther && round >= effort.otherRounds) continue;
      const began = performance.now();
      if (!keepData) await server.empty();
      samples.get(subject.system)!.push(await turn(subject));
      if (!isOther) spent += performance.now() - began;
    }
  }
  return Object.fromEntries(samples);
}

/** Maps the value of each round. */
export function mapSamples<From, To>(samples: Samples<From>, map: (value: From) => To): Samples<To> {
  return Object.fromEntries(Object.entries(samples).map(([system, values]) => [system, values.map(map)]));
}

/** Runs a task with this number of jobs, and returns the timing of its measured part. */
export type TimedTask = (subject: Subject, count: number) => Promise<Timing>;

const FIRST_COUNT = 500;
const MIN_JOBS = 200;

/** Warms up each system, and returns its rate in jobs per second. */
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
 * Warms up the systems, and chooses the number of jobs with which a task takes each system about `effort.seconds`. The rates
 * of systems differ by a factor of ten, and a very short section gives an inexact rate.
 */
export async function chooseCounts(bench: Bench, task: TimedTask): Promise<ReadonlyMap<Subject, number>> {
  const rates = await warmUp(bench, task);
  return new Map(Array.from(rates, ([subject, rate]) => [subject, chooseCount(rate, bench.effort)]));
}

/** Returns the jobs per second. */
export function rateOf({ jobs, seconds }: Timing): number {
  return jobs / seconds;
}

/**
 * Chooses the number of jobs of a timed section.
 *
 * @param rate jobs per second
 */
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
