import { setTimeout as pause } from 'node:timers/promises';
import type { JobWorker } from '../../systems/system.interface.js';
import type { BenchSystem, TaskOptions } from '../bench-system.js';
import { machineTime } from '../machine-clock.js';
import { untilStill } from '../until-still.js';

export interface JoinOptions extends TaskOptions {
  readonly concurrency: number;
}

export interface ShareOptions {
  /** The time to start, on the machine clock. */
  readonly startAt: number;
}

/** The jobs of one of several workers. */
export interface Share {
  readonly jobs: number;
  /** The times of its first and its last job on the machine clock; the start time if it ran none. */
  readonly first: number;
  readonly last: number;
}

/** After this time without a job the queue counts as empty, in milliseconds. */
const QUIET = 300;

/** The worker that {@link join} has opened. */
let member: JobWorker | undefined;
let jobs = 0;
let first = 0;
let last = 0;

function onJob(): void {
  last = machineTime();
  if (jobs++ === 0) first = last;
}

/** Opens a worker that will share a queue with workers of other processes. */
export async function join(bench: BenchSystem, options: JoinOptions): Promise<void> {
  member = await bench.system.openWorker({ ...bench, ...options, onJob });
}

/** Starts the opened worker at the given time, and runs it until no more jobs come. */
export async function share(_bench: BenchSystem, { startAt }: ShareOptions): Promise<Share> {
  if (!member) throw new Error('no worker has joined');
  jobs = 0;
  first = startAt;
  last = startAt;
  const left = startAt - machineTime();
  if (left < 0) throw new Error(`the worker is ${-left} ms late`);
  await pause(left);
  member.start();
  await untilStill(() => jobs, QUIET);
  await member.stop();
  member = undefined;
  return { jobs, first, last };
}
