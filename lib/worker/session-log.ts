import type { PollResult } from '../drivers/queue-driver.interface.js';
import type { LeaseLostError } from '../queue.errors.js';
import { errorMessage } from '../support/error-text.js';
import type { QueueLogger } from '../support/queue-logger.js';
import type { Attempt } from './job-executor.js';

/** How much of a foreign element is shown. */
const SHOWN = 80;

/** What a session has to say beyond what becomes of each attempt. Trouble that lasts is told once. */
export class SessionLog {
  private readonly troubles = new Map<string, string>();

  constructor(private readonly logger: QueueLogger) {}

  answered(queue: string, { refused, danglingIds }: PollResult): void {
    if (this.troubles.delete(queue)) this.logger.log(`Queue ${queue} can be worked again`);
    for (const id of refused) {
      this.logger.warn(`Job ${id} of queue ${queue} is not held any more: how this attempt ended does not count`);
    }
    for (const id of danglingIds) {
      this.logger.warn(`Queue ${queue} held ${JSON.stringify(id.slice(0, SHOWN))}, which is no job: dropped`);
    }
  }

  trouble(queue: string, error: Error): void {
    const message = errorMessage(error);
    if (this.troubles.get(queue) === message) return;
    this.troubles.set(queue, message);
    this.logger.error(`Queue ${queue} cannot be worked at the moment: ${message}`);
  }

  leaseLost(reason: LeaseLostError): void {
    this.logger.warn(reason.message);
  }

  putBack({ name, job }: Attempt): void {
    this.logger.warn(`${name || 'Job'} ${job.id} did not end in time and is put back`);
  }
}
