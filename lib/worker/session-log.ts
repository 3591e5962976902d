import type { PollResult } from '../drivers/queue-driver.interface.js';
import { describeStored } from '../job/stored-queue.js';
import type { LeaseLostError } from '../queue.errors.js';
import { errorMessage } from '../support/error-text.js';
import type { QueueLogger } from '../support/queue-logger.js';
import type { Attempt } from '../middleware/job-stage.js';

/** How many characters of a dangling id are shown. */
const SHOWN = 80;

/** Logs the events of a session, other than the outcome of each attempt. It logs an error that lasts only once. */
export class SessionLog {
  /** True while a queue cannot be polled. */
  hasErrors = false;
  /** The last error of each such stored queue. */
  private readonly errors = new Map<string, string>();

  constructor(private readonly logger: QueueLogger) {}

  /** Logs what a reply says besides the claimed jobs. */
  answered(stored: string, { refused, danglingIds, takenOver }: PollResult): void {
    const queue = describeStored(stored);
    if (this.errors.delete(stored)) this.logger.log(`Queue ${queue} works again`);
    this.hasErrors = this.errors.size > 0;
    for (const id of refused) {
      this.logger.warn(
        `Job ${id} of queue ${queue} is not held by this worker any more: the outcome of this attempt does not count`,
      );
    }
    for (const id of danglingIds) {
      this.logger.warn(`Queue ${queue} held ${JSON.stringify(id.slice(0, SHOWN))}, which is the id of no job: dropped`);
    }
    for (const { id, consumer } of takenOver) {
      this.logger.warn(`Job ${id} of queue ${queue} was recovered: its worker (consumer ${consumer}) was lost`);
    }
  }

  /** Logs that a queue cannot be polled. */
  failed(stored: string, error: Error): void {
    const message = errorMessage(error);
    if (this.errors.get(stored) === message) return;
    this.errors.set(stored, message);
    this.hasErrors = true;
    this.logger.error(`Queue ${describeStored(stored)} cannot be worked at the moment: ${message}`);
  }

  paused(queue: string): void {
    this.logger.log(`Queue ${queue} is paused: no worker starts its jobs`);
  }

  resumed(queue: string): void {
    this.logger.log(`Queue ${queue} is not paused any more`);
  }

  heldBack(queue: string): void {
    this.logger.log(`Queue ${queue} is held back for a while: a job was told to wait, and no other one starts`);
  }

  leaseLost(reason: LeaseLostError): void {
    this.logger.warn(reason.message);
  }

  requeued({ name, job }: Attempt): void {
    this.logger.warn(
      `${name || 'Job'} ${job.id} did not end in time and is requeued. A job that waits for worker.stop() or app.close() waits for itself`,
    );
  }
}
