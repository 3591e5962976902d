import type { Cancellation } from '../drivers/queue-cancellations.interface.js';
import type { QueueDriver } from '../drivers/queue-driver.interface.js';
import type { QueueEvents } from '../events/queue-events.js';
import type { Clock } from '../support/clock.js';

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

  private async tell(id: string, reason: string | undefined): Promise<void> {
    const status = await this.driver.getStatus(id).catch(() => null);
    const { queue, attempt } = status ?? { queue: '', attempt: 0 };
    const facts = { time: new Date(this.clock.now()), queue, id, name: '', attempt };
    this.events.emit('cancelled', { ...facts, ...(reason !== undefined && { reason }) });
  }
}
