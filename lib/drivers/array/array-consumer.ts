import { QueueClosedError } from '../../queue.errors.js';
import type { Clock, Timer } from '../../support/clock.js';
import type { ConsumerOptions, QueueConsumer, StepRequest, StepResult } from '../queue-driver.interface.js';
import { ArrayHolder } from './array-holder.js';
import type { ArrayQueue } from './array-queue.js';

/** How often the lease is renewed before it would run out: two renewals may come late. */
const RENEWALS_PER_LEASE = 3;

/** What is more is for the next step to find out. */
const LOST: StepResult = {
  lost: true,
  refused: [],
  jobs: [],
  orphans: [],
  more: true,
  suspects: false,
  nextDue: null,
};

/**
 * A holder of jobs of one queue.
 *
 * 1. Passes each step on to the queue, and goes on as another holder after its lease was lost.
 * 2. Renews the lease as long as it holds jobs: no timer otherwise. Who holds nothing has nothing to lose.
 */
export class ArrayConsumer implements QueueConsumer {
  readonly queue: string;
  private holder = new ArrayHolder();
  private renewal: Timer | undefined;
  private closed = false;

  constructor(
    private readonly state: ArrayQueue,
    private readonly options: ConsumerOptions,
    private readonly clock: Clock,
    private readonly onClose: (consumer: ArrayConsumer) => void,
  ) {
    this.queue = state.name;
  }

  async step(request: StepRequest): Promise<StepResult> {
    if (this.closed) throw new QueueClosedError(`The consumer of queue ${this.queue}`);
    if (this.holder.isLost) {
      this.holder = new ArrayHolder();
      this.keepLease();
      return { ...LOST, refused: request.settlements.map((settlement) => settlement.id) };
    }
    this.renew();
    const result = this.state.step(this.holder, request);
    this.keepLease();
    return result;
  }

  async close(): Promise<void> {
    this.closed = true;
    this.renewal?.cancel();
    this.onClose(this);
  }

  private renew(): void {
    this.holder.renew(this.clock.now() + this.options.lease * 1000);
  }

  /** Has the timer that what is held needs, and none where nothing is. */
  private keepLease(): void {
    if (this.holder.jobs.size === 0) {
      this.renewal?.cancel();
      this.renewal = undefined;
    } else {
      this.renewal ??= this.clock.after((this.options.lease * 1000) / RENEWALS_PER_LEASE, () => this.onRenewal());
    }
  }

  private onRenewal(): void {
    this.renewal = undefined;
    if (this.holder.isLost) {
      this.options.onLost();
    } else {
      this.renew();
      this.keepLease();
    }
  }
}
