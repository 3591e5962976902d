import { setImmediate } from 'node:timers';
import type { PollResult } from '../drivers/queue-driver.interface.js';
import { storedQueuesOf } from '../drivers/queue-partitions.interface.js';
import type { SentPoll } from '../polling/poll-batcher.js';
import { WorkerShutdownError } from '../queue.errors.js';
import type { RecoveryPass } from '../recovery/recovery-gate.js';
import { eventLoop } from '../support/clock.js';
import { Condition } from '../support/condition.js';
import { toError } from '../support/error-text.js';
import { DrainWatch } from './drain-watch.js';
import { JobDesks } from './job-desks.js';
import { JobPool } from './job-pool.js';
import { PrefetchWindow } from './prefetch-window.js';
import { QueueFetcher } from './queue-fetcher.js';
import { QueueNotifier } from './queue-notifier.js';
import { QueueSelector } from './queue-selector.js';
import { RunLimits, type StopReason } from './run-limits.js';
import { SessionEvents } from './session-events.js';
import { SessionLog } from './session-log.js';
import { SessionPauses } from './session-pauses.js';
import { SessionTrouble } from './session-trouble.js';
import { silenceOf } from './session-silence.js';
import type { SessionOptions, SessionParts } from './session.interface.js';
import { ShutdownSequence, type ShutdownTarget } from './shutdown-sequence.js';

/**
 * One run of the worker, from start to stop. {@link pump} is its center: after each change (a slot is free, a queue got a job, a
 * poll was answered) it goes over the queues, sends their settlements, and claims jobs for the free slots:
 *
 *     notifier wakes -> pump -> fetcher sends a poll -> take -> pool runs the jobs -> pump
 */
export class WorkerSession implements ShutdownTarget {
  readonly changed = new Condition();

  private readonly fetchers: QueueFetcher[];
  private readonly selector: QueueSelector;
  private notifier: QueueNotifier;
  private readonly limits: RunLimits;
  private readonly log: SessionLog;
  private readonly trouble: SessionTrouble;
  private readonly events: SessionEvents;
  private readonly pool: JobPool;
  private readonly pauses: SessionPauses;
  private readonly drains: DrainWatch;
  private readonly stopWatchingGate: () => void;
  /** True with a single queue: nothing has to be shared then. */
  private isSingle: boolean;
  /** Whether a queue is paused in this process. */
  private isPaused = (_queue: string): boolean => false;
  /** How many jobs the polls under way may bring. */
  private reserved = 0;
  private scheduled = false;
  private shutdown: ShutdownSequence | undefined;
  /** True if a job ran, and the queues were empty after it: that job may have pushed others, also to queues of other sessions. */
  hasWorked = false;
  private reason: StopReason = 'stopped';
  private ending: Promise<StopReason> | undefined;

  constructor(
    readonly options: SessionOptions,
    private readonly parts: SessionParts,
  ) {
    const { executor, events, clock, gate, logger, reports, sampler } = parts;
    const { schedule: onEnd, onRequeued } = this;
    const { once, stopWhenEmpty } = options;
    const runs = { once, stopWhenEmpty, onEnd, onRequeued };
    this.pool = new JobPool(options.concurrency, { executor, events, clock, reports, sampler, ...runs });
    const stored = storedQueues(options, parts);
    this.fetchers = stored.map(this.openFetcher);
    this.selector = new QueueSelector(this.fetchers, options.strict, clock, this.pump);
    this.isSingle = stored.length === 1;
    this.notifier = this.listen(stored);
    this.limits = new RunLimits(options, clock, (reason) => void this.stop(reason, Infinity));
    this.events = new SessionEvents(events, clock, this.fetchers, parts.driver);
    this.drains = new DrainWatch(parts.driver, this.pool, this.events, this.fetchers);
    this.log = new SessionLog(logger);
    this.pauses = new SessionPauses(this.fetchers, this.pool, this.log, this.events, onRequeued);
    this.trouble = new SessionTrouble(this.pool, this.selector, this.log, this.events);
    this.stopWatchingGate = gate.onOpen(() => this.schedule(false));
  }

  start(): void {
    this.events.started();
    this.limits.start();
    this.pump();
  }

  /** Resolves when the session has ended. */
  async ended(): Promise<StopReason> {
    await this.changed.until(() => this.ending !== undefined);
    return this.ending!;
  }

  /**
   * Stops: see {@link ShutdownSequence}. A second call can only shorten the wait.
   *
   * @param timeout how long to wait for running jobs, in milliseconds
   */
  async stop(reason: StopReason, timeout: number): Promise<StopReason> {
    if (!this.shutdown) {
      this.reason = reason;
      this.shutdown = new ShutdownSequence(this, this.parts.clock);
      this.ending = this.shutdown.run().then(() => {
        this.events.stopped(this.reason);
        return this.reason;
      });
      this.changed.notify();
    }
    this.shutdown.hasten(timeout);
    return this.ending!;
  }

  /** Under which ids it holds jobs. */
  get consumers(): string[] {
    return this.fetchers.map(({ consumer }) => consumer.id);
  }

  get running(): number {
    return this.pool.running;
  }

  /** For how long it has waited for the storage, in milliseconds: for the answer to a poll, or for the end of a limited wait. */
  get silence(): number {
    return silenceOf(this.fetchers, this.notifier, this.parts.clock.monotonic());
  }

  isIdle(): boolean {
    return this.pool.running === 0;
  }

  isFlushed(): boolean {
    return this.selector.isFlushed;
  }

  async stopClaiming(): Promise<void> {
    this.limits.stop();
    this.stopWatchingGate();
    this.onRequeued(this.pool.requeueBuffered());
    await this.notifier.close();
  }

  abortJobs(): void {
    this.pool.abort(new WorkerShutdownError());
  }

  requeueJobs(): void {
    this.pool.requeueRunning((attempt) => this.log.requeued(attempt));
    this.pump();
  }

  async close(): Promise<void> {
    await this.selector.close();
  }

  private readonly openFetcher = (stored: string): QueueFetcher => {
    const { prefetch, lease } = this.options;
    const { concurrency } = this.pool;
    const { driver, gate, clock, events, checkpoints, results, batches } = this.parts;
    const onLost = (): void => {
      this.limits.remaining += this.trouble.abandon(fetcher);
      this.wake(stored);
    };
    const onSignal = (): void => {
      fetcher.isCalled = true;
      this.pump();
    };
    const window = new PrefetchWindow(concurrency, prefetch, clock);
    const consumer = driver.consume(stored, { lease, onLost, onSignal });
    const desks = new JobDesks(consumer, { events, clock, checkpoints, results, flows: driver.flows, batches });
    const fetcher: QueueFetcher = new QueueFetcher(stored, consumer, window, gate, clock, desks);
    return fetcher;
  };

  /** Sends each queue's settlements, and claims jobs for the free slots. */
  private readonly pump = (): void => {
    const { selector, isSingle } = this;
    this.scheduled = false;
    let most = this.shutdown ? 0 : this.limits.remaining - this.reserved;
    const overdue = isSingle ? 0 : selector.overdueSlots;
    let free = Math.min(this.pool.free - this.reserved + overdue, most);
    const hasRoom = this.pool.free > 0 || (!selector.strict && this.pool.buffered > 0);
    let mayProbe = !isSingle && !this.options.once && !this.shutdown && hasRoom;
    let anyWanted = false;
    // Whether a queue that has jobs waits for a slot: those behind it claim nothing beyond the free slots meanwhile.
    let isOwed = false;
    // In strict order: the rank of the queue, whether those behind it wait, and whether they are not even asked.
    let [rank, isAwaited, isSure] = [-1, false, false];
    for (const fetcher of selector.inOrder) {
      const { batcher } = fetcher;
      if (selector.strict && !isSingle && selector.rankOf(fetcher) !== rank) {
        rank = selector.rankOf(fetcher);
        if (isAwaited) most = 0;
        if (isSure) mayProbe = false;
      }
      while (batcher.mayPoll) {
        if (fetcher.isLimited && this.pool.isFilling && fetcher.waitsForJobs(free) && !this.shutdown) {
          this.schedule(false);
          break;
        }
        // In a single look a chunk counts as one job, whatever its size.
        const extra = this.options.once && !this.shutdown ? fetcher.chunkRoom : 0;
        const mayClaim = most + extra > 0;
        const limit = mayClaim
          ? fetcher.claimLimit(free + extra, most + extra, isSingle || (!isOwed && selector.mayPrefetch(fetcher)))
          : 0;
        // A second poll is for claiming: settlements wait and go together.
        const isNeeded = fetcher.isCalled || (batcher.inFlight.length === 0 && batcher.hasSettlements);
        if (limit === 0 && !isNeeded) {
          if (!mayProbe || !selector.mayProbe(fetcher)) break;
          fetcher.probe();
        }
        void this.poll(fetcher, limit);
        free -= limit;
        most -= limit;
      }
      const isWanted = fetcher.wantsJobs();
      anyWanted ||= isWanted;
      if (isSingle) continue;
      const isReady = isWanted && !fetcher.isUnsure;
      isOwed ||= isReady && fetcher.reserved === 0 && !fetcher.window.isOn;
      if (!selector.strict) continue;
      isAwaited ||= isWanted || fetcher.isAwaited;
      isSure ||= isReady;
    }
    if (this.shutdown) this.changed.notify();
    else this.rest(free, anyWanted);
  };

  /** Stops or waits, if nothing is left to settle or to claim. */
  private rest(free: number, anyWanted: boolean): void {
    const { once, stopWhenEmpty } = this.options;
    const { collector } = this.pool.chunks;
    if (collector.count > 0) {
      const isFull = this.limits.remaining <= 0;
      if (this.pool.closeChunks(isFull) || isFull || collector.hurriedCount > 0) return;
    }
    if (this.limits.remaining <= 0 && this.pool.buffered === 0) void this.stop('max-jobs', Infinity);
    else if (free <= 0 || anyWanted) return;
    else if (stopWhenEmpty && this.mayBeEmpty) this.confirmEmpty();
    else if (!once && this.selector.inOrder.length > 0) void this.notifier.wait();
  }

  /** Whether nothing runs, no reply is awaited, and no job waits for a limit of its queue alone. */
  private get mayBeEmpty(): boolean {
    const isIdle = this.pool.free === this.pool.concurrency && this.selector.isQuiet;
    return isIdle && !this.fetchers.some(({ isBlocked }) => isBlocked);
  }

  /** The queues are empty only if each says so after the last job has ended: that job may have pushed others. */
  private confirmEmpty(): void {
    if (!this.pool.worked || this.options.once) {
      void this.stop('empty', Infinity);
      return;
    }
    this.pool.worked = false;
    this.hasWorked = true;
    this.selector.signal(null);
    this.pump();
  }

  /**
   * Pumps soon: jobs that end together are settled together.
   *
   * @param mayBeNow false for the next turn of the event loop
   */
  private readonly schedule = (mayBeNow = true): void => {
    // A storage in memory answers at once: many rounds may follow each other in one turn of the event loop.
    if (mayBeNow && this.pool.free === this.pool.concurrency && !eventLoop.isDue(false)) {
      this.pump();
    } else if (!this.scheduled) {
      this.scheduled = true;
      setImmediate(this.pump);
    }
  };

  private async poll(fetcher: QueueFetcher, limit: number): Promise<void> {
    const pass = limit > 0 && fetcher.mayRecover ? this.parts.gate.enter() : undefined;
    const poll = fetcher.send(limit, pass !== undefined);
    this.reserved += limit;
    if (!this.isSingle) this.selector.sent(fetcher, limit);
    let result: PollResult;
    try {
      result = await poll.reply;
    } catch (error) {
      pass?.leave();
      fetcher.failed(poll);
      this.reserved -= limit;
      if (!this.isSingle) this.selector.answered(fetcher);
      if (this.trouble.isFinal(fetcher, toError(error))) void this.stop('stopped', 0);
      this.pump();
      return;
    }
    this.take(fetcher, poll, result, pass);
    fetcher.done(poll);
    this.reserved -= limit;
    if (!this.isSingle) this.selector.answered(fetcher);
    // The storage gets its next poll before the jobs run, so that both work at the same time.
    if (result.jobs.length > 0 && fetcher.window.isOn) this.pump();
    this.pool.fill();
    this.schedule();
  }

  /** Takes in a reply, while its poll still counts as under way. */
  private take(fetcher: QueueFetcher, poll: SentPoll, result: PollResult, pass: RecoveryPass | undefined): void {
    const { limit } = poll.request;
    if (pass && !result.jobs.some(({ crashes }) => crashes > 0)) pass.leave();
    if (result.lost) this.limits.remaining += this.trouble.abandon(fetcher);
    const { refused, danglingIds, takenOver } = result;
    const isTrouble = refused.length + danglingIds.length + takenOver.length > 0;
    if (isTrouble || this.log.hasErrors) this.trouble.report(fetcher, result);
    if (this.options.once) {
      fetcher.keepLease();
    } else {
      if (result.more || result.lost) this.selector.overflowed(fetcher);
      fetcher.observe(result, limit > 0);
      this.notifier.setDue(fetcher.stored, result.nextDue);
    }
    if (limit > 0) {
      const joined = this.pool.hold(fetcher, result, pass);
      this.limits.remaining -= this.options.once ? result.jobs.length - joined : result.jobs.length;
    }
    if (result.cancelled.length > 0) this.onRequeued(this.pool.cancel(fetcher, result.cancelled, result.jobs));
    if (result.held !== fetcher.isHeldBack) this.pauses.holdBack(fetcher, result.held);
    if (result.paused !== fetcher.isHalted) this.pauses.halt(fetcher, result.paused);
    if (this.parts.events.observed['queue-drained']) this.drains.took(fetcher, result.jobs.length > 0);
    if (limit === 0) return;
    // Requeue them: the worker began to stop, or requeued older jobs, while this poll was under way.
    if (this.shutdown || poll.requeueJobs) this.onRequeued(this.pool.requeueBuffered());
    else if (fetcher.isHeld) this.onRequeued(this.pool.requeueBuffered(fetcher));
    // More was claimed to fill a chunk, and other jobs came.
    else if (this.limits.remaining < 0) this.onRequeued(this.pool.requeueLast(-this.limits.remaining));
  }

  /**
   * Pauses or resumes queues in this process only.
   *
   * @param isPaused whether a queue is paused
   */
  setPaused(isPaused: (queue: string) => boolean): void {
    if (this.shutdown) return;
    this.isPaused = isPaused;
    const queues = this.pauses.hold(isPaused);
    // Nobody takes wake-ups of a paused queue from other workers.
    void this.notifier.close();
    if (queues.length > 0) this.notifier = this.listen(queues);
    this.selector.signal(null);
    this.pump();
  }

  /** Adds stored queues: partitions of its queues, and queues, behind all others. */
  addQueues(stored: readonly string[]): void {
    if (this.shutdown) return;
    const added = stored.map(this.openFetcher);
    this.fetchers.push(...added);
    this.selector.add(added);
    this.isSingle = false;
    // The listener waits for all queues that are not paused, and the new ones are asked for jobs.
    this.setPaused(this.isPaused);
  }

  /** Sets how many jobs run at once, from now on. Running jobs are not interrupted. */
  setConcurrency(concurrency: number): void {
    this.pool.concurrency = concurrency;
    for (const { window } of this.fetchers) window.concurrency = concurrency;
    this.pool.fill();
    this.pump();
  }

  private listen(stored: readonly string[]): QueueNotifier {
    return new QueueNotifier(this.parts.driver.listen(stored), this.parts.clock, this.wake);
  }

  private readonly onRequeued = (count: number): void => {
    if (count === 0) return;
    this.limits.remaining += count;
    this.pump();
  };

  /** @param stored the stored queue that may have a job; `null` for any */
  private readonly wake = (stored: string | null): void => {
    const overdue = this.isSingle ? 0 : this.selector.overdueSlots;
    const hasSlot = this.pool.free - this.reserved + overdue > 0;
    const mayClaim = this.limits.remaining - this.reserved > 0;
    if (stored !== null && !(hasSlot && mayClaim)) this.notifier.pass(stored);
    this.selector.signal(stored);
    this.pump();
  };
}

/** Returns the stored queues of a session, those of one queue beside each other. */
function storedQueues({ queues, found = [] }: SessionOptions, { driver }: SessionParts): string[] {
  const known = queues.flatMap((queue) => storedQueuesOf(driver, queue));
  return [...new Set([...known, ...found])];
}
