import { QueueClosedError } from '../../queue.errors.js';
import type { Timer } from '../../support/clock.js';
import { waitAtMost } from '../../support/time-limit.js';
import {
  isReturn,
  type ClaimedJob,
  type ConsumerOptions,
  type QueueConsumer,
  type Settlement,
  type StepRequest,
  type StepResult,
} from '../queue-driver.interface.js';
import type { BusyLoopGuard, GuardedLease, LeaseTerms } from './busy-loop-guard.js';
import { RedisHolder, type Answer } from './redis-holder.js';
import type { RedisToolkit } from './redis-toolkit.js';

/** The most jobs that one step claims, and the most that it settles. */
const MAX_JOBS = 1_000;
/** The most of them that did not complete: each of these takes the server five times as long. */
const MAX_OTHERS = 125;
/** How long the others get to speak after a silence, in milliseconds: at least as long as it takes to connect again. */
const SHORTEST_GRACE = 3_000;
/** How long a holder tries to sign off, in milliseconds. */
const LEAVE_DEADLINE = 1_000;

const LOST: StepResult = { lost: true, refused: [], jobs: [], orphans: [], more: true, suspects: false, nextDue: null };

/**
 * Who claims and settles the jobs of a queue in Redis, as one {@link RedisHolder} after the other:
 *
 * 1. begins anew, as another one, when it was given up;
 * 2. prolongs its lease while no step does;
 * 3. gives back, when it is closed, what a step brings that is answered too late, and signs off.
 */
export class RedisConsumer implements QueueConsumer {
  /** What each sign of life says, in milliseconds. */
  private readonly terms: LeaseTerms;
  private holder: RedisHolder;
  private closed = false;
  private heartbeat: Timer | undefined;
  private lastSign = 0;
  private guarded: GuardedLease | undefined;
  private underWay: Promise<Answer | null> | undefined;

  constructor(
    readonly queue: string,
    private readonly options: ConsumerOptions,
    private readonly toolkit: RedisToolkit,
    private readonly guard: BusyLoopGuard,
    private readonly onProcessed: (now: number) => void,
  ) {
    const lease = Math.round(options.lease * 1000);
    // Two signs of life may get lost.
    const interval = Math.round(lease / 3);
    this.terms = { lease, interval, grace: Math.max(interval, SHORTEST_GRACE) };
    this.holder = new RedisHolder(queue, this.terms, toolkit);
  }

  get isClosed(): boolean {
    return this.closed;
  }

  async step(request: StepRequest): Promise<StepResult> {
    const { suspects } = request;
    const settlements = inTellingOrder(request.settlements);
    const limit = Math.min(request.limit, MAX_JOBS);
    const refused: string[] = [];
    let from = 0;
    for (let to = endOfPart(settlements, from); to < settlements.length; to = endOfPart(settlements, from)) {
      const part = settlements.slice(from, to);
      const result = await this.stepOnce({ settlements: part, limit: 0, suspects: false });
      if (result.lost) return { ...result, refused: [...refused, ...settlements.slice(from).map(({ id }) => id)] };
      refused.push(...result.refused);
      from = to;
    }
    const result = await this.stepOnce({
      settlements: from === 0 ? settlements : settlements.slice(from),
      limit,
      suspects,
    });
    return from === 0 ? result : { ...result, refused: [...refused, ...result.refused] };
  }

  private async stepOnce(request: StepRequest): Promise<StepResult> {
    if (this.closed) throw new QueueClosedError();
    this.underWay = this.holder.step(request);
    let answer: Answer | null;
    try {
      answer = await this.underWay;
    } finally {
      this.underWay = undefined;
    }
    if (this.closed) throw new QueueClosedError();
    if (!answer) {
      this.stopKeepingAlive();
      this.holder = new RedisHolder(this.queue, this.terms, this.toolkit);
      return { ...LOST, refused: request.settlements.map((settlement) => settlement.id) };
    }
    const { result, now } = answer;
    this.lastSign = this.toolkit.clock.now();
    this.keepAlive(result.jobs);
    if (request.settlements.some(isEnd)) this.onProcessed(now);
    return result;
  }

  /** Where the server is away nobody waits for the farewell; it is said when the server is back, if this driver lives on. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.stopKeepingAlive();
    const { connection, clock } = this.toolkit;
    if (!this.holder.isKnown || (!connection.isReady && !this.underWay)) return;
    const leaving = this.leave();
    if (connection.isReady) await waitAtMost(leaving, clock, LEAVE_DEADLINE);
  }

  /** Nobody takes what a step brings that is still under way. */
  private async leave(): Promise<void> {
    try {
      const late = (await this.underWay)?.result.jobs ?? [];
      if (late.length > 0) await this.holder.step({ settlements: late.map(giveBack), limit: 0, suspects: false });
      await this.holder.leave();
    } catch {
      // Its lease runs out by itself.
    }
  }

  private keepAlive(claimed: readonly ClaimedJob[]): void {
    this.heartbeat ??= this.toolkit.clock.after(this.terms.interval, this.beat);
    if (claimed.length === 0 || this.guarded) return;
    const keys = this.toolkit.keys.of(this.queue);
    this.guarded = this.guard.add({ keys, worker: this.holder.id, ...this.terms });
  }

  private stopKeepingAlive(): void {
    this.heartbeat?.cancel();
    this.heartbeat = undefined;
    this.guarded?.remove();
    this.guarded = undefined;
  }

  private readonly beat = (): void => {
    const { interval } = this.terms;
    const quiet = this.toolkit.clock.now() - this.lastSign;
    if (quiet >= interval) void this.sendHeartbeat(this.holder);
    else this.heartbeat = this.toolkit.clock.after(interval - quiet, this.beat);
  };

  private async sendHeartbeat(holder: RedisHolder): Promise<void> {
    let alive = true;
    try {
      alive = await holder.beat();
      this.lastSign = this.toolkit.clock.now();
    } catch {
      // The next one may get through; the lease bears two losses.
    }
    if (this.closed || holder !== this.holder) return;
    if (alive) {
      this.heartbeat = this.toolkit.clock.after(this.terms.interval, this.beat);
    } else {
      // The next step will be told so, and begin anew; who runs its jobs should know at once.
      this.heartbeat = undefined;
      this.options.onLost();
    }
  }
}

/** Up to where settlements can go with one step, which must not keep the server from others for long. */
function endOfPart(settlements: readonly Settlement[], from: number): number {
  let others = 0;
  const most = Math.min(settlements.length, from + MAX_JOBS);
  for (let at = from; at < most; at++) {
    if (settlements[at]!.kind !== 'complete' && ++others > MAX_OTHERS) return at;
  }
  return most;
}

/** What goes back to the front of a queue goes there from its end on: it may take more than one step. */
function inTellingOrder(settlements: readonly Settlement[]): readonly Settlement[] {
  if (endOfPart(settlements, 0) === settlements.length) return settlements;
  const returns = settlements.filter(isReturn);
  const others = settlements.filter((settlement) => !isReturn(settlement));
  return [...others, ...returns.toSorted((a, b) => b.fence - a.fence)];
}

function giveBack({ id, fence }: ClaimedJob): Settlement {
  return { kind: 'release', id, fence, delay: 0, position: 'front' };
}

function isEnd(settlement: Settlement): boolean {
  return settlement.kind === 'complete' || settlement.kind === 'fail';
}
