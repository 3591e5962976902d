import type { Omission, Retention, System, Use } from '../systems/system.interface.js';

/** A system and the address of its server: the input of a task. */
export interface BenchSystem {
  readonly system: System;
  readonly host: string;
  readonly port: number;
  /** Prepares a timed section: collects garbage first, so that the section does not have to. */
  stopwatch(): Promise<Stopwatch>;
}

export interface Stopwatch {
  start(): void;
  /** @param jobs the number of jobs since the start */
  stop(jobs: number): Promise<Timing>;
}

/** The duration of a timed section. */
export interface Timing {
  readonly jobs: number;
  readonly seconds: number;
  /** The processor time of the process and all its threads, in seconds. */
  readonly processor: number;
}

/** The options of every task. */
export interface TaskOptions {
  readonly retention: Retention;
  /** The size of the data of a job as JSON. */
  readonly bytes: number;
  /** The queue. Default: `bench`. */
  readonly queue?: string;
  readonly use?: Use;
  readonly without?: Omission;
}
