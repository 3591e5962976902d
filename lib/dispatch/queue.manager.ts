import { Inject, Injectable, Optional } from '@nestjs/common';
import { JobRegistry } from '../discovery/job.registry.js';
import type { Cancellation } from '../drivers/queue-cancellations.interface.js';
import type { QueueCounts, QueueDriver } from '../drivers/queue-driver.interface.js';
import { QueueEvents } from '../events/queue-events.js';
import { JobCancellation } from '../cancellation/job-cancellation.js';
import { Carriers } from '../context/carriers.js';
import { PushDeferral } from '../deferral/push-deferral.js';
import { FlowDispatch, type DispatchedChain } from '../flows/flow-dispatch.js';
import { BatchDispatch, type DispatchedBatch } from '../flows/batch-dispatch.js';
import { BatchDoor } from '../flows/batch-door.js';
import type { BatchJobs, BatchOptions, ChainOptions, FlowMember, FlowOptions } from '../flows/flow-options.js';
import type { FlowState } from '../flows/flow-state.js';
import { buildWorkflow, type WorkflowBuilder } from '../flows/workflow-builder.js';
import { readCancelReason } from '../job/cancel-reason.js';
import { JobCodec } from '../job/job-codec.js';
import { assertJobId } from '../job/job-id.js';
import type {
  LaterArguments,
  Pushable,
  PushAndWaitArguments,
  PushableMany,
  PushArguments,
  PushManyArguments,
  PushResult,
} from '../job/push-arguments.js';
import { isJobState, JOB_STATES, type JobState, type JobStatus } from '../job/job-status.js';
import { assertQueueName } from '../job/queue-name.js';
import type { JobDetails } from '../lists/job-details.js';
import { JobLists } from '../lists/job-lists.js';
import { DISPATCH_STAGES, type DispatchResult, type DispatchStage } from '../middleware/dispatch-stage.js';
import { ResultCodec } from '../results/result-codec.js';
import { readProgress } from '../progress/progress.js';
import { InvalidOptionError, InvalidStatusError, JobNotFoundError } from '../queue.errors.js';
import type { ResolvedQueueOptions } from '../queue.options.js';
import { RecoveryGate } from '../recovery/recovery-gate.js';
import { CLOCK, QUEUE_DRIVER, QUEUE_LOGGER, RESOLVED_QUEUE_OPTIONS } from '../queue.tokens.js';
import { toMonotonic, type Clock } from '../support/clock.js';
import { duration } from '../support/checks.js';
import type { Duration } from '../support/duration.js';
import { isError } from '../support/error-reading.js';
import { errorMessage } from '../support/error-text.js';
import { OptionReader } from '../support/option-reader.js';
import type { QueueLogger } from '../support/queue-logger.js';
import { JobDispatch } from './job-dispatch.js';
import { isNamedJob } from './named-job.js';
import { JobReserver } from '../reserve/job-reserver.js';
import type { ReservedJob } from '../reserve/reserved-job.js';
import { JobWaiter } from '../waiting/job-waiter.js';
import { readPushAndWaitOptions, readWaitOptions, type WaitOptions } from '../waiting/wait-options.js';

/** The options of {@link QueueManager.ping}. */
export interface PingOptions {
  /** How long to wait for the answer, at least a millisecond. Default: `redis.requestDeadline`. */
  readonly timeout?: Duration;
}

const DEFERRED = 'its push is deferred, and it is stored later';

const PING_OPTIONS = ['timeout'] as const satisfies readonly (keyof PingOptions)[];
const pingTimeout = duration(0.001);

/**
 * Gives applications access to the queues:
 *
 * - dispatches jobs: {@link push}, {@link later}, {@link pushMany}, {@link dispatch}, {@link dispatchMany}, {@link deferPushes};
 * - reserves single jobs for callers that process them without a worker: {@link pop};
 * - reads jobs, and changes their status: {@link getJob}, {@link getJobStatus}, {@link updateJobStatus}, {@link cancel};
 * - waits for jobs: {@link waitFor}, {@link pushAndWait};
 * - dispatches jobs that belong together: {@link chain}, {@link batch}, {@link workflow};
 * - reads about queues and empties them: {@link counts}, {@link queues}, {@link clear}, {@link ping}.
 *
 * Everything is checked before anything is written. All methods reject with a `QueueError`.
 */
@Injectable()
export class QueueManager {
  /** @internal */
  readonly pipeline: JobDispatch;
  private readonly reserver: JobReserver;
  private readonly results: ResultCodec;
  private readonly cancellation: JobCancellation;
  private readonly waiter: JobWaiter;
  private readonly lists: JobLists;
  private readonly flows: FlowDispatch;
  private readonly batches: BatchDispatch;

  constructor(
    @Inject(QUEUE_DRIVER) private readonly driver: QueueDriver,
    @Inject(RESOLVED_QUEUE_OPTIONS) private readonly options: ResolvedQueueOptions,
    @Inject(JobRegistry) registry: JobRegistry,
    @Inject(CLOCK) clock: Clock,
    @Inject(QUEUE_LOGGER) logger: QueueLogger,
    @Inject(QueueEvents) events: QueueEvents,
    @Inject(RecoveryGate) gate: RecoveryGate,
    @Optional() @Inject(DISPATCH_STAGES) stages: readonly DispatchStage[] = [],
    @Inject(BatchDoor) door: BatchDoor = new BatchDoor(),
  ) {
    const codec = new JobCodec(options);
    this.results = new ResultCodec(options);
    this.waiter = new JobWaiter(driver, toMonotonic(clock), (id, text) => this.results.decode(id, text));
    const parts = {
      driver,
      registry,
      codec,
      events,
      clock,
      defaultQueue: options.default,
      retryFor: options.jobs.retryFor,
      carriers: Carriers.of(options.carriers),
      afterCommit: options.afterCommit,
      hasTransactions: options.transactions !== undefined,
    };
    const { transactions } = options;
    const deferring = { codec, clock: toMonotonic(clock), logger, transactions };
    // The `useMocker()` of a test puts a mock where the stages are missing.
    this.pipeline = new JobDispatch(
      { ...parts, stages: Array.isArray(stages) ? stages : [] },
      (store) => new PushDeferral(deferring, store),
    );
    const flowParts = { driver, pipeline: this.pipeline, codec, clock };
    this.flows = new FlowDispatch(flowParts);
    this.batches = new BatchDispatch(flowParts);
    door.open(async (id, jobs) => (await this.batches.add(id, jobs)).total);
    this.lists = new JobLists(driver, options, registry, { results: this.results, readProgress });
    this.cancellation = new JobCancellation(driver, events, clock);
    this.reserver = new JobReserver(driver, gate, registry, codec, options, toMonotonic(clock), logger);
  }

  /**
   * Dispatches a job.
   *
   * @param job the job's class, its definition or its name, with its data as the next argument; or an instance of a class that
   *   carries its data; or a `jobSpec()`
   * @param args the data, beside a class, a definition or a name; then the queue, or options of this push
   * @returns the job's id
   * @throws InvalidJobError if the class is no job, is not registered, or does not allow this form
   * @throws UnknownJobError if the process knows nothing of a name, and the push gives no queue
   * @throws InvalidQueueNameError, InvalidJobIdError, InvalidDelayError, InvalidOptionError
   * @throws PayloadInvalidError, PayloadNotSerializableError, PayloadTooLargeError
   * @throws QueueConnectionError, StorageFullError if the job was not stored; UnknownOutcomeError if it may be stored or not
   */
  async push<J extends Pushable>(job: J, ...args: PushArguments<J>): Promise<string> {
    const pending = this.pipeline.prepare(job, args);
    const { id } = await this.pipeline.send(pending instanceof Promise ? await pending : pending);
    return id;
  }

  /**
   * Dispatches a job that runs after a delay, or at a time.
   *
   * @param args the data, beside a class (a job whose `handle` takes nothing needs none); then the delay: seconds, a string
   *   such as `'5m'`, or a `Date` (if it has passed: now); then the queue, or options of this push
   * @throws as {@link push} does
   */
  async later<J extends Pushable>(job: J, ...args: LaterArguments<J>): Promise<string> {
    const pending = this.pipeline.prepareLater(job, args);
    const { id } = await this.pipeline.send(pending instanceof Promise ? await pending : pending);
    return id;
  }

  /**
   * Dispatches many jobs; thousands are fine. They are stored in chunks; the jobs of one queue keep their order.
   *
   * @param jobs the class, the definition or the name of all jobs, with a list of their data as the next argument; or a list of
   *   instances and of `jobSpec()`, of any jobs and queues
   * @param args the list of data, beside a class, a definition or a name; then the queue, or options of these pushes (no `id`: each
   *   job gets its own); the options of a spec beat them
   * @returns the ids, in the order of the list
   * @throws as {@link push} does, for the first job that is wrong; then nothing was stored
   * @throws JobIdConflictError with the ids that other jobs have; the other jobs are stored
   * @throws UnknownOutcomeError with the jobs that may be stored or not, if other jobs were stored
   */
  async pushMany<J extends PushableMany>(jobs: J, ...args: PushManyArguments<J>): Promise<string[]> {
    return (await this.dispatchMany(jobs, ...args)).map(({ id }) => id);
  }

  /**
   * Dispatches a job as {@link push} does, and tells what became of it.
   *
   * @returns the job's id, and the outcome: `duplicate` if a job with the id is there already, else `queued` or `delayed`
   * @throws as {@link push} does
   */
  async dispatch<J extends Pushable>(job: J, ...args: PushArguments<J>): Promise<DispatchResult> {
    const pending = this.pipeline.prepare(job, args);
    return this.pipeline.send(pending instanceof Promise ? await pending : pending);
  }

  /**
   * Dispatches many jobs as {@link pushMany} does, and tells what became of each.
   *
   * @returns a result for each job, in the order of the list
   * @throws as {@link pushMany} does
   */
  async dispatchMany<J extends PushableMany>(
    jobs: J,
    ...args: PushManyArguments<J>
  ): Promise<readonly DispatchResult[]> {
    const pending = this.pipeline.prepareMany(jobs, args);
    return this.pipeline.sendMany(pending instanceof Promise ? await pending : pending);
  }

  /**
   * Keeps the pushes that a callback makes, and stores them together when it has resolved: around a transaction of a database, no job
   * is stored whose transaction is rolled back. They are dropped if it rejects. Each of them is checked when it is made, and
   * {@link dispatch} tells `deferred`. A nested call joins the outer one; if it rejects, its pushes alone are dropped.
   *
   * Wait in the callback for all that it begins: a push that comes after its end is stored at once.
   *
   * @returns what the callback returns
   * @throws what the callback throws; what {@link pushMany} throws, if the jobs could not be stored
   */
  async deferPushes<T>(callback: () => T | Promise<T>): Promise<T> {
    return this.pipeline.deferral.run(callback);
  }

  /**
   * Dispatches jobs that run one after the other: each is pushed once the one before it has completed, and gets its result as
   * `job.previousResult`. If one fails for good, the chain stops; a retry of that job goes on from there.
   *
   * @param jobs a `jobSpec()`, or an instance that carries its data, for each; 1 to 1,000. Not with `id` or `debounce`; `unique` does not count
   * @param options `onFailure`: a job that is pushed once, when a job has failed for good; `id`, `name`, `retention`
   * @returns the ids of the chain and of its jobs. If there is a chain of the given id already, its ids
   * @throws as {@link pushMany} does; InvalidFlowError. Nothing was stored then. After QueueConnectionError it may be stored: with an `id` it can be
   *   dispatched again
   */
  async chain(jobs: readonly FlowMember[], options: ChainOptions = {}): Promise<DispatchedChain> {
    return this.flows.chain(jobs, options);
  }

  /** Reads the state of a chain; `null` if there is none, or none any more. @throws InvalidJobIdError, QueueConnectionError */
  async getChain(id: string): Promise<FlowState | null> {
    return this.flows.read('chain', id);
  }

  /**
   * Cancels the jobs of a chain that have not ended: a waiting job ends, the signal of a running job is aborted, later jobs are never pushed.
   *
   * @param reason as of {@link cancel}
   * @returns false if there is no such chain, or if nothing of it can run any more
   * @throws InvalidJobIdError, InvalidOptionError, QueueConnectionError
   */
  async cancelChain(id: string, reason?: string): Promise<boolean> {
    return this.flows.cancel('chain', id, reason);
  }

  /**
   * Dispatches jobs that are followed as one. They do not wait for each other; 100,000 are fine.
   *
   * @param jobs a `jobSpec()`, or an instance that carries its data, for each: a list, an iterable or an async iterable. The elements of an iterable are
   *   checked as they come. Not with `id` or `debounce`; `unique` does not count
   * @param options `then`, `catch` and `finally`: jobs that are pushed once; `allowFailures`, `id`, `name`, `retention`
   * @returns its id, and how many jobs it has. With the `id` of a batch whose process died half way it completes what is missing
   * @throws as {@link pushMany} does; InvalidFlowError; what the iterable throws. Without an `id` the batch is cancelled then, with an `id` it stays
   *   open to be dispatched again. If a list is wrong, nothing was stored
   */
  async batch(jobs: BatchJobs, options: BatchOptions = {}): Promise<DispatchedBatch> {
    return this.batches.batch(jobs, options);
  }

  /** Reads the state of a batch, as {@link getChain}. @throws InvalidJobIdError, QueueConnectionError */
  async getBatch(id: string): Promise<FlowState | null> {
    return this.flows.read('batch', id);
  }

  /**
   * Adds jobs to a batch of which something can run; a job of the batch does it with `job.batch.add()`.
   *
   * @param jobs as of {@link batch}
   * @returns its id, and how many jobs it has then
   * @throws InvalidFlowError if there is no such batch, or if nothing of it can run any more
   * @throws as {@link batch} does
   */
  async addToBatch(id: string, jobs: BatchJobs): Promise<DispatchedBatch> {
    return this.batches.add(id, jobs);
  }

  /** Cancels the jobs of a batch that have not ended. @throws as {@link cancelChain} does */
  async cancelBatch(id: string, reason?: string): Promise<boolean> {
    return this.flows.cancel('batch', id, reason);
  }

  /**
   * Puts back the failed jobs of a batch, and those that a failure has cancelled.
   *
   * @returns how many
   * @throws InvalidJobIdError, QueueConnectionError
   */
  async retryBatch(id: string): Promise<number> {
    return this.batches.retry(id);
  }

  /**
   * Begins a workflow: jobs of which each is pushed once the jobs `after` which it comes have completed. Add the jobs, then `dispatch()`.
   *
   * @param name to show
   * @param options `id`, `retention`
   * @throws InvalidOptionError, InvalidJobIdError
   */
  workflow(name: string, options: FlowOptions = {}): WorkflowBuilder {
    return buildWorkflow(name, options, (checked, plan) => this.flows.create(checked, plan));
  }

  /** Reads the state of a workflow, as {@link getChain}. @throws InvalidJobIdError, QueueConnectionError */
  async getWorkflow(id: string): Promise<FlowState | null> {
    return this.flows.read('workflow', id);
  }

  /** Cancels the jobs of a workflow that have not ended. @throws as {@link cancelChain} does */
  async cancelWorkflow(id: string, reason?: string): Promise<boolean> {
    return this.flows.cancel('workflow', id, reason);
  }

  /**
   * Waits until a job has ended.
   *
   * @param options `timeout`: how long to wait; required. `signal`: ends the wait
   * @returns what `handle` returned; `undefined` if that is not kept
   * @throws JobFailedError if the job failed for good; JobCancelledError if it was cancelled
   * @throws JobNotFoundError at once if it is not known, or nothing is kept of it any more; also if it is dropped meanwhile
   * @throws WaitTimeoutError if it has not ended in time: it goes on
   * @throws the reason of the signal; QueueClosedError if the application ends
   * @throws JobNotFoundError at once for a job whose push is deferred, see {@link deferPushes}
   * @throws InvalidJobIdError, InvalidOptionError, QueueConnectionError; CorruptJobError if its result is not readable
   */
  async waitFor<Result = unknown>(id: string, options: WaitOptions): Promise<Result> {
    assertJobId(id);
    if (this.pipeline.deferral.holds(id)) throw new JobNotFoundError(id, DEFERRED);
    return (await this.waiter.waitFor(id, readWaitOptions(options))) as Result;
  }

  /**
   * Dispatches a job as {@link push} does, and waits until it has ended. Listens before it pushes, so that it gets the result
   * whether the job keeps it or not.
   *
   * @param args the data, beside a class, a definition or a name (a job that takes nothing needs none); then `timeout`, and if
   *   wanted `signal`, as of {@link waitFor}, and the options of the push
   * @returns what `handle` returned. If a job of the given id is there already: as {@link waitFor}
   * @throws JobNotFoundError if the push would be deferred: nothing is pushed
   * @throws as {@link push} and {@link waitFor} do
   */
  async pushAndWait<J extends Pushable>(job: J, ...args: PushAndWaitArguments<J, WaitOptions>): Promise<PushResult<J>> {
    const [limits, to] = readPushAndWaitOptions(args.at(-1));
    const prepared = await this.pipeline.prepare(
      job,
      takesDataBeside(job) ? [args.length > 1 ? args[0] : undefined, to] : [to],
    );
    const pending = { ...prepared, options: { ...prepared.options, isAwaited: true as const } };
    const { id, queue, unique: isGiven, traits } = pending;
    if (this.pipeline.deferral.defers(pending)) throw new JobNotFoundError(id, DEFERRED);
    return (await this.waiter.pushAndWait(
      { id, queue, isGiven, traits, push: (ticket) => this.pipeline.send({ ...pending, ticket }) },
      limits,
    )) as PushResult<J>;
  }

  /**
   * Reserves the next job of a queue for the caller. It does not wait until the queue has a job.
   *
   * @param queue default: the default queue
   * @returns the job, or `null` if no job is ready
   * @throws InvalidQueueNameError, StorageCorruptError, QueueClosedError
   * @throws QueueConnectionError if no answer came in time; a job that arrives later is requeued
   */
  async pop<Data = unknown>(queue: string = this.options.default): Promise<ReservedJob<Data> | null> {
    assertQueueName(queue);
    return (await this.reserver.pop(queue)) as ReservedJob<Data> | null;
  }

  /**
   * Reads the status of a job; `null` if there is none, or none any more.
   *
   * A generated id names its queue, so that the number of queues does not matter. In a Redis Cluster the storage looks for an id
   * that the application gave in each queue.
   *
   * @throws InvalidJobIdError, QueueConnectionError; CorruptJobError, UnknownCodecError if its kept result is not readable
   */
  async getJobStatus(id: string): Promise<JobStatus | null> {
    assertJobId(id);
    const stored = await this.driver.getStatus(id);
    if (!stored) return null;
    const { state, queue, updatedAt, attempt, error, progress, result } = stored;
    return {
      id,
      status: state,
      queue,
      updatedAt: new Date(updatedAt),
      attempt,
      ...(error !== undefined && { error }),
      ...(progress !== undefined && { progress: readProgress(progress) }),
      ...(result !== undefined && { result: this.results.decode(id, result) }),
    };
  }

  /**
   * Reads all that is stored of a job, as `QueueAdmin.job` does; `null` if there is no such job, or if its record is not kept any
   * more.
   *
   * @throws InvalidJobIdError, QueueConnectionError
   */
  async getJob<Data = unknown>(id: string): Promise<JobDetails<Data> | null> {
    return (await this.lists.job(id)) as JobDetails<Data> | null;
  }

  /**
   * Overwrites the status of a job, and nothing else: the job itself goes on.
   *
   * @param error the error of the job, if it had one; cut to 1,000 characters
   * @throws InvalidJobIdError, InvalidStatusError, InvalidOptionError, QueueConnectionError
   */
  async updateJobStatus(id: string, status: JobState, error?: string | Error): Promise<void> {
    assertJobId(id);
    if (!isJobState(status)) throw new InvalidStatusError(status, JOB_STATES);
    await this.driver.setStatus(id, status, readErrorText(error));
  }

  /**
   * Cancels a job, from any process. A job that waits ends at once; a job that a worker has is told by its signal, and ends as
   * `cancelled` unless it completes nevertheless. It does not run again.
   *
   * @param reason for the job, its status and the events; cut to 1,000 characters
   * @returns `cancelled` if it waited, `cancelling` if a worker or a caller of `pop()` has it; `null` if it has ended, or is not known
   * @throws InvalidJobIdError, InvalidOptionError
   * @throws QueueConnectionError if no answer came in time; the job may be cancelled then
   */
  async cancel(id: string, reason?: string): Promise<Cancellation | null> {
    assertJobId(id);
    return this.cancellation.cancel(id, readCancelReason(reason));
  }

  /**
   * Counts the jobs of a queue by state.
   *
   * @param queue default: the default queue
   * @throws InvalidQueueNameError, QueueConnectionError
   */
  async counts(queue: string = this.options.default): Promise<QueueCounts> {
    assertQueueName(queue);
    return this.driver.counts(queue);
  }

  /**
   * Drops every waiting job of a queue, with its status. Running jobs go on.
   *
   * @param queue default: the default queue
   * @returns how many were dropped
   * @throws InvalidQueueNameError, QueueConnectionError
   */
  async clear(queue: string = this.options.default): Promise<number> {
    assertQueueName(queue);
    return this.driver.clear(queue);
  }

  /** Lists the queues that jobs were ever pushed to, sorted. @throws QueueConnectionError */
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
   * Rejects the waits, and requeues the popped jobs that are not settled, when the application ends.
   *
   * @internal
   */
  async close(): Promise<void> {
    this.waiter.close();
    await this.reserver.close();
  }
}

function readErrorText(error: unknown): string | undefined {
  if (error === undefined) return undefined;
  if (typeof error === 'string') return errorMessage(new Error(error));
  if (isError(error)) return errorMessage(error);
  throw new InvalidOptionError('error', 'a string or an Error', error);
}

/** Returns true if the data of a job is the next argument. */
function takesDataBeside(job: unknown): boolean {
  return typeof job === 'function' || isNamedJob(job);
}
