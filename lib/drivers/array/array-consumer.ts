import { QueueClosedError } from '../../queue.errors.js';
import type { Clock, Timer } from '../../support/clock.js';
import type { ConsumerOptions, PollLimits, QueueConsumer, PollRequest, PollResult } from '../queue-driver.interface.js';
import { ArrayLease } from './array-lease.js';
import type { ArrayQueue } from './array-queue.js';

/** How often the lease is renewed before it would run out: two renewals may come late. */
const RENEWALS_PER_LEASE = 3;

/** As those of a storage that others use too, so that a worker does the same on each. */
const LIMITS: PollLimits = { claims: 300, settlements: 300, costly: 125, inFlight: 2 };

/** What is more is for the next poll to find out. */
const LOST: PollResult = {
  lost: true,
  refused: [],
  jobs: [],
  danglingIds: [],
  takenOver: [],
  more: true,
  recovered: false,
  nextDue: null,
};

/**
 * A lease of jobs of one queue.
 *
 * 1. Passes each poll on to the queue, and goes on as another lease after its lease was lost.
 * 2. Renews the lease as long as it holds jobs: no timer otherwise. Who holds nothing has nothing to lose.
 */
export class ArrayConsumer implements QueueConsumer {
  readonly queue: string;
  readonly limits = LIMITS;
  private lease = new ArrayLease();
  private renewal: Timer | undefined;
  private closed = false;
  /** Whether a poll has been told that the lease was lost, and its caller has not heard of it. */
  private isTellingLoss = false;

  constructor(
    private readonly state: ArrayQueue,
    private readonly options: ConsumerOptions,
    private readonly clock: Clock,
    private readonly onClose: (consumer: ArrayConsumer) => void,
  ) {
    this.queue = state.name;
  }

  async poll(request: PollRequest): Promise<PollResult> {
    if (this.closed) throw new QueueClosedError(`The consumer of queue ${this.queue}`);
    if (this.lease.isLost || this.isTellingLoss) return this.tellLoss(request);
    this.renew();
    const result = this.state.poll(this.lease, request);
    this.keepLease();
    return result;
  }

  /** Begins anew, and refuses what was asked for before the caller could know of the loss. */
  private tellLoss({ settlements }: PollRequest): PollResult {
    const isFirst = !this.isTellingLoss;
    if (isFirst) {
      this.lease = new ArrayLease();
      this.keepLease();
      this.isTellingLoss = true;
      queueMicrotask(() => (this.isTellingLoss = false));
    }
    return { ...LOST, lost: isFirst, refused: settlements.map(({ id }) => id) };
  }

  async close(): Promise<void> {
    this.closed = true;
    this.renewal?.cancel();
    this.onClose(this);
  }

  private renew(): void {
    this.lease.renew(this.clock.now() + this.options.lease * 1000);
  }

  /** Has the timer that what is held needs, and none where nothing is. */
  private keepLease(): void {
    if (this.lease.jobs.size === 0) {
      this.renewal?.cancel();
      this.renewal = undefined;
    } else {
      this.renewal ??= this.clock.after((this.options.lease * 1000) / RENEWALS_PER_LEASE, () => this.onRenewal());
    }
  }

  private onRenewal(): void {
    this.renewal = undefined;
    if (this.lease.isLost) {
      this.options.onLost();
    } else {
      this.renew();
      this.keepLease();
    }
  }
}
