import type { Cancellation } from '../drivers/queue-cancellations.interface.js';
import type { QueueDriver } from '../drivers/queue-driver.interface.js';
import type { QueueEvents } from '../events/queue-events.js';
import { nameInRecord, tagsInHeader } from '../job/job-record.js';
import { assertQueueName } from '../job/queue-name.js';
import type { Clock } from '../support/clock.js';
import { readCancelAll, type CancelAllOptions } from './cancel-all-options.js';

/** The jobs to look at in one go. */
const PAGE = 100;

/** Cancels jobs, and emits the events of those that had waited: no worker tells of them. */
export class JobCancellation {
  constructor(
    private readonly driver: QueueDriver,
    private readonly events: QueueEvents,
    private readonly clock: Clock,
  ) {}

  async cancel(id: string, reason: string | undefined): Promise<Cancellation | null> {
    const done = await this.driver.cancellations.cancel(id, reason);
    if (done === 'cancelled' && this.events.observed.cancelled) await this.tell(id, reason);
    return done;
  }

  /**
   * Cancels the jobs of a queue that match and were pushed before the call, by slices: it is one call for many jobs, and blocks
   * nobody. See `QueueAdmin.cancelAll`.
   *
   * @throws InvalidQueueNameError, InvalidOptionError
   */
  async cancelAll(queue: string, options: CancelAllOptions = {}): Promise<number> {
    assertQueueName(queue);
    const { name, tag } = readCancelAll(options);
    const isMeant = (header: string): boolean =>
      (name === undefined || nameInRecord(header) === name) &&
      (tag === undefined || tagsInHeader(header).includes(tag));
    const { cancellations } = this.driver;
    const headers = name !== undefined || tag !== undefined;
    let [count, pushedBy, cursor]: [number, number?, string?] = [0];
    do {
      const page = await cancellations.live(queue, { limit: PAGE, headers, pushedBy, cursor });
      const ids = new Set(page.jobs.filter(({ header = '' }) => isMeant(header)).map(({ id }) => id));
      ({ pushedBy, cursor } = page);
      if (ids.size === 0) continue;
      const { ended, told } = await cancellations.cancelSome(queue, [...ids], pushedBy);
      if (this.events.observed.cancelled) await Promise.all(ended.map((id) => this.tell(id, undefined)));
      count += ended.length + told;
    } while (cursor !== undefined);
    return count;
  }

  private async tell(id: string, reason: string | undefined): Promise<void> {
    const status = await this.driver.getStatus(id).catch(() => null);
    const { queue, attempt } = status ?? { queue: '', attempt: 0 };
    const facts = { time: new Date(this.clock.now()), queue, id, name: '', attempt };
    this.events.emit('cancelled', { ...facts, ...(reason !== undefined && { reason }) });
  }
}
