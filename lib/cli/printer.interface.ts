import type { JobReport, StopReason } from '../index.js';
import type { Totals } from './totals.js';

/** The facts that the first line gives. */
export interface StartFacts {
  readonly time: Date;
  readonly version: string;
  readonly pid: number;
  /** The class name of the application's module. */
  readonly module: string;
  readonly driver: string;
  /** The driver with its server, for example `redis 127.0.0.1:6379/0`; absent if the driver does not name it. */
  readonly server?: string;
  readonly queues: readonly string[];
  /** The queues that job classes name and that this command does not work. */
  readonly notWorked: readonly string[];
  readonly concurrency: number;
}

/** The facts that the last line gives. */
export interface StopFacts {
  readonly time: Date;
  readonly reason: StopReason;
  /** The signal that stopped the worker, if one did. */
  readonly signal?: NodeJS.Signals;
  /** How many errors nobody caught; absent if there was none. The first one stopped the worker. */
  readonly uncaughtErrors?: number;
  readonly totals: Totals;
  /** In milliseconds. */
  readonly duration: number;
}

/** Prints the progress of the work on stdout. */
export interface Printer {
  started(facts: StartFacts): void;
  /** Prints one attempt. A printer without this method saves the worker from making reports. */
  job?(report: JobReport): void;
  /** Prints that a signal asked the worker to stop. */
  stopping(signal: NodeJS.Signals, time: Date): void;
  /** Prints that a signal paused or resumed this process. */
  paused(isPaused: boolean, time: Date): void;
  stopped(facts: StopFacts): void;
}
