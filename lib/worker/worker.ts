import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { Subject, type Observable } from 'rxjs';
import { JobRegistry } from '../discovery/job.registry.js';
import type { QueueDriver } from '../drivers/queue-driver.interface.js';
import { QueueEvents } from '../events/queue-events.js';
import { assertQueueName } from '../job/queue-name.js';
import { InvalidOptionError } from '../queue.errors.js';
import type { ResolvedQueueOptions } from '../queue.options.js';
import { CLOCK, QUEUE_DRIVER, QUEUE_LOGGER, RESOLVED_QUEUE_OPTIONS } from '../queue.tokens.js';
import type { Clock } from '../support/clock.js';
import { DURATION_EXPECTED, toSeconds, type Duration } from '../support/duration.js';
import { areWorkersManual } from '../support/manual-worker.js';
import type { QueueLogger } from '../support/queue-logger.js';
import type { JobReport } from './job-report.js';
import type { StopReason } from './run-limits.js';
import { onSecondSignal } from './second-signal.js';
import { createExecutor } from './work-pipeline.js';
import { WorkerSession, type SessionOptions } from './worker-session.js';

/** What {@link Worker.run} takes; everything else comes from the module's options. */
export interface WorkerRunOptions {
  /** Ends the run when no job is ready, none runs, and none is due. Default: false. */
  stopWhenEmpty?: boolean;
  /** Ends the run after so many jobs. Default: no limit. */
  maxJobs?: number;
  /** Ends the run after this time; running jobs are waited for. Default: no limit. */
  maxTime?: Duration;
  /** Ends the run when the process's resident memory is above this, in bytes. Looked at once a second. Default: no limit. */
  maxMemory?: number;
  /** Worked in strict order, in place of the option `worker.queues`. */
  queues?: readonly string[];
  /** In place of the option `worker.concurrency`. */
  concurrency?: number;
  /** In place of the option `jobs.maxTries`. */
  maxTries?: number;
  /** In place of the option `jobs.timeout`. */
  timeout?: Duration;
}

/**
 * Runs jobs. With the application it starts (unless `worker: false`) and stops; it can also be told to:
 *
 * - {@link start} and {@link stop};
 * - {@link run}, which resolves when the run has ended by one of its limits;
 * - {@link runOnce}, which works what is ready now.
 */
@Injectable()
export class Worker implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown {
  private readonly reports = new Subject<JobReport>();
  private session: WorkerSession | undefined;
  private sessions = 0;

  constructor(
    @Inject(QUEUE_DRIVER) private readonly driver: QueueDriver,
    @Inject(RESOLVED_QUEUE_OPTIONS) private readonly options: ResolvedQueueOptions,
    @Inject(JobRegistry) private readonly registry: JobRegistry,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(QUEUE_LOGGER) private readonly logger: QueueLogger,
    @Inject(QueueEvents) private readonly events: QueueEvents = new QueueEvents(logger),
  ) {}

  /** Each attempt of this worker, when it has ended. Nothing is made of it while nobody subscribes. */
  get reports$(): Observable<JobReport> {
    return this.reports.asObservable();
  }

  /** Whether the worker takes jobs, or waits for the last ones to end. */
  get isRunning(): boolean {
    return this.session !== undefined;
  }

  /** Begins to work in the background. A worker that runs already goes on; one that is stopping stops all the same. */
  start(): void {
    if (!this.session) this.open({});
  }

  /**
   * Stops claiming, waits for the running jobs, and puts back what does not end in time. Resolves when everything is
   * settled. Stopping twice is fine; the shorter timeout counts.
   *
   * @param options.timeout how long to wait for running jobs. Default: the option `worker.shutdownTimeout`
   * @throws InvalidOptionError
   */
  async stop(options: { timeout?: Duration } = {}): Promise<void> {
    const timeout =
      options.timeout === undefined ? this.options.worker.shutdownTimeout : seconds('timeout', options.timeout);
    await this.session?.stop('stopped', timeout * 1000);
  }

  /**
   * Works until a limit is reached or {@link stop} is called.
   *
   * @returns why it ended
   * @throws InvalidOptionError on a bad option, or when the worker runs already
   */
  async run(options: WorkerRunOptions = {}): Promise<StopReason> {
    this.assertStill();
    return this.open(options).ended();
  }

  /**
   * Works the jobs that are ready now, at most as many as run at once, and resolves when they have ended: for tests, and
   * for programs that keep the loop in their own hands. What becomes ready meanwhile is left for the next time.
   *
   * @returns how many attempts were made
   * @throws InvalidOptionError when the worker runs already
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

  onApplicationBootstrap(): void {
    if (this.options.worker.enabled && !areWorkersManual()) this.start();
  }

  /** Called before any other module is destroyed (see `QueueDrainModule`); when Nest calls it again, all is done. */
  async onModuleDestroy(): Promise<void> {
    if (this.options.worker.drainOn === 'onModuleDestroy') await this.drain();
  }

  async beforeApplicationShutdown(signal?: string): Promise<void> {
    await this.drain(signal);
  }

  private async drain(signal?: string): Promise<void> {
    // Nest tells the signal only here; where the worker drains earlier, every signal is a further one.
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
    const { driver, clock, logger, reports } = this;
    const executor = createExecutor(
      { options: this.options, registry: this.registry, events: this.events, clock, logger },
      {
        ...(options.maxTries !== undefined && { maxTries: count('maxTries', options.maxTries) }),
        ...(options.timeout !== undefined && { timeout: seconds('timeout', options.timeout) }),
      },
    );
    const session = new WorkerSession(this.settle(options, once), { driver, executor, clock, logger, reports });
    this.session = session;
    void session.ended().finally(() => {
      if (this.session === session) this.session = undefined;
    });
    session.start();
    return session;
  }

  private settle(options: WorkerRunOptions, once: boolean): SessionOptions {
    const { worker } = this.options;
    const queues = options.queues === undefined ? worker.queues : queueNames(options.queues);
    return {
      queues: queues ?? this.allQueues(),
      strict: queues !== undefined,
      concurrency: options.concurrency === undefined ? worker.concurrency : count('concurrency', options.concurrency),
      prefetch: once ? 0 : worker.prefetch,
      lease: worker.lease,
      stopWhenEmpty: options.stopWhenEmpty ?? false,
      once,
      ...(options.maxJobs !== undefined && { maxJobs: count('maxJobs', options.maxJobs) }),
      ...(options.maxTime !== undefined && { maxTime: seconds('maxTime', options.maxTime) }),
      ...(options.maxMemory !== undefined && { maxMemory: count('maxMemory', options.maxMemory) }),
    };
  }

  /** Another one comes first each time, so that short runs serve them in turn as well. */
  private allQueues(): string[] {
    const queues = [...new Set([this.options.default, ...this.registry.queues()])];
    const first = this.sessions++ % queues.length;
    return [...queues.slice(first), ...queues.slice(0, first)];
  }
}

function queueNames(names: readonly string[]): readonly string[] {
  for (const name of names) assertQueueName(name);
  if (names.length > 0 && new Set(names).size === names.length) return names;
  throw new InvalidOptionError('queues', 'a list of queue names, each once, that is not empty', names);
}

function seconds(option: string, value: Duration): number {
  const result = toSeconds(value);
  if (result === undefined) throw new InvalidOptionError(option, DURATION_EXPECTED, value);
  return result;
}

function count(option: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidOptionError(option, 'an integer of at least 1', value);
  return value;
}
