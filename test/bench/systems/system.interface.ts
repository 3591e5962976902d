import type { Payload } from '../subject/payload.js';

export type SystemName = 'ours' | 'bullmq' | 'bull' | 'bee-queue' | 'bare';

/** How long an ended job is kept: not at all, or for 24 h. Each system decides which part of the job it keeps. */
export type Retention = 'none' | '24h';

/** What the jobs use beside their work. */
export type Use = 'results' | 'progress';

/** What is on by default, and can be turned off: the statistics, and the records of ended jobs. */
export type Omission = 'statistics' | 'records';

export interface SystemSettings {
  readonly host: string;
  readonly port: number;
  readonly retention: Retention;
  /** The queue. Default: {@link QUEUE}. */
  readonly queue?: string;
  /** Default: nothing. */
  readonly use?: Use;
  /** Default: nothing. */
  readonly without?: Omission;
}

export interface WorkerSettings extends SystemSettings {
  readonly concurrency: number;
  /** The whole work of a job. */
  readonly onJob: (data: Payload) => void | Promise<void>;
}

/** The default queue. */
export const QUEUE = 'bench';

/** A queue system with one kind of job, used as its documentation describes. */
export interface System {
  openProducer(settings: SystemSettings): Promise<Producer>;
  /** Opens a connected worker that runs no jobs yet. */
  openWorker(settings: WorkerSettings): Promise<JobWorker>;
}

export interface Producer {
  push(data: Payload): Promise<unknown>;
  /** @param delay the time until the jobs are due, in milliseconds */
  pushMany(data: readonly Payload[], delay?: number): Promise<unknown>;
  close(): Promise<void>;
}

export interface JobWorker {
  start(): void;
  /** Settles all jobs and closes the connections. */
  stop(): Promise<void>;
}
