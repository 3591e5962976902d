import { QueueClosedError } from '../../queue.errors.js';
import type { Timer } from '../../support/clock.js';
import { waitAtMost } from '../../support/time-limit.js';
import {
  isRequeue,
  type ClaimedJob,
  type ConsumerOptions,
  type PollLimits,
  type QueueConsumer,
  type Settlement,
  type PollRequest,
  type PollResult,
} from '../queue-driver.interface.js';
import type { HeartbeatThread, ProlongedLease, LeaseTerms } from './heartbeat-thread.js';
import { RedisLease, type Answer } from './redis-lease.js';
import type { RedisToolkit } from './redis-toolkit.js';

/** The most jobs that one poll claims, and the most that it settles. */
const MAX_JOBS = 1_000;
/** The most of them that did not complete: each of these takes the server five times as long. */
const MAX_OTHERS = 125;
/** How long the others get to speak after a silence, in milliseconds: at least as long as it takes to connect again. */
const SHORTEST_GRACE = 3_000;
/** How long a lease tries to sign off, in milliseconds. */
const LEAVE_DEADLINE = 1_000;

const LIMITS: PollLimits = { claims: 300, settlements: 300, costly: 125, inFlight: 1 };

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
 * Who claims and settles the jobs of a queue in Redis, as one {@link RedisLease} after the other:
 *
 * 1. begins anew, as another one, when it was given up;
 * 2. prolongs its lease while no poll does;
 * 3. gives back, when it is closed, what a poll brings that is answered too late, and signs off.
 */
export class RedisConsumer implements QueueConsumer {
  readonly limits = LIMITS;
  /** What each sign of life says, in milliseconds. */
  private readonly terms: LeaseTerms;
  private current: RedisLease;
  private closed = false;
  private heartbeat: Timer | undefined;
  private lastSign = 0;
  private guarded: ProlongedLease | undefined;
  private underWay: Promise<Answer | null> | undefined;

  constructor(
    readonly queue: string,
    private readonly options: ConsumerOptions,
    private readonly toolkit: RedisToolkit,
    private readonly guard: HeartbeatThread,
    private readonly onProcessed: (now: number) => void,
  ) {
    const lease = Math.round(options.lease * 1000);
    // Two signs of life may get lost.
    const interval = Math.round(lease / 3);
    this.terms = { lease, interval, grace: Math.max(interval, SHORTEST_GRACE) };
    this.current = new RedisLease(queue, this.terms, toolkit);
  }

  get isClosed(): boolean {
    return this.closed;
  }

  async poll(request: PollRequest): Promise<PollResult> {
    const { recovered } = request;
    const settlements = inTellingOrder(request.settlements);
    const limit = Math.min(request.limit, MAX_JOBS);
    const refused: string[] = [];
    let from = 0;
    for (let to = endOfPart(settlements, from); to < settlements.length; to = endOfPart(settlements, from)) {
      const part = settlements.slice(from, to);
      const result = await this.pollOnce({ settlements: part, limit: 0, recovered: false });
      if (result.lost) return { ...result, refused: [...refused, ...settlements.slice(from).map(({ id }) => id)] };
      refused.push(...result.refused);
      from = to;
    }
    const result = await this.pollOnce({
      settlements: from === 0 ? settlements : settlements.slice(from),
      limit,
      recovered,
    });
    return from === 0 ? result : { ...result, refused: [...refused, ...result.refused] };
  }

  private async pollOnce(request: PollRequest): Promise<PollResult> {
    if (this.closed) throw new QueueClosedError();
    this.underWay = this.current.poll(request);
    let answer: Answer | null;
    try {
      answer = await this.underWay;
    } finally {
      this.underWay = undefined;
    }
    if (this.closed) throw new QueueClosedError();
    if (!answer) {
      this.stopKeepingAlive();
      this.current = new RedisLease(this.queue, this.terms, this.toolkit);
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
    if (!this.current.isKnown || (!connection.isReady && !this.underWay)) return;
    const leaving = this.leave();
    if (connection.isReady) await waitAtMost(leaving, clock, LEAVE_DEADLINE);
  }

  /** Nobody takes what a poll brings that is still under way. */
  private async leave(): Promise<void> {
    try {
      const late = (await this.underWay)?.result.jobs ?? [];
      if (late.length > 0) await this.current.poll({ settlements: late.map(giveBack), limit: 0, recovered: false });
      await this.current.leave();
    } catch {
      // Its lease runs out by itself.
    }
  }

  private keepAlive(claimed: readonly ClaimedJob[]): void {
    this.heartbeat ??= this.toolkit.clock.after(this.terms.interval, this.beat);
    if (claimed.length === 0 || this.guarded) return;
    const keys = this.toolkit.keys.of(this.queue);
    this.guarded = this.guard.add({ keys, consumer: this.current.id, ...this.terms });
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
    if (quiet >= interval) void this.sendHeartbeat(this.current);
    else this.heartbeat = this.toolkit.clock.after(interval - quiet, this.beat);
  };

  private async sendHeartbeat(lease: RedisLease): Promise<void> {
    let alive = true;
    try {
      alive = await lease.beat();
      this.lastSign = this.toolkit.clock.now();
    } catch {
      // The next one may get through; the lease bears two losses.
    }
    if (this.closed || lease !== this.current) return;
    if (alive) {
      this.heartbeat = this.toolkit.clock.after(this.terms.interval, this.beat);
    } else {
      // The next poll will be told so, and begin anew; who runs its jobs should know at once.
      this.heartbeat = undefined;
      this.options.onLost();
    }
  }
}

/** Up to where settlements can go with one poll, which must not keep the server from others for long. */
function endOfPart(settlements: readonly Settlement[], from: number): number {
  let others = 0;
  const most = Math.min(settlements.length, from + MAX_JOBS);
  for (let at = from; at < most; at++) {
    if (settlements[at]!.kind !== 'complete' && ++others > MAX_OTHERS) return at;
  }
  return most;
}

/** What goes back to the front of a queue goes there from its end on: it may take more than one poll. */
function inTellingOrder(settlements: readonly Settlement[]): readonly Settlement[] {
  if (endOfPart(settlements, 0) === settlements.length) return settlements;
  const returns = settlements.filter(isRequeue);
  const others = settlements.filter((settlement) => !isRequeue(settlement));
  return [...others, ...returns.toSorted((a, b) => b.fence - a.fence)];
}

function giveBack({ id, fence }: ClaimedJob): Settlement {
  return { kind: 'release', id, fence, delay: 0, position: 'front' };
}

function isEnd(settlement: Settlement): boolean {
  return settlement.kind === 'complete' || settlement.kind === 'fail';
}
