import type { Retention, System } from '../systems/system.interface.js';

/** A system and where it works: what a task is given. */
export interface BenchSystem {
  readonly system: System;
  readonly host: string;
  readonly port: number;
  /** Makes ready to time a section: what was left in memory is collected now and not in it. */
  stopwatch(): Promise<Stopwatch>;
}

export interface Stopwatch {
  start(): void;
  /** @param jobs how many there were since the start */
  stop(jobs: number): Promise<Timing>;
}

/** What a section took. */
export interface Timing {
  readonly jobs: number;
  readonly seconds: number;
  /** The processor time of the system's process, all its threads included; in seconds too. */
  readonly processor: number;
}

/** What all tasks take. */
export interface TaskOptions {
  readonly retention: Retention;
  /** The size of the jobs' data, as JSON. */
  readonly bytes: number;
  /** A queue of its own. */
  readonly queue?: string;
}
