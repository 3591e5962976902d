import type { QueueCounts, QueueEventType } from 'nestjs-job-queue';

/** A job that moves on the page. */
export interface Move {
  readonly type: QueueEventType;
  readonly queue: string;
  readonly id: string;
  readonly name: string;
  readonly attempt: number;
  /** Seconds until the next attempt. */
  readonly delay?: number;
  readonly progress?: unknown;
  readonly error?: string;
}

/** The moves since the last message of this kind. */
export interface Moves {
  /** The latest moves; of a queue that is busier than the page can show, some. */
  readonly moves: readonly Move[];
  /** How many jobs have completed, by queue. */
  readonly completed: Readonly<Record<string, number>>;
}

/** A worker process that runs. */
export interface LiveWorker {
  readonly host: string;
  readonly pid: number;
  readonly busy: number;
  readonly concurrency: number;
  /** The page may kill it. */
  readonly isChild: boolean;
}

/** The state of all queues and workers. */
export interface Totals {
  readonly queues: readonly (QueueCounts & { readonly name: string })[];
  readonly workers: readonly LiveWorker[];
  /** Jobs outlive processes, so a worker process may be killed. */
  readonly isDurable: boolean;
}

/** A message of the page's event stream. */
export type LiveMessage =
  { readonly type: 'moves'; readonly data: Moves } | { readonly type: 'totals'; readonly data: Totals };
