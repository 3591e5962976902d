import type { Payload } from '../subject/payload.js';

export type SystemName = 'ours' | 'bullmq' | 'bull' | 'bee-queue' | 'groupmq' | 'bare';

/** How long an ended job is kept: not at all, or for 24 h. Each system decides which part of the job it keeps. */
export type Retention = 'none' | '24h';

/** What the jobs use beside their work. A failing job has one try; with `chunks` a hundred are in one call; with `groups` there are a thousand of them, with `fewGroups` a hundred, with `manyGroups` one for each job; `groupConcurrency` and `groupRate` limit each of a thousand. `concurrency` and `rate`: limits of the queue that are not reached. `schema`: data is checked at both sides; `compressed` and `encrypted` data has codecs. `partitions`: the queue has eight of them. `events`: all processes may listen. `metrics`: counted for Prometheus; `tracing`: each push and attempt has a span of OpenTelemetry, which is exported to nowhere. With `batch` one push of many is a batch with two callbacks, and with `chains` it is chains of five. */
export type Use =
  | 'results'
  | 'progress'
  | 'logs'
  | 'chunks'
  | 'signal'
  | 'failing'
  | 'releases'
  | 'expiry'
  | 'retryFor'
  | 'priority'
  | 'unique'
  | 'batch'
  | 'chains'
  | 'groups'
  | 'fewGroups'
  | 'manyGroups'
  | 'groupConcurrency'
  | 'groupRate'
  | 'debounce'
  | 'concurrency'
  | 'rate'
  | 'middleware'
  | 'carriers'
  | 'schema'
  | 'compressed'
  | 'encrypted'
  | 'partitions'
  | 'events'
  | 'metrics'
  | 'tracing';

/** What a job knows of its attempt. */
export interface Running {
  readonly id: string;
  readonly signal: AbortSignal;
}

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
  /** So many schedules are set beside it, which are due tomorrow. Default: none. */
  readonly schedules?: number;
  /** A schedule is set beside it, with so many milliseconds between two occurrences. Default: none. */
  readonly every?: number;
  /** Called when the job of an occurrence of that schedule starts. @param late so many milliseconds after its time */
  readonly onOccurrence?: (late: number) => void;
  /** The whole work of a job. @param job only with the use `signal` */
  readonly onJob: (data: Payload, job?: Running) => void | Promise<void>;
}

/** The jobs of a chain. */
export const CHAIN = 5;

/** The default queue. */
export const QUEUE = 'bench';

/** A queue system with one kind of job, used as its documentation describes. */
export interface System {
  openProducer(settings: SystemSettings): Promise<Producer>;
  /** Opens a connected worker that runs no jobs yet. */
  openWorker(settings: WorkerSettings): Promise<JobWorker>;
}

export interface Producer {
  /** Controls the queue; missing if the system is not measured in this. */
  readonly control?: QueueControl;
  push(data: Payload): Promise<unknown>;
  /** @param delay the time until the jobs are due, in milliseconds */
  pushMany(data: readonly Payload[], delay?: number): Promise<unknown>;
  /** Pushes a job, and resolves when it has completed; missing if the system is not measured in this. */
  pushAndWait?(data: Payload): Promise<unknown>;
  close(): Promise<void>;
}

/** Which waiting jobs a page has. */
export interface PageRequest {
  readonly limit: number;
  readonly order?: 'oldest' | 'newest';
  readonly offset?: number;
  readonly cursor?: string;
  readonly search?: string;
}

export interface QueueControl {
  /** @param id as `push` and `pushMany` tell it */
  cancel(id: string): Promise<unknown>;
  pause(): Promise<unknown>;
  resume(): Promise<unknown>;
  /** Reads a page of the waiting jobs. */
  list(page: PageRequest): Promise<{ readonly jobs: readonly unknown[]; readonly cursor?: string }>;
  /** Puts all failed jobs back. Resolves with their number. */
  retryAll(): Promise<number>;
  /** Resolves with the number of failed jobs that are kept. */
  failed(): Promise<number>;
  /** Resolves with the number of jobs that workers have: those that run, and those that are claimed ahead. */
  reserved(): Promise<number>;
}

export interface JobWorker {
  start(): void;
  /** Settles all jobs and closes the connections. */
  stop(): Promise<void>;
}
