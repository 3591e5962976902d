import type { Subject } from 'rxjs';
import type { QueueDriver, StepResult } from '../drivers/queue-driver.interface.js';
import { LeaseLostError, QueueClosedError, WorkerShutdownError } from '../queue.errors.js';
import type { Clock } from '../support/clock.js';
import { Condition } from '../support/condition.js';
import { toError } from '../support/error-text.js';
import type { QueueLogger } from '../support/queue-logger.js';
import { ClaimAhead } from './claim-ahead.js';
import { Drain, type Drainable } from './drain.js';
import { IdleWatch } from './idle-watch.js';
import type { JobExecutor } from './job-executor.js';
import type { JobReport } from './job-report.js';
import { LaneSet } from './lane-set.js';
import { QueueLane } from './queue-lane.js';
import { RunLimits, type LimitOptions, type StopReason } from './run-limits.js';
import { SessionLog } from './session-log.js';
import { Slots } from './slots.js';

/** The most jobs that are claimed at once. */
const MAX_CLAIM = 300;
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
  private readonly slots: Slots;
  private scheduled = false;
  private rounds = 0;
  private drain: Drain | undefined;
  private reason: StopReason = 'stopped';
  private ending: Promise<StopReason> | undefined;

  constructor(
    private readonly options: SessionOptions,
    private readonly parts: SessionParts,
  ) {
    const { driver, executor, clock, logger, reports } = parts;
    const onEnd = (): void => this.schedule();
    this.slots = new Slots(options.concurrency, { executor, clock, reports, onEnd, onGivenBack: this.onGivenBack });
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
    return this.slots.running === 0;
  }

  isFlushed(): boolean {
    return this.lanes.isFlushed;
  }

  async stopClaiming(): Promise<void> {
    this.limits.stop();
    this.giveBack();
    await this.watch.close();
  }

  abortJobs(): void {
    this.slots.abort(new WorkerShutdownError());
  }

  putJobsBack(): void {
    this.slots.putBack((attempt) => this.log.putBack(attempt));
    this.pump();
  }

  async closeLanes(): Promise<void> {
    await this.lanes.close();
  }

  private readonly openLane = (queue: string): QueueLane => {
    const { concurrency, prefetch } = this.options;
    const first = this.openOne(queue, new ClaimAhead(concurrency, prefetch, this.parts.clock));
    if (prefetch > 0) this.openOne(queue, first.ahead, first);
    return first;
  };

  private openOne(queue: string, ahead: ClaimAhead, first?: QueueLane): QueueLane {
    const onLost = (): void => {
      this.abandon(lane);
      this.wake(queue);
    };
    const consumer = this.parts.driver.consume(queue, { lease: this.options.lease, onLost });
    const lane: QueueLane = new QueueLane(queue, consumer, ahead, first);
    return lane;
  }

  private readonly pump = (): void => {
    this.scheduled = false;
    let free = this.freeSlots();
    let claiming = this.drain === undefined;
    for (const lane of this.lanes.atWork) {
      for (const each of lane.both) {
        if (each.isBusy || each.isHeldBack) continue;
        const limit = claiming && each.mayClaim && this.lanes.isHungry(each) ? this.limitOf(each, free) : 0;
        if (limit > 0 || each.hasNews) void this.step(each, limit);
        free -= limit;
      }
      const isAwaited = lane.both.some((each) => each.keptSlots > 0);
      if (this.options.strict && (isAwaited || this.lanes.isHungry(lane))) claiming = false;
    }
    this.rest(free);
    this.changed.notify();
  };

  /** What is left to do when there is nothing to tell or to ask for. */
  private rest(free: number): void {
    if (this.drain) return;
    if (this.limits.remaining <= 0 && this.slots.waiting === 0) void this.stop('max-jobs', Infinity);
    else if (free <= 0 || this.lanes.anyHungry) return;
    else if (this.options.stopWhenEmpty && this.slots.running === 0 && this.lanes.isStill) this.confirmEmpty();
    else if (!this.options.once && this.lanes.atWork.length > 0) this.watch.wait();
  }

  /** Nothing is ready only if every queue says so after the last job has ended: that one may have pushed others. */
  private confirmEmpty(): void {
    if (!this.slots.worked || this.options.once) {
      void this.stop('empty', Infinity);
      return;
    }
    this.slots.worked = false;
    this.lanes.setHungry(null);
    this.pump();
  }

  /** Jobs that end together are told together. */
  private schedule(): void {
    if (this.slots.running === 0 && this.rounds++ < ROUNDS_PER_TURN) {
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
    return Math.min(this.slots.free - this.lanes.keptSlots, this.limits.remaining - this.lanes.reserved);
  }

  private limitOf(lane: QueueLane, free: number): number {
    const wanted = this.isAhead(lane) ? lane.ahead.limit(free) : free;
    return Math.max(Math.min(wanted, this.limits.remaining - this.lanes.reserved, MAX_CLAIM), 0);
  }

  private isAhead(lane: QueueLane): boolean {
    return lane.ahead.isOn && this.lanes.mayClaimAhead(lane);
  }

  private async step(lane: QueueLane, limit: number): Promise<void> {
    const suspects = limit > 0 && this.lanes.mayTakeSuspect;
    if (limit > 0) this.lanes.asked(lane);
    this.lanes.sent(lane, this.pump);
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
    if (this.slots.waiting > 0 && this.isAhead(lane)) this.pump();
    this.slots.fill();
    this.schedule();
  }

  private takeIn(lane: QueueLane, result: StepResult, limit: number): void {
    if (result.lost) this.abandon(lane);
    lane.isLost = false;
    this.log.answered(lane.queue, result);
    if (!this.options.once) {
      if (result.more || result.lost) this.lanes.overflowed(lane);
      lane.first.suspectsLeft = result.suspects;
      this.watch.setDue(lane.queue, result.nextDue);
    }
    if (limit === 0) return;
    lane.first.hasMore = result.more;
    this.slots.hold(lane, result.jobs, result.more);
    this.limits.take(result.jobs.length);
    // They were claimed while the worker was told to stop, or while it gave back those before them.
    if (this.drain || lane.givesBack) this.giveBack();
  }

  private giveBack(): void {
    this.onGivenBack(this.slots.giveBack());
  }

  private readonly onGivenBack = (count: number): void => {
    if (count === 0) return;
    this.limits.giveBack(count);
    this.pump();
  };

  /** The jobs that a lane claimed are not held any more: others may run them. */
  private abandon(lane: QueueLane): void {
    if (lane.isLost) return;
    lane.isLost = true;
    const reason = new LeaseLostError(lane.queue);
    this.log.leaseLost(reason);
    this.limits.giveBack(this.slots.abandon(lane, reason));
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
