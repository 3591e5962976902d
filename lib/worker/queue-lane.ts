import type { QueueConsumer, Settlement, StepResult } from '../drivers/queue-driver.interface.js';
import type { ClaimAhead } from './claim-ahead.js';

/** The most settlements that go with one step. */
const MAX_SETTLEMENTS = 500;

/**
 * A queue as the worker sees it: its consumer, what there is to tell it, and whether it is worth asking for jobs.
 */
export class QueueLane {
  /** Whether the queue may have jobs that this worker could take. */
  hungry = true;
  /** Whether more jobs were ready than were taken when the queue was last asked; taken for granted until then. */
  hasMore = true;
  /** Whether jobs of lost holders were left when the queue was last asked. */
  suspectsLeft = false;
  /** How many suspects of the queue run, or wait in this process for a slot. */
  heldSuspects = 0;
  /** When the queue was last asked for jobs; milliseconds. */
  askedAt = 0;
  /** Whether jobs may have come since then without a word: nobody listens while another queue has more than enough. */
  unheard = false;
  /** How many jobs the step under way may bring. */
  reserved = 0;
  /** Whether the step under way may bring a suspect. */
  asksForSuspect = false;
  /** Whether what the step under way brings is to be given back, with what was claimed before it. */
  givesBack = false;
  /** Whether the lease was found to be lost; the next step begins anew. */
  isLost = false;
  /** When the step under way was sent; milliseconds. */
  sentAt = 0;
  /** Whether the answer to it is long in coming: others need not wait for it. */
  isStuck = false;

  private settlements: Settlement[] = [];
  private underWay: readonly Settlement[] | undefined;

  constructor(
    readonly queue: string,
    private readonly consumer: QueueConsumer,
    /** How many jobs to claim beyond the free slots. */
    readonly ahead: ClaimAhead,
  ) {}

  /** Whether a step is under way: there is one at a time. */
  get isBusy(): boolean {
    return this.underWay !== undefined;
  }

  /** How many slots others may not take. */
  get keptSlots(): number {
    return this.isStuck ? 0 : this.reserved;
  }

  get hasNews(): boolean {
    return this.settlements.length > 0;
  }

  settle(settlement: Settlement): void {
    this.settlements.push(settlement);
  }

  /** Forgets what was to be told: there is nobody left to tell. */
  forget(): void {
    this.settlements = [];
  }

  /**
   * Tells and claims. The lane stays busy, and the slots reserved, until whoever asked has taken the answer in and says
   * {@link done} or {@link failed}: in between, others would take the slots for free.
   */
  step(limit: number, suspects: boolean): Promise<StepResult> {
    const settlements = this.settlements.splice(0, MAX_SETTLEMENTS);
    this.underWay = settlements;
    this.reserved = limit;
    this.asksForSuspect = suspects;
    return this.consumer.step({ settlements, limit, suspects });
  }

  done(): void {
    this.underWay = undefined;
    this.reserved = 0;
    this.asksForSuspect = false;
    this.givesBack = false;
    this.isStuck = false;
  }

  /** What could not be told is kept for the next step. */
  failed(): void {
    this.settlements.unshift(...(this.underWay ?? []));
    this.done();
  }

  async close(): Promise<void> {
    await this.consumer.close();
  }
}
