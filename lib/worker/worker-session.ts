import type { Subject } from 'rxjs';
import type { ClaimedJob, QueueDriver, StepResult } from '../drivers/queue-driver.interface.js';
import { LeaseLostError, QueueClosedError, WorkerShutdownError } from '../queue.errors.js';
import type { Clock } from '../support/clock.js';
import { Condition } from '../support/condition.js';
import { toError } from '../support/error-text.js';
import type { QueueLogger } from '../support/queue-logger.js';
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
/** How many rounds may follow each other without letting the event loop turn: a storage in memory answers at once. */
const ROUNDS_PER_TURN = 16;

export interface SessionOptions extends LimitOptions {
  readonly queues: readonly string[];
  /** Whether a queue waits while one before it has jobs. */
  readonly strict: boolean;
  readonly concurrency: number;
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
  private readonly active = new Map<Attempt, QueueLane>();
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
    await this.watch.close();
  }

  abortJobs(): void {
    const reason = new WorkerShutdownError();
    for (const attempt of this.active.keys()) attempt.control.abort(reason);
  }

  putJobsBack(): void {
    for (const [attempt, lane] of this.active) {
      const isHeld = !(attempt.control.aborted instanceof LeaseLostError);
      if (isHeld) this.log.putBack(attempt);
      this.conclude(lane, attempt, { kind: isHeld ? 'returned' : 'abandoned' });
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
    const lane: QueueLane = new QueueLane(
      queue,
      this.parts.driver.consume(queue, { lease: this.options.lease, onLost }),
    );
    return lane;
  };

  private readonly pump = (): void => {
    this.scheduled = false;
    let free = this.freeSlots();
    let claiming = this.drain === undefined;
    for (const lane of this.lanes.atWork) {
      if (!lane.isBusy) {
        const limit = claiming && this.lanes.isHungry(lane) ? Math.max(Math.min(free, MAX_CLAIM), 0) : 0;
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
    if (this.limits.remaining <= 0) void this.stop('max-jobs', Infinity);
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

  private freeSlots(): number {
    return Math.min(this.options.concurrency - this.active.size, this.limits.remaining) - this.lanes.reserved;
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
    this.takeIn(lane, result);
    lane.done();
    this.schedule();
  }

  private takeIn(lane: QueueLane, result: StepResult): void {
    if (result.lost) this.abandon(lane);
    lane.isLost = false;
    this.log.answered(lane.queue, result);
    if (!this.options.once) {
      if (result.more || result.lost) this.lanes.overflowed(lane);
      lane.suspectsLeft = result.suspects;
      this.watch.setDue(lane.queue, result.nextDue);
    }
    this.limits.take(result.jobs.length);
    for (const job of result.jobs) this.launch(lane, job);
  }

  private launch(lane: QueueLane, job: ClaimedJob): void {
    const { executor } = this.parts;
    if (this.drain) {
      // It was claimed while the worker was told to stop.
      lane.settle({ kind: 'release', id: job.id, fence: job.fence, delay: 0, position: 'front' });
      return;
    }
    const attempt = executor.begin(lane.queue, job);
    this.worked = true;
    this.active.set(attempt, lane);
    if (job.crashes > 0) this.lanes.runningSuspects++;
    void executor.execute(attempt).then((outcome) => {
      this.conclude(lane, attempt, outcome);
      this.schedule();
    });
  }

  private conclude(lane: QueueLane, attempt: Attempt, outcome: JobOutcome): void {
    // It was put back already, and what its handler says now comes too late.
    if (!this.active.delete(attempt)) return;
    const { job } = attempt;
    attempt.timeout?.cancel();
    if (job.crashes > 0) this.lanes.runningSuspects--;
    const settlement = toSettlement(job.id, job.fence, outcome);
    if (settlement) lane.settle(settlement);
    const { reports, clock } = this.parts;
    if (reports.observed) reports.next(toReport(attempt, outcome, clock.now()));
  }

  /** The jobs of a queue are not held any more: others may run them. */
  private abandon(lane: QueueLane): void {
    if (lane.isLost) return;
    lane.isLost = true;
    const reason = new LeaseLostError(lane.queue);
    this.log.leaseLost(reason);
    for (const [attempt, its] of this.active) {
      if (its === lane) attempt.control.abort(reason);
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
