import { QueueClosedError } from '../../queue.errors.js';
import type { MonotonicClock, Timer } from '../../support/clock.js';
import type { JobNote } from '../../job/attempt-desk.interface.js';
import {
  lostLease,
  type ConsumerOptions,
  type PollLimits,
  type QueueConsumer,
  type PollRequest,
  type PollResult,
} from '../queue-driver.interface.js';
import { ArrayLease } from './array-lease.js';
import type { ArrayQueue } from './array-queue.js';

/** How often the lease is prolonged before it would run out: two of three timers may come late. */
const RENEWALS_PER_LEASE = 3;

/** The same limits as those of a shared storage, so that a worker behaves the same with each driver. */
const LIMITS: PollLimits = { claims: 300, settlements: 300, costly: 125, inFlight: 2 };

/**
 * Consumes one queue, under one lease at a time:
 *
 * 1. passes each poll to the queue, and starts a new lease after the old one was lost;
 * 2. prolongs the lease by a timer while it holds jobs. A lease without jobs has no timer, because it has nothing to lose.
 */
export class ArrayConsumer implements QueueConsumer {
  readonly queue: string;
  readonly limits = LIMITS;
  private lease = new ArrayLease();
  private renewal: Timer | undefined;
  private closed = false;
  /** True from the poll that reports a lost lease until its caller has read the reply. */
  private isReportingLoss = false;
  private readonly stopListening: (() => void) | undefined;

  constructor(
    private readonly state: ArrayQueue,
    private readonly options: ConsumerOptions,
    private readonly clock: MonotonicClock,
    private readonly onClose: (consumer: ArrayConsumer) => void,
  ) {
    this.queue = state.name;
    this.stopListening = options.onSignal && state.pause.listen(options.onSignal);
  }

  get id(): string {
    return this.lease.id;
  }

  async poll(request: PollRequest): Promise<PollResult> {
    if (this.closed) throw new QueueClosedError(`The consumer of queue ${this.queue}`);
    if (this.lease.isLost || this.isReportingLoss) return this.reportLoss(request);
    this.renew();
    const result = this.state.poll(this.lease, request);
    this.keepLease();
    return result;
  }

  async note(id: string, fence: number, number: number, note: JobNote): Promise<boolean> {
    if (this.closed) throw new QueueClosedError(`The consumer of queue ${this.queue}`);
    return this.state.note(this.lease, id, fence, number, note);
  }

  /** Starts a new lease, and refuses all settlements: the caller sent them before it could know of the loss. */
  private reportLoss(request: PollRequest): PollResult {
    const isFirst = !this.isReportingLoss;
    if (isFirst) {
      this.lease = new ArrayLease();
      this.keepLease();
      this.isReportingLoss = true;
      queueMicrotask(() => (this.isReportingLoss = false));
    }
    return lostLease(request, isFirst);
  }

  async close(): Promise<void> {
    this.closed = true;
    this.renewal?.cancel();
    this.stopListening?.();
    this.onClose(this);
  }

  private renew(): void {
    this.lease.renew(this.clock.monotonic() + this.options.lease * 1000);
  }

  /** Starts the timer if the lease holds jobs, and cancels it if it holds none. */
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
