import type { Subject } from 'rxjs';
import type { QueueDriver, StepResult } from '../drivers/queue-driver.interface.js';
import { LeaseLostError, QueueClosedError, WorkerShutdownError } from '../queue.errors.js';
import type { Clock, Timer } from '../support/clock.js';
import { Condition } from '../support/condition.js';
import { toError } from '../support/error-text.js';
import type { QueueLogger } from '../support/queue-logger.js';
import { Backlog, type HeldJob } from './backlog.js';
import { ClaimAhead } from './claim-ahead.js';
import { Drain, type Drainable } from './drain.js';
import { IdleWatch } from './idle-watch.js';
import type { Attempt, JobExecutor } from './job-executor.js';
import { toSettlement, type JobOutcome } from './job-outcome.js';
import { toReport, type JobReport } from './job-report.js';
import { LaneSet } from './lane-set.js';
import { QueueLane } from './queue-lane.js';
import { RunLimits, type LimitOptions, type StopReason } from './run-limits.js';
import { SessionLog } from './session-log.js';

/** The most jobs that are claimed at once. */
const MAX_CLAIM = 500;
/** How long a claimed job waits for a slot before it is given back to those who may have one, in milliseconds. */
const LONGEST_WAIT = 50;
/** How many rounds may follow each other without letting the event loop turn: a storage in memory answers at once. */
const ROUNDS_PER_TURN = 16;

export interface SessionOptions extends LimitOptions {
  readonly queues: readonly string[];
  /** Whether a queue waits while one before it has jobs. */
  readonly strict: boolean;
  readonly concurrency: number;
  /** How many jobs may be claimed beyond that. */
  readonly prefetch: number;
  /** Seconds. */
  readonly lease: number;
  readonly stopWhenEmpty: boolean;
  /** Whether each queue is asked for jobs only once. */
  readonly once: boolean;
}

export interface SessionParts {
  readonly driver: QueueDriver;
  readonly executor: JobExecutor;
  readonly clock: Clock;
  readonly logger: QueueLogger;
  readonly reports: Subject<JobReport>;
}

/**
 * One run of the worker, from start to stop. Its heart is {@link pump}: whenever something has changed (a slot is free, a
 * queue got a job, a step was answered) it looks at every queue, tells it what has ended, and claims for the free slots.
 */
export class WorkerSession implements Drainable {
  readonly changed = new Condition();

  private readonly lanes: LaneSet;
  private readonly watch: IdleWatch;
  private readonly limits: RunLimits;
  private readonly log: SessionLog;
  private readonly active = new Map<Attempt, HeldJob>();
  /** What was claimed ahead. */
  private readonly backlog = new Backlog();
  private impatience: Timer | undefined;
  /** Whether a job ran since the queues were last found to be empty. */
  private worked = false;
  private scheduled = false;
  private rounds = 0;
  private drain: Drain | undefined;
  private reason: StopReason = 'stopped';
  private ending: Promise<StopReason> | undefined;

  constructor(
    private readonly options: SessionOptions,
    private readonly parts: SessionParts,
  ) {
    const { driver, clock, logger } = parts;
    this.lanes = new LaneSet(options.queues.map(this.openLane), options.strict, clock);
    this.watch = new IdleWatch(driver.listen(options.queues), clock, this.wake);
    this.limits = new RunLimits(options, clock, (reason) => void this.stop(reason, Infinity));
    this.log = new SessionLog(logger);
  }

  start(): void {
    this.limits.start();
    this.pump();
  }

  /** Resolves when the session has ended. */
  async ended(): Promise<StopReason> {
    await this.changed.until(() => this.ending !== undefined);
    return this.ending!;
  }

  /**
   * Stops: see {@link Drain}. Stopping again can only shorten the wait.
   *
   * @param timeout how long to wait for running jobs, in milliseconds
   */
  async stop(reason: StopReason, timeout: number): Promise<StopReason> {
    if (!this.drain) {
      this.reason = reason;
      this.drain = new Drain(this, this.parts.clock);
      this.ending = this.drain.run().then(() => this.reason);
      this.changed.notify();
    }
    this.drain.hasten(timeout);
    return this.ending!;
  }

  isIdle(): boolean {
    return this.active.size === 0;
  }

  isFlushed(): boolean {
    return this.lanes.isFlushed;
  }

  async stopClaiming(): Promise<void> {
    this.limits.stop();
    this.giveBack();
    this.pump();
    await this.watch.close();
  }

  abortJobs(): void {
    const reason = new WorkerShutdownError();
    for (const attempt of this.active.keys()) attempt.control.abort(reason);
  }

  putJobsBack(): void {
    for (const attempt of this.active.keys()) {
      const isHeld = !(attempt.control.aborted instanceof LeaseLostError);
      if (isHeld) this.log.putBack(attempt);
      this.conclude(attempt, { kind: isHeld ? 'returned' : 'abandoned' });
    }
    this.pump();
  }

  async closeLanes(): Promise<void> {
    await this.lanes.close();
  }

  private readonly openLane = (queue: string): QueueLane => {
    const onLost = (): void => {
      this.abandon(lane);
      this.wake(queue);
    };
    const { driver, clock } = this.parts;
    const { concurrency, prefetch, lease } = this.options;
    const consumer = driver.consume(queue, { lease, onLost });
    const lane: QueueLane = new QueueLane(queue, consumer, new ClaimAhead(concurrency, prefetch, clock));
    return lane;
  };

  private readonly pump = (): void => {
    this.scheduled = false;
    let free = this.freeSlots();
    let claiming = this.drain === undefined;
    for (const lane of this.lanes.atWork) {
      if (!lane.isBusy) {
        const limit = claiming && this.lanes.isHungry(lane) ? this.limitOf(lane, free) : 0;
        if (limit > 0 || lane.hasNews) void this.step(lane, limit);
        free -= limit;
      }
      if (this.options.strict && (lane.reserved > 0 || this.lanes.isHungry(lane))) claiming = false;
    }
    this.rest(free);
    this.changed.notify();
  };

  /** What is left to do when there is nothing to tell or to ask for. */
  private rest(free: number): void {
    if (this.drain) return;
    if (this.limits.remaining <= 0 && this.backlog.size === 0) void this.stop('max-jobs', Infinity);
    else if (free <= 0 || this.lanes.anyHungry) return;
    else if (this.options.stopWhenEmpty && this.active.size === 0 && this.lanes.isStill) this.confirmEmpty();
    else if (!this.options.once && this.lanes.atWork.length > 0) this.watch.wait();
  }

  /** Nothing is ready only if every queue says so after the last job has ended: that one may have pushed others. */
  private confirmEmpty(): void {
    if (!this.worked || this.options.once) {
      void this.stop('empty', Infinity);
      return;
    }
    this.worked = false;
    this.lanes.setHungry(null);
    this.pump();
  }

  /** Jobs that end together are told together. */
  private schedule(): void {
    if (this.active.size === 0 && this.rounds++ < ROUNDS_PER_TURN) {
      this.pump();
    } else if (!this.scheduled) {
      this.scheduled = true;
      setImmediate(() => {
        this.rounds = 0;
        this.pump();
      });
    }
  }

  /** Less than none where claimed jobs wait for a slot. */
  private freeSlots(): number {
    const free = this.options.concurrency - this.active.size - this.backlog.size;
    return Math.min(free, this.limits.remaining) - this.lanes.reserved;
  }

  private limitOf(lane: QueueLane, free: number): number {
    if (!this.isAhead(lane)) return Math.max(Math.min(free, MAX_CLAIM), 0);
    return Math.max(Math.min(lane.ahead.limit(free), this.limits.remaining - this.lanes.reserved, MAX_CLAIM), 0);
  }

  private isAhead(lane: QueueLane): boolean {
    return lane.ahead.isOn && this.lanes.mayClaimAhead(lane);
  }

  private async step(lane: QueueLane, limit: number): Promise<void> {
    const suspects = limit > 0 && this.lanes.mayTakeSuspect;
    if (limit > 0) this.lanes.asked(lane);
    let result: StepResult;
    try {
      result = await lane.step(limit, suspects);
    } catch (error) {
      lane.failed();
      this.onTrouble(lane, toError(error));
      return;
    }
    this.takeIn(lane, result, limit);
    lane.done();
    // The storage gets its next step before the jobs run, where one is allowed.
    if (this.backlog.size > 0 && this.isAhead(lane)) this.pump();
    this.launch();
    this.schedule();
  }

  private takeIn(lane: QueueLane, result: StepResult, limit: number): void {
    if (result.lost) this.abandon(lane);
    lane.isLost = false;
    this.log.answered(lane.queue, result);
    if (!this.options.once) {
      if (result.more || result.lost) this.lanes.overflowed(lane);
      lane.suspectsLeft = result.suspects;
      this.watch.setDue(lane.queue, result.nextDue);
    }
    if (limit === 0) return;
    lane.hasMore = result.more;
    const claim = lane.ahead.taken(result.jobs.length, result.more);
    this.limits.take(result.jobs.length);
    for (const job of result.jobs) {
      if (job.crashes > 0) this.lanes.heldSuspects++;
      this.backlog.add({ lane, claim, job });
    }
    // They were claimed while the worker was told to stop, or while it gave back those before them.
    if (this.drain || lane.givesBack) this.giveBack();
  }

  /** Runs claimed jobs, as many as there are slots. */
  private launch(): void {
    while (this.active.size < this.options.concurrency) {
      const held = this.backlog.shift();
      if (!held) return;
      this.run(held);
    }
    if (this.backlog.size > 0) this.impatience ??= this.parts.clock.after(LONGEST_WAIT, this.onImpatience);
  }

  private run(held: HeldJob): void {
    const { executor } = this.parts;
    const attempt = executor.begin(held.lane.queue, held.job);
    this.worked = true;
    this.active.set(attempt, held);
    void executor.execute(attempt).then((outcome) => {
      this.conclude(attempt, outcome);
      this.launch();
      this.schedule();
    });
  }

  private conclude(attempt: Attempt, outcome: JobOutcome): void {
    const held = this.active.get(attempt);
    // It was put back already, and what its handler says now comes too late.
    if (!held) return;
    this.active.delete(attempt);
    attempt.timeout?.cancel();
    this.letGo(held);
    const { lane, job } = held;
    const settlement = toSettlement(job.id, job.fence, outcome);
    if (settlement) lane.settle(settlement);
    const { reports, clock } = this.parts;
    if (reports.observed) reports.next(toReport(attempt, outcome, clock.now()));
  }

  private letGo({ lane, claim, job }: HeldJob): void {
    if (job.crashes > 0) this.lanes.heldSuspects--;
    lane.ahead.ended(claim);
  }

  /** Gives back what was claimed and has not begun. */
  private giveBack(): void {
    const waiting = this.backlog.takeOut();
    this.limits.giveBack(waiting.length);
    for (const held of waiting) {
      const { id, fence } = held.job;
      this.letGo(held);
      held.lane.settle({ kind: 'release', id, fence, delay: 0, position: 'front' });
      held.lane.ahead.reset();
      held.lane.givesBack = held.lane.isBusy;
    }
    this.impatience?.cancel();
    this.impatience = undefined;
  }

  private readonly onImpatience = (): void => {
    this.impatience = undefined;
    const { first } = this.backlog;
    if (!first) return;
    const waited = this.parts.clock.now() - first.claim.takenAt;
    if (waited < LONGEST_WAIT) {
      this.impatience = this.parts.clock.after(LONGEST_WAIT - waited, this.onImpatience);
    } else {
      this.giveBack();
      this.pump();
    }
  };

  /** The jobs of a queue are not held any more: others may run them. */
  private abandon(lane: QueueLane): void {
    if (lane.isLost) return;
    lane.isLost = true;
    const reason = new LeaseLostError(lane.queue);
    this.log.leaseLost(reason);
    for (const held of this.backlog.takeOut(lane)) {
      this.limits.giveBack(1);
      this.letGo(held);
    }
    for (const [attempt, held] of this.active) {
      if (held.lane === lane) attempt.control.abort(reason);
    }
  }

  private onTrouble(lane: QueueLane, error: Error): void {
    if (error instanceof QueueClosedError) {
      // There is nobody left to tell.
      lane.forget();
      void this.stop('stopped', 0);
    } else {
      this.log.trouble(lane.queue, error);
      this.lanes.letRest(lane, this.pump);
    }
    this.pump();
  }

  private readonly wake = (queue: string | null): void => {
    if (queue !== null && this.freeSlots() <= 0) this.watch.pass(queue);
    this.lanes.setHungry(queue);
    this.pump();
  };
}
