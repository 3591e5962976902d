/** The workers that run, as they say of themselves. */
export interface QueueWorkers {
  /**
   * Tells the storage of a worker, until it leaves. A sign of life that fails is not sent again: the next one makes up for it.
   *
   * @param text returns what the worker says now; the storage does not read it
   */
  join(id: string, text: () => string): JoinedWorker;

  /** Reads the last signs of life of all workers that have not left, in any order. @throws QueueConnectionError */
  read(): Promise<WorkerSign[]>;
}

/** A worker that the storage knows. */
export interface JoinedWorker {
  /** Tells the storage at once that the worker has changed. */
  changed(): void;
  /** Tells the storage that the worker has stopped. */
  leave(): void;
}

/** The last sign of life of a worker. */
export interface WorkerSign {
  readonly id: string;
  readonly text: string;
  /** On the clock of the storage, in milliseconds. */
  readonly lastSeenAt: number;
}
