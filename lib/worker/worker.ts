import { Inject, Injectable } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { CheckpointCodec } from '../checkpoints/checkpoint-codec.js';
import { JobRegistry } from '../discovery/job.registry.js';
import type { QueueDriver } from '../drivers/queue-driver.interface.js';
import { QueueEvents } from '../events/queue-events.js';
import { BatchDoor } from '../flows/batch-door.js';
import { InvalidOptionError } from '../queue.errors.js';
import { mayBePools, slotsCheck } from '../options/pools.reader.js';
import type { ResolvedQueueOptions } from '../queue.options.js';
import { CLOCK, QUEUE_DRIVER, QUEUE_LOGGER, RESOLVED_QUEUE_OPTIONS } from '../queue.tokens.js';
import { RecoveryGate } from '../recovery/recovery-gate.js';
import { ResultCodec } from '../results/result-codec.js';
import { ScheduleRunner } from '../schedules/schedule-runner.js';
import { Sampler } from '../stats/sampler.js';
import { toMonotonic, type Clock, type MonotonicClock } from '../support/clock.js';
import type { Duration } from '../support/duration.js';
import { areWorkersManual } from '../support/manual-worker.js';
import { ownContexts } from '../support/own-context.js';
import type { QueueLogger } from '../support/queue-logger.js';
import type { JoinedWorker } from '../drivers/queue-workers.interface.js';
import { joinWorkers } from '../workers/join-workers.js';
import { announce } from './announce.js';
import { isCalledByJob } from './called-by-job.js';
import type { JobReport } from './job-report.js';
import { ReportSubject } from './report-subject.js';
import type { StopReason } from './run-limits.js';
import { PausedQueues } from './paused-queues.js';
import { QueueDiscovery } from './queue-discovery.js';
import { onSecondSignal } from './second-signal.js';
import {
  checkRunOptions,
  readJobOptions,
  readSessions,
  readStopTimeout,
  type WorkerRunOptions,
} from './session-options.js';
import { createExecutor } from './work-pipeline.js';
import { SessionGroup } from './session-group.js';
import type { SessionOptions } from './session.interface.js';
import { WorkerSession } from './worker-session.js';

const STOPPED_BY_JOB =
  'A job stops the worker that runs it. The worker waits for its jobs: if the job waits for worker.stop() or app.close(), it waits for itself, is requeued, and does it again. Call it without await, and let the job end';

/**
 * Runs jobs. With the application it starts (unless `worker: false`) and stops; it can also be told to:
 *
 * - {@link start} and {@link stop};
 * - {@link run}, which resolves when the run has ended by one of its limits;
 * - {@link runOnce}, which works what is ready now.
 */
@Injectable()
export class Worker {
  private readonly clock: MonotonicClock;
  private readonly reports: ReportSubject;
  /** A worker that is started inside a request must not keep the context of that request, nor give it to jobs. */
  private readonly inOwnContext = ownContexts();
  private group: SessionGroup | undefined;
  /** Tells of the run to other processes. */
  private presence: JoinedWorker | undefined;
  /** What {@link setConcurrency} has set: for the whole worker, and for pools by their queue. */
  private readonly slots = new Map<string | undefined, number>();
  private sessions = 0;
  /** The queues that are paused in this process. */
  private readonly paused = new PausedQueues();

  constructor(
    @Inject(QUEUE_DRIVER) private readonly driver: QueueDriver,
    @Inject(RESOLVED_QUEUE_OPTIONS) private readonly options: ResolvedQueueOptions,
    @Inject(JobRegistry) private readonly registry: JobRegistry,
    @Inject(CLOCK) clock: Clock,
    @Inject(QUEUE_LOGGER) private readonly logger: QueueLogger,
    @Inject(QueueEvents) private readonly events: QueueEvents = new QueueEvents(logger),
    @Inject(RecoveryGate) private readonly gate: RecoveryGate = new RecoveryGate(),
    @Inject(BatchDoor) private readonly batches: BatchDoor = new BatchDoor(),
  ) {
    this.clock = toMonotonic(clock);
    this.reports = new ReportSubject(logger);
  }

  /**
   * Emits each attempt of this worker when it has ended. It costs nothing while nobody subscribes. An error that a subscriber
   * throws is logged, and the subscriber gets the next reports as well.
   */
  get reports$(): Observable<JobReport> {
    return this.reports.asObservable();
  }

  /** Whether the worker claims jobs, or waits for the last ones to end. */
  get isRunning(): boolean {
    return this.group !== undefined;
  }

  /**
   * For how long its loop has waited for the storage, in milliseconds: for an answer, or for a wake-up that should have ended by
   * itself. 0 while it does not run.
   *
   * @internal
   */
  get silence(): number {
    return this.group?.silence ?? 0;
  }

  /**
   * Starts to work in the background, and logs the queues, the concurrency and the server. A worker that runs already goes on; a
   * worker that is stopping stops all the same.
   *
   * @throws InvalidJobError if a dependency of a job class has no provider
   */
  start(): void {
    if (!this.group) this.announce(this.open({}).options);
  }

  /**
   * Stops claiming, waits for the running jobs, and requeues those that do not end in time. Resolves when everything is settled.
   * A second call is fine; the shorter timeout counts.
   *
   * @param options.timeout how long to wait for running jobs. Default: the option `worker.shutdownTimeout`
   * @throws InvalidOptionError
   */
  async stop(options: { timeout?: Duration } = {}): Promise<void> {
    const timeout = readStopTimeout(options, this.options.worker.shutdownTimeout);
    if (this.group && isCalledByJob()) this.logger.warn(STOPPED_BY_JOB);
    await this.group?.stop('stopped', timeout);
  }

  /**
   * Pauses a queue, or all queues, in this process only: the worker starts no more of their jobs, and requeues those that it has
   * claimed and not started. Running jobs go on. It holds until {@link resume}, also while the worker is stopped.
   *
   * @param queue the queue; all queues, also those that come later, if it is left out
   * @throws InvalidQueueNameError
   */
  pause(queue?: string): void {
    if (this.paused.add(queue)) this.group?.setPaused(this.paused.has);
  }

  /**
   * Ends {@link pause} for a queue. Without a queue it ends every pause of this process.
   *
   * @throws InvalidQueueNameError
   */
  resume(queue?: string): void {
    if (this.paused.delete(queue)) this.group?.setPaused(this.paused.has);
  }

  /**
   * Sets how many jobs run at once in this process, from now on; also for later starts, in place of the option
   * `worker.concurrency`. Running jobs are never interrupted: with a smaller number, fewer jobs start.
   *
   * @param args the number; of a worker with pools the queue of the pool, and the number
   * @throws InvalidOptionError if the number is wrong, or there is no such pool
   */
  setConcurrency(...args: [concurrency: number] | [queue: string, concurrency: number]): void {
    const [queue, concurrency] = args.length === 1 ? [undefined, args[0]] : args;
    assertSlots(queue, concurrency, this.group?.options ?? this.sessionOptions({}));
    this.slots.set(queue, concurrency);
    this.group?.setConcurrency(concurrency, queue);
    this.presence?.changed();
  }

  /**
   * Works until a limit is reached or {@link stop} is called.
   *
   * @returns why it ended
   * @throws InvalidOptionError on a bad option, or when the worker runs already
   * @throws InvalidJobError if a dependency of a job class has no provider
   */
  async run(options: WorkerRunOptions = {}): Promise<StopReason> {
    this.assertStill();
    checkRunOptions(options);
    return this.open(options).ended();
  }

  /**
   * Fires the schedules that are due, works the jobs that are ready now, at most as many as run at once, and resolves when they have ended: for tests, and for
   * programs with a loop of their own. Jobs that become ready meanwhile are left for the next call. A chunk counts as one job, and
   * does not wait.
   *
   * @returns how many attempts were made
   * @throws InvalidOptionError when the worker runs already
   * @throws InvalidJobError if a dependency of a job class has no provider
   */
  async runOnce(): Promise<number> {
    this.assertStill();
    let attempts = 0;
    const counting = this.reports.subscribe(() => attempts++);
    try {
      const maxJobs = this.slots.get(undefined) ?? this.options.worker.concurrency;
      await this.open({ stopWhenEmpty: true, maxJobs }, true).ended();
    } finally {
      counting.unsubscribe();
    }
    return attempts;
  }

  /**
   * Starts with the application, unless an option or the `queue-worker` command says otherwise.
   *
   * @internal
   */
  startWithApplication(): void {
    if (this.options.worker.enabled && !areWorkersManual()) this.start();
  }

  /**
   * Stops with the application. A second signal ends the wait for running jobs.
   *
   * @param signal the signal that stops the application
   * @internal
   */
  async drain(signal?: string): Promise<void> {
    // Nest passes the signal only here. If the worker drains earlier, every signal that arrives is a second one.
    const byHand = signal === undefined && this.options.worker.drainOn === 'beforeApplicationShutdown';
    const stopListening = byHand ? undefined : onSecondSignal(() => void this.stop({ timeout: 0 }), this.clock, signal);
    try {
      await this.stop();
    } finally {
      stopListening?.();
    }
  }

  private assertStill(): void {
    if (this.group) throw new InvalidOptionError('worker', 'a worker that does not run yet', 'one that runs');
  }

  /** @param once whether each queue is asked for jobs only once */
  private open(options: WorkerRunOptions, once = false): SessionGroup {
    return this.inOwnContext(() => this.openSessions(options, once));
  }

  private openSessions(options: WorkerRunOptions, once: boolean): SessionGroup {
    const { driver, registry, gate, events, clock, logger, reports } = this;
    registry.prepareToRun();
    const sessionOptions = this.sessionOptions(options, once);
    const parts = { options: this.options, registry, events, clock, logger };
    const executor = createExecutor(parts, readJobOptions(options));
    const checkpoints = new CheckpointCodec(this.options);
    const results = new ResultCodec(this.options);
    const shared = {
      driver,
      executor,
      events,
      gate,
      clock,
      logger,
      reports,
      checkpoints,
      results,
      batches: this.batches,
    };
    const schedules = new ScheduleRunner(driver, clock, logger);
    const group = new SessionGroup(
      sessionOptions,
      (each) => {
        const sampler = this.options.stats ? new Sampler(clock) : undefined;
        const session = new WorkerSession(each, { ...shared, sampler });
        if (!this.paused.isEmpty) session.setPaused(this.paused.has);
        return session;
      },
      this.discoveryOf(sessionOptions),
      // It would find the queues empty before a schedule has pushed its jobs.
      options.stopWhenEmpty ? () => schedules.fireDue() : undefined,
    );
    this.group = group;
    void group.ended().finally(() => {
      schedules.stop();
      if (this.group === group) this.group = undefined;
    });
    group.start();
    // A single look is over before anybody could see it.
    if (!once) this.tellOf(group);
    if (!once) schedules.start();
    return group;
  }

  private tellOf(group: SessionGroup): void {
    const presence = joinWorkers(this.driver.workers, this.clock, () => ({
      queues: [...new Set(group.options.flatMap(({ queues }) => queues))],
      concurrency: group.options.reduce((sum, { concurrency }) => sum + concurrency, 0),
      busy: group.running,
      consumers: group.consumers,
    }));
    this.presence = presence;
    void group.ended().finally(() => {
      presence.leave();
      if (this.presence === presence) this.presence = undefined;
    });
  }

  private discoveryOf(sessions: readonly SessionOptions[]): QueueDiscovery | undefined {
    const { driver, clock } = this;
    const isEvery = sessions[0]?.isEvery === true;
    if (!isEvery && !driver.partitions) return undefined;
    const queues = sessions.flatMap((session) => session.queues);
    return new QueueDiscovery(driver, clock, queues, isEvery);
  }

  private sessionOptions(options: WorkerRunOptions, once = false): SessionOptions[] {
    const { slots } = this;
    return readSessions(options, this.options.worker, this.allQueues, once).map((session) => {
      const own = session.isPool ? slots.get(session.queues[0]) : slots.get(undefined);
      const isGiven = options.concurrency !== undefined || mayBePools(options.queues);
      return own === undefined || isGiven ? session : Object.assign(session, { concurrency: own });
    });
  }

  private announce(sessions: readonly SessionOptions[]): void {
    const { driver, registry, logger } = this;
    const { line, warnings } = announce({ sessions, address: driver.address, jobQueues: registry.queues() });
    logger.log(line);
    for (const warning of warnings) logger.warn(warning);
  }

  /** The default queue and the queues of all job classes. Another queue comes first each time, so that short runs serve all. */
  private readonly allQueues = (): string[] => {
    const queues = [...new Set([this.options.default, ...this.registry.queues()])];
    const first = this.sessions++ % queues.length;
    return [...queues.slice(first), ...queues.slice(0, first)];
  };
}

/** Checks the arguments of `setConcurrency()`. @throws InvalidOptionError */
function assertSlots(queue: string | undefined, concurrency: unknown, sessions: readonly SessionOptions[]): void {
  if (slotsCheck.read(concurrency) === undefined) {
    throw new InvalidOptionError('concurrency', slotsCheck.expected, concurrency);
  }
  const pools = sessions.flatMap(({ isPool, queues }) => (isPool ? queues : []));
  if (queue === undefined ? pools.length === 0 : pools.includes(queue)) return;
  const expected =
    pools.length === 0
      ? 'no queue: the queues of this worker share their slots (pools are set by worker.queues)'
      : `the queue of a pool: ${pools.join(', ')}`;
  throw new InvalidOptionError('queue', expected, queue);
}
