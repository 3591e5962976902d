import type { Subject } from 'rxjs';
import type { QueueDriver, PollResult } from '../drivers/queue-driver.interface.js';
import { LeaseLostError, QueueClosedError, WorkerShutdownError } from '../queue.errors.js';
import type { Clock } from '../support/clock.js';
import { Condition } from '../support/condition.js';
import { toError } from '../support/error-text.js';
import type { QueueLogger } from '../support/queue-logger.js';
import { PrefetchWindow } from './prefetch-window.js';
import { ShutdownSequence, type ShutdownTarget } from './shutdown-sequence.js';
import { QueueNotifier } from './queue-notifier.js';
import type { JobExecutor } from './job-executor.js';
import type { JobReport } from './job-report.js';
import { QueueSelector } from './queue-selector.js';
import { QueueFetcher } from './queue-fetcher.js';
import { RunLimits, type LimitOptions, type StopReason } from './run-limits.js';
import { SessionLog } from './session-log.js';
import { JobPool } from './job-pool.js';

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
 * queue got a job, a poll was answered) it looks at every queue, tells it what has ended, and claims for the free slots.
 */
export class WorkerSession implements ShutdownTarget {
  readonly changed = new Condition();

  private readonly fetchers: QueueSelector;
  private readonly watch: QueueNotifier;
  private readonly limits: RunLimits;
  private readonly log: SessionLog;
  private readonly pool: JobPool;
  private scheduled = false;
  private rounds = 0;
  private shutdown: ShutdownSequence | undefined;
  private reason: StopReason = 'stopped';
  private ending: Promise<StopReason> | undefined;

  constructor(
    private readonly options: SessionOptions,
    private readonly parts: SessionParts,
  ) {
    const { driver, executor, clock, logger, reports } = parts;
    const onEnd = (): void => this.schedule();
    this.pool = new JobPool(options.concurrency, { executor, clock, reports, onEnd, onGivenBack: this.onGivenBack });
    this.fetchers = new QueueSelector(options.queues.map(this.openFetcher), options.strict, clock);
    this.watch = new QueueNotifier(driver.listen(options.queues), clock, this.wake);
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
   * Stops: see {@link ShutdownSequence}. Stopping again can only shorten the wait.
   *
   * @param timeout how long to wait for running jobs, in milliseconds
   */
  async stop(reason: StopReason, timeout: number): Promise<StopReason> {
    if (!this.shutdown) {
      this.reason = reason;
      this.shutdown = new ShutdownSequence(this, this.parts.clock);
      this.ending = this.shutdown.run().then(() => this.reason);
      this.changed.notify();
    }
    this.shutdown.hasten(timeout);
    return this.ending!;
  }

  isIdle(): boolean {
    return this.pool.running === 0;
  }

  isFlushed(): boolean {
    return this.fetchers.isFlushed;
  }

  async stopClaiming(): Promise<void> {
    this.limits.stop();
    this.giveBack();
    await this.watch.close();
  }

  abortJobs(): void {
    this.pool.abort(new WorkerShutdownError());
  }

  putJobsBack(): void {
    this.pool.putBack((attempt) => this.log.putBack(attempt));
    this.pump();
  }

  async closeFetchers(): Promise<void> {
    await this.fetchers.close();
  }

  private readonly openFetcher = (queue: string): QueueFetcher => {
    const { concurrency, prefetch } = this.options;
    const first = this.openOne(queue, new PrefetchWindow(concurrency, prefetch, this.parts.clock));
    if (prefetch > 0) this.openOne(queue, first.ahead, first);
    return first;
  };

  private openOne(queue: string, ahead: PrefetchWindow, first?: QueueFetcher): QueueFetcher {
    const onLost = (): void => {
      this.abandon(fetcher);
      this.wake(queue);
    };
    const consumer = this.parts.driver.consume(queue, { lease: this.options.lease, onLost });
    const fetcher: QueueFetcher = new QueueFetcher(queue, consumer, ahead, first);
    return fetcher;
  }

  private readonly pump = (): void => {
    this.scheduled = false;
    let free = this.freeSlots();
    let claiming = this.shutdown === undefined;
    for (const fetcher of this.fetchers.atWork) {
      for (const each of fetcher.both) {
        if (each.isBusy || each.isHeldBack) continue;
        const limit = claiming && each.mayClaim && this.fetchers.isHungry(each) ? this.limitOf(each, free) : 0;
        if (limit > 0 || each.hasNews) void this.poll(each, limit);
        free -= limit;
      }
      const isAwaited = fetcher.both.some((each) => each.keptSlots > 0);
      if (this.options.strict && (isAwaited || this.fetchers.isHungry(fetcher))) claiming = false;
    }
    this.rest(free);
    this.changed.notify();
  };

  /** What is left to do when there is nothing to tell or to ask for. */
  private rest(free: number): void {
    if (this.shutdown) return;
    if (this.limits.remaining <= 0 && this.pool.waiting === 0) void this.stop('max-jobs', Infinity);
    else if (free <= 0 || this.fetchers.anyHungry) return;
    else if (this.options.stopWhenEmpty && this.pool.running === 0 && this.fetchers.isStill) this.confirmEmpty();
    else if (!this.options.once && this.fetchers.atWork.length > 0) this.watch.wait();
  }

  /** Nothing is ready only if every queue says so after the last job has ended: that one may have pushed others. */
  private confirmEmpty(): void {
    if (!this.pool.worked || this.options.once) {
      void this.stop('empty', Infinity);
      return;
    }
    this.pool.worked = false;
    this.fetchers.setHungry(null);
    this.pump();
  }

  /** Jobs that end together are told together. */
  private schedule(): void {
    if (this.pool.running === 0 && this.rounds++ < ROUNDS_PER_TURN) {
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
    return Math.min(this.pool.free - this.fetchers.keptSlots, this.limits.remaining - this.fetchers.reserved);
  }

  private limitOf(fetcher: QueueFetcher, free: number): number {
    const wanted = this.isAhead(fetcher) ? fetcher.ahead.limit(free) : free;
    return Math.max(Math.min(wanted, this.limits.remaining - this.fetchers.reserved, MAX_CLAIM), 0);
  }

  private isAhead(fetcher: QueueFetcher): boolean {
    return fetcher.ahead.isOn && this.fetchers.mayPrefetch(fetcher);
  }

  private async poll(fetcher: QueueFetcher, limit: number): Promise<void> {
    const recovered = limit > 0 && this.fetchers.mayTakeRecovered;
    if (limit > 0) this.fetchers.asked(fetcher);
    this.fetchers.sent(fetcher, this.pump);
    let result: PollResult;
    try {
      result = await fetcher.poll(limit, recovered);
    } catch (error) {
      fetcher.failed();
      this.onTrouble(fetcher, toError(error));
      return;
    }
    this.takeIn(fetcher, result, limit);
    fetcher.done();
    // The storage gets its next poll before the jobs run, where one is allowed.
    if (this.pool.waiting > 0 && this.isAhead(fetcher)) this.pump();
    this.pool.fill();
    this.schedule();
  }

  private takeIn(fetcher: QueueFetcher, result: PollResult, limit: number): void {
    if (result.lost) this.abandon(fetcher);
    fetcher.isLost = false;
    this.log.answered(fetcher.queue, result);
    if (!this.options.once) {
      if (result.more || result.lost) this.fetchers.overflowed(fetcher);
      fetcher.first.recoveredLeft = result.recovered;
      this.watch.setDue(fetcher.queue, result.nextDue);
    }
    if (limit === 0) return;
    fetcher.first.hasMore = result.more;
    this.pool.hold(fetcher, result.jobs, result.more);
    this.limits.take(result.jobs.length);
    // They were claimed while the worker was told to stop, or while it gave back those before them.
    if (this.shutdown || fetcher.givesBack) this.giveBack();
  }

  private giveBack(): void {
    this.onGivenBack(this.pool.giveBack());
  }

  private readonly onGivenBack = (count: number): void => {
    if (count === 0) return;
    this.limits.giveBack(count);
    this.pump();
  };

  /** The jobs that a fetcher claimed are not held any more: others may run them. */
  private abandon(fetcher: QueueFetcher): void {
    if (fetcher.isLost) return;
    fetcher.isLost = true;
    const reason = new LeaseLostError(fetcher.queue);
    this.log.leaseLost(reason);
    this.limits.giveBack(this.pool.abandon(fetcher, reason));
  }

  private onTrouble(fetcher: QueueFetcher, error: Error): void {
    if (error instanceof QueueClosedError) {
      // There is nobody left to tell.
      fetcher.forget();
      void this.stop('stopped', 0);
    } else {
      this.log.trouble(fetcher.queue, error);
      this.fetchers.letRest(fetcher, this.pump);
    }
    this.pump();
  }

  private readonly wake = (queue: string | null): void => {
    if (queue !== null && this.freeSlots() <= 0) this.watch.pass(queue);
    this.fetchers.setHungry(queue);
    this.pump();
  };
}
