import type { BatchKey, QueueBatches } from '../drivers/queue-batches.interface.js';
import type { FlowJob } from '../drivers/queue-flows.interface.js';

/** The most parts that are under way at once. */
const IN_FLIGHT = 4;

/** Feeds members to a batch in parts, of which some are under way at once. */
export class BatchFeed {
  /** The number of the next member. */
  count = 0;
  /** The queue of the first member. */
  queue: string | undefined;
  private readonly underWay = new Set<Promise<void>>();
  /** The first numbers of the parts that were not pushed yet. */
  private readonly open = new Set<number>();
  private failure: { readonly error: unknown } | undefined;

  constructor(
    private readonly batches: QueueBatches,
    private readonly key: BatchKey,
  ) {}

  /** Feeds members, and waits while too many parts are under way. @throws the first error of any part */
  async add(members: readonly FlowJob[]): Promise<void> {
    const first = this.count;
    this.count += members.length;
    this.queue ??= members[0]?.queue;
    this.open.add(first);
    const feeding = this.batches
      .feed(this.key, first, members, Math.min(...this.open))
      .then(
        () => void this.open.delete(first),
        (error: unknown) => (this.failure ??= { error }),
      )
      .then(() => void this.underWay.delete(feeding));
    this.underWay.add(feeding);
    while (this.underWay.size >= IN_FLIGHT) await Promise.race(this.underWay);
    this.check();
  }

  /** Waits for all parts. @throws the first error of any part */
  async end(): Promise<void> {
    await this.settled();
    this.check();
  }

  /** Resolves when no part is under way. */
  async settled(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay);
  }

  private check(): void {
    if (this.failure) throw this.failure.error;
  }
}
