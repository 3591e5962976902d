import type { Clock, Timer } from '../support/clock.js';
import { inTurn, strictOrder, type LaneOrder } from './lane-order.js';
import type { QueueLane } from './queue-lane.js';

/** How long a queue is left alone whose storage answered with an error, in milliseconds. */
const REST = 1_000;
/** How often a queue that had nothing is asked again while another one has more than enough, in milliseconds. */
const LOOK = 100;

/**
 * How long slots are kept free for an answer, in milliseconds: its part of the storage (a node of a cluster) may be away, and
 * the other queues are not to suffer for it. A late answer finds its slots taken, and what it brings is given back.
 */
const PATIENCE = 1_000;

/**
 * The queues of a session, and which of them is worth asking for jobs:
 *
 * 1. one that may have some, in the order of the session;
 * 2. one that nobody has listened to for a while, since another one kept the worker busy;
 * 3. one that has suspects, where none runs or is asked for: one of them at a time in a process, as it may kill it;
 * 4. none that rests, because its storage could not serve, or that owes an answer for too long;
 * 5. with a second lane, one whose jobs are claimed ahead.
 */
export class LaneSet {
  private readonly order: LaneOrder;
  /** With the second ones. */
  private readonly all: readonly QueueLane[];
  private readonly rests = new Map<QueueLane, Timer>();
  private patience: Timer | undefined;

  /** @param strict whether a queue waits while one before it has jobs */
  constructor(
    readonly lanes: readonly QueueLane[],
    readonly strict: boolean,
    private readonly clock: Clock,
  ) {
    this.all = lanes.flatMap((lane) => lane.both);
    this.order = strict ? strictOrder(lanes) : inTurn(lanes);
  }

  /** Those that can be told and asked something, the first one to be asked first. */
  get atWork(): readonly QueueLane[] {
    const { lanes } = this.order;
    return this.rests.size === 0 ? lanes : lanes.filter((lane) => !this.rests.has(lane));
  }

  /** How many jobs the steps that are under way may bring. */
  get reserved(): number {
    return this.all.reduce((sum, lane) => sum + lane.reserved, 0);
  }

  /** How many slots are kept free for them. */
  get keptSlots(): number {
    return this.all.reduce((sum, lane) => sum + lane.keptSlots, 0);
  }

  /** Whether no answer is awaited, and no queue rests. */
  get isStill(): boolean {
    return this.rests.size === 0 && this.all.every((lane) => !lane.isBusy);
  }

  /** Whether the storage knows how every attempt ended, and owes no answer. */
  get isFlushed(): boolean {
    return this.all.every((lane) => !lane.isBusy && !lane.hasNews);
  }

  /** Whether one is worth asking. */
  get anyHungry(): boolean {
    return this.lanes.some((lane) => this.isHungry(lane));
  }

  isHungry(lane: QueueLane): boolean {
    const { first } = lane;
    if (this.rests.has(first) || first.isStuck || lane.isStuck) return false;
    if (lane !== first) return first.isBusy && first.hasMore && lane.ahead.isFar && this.mayClaimAhead(first);
    if (lane.hungry || (lane.suspectsLeft && this.mayTakeSuspect)) return true;
    return lane.unheard && this.clock.now() - lane.askedAt >= LOOK;
  }

  /** Whether jobs of a queue may be claimed ahead: not where another one has an equal or a better right to the next slot. */
  mayClaimAhead({ first: lane }: QueueLane): boolean {
    for (const other of this.lanes) {
      if (other === lane) {
        if (this.strict) return true;
      } else if (other.hasMore) {
        return false;
      }
    }
    return true;
  }

  get mayTakeSuspect(): boolean {
    return this.all.every((lane) => lane.heldSuspects === 0 && !lane.asksForSuspect);
  }

  /** Is told that a queue is asked for jobs. */
  asked({ first: lane }: QueueLane): void {
    lane.hungry = false;
    lane.unheard = false;
    lane.askedAt = this.clock.now();
    this.order.asked(lane);
  }

  /** Is told that a step of a queue is sent; calls `then` when others have waited long enough for its answer. */
  sent(lane: QueueLane, then: () => void): void {
    if (this.lanes.length < 2) return;
    lane.sentAt = this.clock.now();
    this.patience ??= this.clock.after(PATIENCE, () => this.loseHeart(then));
  }

  /** Is told that a queue had more jobs than were claimed. */
  overflowed({ first: lane }: QueueLane): void {
    lane.hungry = true;
    this.order.overflowed(lane);
  }

  /** @param queue `null` for all of them */
  setHungry(queue: string | null): void {
    for (const lane of this.lanes) if (queue === null || lane.queue === queue) lane.hungry = true;
  }

  /** Leaves a queue alone for a while. */
  letRest({ first: lane }: QueueLane, then: () => void): void {
    this.rests.get(lane)?.cancel();
    const timer = this.clock.after(REST, () => {
      this.rests.delete(lane);
      lane.hungry = true;
      then();
    });
    this.rests.set(lane, timer);
  }

  async close(): Promise<void> {
    this.patience?.cancel();
    for (const rest of this.rests.values()) rest.cancel();
    this.rests.clear();
    await Promise.all(this.all.map((lane) => lane.close()));
  }

  private loseHeart(then: () => void): void {
    this.patience = undefined;
    const now = this.clock.now();
    const awaited = this.all.filter((lane) => lane.isBusy && !lane.isStuck);
    const stuck = awaited.filter((lane) => now - lane.sentAt >= PATIENCE);
    for (const lane of stuck) lane.isStuck = true;
    if (awaited.length > stuck.length) {
      const oldest = Math.min(...awaited.filter((lane) => !lane.isStuck).map((lane) => lane.sentAt));
      this.patience = this.clock.after(oldest + PATIENCE - now, () => this.loseHeart(then));
    }
    if (stuck.length > 0) then();
  }
}
