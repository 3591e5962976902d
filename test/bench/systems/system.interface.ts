import type { Payload } from '../subject/payload.js';

export type SystemName = 'ours' | 'bullmq' | 'bull' | 'bee-queue' | 'bare';

/** What becomes of a job that ended: nothing is kept of it, or what the system keeps of one, for 24 h. */
export type Retention = 'none' | '24h';

export interface SystemSettings {
  readonly host: string;
  readonly port: number;
  readonly retention: Retention;
  /** One of its own, where several stand beside each other. */
  readonly queue?: string;
}

export interface WorkerSettings extends SystemSettings {
  readonly concurrency: number;
  /** The whole work of a job. */
  readonly onJob: (data: Payload) => void | Promise<void>;
}

/** Where nothing else is said. */
export const QUEUE = 'bench';

/** A queue system, used as its users would use it. Jobs of one kind. */
export interface System {
  openProducer(settings: SystemSettings): Promise<Producer>;
  /** Opens a worker that is connected and does not work yet. */
  openWorker(settings: WorkerSettings): Promise<JobWorker>;
}

export interface Producer {
  push(data: Payload): Promise<unknown>;
  /** @param delay until they are due, in milliseconds */
  pushMany(data: readonly Payload[], delay?: number): Promise<unknown>;
  close(): Promise<void>;
}

export interface JobWorker {
  start(): void;
  /** Resolves when everything is settled, and closes its connections. */
  stop(): Promise<void>;
}
