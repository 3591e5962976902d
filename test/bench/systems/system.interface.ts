import type { Payload } from '../subject/payload.js';

export type SystemName = 'ours' | 'bullmq';

/** What becomes of a job that ended: nothing is kept of it, or what the system keeps of one, for 24 h. */
export type Retention = 'none' | '24h';

export interface SystemSettings {
  readonly host: string;
  readonly port: number;
  readonly retention: Retention;
}

export interface WorkerSettings extends SystemSettings {
  readonly concurrency: number;
  /** The whole work of a job. */
  readonly onJob: () => void | Promise<void>;
}

/** A queue system, used as its users would use it. One queue, jobs of one kind. */
export interface System {
  openProducer(settings: SystemSettings): Promise<Producer>;
  /** Opens a worker that is connected and does not work yet. */
  openWorker(settings: WorkerSettings): Promise<JobWorker>;
}

export interface Producer {
  push(data: Payload): Promise<unknown>;
  pushMany(data: readonly Payload[]): Promise<unknown>;
  close(): Promise<void>;
}

export interface JobWorker {
  start(): void;
  /** Resolves when everything is settled, and closes its connections. */
  stop(): Promise<void>;
}
