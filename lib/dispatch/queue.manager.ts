import { Inject, Injectable } from '@nestjs/common';
import { JobRegistry } from '../discovery/job.registry.js';
import type { QueueCounts, QueueDriver } from '../drivers/queue-driver.interface.js';
import { assertJobId } from '../job/job-id.js';
import type { PushManyOptions, PushOptions } from '../job/job-options.js';
import { isJobState, JOB_STATES, type JobState, type JobStatus } from '../job/job-status.js';
import type { JobClass, JobData, JobInterface, JobMethods } from '../job/job.interface.js';
import { assertQueueName } from '../job/queue-name.js';
import { InvalidOptionError, InvalidStatusError } from '../queue.errors.js';
import type { ResolvedQueueOptions } from '../queue.options.js';
import { RecoveryGate } from '../recovery/recovery-gate.js';
import { CLOCK, QUEUE_DRIVER, QUEUE_LOGGER, RESOLVED_QUEUE_OPTIONS } from '../queue.tokens.js';
import type { Clock } from '../support/clock.js';
import { duration } from '../support/checks.js';
import type { Duration } from '../support/duration.js';
import { errorMessage } from '../support/error-text.js';
import { OptionReader } from '../support/option-reader.js';
import type { QueueLogger } from '../support/queue-logger.js';
import { pushInChunks } from './bulk-push.js';
import { JobDispatch, type Dispatch } from './job-dispatch.js';
import { JobReserver } from '../reserve/job-reserver.js';
import type { ReservedJob } from '../reserve/reserved-job.js';

/** The options of {@link QueueManager.ping}. */
export interface PingOptions {
  /** How long to wait for the answer, at least a millisecond. Default: `redis.requestDeadline`. */
  readonly timeout?: Duration;
}

const PING_OPTIONS = ['timeout'] as const satisfies readonly (keyof PingOptions)[];
const pingTimeout = duration(0.001);

/** What a push of a class takes after the class: its data, which may be left out where `handle` needs none. */
type DataAnd<T, Rest extends unknown[]> =
  undefined extends JobData<T> ? [data?: JobData<T>, ...rest: Rest] : [data: JobData<T>, ...rest: Rest];

/**
 * The way into the queue, for applications:
 *
 * - dispatches jobs: {@link push}, {@link later}, {@link pushMany};
 * - hands single jobs out to who works them by hand: {@link pop};
 * - tells and changes what is known of jobs: {@link getJobStatus}, {@link updateJobStatus};
 * - tells about queues and empties them: {@link counts}, {@link queues}, {@link clear}, {@link ping}.
 *
 * Everything is checked before anything is written. All methods reject with a `QueueError`.
 */
@Injectable()
export class QueueManager {
  private readonly dispatch: JobDispatch;
  private readonly reserver: JobReserver;

  constructor(
    @Inject(QUEUE_DRIVER) private readonly driver: QueueDriver,
    @Inject(RESOLVED_QUEUE_OPTIONS) private readonly options: ResolvedQueueOptions,
    @Inject(JobRegistry) registry: JobRegistry,
    @Inject(CLOCK) clock: Clock,
    @Inject(QUEUE_LOGGER) logger: QueueLogger,
    @Inject(RecoveryGate) gate: RecoveryGate = new RecoveryGate(),
  ) {
    this.dispatch = new JobDispatch(registry, options, clock);
    this.reserver = new JobReserver(driver, gate, registry, options, clock, logger);
  }

  /**
   * Dispatches a job.
   *
   * @param jobClass the job's class, with its data as the next argument; or an instance of a class that carries its data
   * @param to the queue, or options of this push
   * @returns the job's id
   * @throws InvalidJobError where the class is no job, not registered, or of the other form
   * @throws InvalidQueueNameError, InvalidJobIdError, InvalidDelayError, InvalidOptionError
   * @throws PayloadNotSerializableError, PayloadTooLargeError
   * @throws QueueConnectionError, StorageFullError where it was not stored; UnknownOutcomeError where that is not known
   */
  push<T extends JobMethods>(jobClass: JobClass<T>, ...args: DataAnd<T, [to?: string | PushOptions]>): Promise<string>;
  push(job: JobInterface, to?: string | PushOptions): Promise<string>;
  async push(job: unknown, ...args: unknown[]): Promise<string> {
    return this.send(this.dispatch.prepare(job, args));
  }

  /**
   * Dispatches a job that is not to run before a time.
   *
   * @param delay seconds, a string such as `'5m'`, or a `Date` (one that has passed stands for now)
   * @throws as {@link push} does
   */
  later<T extends JobMethods>(
    jobClass: JobClass<T>,
    data: JobData<T>,
    delay: Duration | Date,
    to?: string | Omit<PushOptions, 'delay'>,
  ): Promise<string>;
  later(job: JobInterface, delay: Duration | Date, to?: string | Omit<PushOptions, 'delay'>): Promise<string>;
  async later(job: unknown, ...args: unknown[]): Promise<string> {
    return this.send(this.dispatch.prepareLater(job, args));
  }

  /**
   * Dispatches many jobs; thousands are fine. They are stored in chunks, those of a queue in their order.
   *
   * @param jobClass the class of all jobs, with a list of their data as the next argument; or a list of instances
   * @param to the queue, or options of these pushes (no `id`: each job gets its own)
   * @returns the ids, in the order of the list
   * @throws as {@link push} does, for the first job that is wrong; nothing was stored then
   * @throws UnknownOutcomeError naming the jobs that are not known to be stored, where others are
   */
  pushMany<T extends JobMethods>(
    jobClass: JobClass<T>,
    dataList: readonly JobData<T>[],
    to?: string | PushManyOptions,
  ): Promise<string[]>;
  pushMany(jobs: readonly JobInterface[], to?: string | PushManyOptions): Promise<string[]>;
  async pushMany(jobs: unknown, ...args: unknown[]): Promise<string[]> {
    const prepared = this.dispatch.prepareMany(jobs, args);
    await pushInChunks(this.driver, prepared);
    return prepared.map(({ job }) => job.id);
  }

  /**
   * Takes the next job of a queue, to be worked by the caller. It does not wait for one.
   *
   * @param queue default: the default queue
   * @returns the job, or `null` where none is ready
   * @throws InvalidQueueNameError, StorageCorruptError, QueueClosedError
   * @throws QueueConnectionError where no answer came in time; a job that comes after that goes back to its place
   */
  async pop<Data = unknown>(queue: string = this.options.default): Promise<ReservedJob<Data> | null> {
    assertQueueName(queue);
    return (await this.reserver.pop(queue)) as ReservedJob<Data> | null;
  }

  /**
   * Returns what is known of a job, or `null` if nothing is known of it (any more).
   *
   * A generated id names its queue, so that the number of queues does not matter. In a Redis Cluster an id that the
   * application gave is looked for in each queue.
   *
   * @throws InvalidJobIdError, QueueConnectionError
   */
  async getJobStatus(id: string): Promise<JobStatus | null> {
    assertJobId(id);
    const stored = await this.driver.getStatus(id);
    if (!stored) return null;
    const { state, queue, updatedAt, attempt, error } = stored;
    const status = { id, status: state, queue, updatedAt: new Date(updatedAt), attempt };
    return error === undefined ? status : { ...status, error };
  }

  /**
   * Overwrites what is known of a job, and only that: the job itself goes on.
   *
   * @param error what went wrong, if anything; cut to 1,000 characters
   * @throws InvalidJobIdError, InvalidStatusError, InvalidOptionError, QueueConnectionError
   */
  async updateJobStatus(id: string, status: JobState, error?: string | Error): Promise<void> {
    assertJobId(id);
    if (!isJobState(status)) throw new InvalidStatusError(status, JOB_STATES);
    await this.driver.setStatus(id, status, readErrorText(error));
  }

  /**
   * How many jobs of a queue are in which state.
   *
   * @param queue default: the default queue
   * @throws InvalidQueueNameError, QueueConnectionError
   */
  async counts(queue: string = this.options.default): Promise<QueueCounts> {
    assertQueueName(queue);
    return this.driver.counts(queue);
  }

  /**
   * Drops every job of a queue that waits, with its status. Jobs that run go on.
   *
   * @param queue default: the default queue
   * @returns how many were dropped
   * @throws InvalidQueueNameError, QueueConnectionError
   */
  async clear(queue: string = this.options.default): Promise<number> {
    assertQueueName(queue);
    return this.driver.clear(queue);
  }

  /** The names of the queues that jobs were ever pushed to, sorted. @throws QueueConnectionError */
  async queues(): Promise<string[]> {
    return this.driver.queues();
  }

  /**
   * Checks that the storage answers.
   *
   * @param options `timeout`: how long to wait for the answer. Default: `redis.requestDeadline`
   * @returns `true`
   * @throws QueueConnectionError if no answer comes in time; InvalidOptionError
   */
  async ping(options: PingOptions = {}): Promise<true> {
    const given = OptionReader.of(options, 'ping options');
    given.refuseOthers(PING_OPTIONS);
    const timeout = given.get('timeout', pingTimeout);
    await this.driver.ping(timeout === undefined ? undefined : timeout * 1000);
    return true;
  }

  /**
   * Puts popped jobs back that are not settled, when the application ends.
   *
   * @internal
   */
  async close(): Promise<void> {
    await this.reserver.close();
  }

  private async send({ queue, unique, job }: Dispatch): Promise<string> {
    await this.driver.push(queue, [job], unique);
    return job.id;
  }
}

function readErrorText(error: unknown): string | undefined {
  if (error === undefined) return undefined;
  if (typeof error === 'string') return errorMessage(new Error(error));
  if (error instanceof Error) return errorMessage(error);
  throw new InvalidOptionError('error', 'a string or an Error', error);
}
