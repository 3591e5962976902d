import { Inject, Injectable } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { CheckpointCodec } from '../checkpoints/checkpoint-codec.js';
import { JobRegistry } from '../discovery/job.registry.js';
import type { QueueDriver } from '../drivers/queue-driver.interface.js';
import { QueueEvents } from '../events/queue-events.js';
import { InvalidOptionError } from '../queue.errors.js';
import type { ResolvedQueueOptions } from '../queue.options.js';
import { CLOCK, QUEUE_DRIVER, QUEUE_LOGGER, RESOLVED_QUEUE_OPTIONS } from '../queue.tokens.js';
import { RecoveryGate } from '../recovery/recovery-gate.js';
import { Sampler } from '../stats/sampler.js';
import { toMonotonic, type Clock, type MonotonicClock } from '../support/clock.js';
import type { Duration } from '../support/duration.js';
import { areWorkersManual } from '../support/manual-worker.js';
import { ownContexts } from '../support/own-context.js';
import type { QueueLogger } from '../support/queue-logger.js';
import { isCalledByJob } from './called-by-job.js';
import type { JobReport } from './job-report.js';
import { ReportSubject } from './report-subject.js';
import type { StopReason } from './run-limits.js';
import { PausedQueues } from './paused-queues.js';
import { onSecondSignal } from './second-signal.js';
import { readJobOptions, readSeconds, readSessionOptions, type WorkerRunOptions } from './session-options.js';
import { createExecutor } from './work-pipeline.js';
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
  private session: WorkerSession | undefined;
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
    return this.session !== undefined;
  }

  /**
   * Starts to work in the background, and logs the queues, the concurrency and the server. A worker that runs already goes on; a
   * worker that is stopping stops all the same.
   *
   * @throws InvalidJobError if a dependency of a job class has no provider
   */
  start(): void {
    if (!this.session) this.announce(this.open({}));
  }

  /**
   * Stops claiming, waits for the running jobs, and requeues those that do not end in time. Resolves when everything is settled.
   * A second call is fine; the shorter timeout counts.
   *
   * @param options.timeout how long to wait for running jobs. Default: the option `worker.shutdownTimeout`
   * @throws InvalidOptionError
   */
  async stop(options: { timeout?: Duration } = {}): Promise<void> {
    const timeout =
      options.timeout === undefined ? this.options.worker.shutdownTimeout : readSeconds('timeout', options.timeout);
    if (this.session && isCalledByJob()) this.logger.warn(STOPPED_BY_JOB);
    await this.session?.stop('stopped', timeout * 1000);
  }

  /**
   * Pauses a queue, or all queues, in this process only: the worker starts no more of their jobs, and requeues those that it has
   * claimed and not started. Running jobs go on. It holds until {@link resume}, also while the worker is stopped.
   *
   * @param queue the queue; all queues, also those that come later, if it is left out
   * @throws InvalidQueueNameError
   */
  pause(queue?: string): void {
    if (this.paused.add(queue)) this.session?.setPaused(this.paused.has);
  }

  /**
   * Ends {@link pause} for a queue. Without a queue it ends every pause of this process.
   *
   * @throws InvalidQueueNameError
   */
  resume(queue?: string): void {
    if (this.paused.delete(queue)) this.session?.setPaused(this.paused.has);
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
    return this.open(options).ended();
  }

  /**
   * Works the jobs that are ready now, at most as many as run at once, and resolves when they have ended: for tests, and for
   * programs with a loop of their own. Jobs that become ready meanwhile are left for the next call.
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
      await this.open({ stopWhenEmpty: true, maxJobs: this.options.worker.concurrency }, true).ended();
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
    if (this.session) throw new InvalidOptionError('worker', 'a worker that does not run yet', 'one that runs');
  }

  /** @param once whether each queue is asked for jobs only once */
  private open(options: WorkerRunOptions, once = false): WorkerSession {
    return this.inOwnContext(() => this.openSession(options, once));
  }

  private openSession(options: WorkerRunOptions, once: boolean): WorkerSession {
    const { driver, registry, gate, events, clock, logger, reports } = this;
    registry.prepareToRun();
    const sessionOptions = readSessionOptions(options, this.options.worker, this.allQueues, once);
    const parts = { options: this.options, registry, events, clock, logger };
    const executor = createExecutor(parts, readJobOptions(options));
    const checkpoints = new CheckpointCodec(this.options);
    const sampler = this.options.stats ? new Sampler(clock) : undefined;
    const sessionParts = { driver, executor, events, gate, clock, logger, reports, checkpoints, sampler };
    const session = new WorkerSession(sessionOptions, sessionParts);
    this.session = session;
    void session.ended().finally(() => {
      if (this.session === session) this.session = undefined;
    });
    if (!this.paused.isEmpty) session.setPaused(this.paused.has);
    session.start();
    return session;
  }

  /** Logs what the worker does, and warns of queues that job classes of this application name and this worker does not work. */
  private announce({ options: { queues, strict, concurrency } }: WorkerSession): void {
    const several = queues.length > 1;
    const order = several ? (strict ? ', in this order' : ', in turn') : '';
    this.logger.log(
      `Working queue${several ? 's' : ''} ${queues.join(', ')}${order}; concurrency ${concurrency}; ${this.driver.address}`,
    );
    for (const queue of this.registry.queues()) {
      if (queues.includes(queue)) continue;
      this.logger.warn(
        `Queue ${queue} is named by a job class, but this worker does not work it: another worker has to`,
      );
    }
  }

  /** The default queue and the queues of all job classes. Another queue comes first each time, so that short runs serve all. */
  private readonly allQueues = (): string[] => {
    const queues = [...new Set([this.options.default, ...this.registry.queues()])];
    const first = this.sessions++ % queues.length;
    return [...queues.slice(first), ...queues.slice(0, first)];
  };
}
