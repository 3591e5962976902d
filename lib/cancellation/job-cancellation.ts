import type { Cancellation } from '../drivers/queue-cancellations.interface.js';
import type { QueueDriver } from '../drivers/queue-driver.interface.js';
import type { QueueEvents } from '../events/queue-events.js';
import { carriedInHeader, groupInHeader, labelsInHeader, nameInRecord, tagsInHeader } from '../job/job-record.js';
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
    const known = this.events.observed.cancelled ? await this.look(id).catch(() => undefined) : undefined;
    const done = await this.driver.cancellations.cancel(id, reason);
    if (done === 'cancelled' && this.events.observed.cancelled) await this.tell(id, known, reason);
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
    const { name, tag, group } = readCancelAll(options);
    const isMeant = (header: string): boolean =>
      (name === undefined || nameInRecord(header) === name) &&
      (tag === undefined || tagsInHeader(header).includes(tag)) &&
      (group === undefined || groupInHeader(header) === group);
    const { cancellations } = this.driver;
    const headers = (name ?? tag ?? group) !== undefined || this.events.observed.cancelled;
    let [count, pushedBy, cursor]: [number, number?, string?] = [0];
    do {
      const page = await cancellations.live(queue, { limit: PAGE, headers, pushedBy, cursor });
      const meant = page.jobs.filter(({ header = '' }) => isMeant(header));
      const known = new Map(meant.map(({ id, header }) => [id, { queue, header }]));
      ({ pushedBy, cursor } = page);
      if (known.size === 0) continue;
      const { ended, told } = await cancellations.cancelSome(queue, [...known.keys()], pushedBy);
      if (this.events.observed.cancelled) await Promise.all(ended.map((id) => this.tell(id, known.get(id))));
      count += ended.length + told;
    } while (cursor !== undefined);
    return count;
  }

  /** Reads the queue and the name of a job for the event: nothing tells them any more when nothing is kept of it. */
  private async look(id: string): Promise<KnownJob | undefined> {
    const status = await this.driver.getStatus(id);
    if (!status || status.queue === '') return undefined;
    const { queue, attempt } = status;
    const job = await this.driver.lists.find(id, [queue]);
    return { queue, attempt, header: job?.body.slice(0, job.body.indexOf('\n') + 1) };
  }

  private async tell(id: string, known: KnownJob | undefined, reason?: string): Promise<void> {
    const status = await this.driver.getStatus(id).catch(() => null);
    const queue = status?.queue || (known?.queue ?? '');
    const attempt = status?.attempt ?? known?.attempt ?? 0;
    const { header = '' } = known ?? {};
    const facts = { time: new Date(this.clock.now()), queue, id, name: nameInRecord(header) ?? '', attempt };
    const event = { ...facts, ...labelsInHeader(header), ...(reason !== undefined && { reason }) };
    this.events.emit('cancelled', event, carriedInHeader(header));
  }
}

/** What is known of a job that is about to be cancelled. */
interface KnownJob {
  readonly queue: string;
  /** The header line of its record. */
  readonly header?: string;
  readonly attempt?: number;
}
