import { QueueClosedError } from '../../queue.errors.js';
import { waitAtMost, type Timer } from '../../support/clock.js';
import type {
  ClaimedJob,
  ConsumerOptions,
  PollRequest,
  PollResult,
  QueueConsumer,
  Settlement,
} from '../queue-driver.interface.js';
import type { HeartbeatThread, ProlongedLease, LeaseTerms } from './heartbeat-thread.js';
import { POLL_LIMITS } from './poll-limits.js';
import { RedisLease, type Answer } from './redis-lease.js';
import type { RedisToolkit } from './redis-toolkit.js';

/** How long the others get to speak after a silence, in milliseconds: at least as long as it takes to connect again. */
const SHORTEST_GRACE = 3_000;
/** How long a lease tries to sign off, in milliseconds. */
const LEAVE_DEADLINE = 1_000;

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
  readonly limits = POLL_LIMITS;
  /** What each sign of life says, in milliseconds. */
  private readonly terms: LeaseTerms;
  private current: RedisLease;
  private closed = false;
  private heartbeat: Timer | undefined;
  private lastSign = 0;
  private guarded: ProlongedLease | undefined;
  /** The polls that are in flight. */
  private readonly underWay = new Set<Promise<Answer | null>>();

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
    if (this.closed) throw new QueueClosedError();
    const lease = this.current;
    const answering = lease.poll(request);
    this.underWay.add(answering);
    let answer: Answer | null;
    try {
      answer = await answering;
    } finally {
      this.underWay.delete(answering);
    }
    if (this.closed) throw new QueueClosedError();
    if (!answer) return this.lose(lease, request);
    const { result, now } = answer;
    if (request.settlements.some(isEnd)) this.onProcessed(now);
    // Another poll has learned meanwhile that this lease was lost, and the jobs with it.
    if (lease !== this.current) return { ...result, jobs: [] };
    this.lastSign = this.toolkit.clock.now();
    this.keepAlive(result.jobs);
    return result;
  }

  /** Begins anew, if this is the first poll of that lease to learn that it was lost. */
  private lose(lease: RedisLease, { settlements }: PollRequest): PollResult {
    const refused = settlements.map(({ id }) => id);
    if (lease !== this.current) return { ...LOST, lost: false, refused };
    this.stopKeepingAlive();
    this.current = new RedisLease(this.queue, this.terms, this.toolkit);
    return { ...LOST, refused };
  }

  /** If the server is away nobody waits for the farewell; it is said when the server is back, if this driver lives on. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.stopKeepingAlive();
    const { connection, clock } = this.toolkit;
    if (!this.current.isKnown || (!connection.isReady && this.underWay.size === 0)) return;
    const leaving = this.leave();
    if (connection.isReady) await waitAtMost(leaving, clock, LEAVE_DEADLINE);
  }

  /** Requeues the jobs of polls that are answered after the end: nobody takes them any more. */
  private async leave(): Promise<void> {
    const answers = await Promise.allSettled(this.underWay);
    const late = answers.flatMap((each) => (each.status === 'fulfilled' ? (each.value?.result.jobs ?? []) : []));
    try {
      await this.current.leave(late);
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

function isEnd(settlement: Settlement): boolean {
  return settlement.kind === 'complete' || settlement.kind === 'fail';
}
