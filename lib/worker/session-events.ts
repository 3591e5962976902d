import type { QueueDriver, TakenOver } from '../drivers/queue-driver.interface.js';
import type { QueueEvents } from '../events/queue-events.js';
import { carriedInHeader, labelsInHeader, nameInRecord } from '../job/job-record.js';
import type { Clock } from '../support/clock.js';

/** Emits the events of a session, other than those of each attempt. Makes no event that nobody observes. */
export class SessionEvents {
  constructor(
    private readonly events: QueueEvents,
    private readonly clock: Clock,
    private readonly fetchers: readonly { readonly queue: string }[],
    private readonly driver: Pick<QueueDriver, 'lists'>,
  ) {}

  started(): void {
    const { events } = this;
    if (events.observed['worker-started']) events.emit('worker-started', { time: this.now(), queues: this.queues() });
  }

  stopped(reason: string): void {
    const { events } = this;
    if (!events.observed['worker-stopped']) return;
    events.emit('worker-stopped', { time: this.now(), queues: this.queues(), reason });
  }

  recovered(queue: string, jobs: readonly TakenOver[]): void {
    const { events } = this;
    if (!events.observed.recovered) return;
    for (const job of jobs) void this.tellRecovered(queue, job);
  }

  drained(queue: string): void {
    this.events.emit('queue-drained', { time: this.now(), queue });
  }

  /** The poll tells no more than the id, because few jobs are recovered. */
  private async tellRecovered(queue: string, { id, consumer }: TakenOver): Promise<void> {
    const time = this.now();
    const job = await this.driver.lists.find(id, [queue]).catch(() => null);
    const header = job?.body.slice(0, job.body.indexOf('\n') + 1) ?? '';
    const facts = { time, queue, id, name: nameInRecord(header) ?? '', attempt: job?.attempt ?? 0 };
    this.events.emit('recovered', { ...facts, ...labelsInHeader(header), consumer }, carriedInHeader(header));
  }

  paused(queue: string): void {
    const { events } = this;
    if (events.observed['queue-paused']) events.emit('queue-paused', { time: this.now(), queue });
  }

  resumed(queue: string): void {
    const { events } = this;
    if (events.observed['queue-resumed']) events.emit('queue-resumed', { time: this.now(), queue });
  }

  leaseLost(queue: string): void {
    const { events } = this;
    if (events.observed['lease-lost']) events.emit('lease-lost', { time: this.now(), queue });
  }

  private queues(): string[] {
    return [...new Set(this.fetchers.map(({ queue }) => queue))];
  }

  private now(): Date {
    return new Date(this.clock.now());
  }
}
