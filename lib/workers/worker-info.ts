import type { WorkerSign } from '../drivers/queue-workers.interface.js';

/** What a worker says of itself. */
export interface WorkerState {
  readonly queues: readonly string[];
  readonly concurrency: number;
  readonly busy: number;
  readonly consumers: readonly string[];
}

/** A worker that runs, in any process. */
export interface WorkerInfo {
  /** Made anew for each start of a worker. */
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly queues: readonly string[];
  /** How many jobs it runs at once; of a worker with pools the sum. */
  readonly concurrency: number;
  /** How many jobs it ran at its last sign of life. */
  readonly busy: number;
  /** Under which ids it held jobs at its last sign of life: `JobDetails.worker` of a running job is one of them. */
  readonly consumers: readonly string[];
  /** On the clock of its process. */
  readonly startedAt: Date;
  /** The version of this library. */
  readonly version: string;
  /** When it gave its last sign of life, on the clock of the storage. A running worker gives one every ten seconds. */
  readonly lastSeenAt: Date;
}

/** What a sign of life tells, as it is stored. */
export type WorkerText = WorkerState & Pick<WorkerInfo, 'host' | 'pid' | 'version'> & { readonly startedAt: number };

/** Reads the signs of life of workers, the worker that started first at the front. Leaves out what another program wrote. */
export function readWorkers(signs: readonly WorkerSign[]): WorkerInfo[] {
  return signs.flatMap(readWorker).sort((a, b) => Number(a.startedAt) - Number(b.startedAt) || (a.id < b.id ? -1 : 1));
}

function readWorker({ id, text, lastSeenAt }: WorkerSign): WorkerInfo[] {
  try {
    // An older version of this library does not tell its consumers.
    const told = JSON.parse(text) as Omit<WorkerText, 'consumers'> & Partial<WorkerText>;
    const { host, pid, queues, concurrency, busy, consumers = [], startedAt, version } = told;
    const times = { startedAt: new Date(startedAt), lastSeenAt: new Date(lastSeenAt) };
    return [{ id, host, pid, queues, concurrency, busy, consumers, version, ...times }];
  } catch {
    return [];
  }
}
