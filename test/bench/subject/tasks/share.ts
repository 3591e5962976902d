import { setTimeout as pause } from 'node:timers/promises';
import type { JobWorker } from '../../systems/system.interface.js';
import type { BenchSystem, TaskOptions } from '../bench-system.js';
import { machineTime } from '../machine-clock.js';
import { untilStill } from '../until-still.js';

export interface JoinOptions extends TaskOptions {
  readonly concurrency: number;
}

export interface ShareOptions {
  /** When to begin, by the machine's clock. */
  readonly startAt: number;
}

/** What one of several workers did. */
export interface Share {
  readonly jobs: number;
  /** When its first and its last job ran, by the machine's clock; the beginning where there was none. */
  readonly first: number;
  readonly last: number;
}

/** After this time without a job the queue is taken for empty, in milliseconds. */
const QUIET = 300;

/** The worker that is ready to take part. */
let member: JobWorker | undefined;
let jobs = 0;
let first = 0;
let last = 0;

function onJob(): void {
  last = machineTime();
  if (jobs++ === 0) first = last;
}

/** Opens a worker that is to work a queue beside those of other processes. */
export async function join(bench: BenchSystem, options: JoinOptions): Promise<void> {
  member = await bench.system.openWorker({ ...bench, ...options, onJob });
}

/** Lets the worker that has joined work from one moment on, until nothing more comes. */
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
