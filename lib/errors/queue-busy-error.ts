import { QueueError } from './queue-error.js';

/** A queue cannot be removed while jobs of it run. Nothing was removed. */
export class QueueBusyError extends QueueError {
  override name = 'QueueBusyError';

  constructor(
    readonly queue: string,
    /** The number of jobs that workers hold: they run, or were claimed ahead. */
    readonly running: number,
  ) {
    super(
      'ERR_QUEUE_BUSY',
      `Queue ${queue} cannot be removed: expected no running jobs, got ${running}. Pause it, and wait for them to end`,
    );
  }
}
