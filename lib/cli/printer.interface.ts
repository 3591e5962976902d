import type { JobReport, StopReason } from '../index.js';
import type { Totals } from './totals.js';

/** What the worker sets out to do. */
export interface StartFacts {
  readonly time: Date;
  readonly version: string;
  readonly pid: number;
  /** The name of the application's module. */
  readonly module: string;
  readonly driver: string;
  readonly queues: readonly string[];
  readonly concurrency: number;
}

/** What has become of it. */
export interface StopFacts {
  readonly time: Date;
  readonly reason: StopReason;
  /** The signal that was the reason. */
  readonly signal?: NodeJS.Signals;
  readonly totals: Totals;
  /** In milliseconds. */
  readonly duration: number;
}

/** Tells on stdout how the work goes. */
export interface Printer {
  started(facts: StartFacts): void;
  /** Left out by a printer that says nothing of jobs: then no report need be made. */
  job?(report: JobReport): void;
  /** The worker was told to stop. */
  stopping(signal: NodeJS.Signals, time: Date): void;
  stopped(facts: StopFacts): void;
}
