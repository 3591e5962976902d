import type { StoredFlow } from './queue-flows.interface.js';

/**
 * Hears what happens in a storage without a call that would tell it: flows and schedules push jobs, and flows end. A storage looks at
 * `hears...` before it calls a method.
 */
export interface StorageObserver {
  /** Whether somebody wants to know of pushes. */
  readonly hearsPushes: boolean;
  /** Whether somebody wants to know of the ends of flows. */
  readonly hearsEnds: boolean;

  /** This process has added jobs of flows or of schedules to a queue. The driver names each job once, unless the process dies in between. */
  pushed(queue: string, jobs: readonly AddedJob[]): void;

  /**
   * Nothing of a flow can run any more. The driver calls it in the process that noticed the end; if that process dies, or if the promise rejects, a driver
   * calls it once more, perhaps in another process.
   *
   * @returns a promise if the news needs time to get out of this process
   */
  ended(ref: string, end: FlowEnd): Promise<void> | undefined;
}

/** A job that was added. */
export interface AddedJob {
  readonly id: string;
  /** The record of the job as text. */
  readonly body: string;
}

/** How a flow ended. */
export type FlowEnd = Omit<StoredFlow, 'failedIds' | 'finishedAt'> & { readonly finishedAt: number };

/** The observer of a storage that nobody observes. */
export const NO_OBSERVER: StorageObserver = {
  hearsPushes: false,
  hearsEnds: false,
  pushed: () => undefined,
  ended: () => undefined,
};
