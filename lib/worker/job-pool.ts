import { nextTick } from 'node:process';
import type { Subject } from 'rxjs';
import { mayHaveRun } from '../cancellation/cancelled-jobs.js';
import type { CancelledJob } from '../drivers/queue-cancellations.interface.js';
import type { ChunkSeat } from '../discovery/registered-job.interface.js';
import type { ClaimedJob } from '../drivers/queue-driver.interface.js';
import type { Sample } from '../drivers/queue-stats.interface.js';
import { emitEnded } from '../events/attempt-events.js';
import type { QueueEvents } from '../events/queue-events.js';
import type { JobOutcome } from '../job/job-outcome.js';
import type { Attempt } from '../middleware/job-stage.js';
import { JobCancelledError, LeaseLostError } from '../queue.errors.js';
import type { RecoveryPass } from '../recovery/recovery-gate.js';
import type { Sampler } from '../stats/sampler.js';
import { eventLoop, type MonotonicClock, type Timer } from '../support/clock.js';
import type { JobExecutor } from './job-executor.js';
import { kept } from '../retention/kept.js';
import { toSettlement } from './to-settlement.js';
import { toReport, type JobReport } from './job-report.js';
import type { HeldChunk, HeldJob, RunningJob, SharedSlot } from './held-job.js';
import { PoolChunks, type Arrival, type ChunkTarget } from './pool-chunks.js';
import type { QueueFetcher } from './queue-fetcher.js';

/** How long a claimed job waits for a slot before it is requeued for workers that may have a slot, in milliseconds. */
const LONGEST_WAIT = 50;

const RESOLVED = Promise.resolve();

export interface JobPoolParts {
  readonly executor: JobExecutor;
  readonly events: QueueEvents;
  readonly clock: MonotonicClock;
  readonly reports: Subject<JobReport>;
  /** Missing if the statistics are off. */
  readonly sampler?: Sampler;
  /** Called whenever a job has ended. */
  readonly onEnd: () => void;
  /** Called with the number of buffered jobs that were requeued because they waited too long. */
  readonly onRequeued: (count: number) => void;
  /** Whether each queue is asked for jobs only once. */
  readonly once?: boolean;
  /** Whether no chunk waits for further jobs. */
  readonly stopWhenEmpty?: boolean;
}

/**
 * Runs up to `concurrency` of the claimed jobs, and buffers the rest in claim order. Each result becomes a settlement of the
 * job's queue. The items of a chunk run together in one slot, and the buffer has one element for them.
 */
export class JobPool implements ChunkTarget {
  /** True if a job ran since the session last set this to false. */
  worked = false;
  /**
   * In no order: the last job takes the place of a job that ends. A `Map` to which jobs are added and from which they are deleted
   * all the time moves to a new table again and again; old tables point to newer ones, so all jobs that were ever in them stay in
   * memory until the next full garbage collection. That cost a worker a quarter of its speed.
   */
  private readonly active: RunningJob[] = [];
  /** Claimed jobs that wait for a slot, in claim order. */
  private buffer: HeldJob[] = [];
  /** How many jobs have left the front of the buffer. Removing the first element of an array would move all the others. */
  private gone = 0;
  private waitTimer: Timer | undefined;
  /** True while the event loop has its turn before the next job. */
  private isHeldUp = false;
  private isNextPlanned = false;
  /** How many of the running jobs need no slot: all items of a chunk but one. */
  private surplus = 0;
  readonly chunks: PoolChunks;

  constructor(
    /** How many jobs run at once. It may change while jobs run; they are not interrupted. */
    public concurrency: number,
    private readonly parts: JobPoolParts,
  ) {
    const { executor, clock, once: isLook, stopWhenEmpty: isHurried } = parts;
    this.chunks = new PoolChunks(executor.chunks, clock, this, { isLook, isHurried });
  }

  get running(): number {
    return this.active.length;
  }

  get buffered(): number {
    return this.buffer.length - this.gone;
  }

  /** True if a claimed job is about to begin: it has a slot. */
  get isFilling(): boolean {
    return this.buffered > 0 && this.active.length - this.surplus < this.concurrency;
  }

  /** How many slots are free; negative if buffered jobs wait for one. */
  get free(): number {
    return this.concurrency - this.active.length + this.surplus - this.buffer.length + this.gone;
  }

  /**
   * Buffers claimed jobs; {@link fill} runs them.
   *
   * @returns how many of them need no slot of their own, because they have joined a chunk
   */
  hold(fetcher: QueueFetcher, arrival: Arrival, pass?: RecoveryPass): number {
    if (this.chunks.calls.registry.hasChunks) return this.chunks.sort(fetcher, arrival, pass);
    const { jobs, more, now } = arrival;
    const claim = fetcher.window.taken(jobs.length, more, now);
    for (const job of jobs) {
      const own = job.crashes > 0 ? pass : undefined;
      // Each job passes here: to copy `WAITING` would take longer than to name its fields.
      this.buffer.push({
        fetcher,
        claim,
        job,
        pass: own,
        record: undefined,
        chunk: undefined,
        cancelled: undefined,
        attempt: undefined,
        slot: undefined,
        index: -1,
      });
    }
    return 0;
  }

  /** Returns whether jobs of a queue run or are buffered. */
  holds(queue: string): boolean {
    const isOf = (held: HeldJob): boolean => held.fetcher.queue === queue;
    return this.active.some(isOf) || this.buffer.slice(this.gone).some(isOf) || this.chunks.collector.count > 0;
  }

  /** Buffers one job, or the element of a chunk. */
  add(held: HeldJob): void {
    this.buffer.push(held);
  }

  /** Runs a chunk whose time has come. */
  onDue(): void {
    this.fill();
    this.parts.onEnd();
  }

  /** Closes chunks, see {@link PoolChunks.close}, and runs them. */
  closeChunks(all: boolean): boolean {
    const isAny = this.chunks.close(all);
    if (isAny) this.onDue();
    return isAny;
  }

  /**
   * Runs buffered jobs while slots are free: the next one now, and each further one as soon as the jobs before it wait for
   * something. Jobs that wait for nothing run one after the other, and the event loop gets its turn between them.
   *
   * @param now milliseconds on the monotonic clock. Default: it is read
   */
  fill(now?: number): void {
    if (this.isHeldUp) return;
    const held = this.active.length - this.surplus < this.concurrency ? this.buffer[this.gone] : undefined;
    if (held) {
      if (eventLoop.isDue(true)) {
        this.isHeldUp = true;
        eventLoop.afterTurn(this.goOn);
        return;
      }
      if (++this.gone === this.buffer.length) {
        this.buffer = [];
        this.gone = 0;
      }
      this.worked = true;
      if (held.chunk) this.beginChunk(held.fetcher, held.chunk, now);
      else this.begin(held, now);
    }
    if (this.buffer.length === 0) return;
    if (this.active.length - this.surplus >= this.concurrency) {
      this.waitTimer ??= this.parts.clock.after(LONGEST_WAIT, this.onLongWait);
    } else if (!this.isNextPlanned) {
      this.isNextPlanned = true;
      // A tick that is planned by a tick would come before the promises of the job that was started.
      void RESOLVED.then(this.planNext);
    }
  }

  private begin(held: HeldJob, now?: number, seat?: ChunkSeat, slot?: SharedSlot): void {
    const { executor } = this.parts;
    const { fetcher, job, claim, record, cancelled } = held;
    const attempt = executor.begin(fetcher.queue, job, claim, now);
    attempt.control.desks = fetcher.desks;
    if (record) attempt.record = record;
    if (seat) attempt.seat = seat;
    if (cancelled) attempt.control.abort(cancelled);
    held.attempt = attempt;
    held.slot = slot;
    held.index = this.active.length;
    this.active.push(held as RunningJob);
    void executor.execute(attempt).then((outcome) => {
      this.fill(this.conclude(held as RunningJob, outcome));
      this.parts.onEnd();
    });
  }

  private beginChunk({ queue }: QueueFetcher, chunk: HeldChunk, now?: number): void {
    const { items } = chunk;
    const call = this.parts.executor.chunks.open(queue, chunk.name, items.length);
    const slot = { left: items.length };
    this.chunks.collector.seal(chunk);
    this.surplus += items.length - 1;
    for (const item of items) this.begin(item, now, call.reserve(), slot);
  }

  /** Requeues all buffered and collected jobs, or those of one queue. Returns how many they were. */
  requeueBuffered(fetcher?: QueueFetcher): number {
    return this.requeue([...this.takeBuffered(fetcher), ...this.chunks.collector.take(fetcher)]);
  }

  /** Requeues the jobs that were buffered last, apart from chunks. Returns how many they were. */
  requeueLast(count: number): number {
    const waiting = this.buffer.slice(this.gone);
    const last = new Set(waiting.filter(({ chunk }) => !chunk).slice(-count));
    this.buffer = waiting.filter((held) => !last.has(held));
    this.gone = 0;
    return this.requeue([...last]);
  }

  private requeue(waiting: readonly HeldJob[]): number {
    if (this.buffered === 0) {
      this.waitTimer?.cancel();
      this.waitTimer = undefined;
    }
    for (const held of waiting) {
      this.letGo(held, { kind: 'requeued', unstarted: true });
      held.fetcher.window.reset();
      held.fetcher.chunkRoom = 0;
      held.fetcher.batcher.requeueArrivals();
    }
    return waiting.length;
  }

  /**
   * Gives up the jobs of a queue whose lease was lost: drops the buffered ones and aborts the running ones.
   *
   * @returns how many of each
   */
  abandon(fetcher: QueueFetcher, reason: LeaseLostError): { readonly buffered: number; readonly running: number } {
    const waiting = [...this.takeBuffered(fetcher), ...this.chunks.collector.take(fetcher)];
    for (const held of waiting) this.letGo(held, { kind: 'abandoned' });
    const running = this.active.filter((job) => job.fetcher === fetcher);
    for (const { attempt } of running) attempt.control.abort(reason);
    return { buffered: waiting.length, running: running.length };
  }

  /**
   * Aborts the signals of running jobs that were cancelled. Ends those that have no slot yet; one that may have run gets a slot,
   * for its `cancelled()`: another worker had it when it was cancelled, or this is not its first attempt.
   *
   * @param claimed the jobs that were claimed with the same reply
   * @returns how many have ended
   */
  cancel(fetcher: QueueFetcher, jobs: readonly CancelledJob[], claimed: readonly ClaimedJob[]): number {
    const reasons = new Map(jobs.map(({ id, reason }) => [id, reason]));
    const concerns = (held: HeldJob): boolean => held.fetcher === fetcher && !held.chunk && reasons.has(held.job.id);
    const errorOf = ({ id }: ClaimedJob): JobCancelledError => new JobCancelledError(id, reasons.get(id));
    for (const { attempt } of this.active.filter(concerns)) attempt.control.abort(errorOf(attempt.job));
    // A cancelled job is no item of a chunk any more.
    this.buffer.push(...this.chunks.takeSome(this.buffer, concerns));
    const waiting = this.buffer.slice(this.gone).filter(concerns);
    for (const held of waiting) held.cancelled ??= errorOf(held.job);
    const ending = new Set(waiting.filter(({ job }) => !claimed.includes(job) && !mayHaveRun(job)));
    if (waiting.length === 0) return 0;
    this.buffer = this.buffer.slice(this.gone).filter((held) => !ending.has(held) && held.chunk?.items.length !== 0);
    this.gone = 0;
    for (const held of ending) this.letGo(held, { kind: 'cancelled', error: held.cancelled!, hasRun: false });
    return ending.size;
  }

  /** Aborts the signal of every running job. */
  abort(reason: Error): void {
    for (const { attempt } of this.active) attempt.control.abort(reason);
  }

  /** Ends every running attempt as it stands, and requeues its job, unless the job's lease was lost. */
  requeueRunning(onEach: (attempt: Attempt) => void): void {
    const all = this.active.slice();
    for (const running of all) {
      const { attempt } = running;
      const isHeld = !(attempt.control.aborted instanceof LeaseLostError);
      if (isHeld) onEach(attempt);
      this.conclude(running, { kind: isHeld ? 'requeued' : 'abandoned' });
    }
  }

  /** Removes all buffered jobs, or those of one queue, and returns them. */
  private takeBuffered(fetcher?: QueueFetcher): HeldJob[] {
    const waiting = this.buffer.slice(this.gone);
    this.buffer = fetcher ? waiting.filter((held) => held.fetcher !== fetcher) : [];
    this.gone = 0;
    const taken = fetcher ? waiting.filter((held) => held.fetcher === fetcher) : waiting;
    for (const { chunk } of taken) if (chunk) this.chunks.collector.giveBack(chunk);
    return taken.flatMap((held) => held.chunk?.items ?? held);
  }

  /** Returns the time on the monotonic clock, unless code of the application has run since it was read. */
  private conclude(running: RunningJob, outcome: JobOutcome): number | undefined {
    const { fetcher, claim, job, pass, attempt, slot, index } = running;
    // It was requeued already; the outcome of its handler comes too late.
    if (index === -1) return undefined;
    const last = this.active.pop()!;
    if (last !== running) {
      this.active[index] = last;
      last.index = index;
    }
    running.index = -1;
    if (slot && --slot.left > 0) this.surplus--;
    attempt.seat?.leave();
    attempt.timeout?.cancel();
    const { reports, events, clock, sampler } = this.parts;
    const now = clock.monotonic();
    const { record, registered, control } = attempt;
    const options = attempt.prepared && !attempt.rejection ? record!.options : undefined;
    const sample = sampler?.sample(job, options, attempt.startedAt, claim, now);
    // Nearly all jobs end like this.
    if (
      outcome.kind === 'completed' &&
      !outcome.kept &&
      !control.desk &&
      !pass &&
      !record?.options.retention &&
      !registered?.options.retention
    ) {
      fetcher.window.ended(claim);
      fetcher.batcher.settle({ kind: 'complete', id: job.id, fence: job.fence, sample });
    } else {
      this.letGo(running, outcome, sample);
      if (outcome.kind === 'released' && outcome.hold === 'queue') this.holdBack(fetcher);
    }
    if (!reports.observed && events.listenerCount === 0) return now;
    if (reports.observed) reports.next(toReport(attempt, outcome, clock));
    if (events.listenerCount > 0) emitEnded(events, attempt, outcome, clock);
    return undefined;
  }

  /** No other job of the queue starts, not even before the storage knows of the hold. */
  private holdBack(fetcher: QueueFetcher): void {
    fetcher.batcher.requeueArrivals();
    this.parts.onRequeued(this.requeueBuffered(fetcher));
  }

  private letGo(held: HeldJob, outcome: JobOutcome, sample?: Sample): void {
    const { fetcher, claim, job, pass, attempt } = held;
    pass?.leave();
    fetcher.window.ended(claim);
    const { id, fence } = job;
    const note = attempt?.control.desk?.close();
    const pushed = attempt?.record?.options.retention;
    const own = attempt?.registered?.options.retention;
    const took = attempt ? this.parts.clock.monotonic() - attempt.startedAt : 0;
    // The next worker has to know that a job has started which could expire.
    const hasStarted = attempt?.prepared !== undefined && attempt.record!.options.expiresIn !== undefined;
    const settlement = toSettlement(id, fence, outcome, { took, sample, hasStarted });
    if (settlement) fetcher.batcher.settle(kept(note ? { ...settlement, note } : settlement, pushed, own));
  }

  /** A tick comes when no promise has anything left to do. */
  private readonly planNext = (): void => nextTick(this.fillNext);

  private readonly fillNext = (): void => {
    this.isNextPlanned = false;
    this.fill();
  };

  private readonly goOn = (): void => {
    this.isHeldUp = false;
    this.fill();
  };

  private readonly onLongWait = (): void => {
    this.waitTimer = undefined;
    const first = this.buffer[this.gone];
    // Jobs that have a slot, and only let the event loop have its turn, stay.
    if (!first || this.free >= 0) return;
    const { clock, onRequeued } = this.parts;
    const waited = clock.monotonic() - first.claim.takenAt;
    if (waited >= LONGEST_WAIT) onRequeued(this.requeue(this.takeBuffered()));
    else this.waitTimer = clock.after(LONGEST_WAIT - waited, this.onLongWait);
  };
}
