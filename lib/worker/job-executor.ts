import type { JobRegistry } from '../discovery/job.registry.js';
import type { PreparedJob } from '../discovery/registered-job.interface.js';
import type { ClaimedJob } from '../drivers/queue-driver.interface.js';
import { emitStarted } from '../events/attempt-events.js';
import type { Carriers } from '../context/carriers.js';
import type { QueueEvents } from '../events/queue-events.js';
import type { AttemptPolicy } from '../job/attempt-policy.js';
import { readPause } from '../job/backoff.js';
import type { ClaimTime } from '../job/claim-time.interface.js';
import type { Carried } from '../job/job-context-carrier.interface.js';
import type { JobCodec } from '../job/job-codec.js';
import { isUnfinished, runToEnd, settle } from '../job/handler-result.js';
import { JobContext, JobControl } from '../job/job-context.js';
import { decideOutcome, type JobOutcome } from '../job/job-outcome.js';
import type { RecordOptions } from '../job/job-record.js';
import { compose, type Handler } from '../middleware/chain.js';
import type { AdmissionStage, Attempt, WorkStages } from '../middleware/job-stage.js';
import { JobCancelledError, JobTimeoutError, PayloadInvalidError, UnknownJobError } from '../queue.errors.js';
import type { ResultCodec } from '../results/result-codec.js';
import { eventLoop, type MonotonicClock } from '../support/clock.js';
import { toError } from '../support/error-text.js';
import { ownContexts } from '../support/own-context.js';
import type { QueueLogger } from '../support/queue-logger.js';
import { acceptData } from './accept-data.js';
import { AttemptLog } from './attempt-log.js';
import type { ChunkCalls } from './chunk-calls.js';
import { TimeLimit } from './time-limit.js';

export interface ExecutorParts {
  readonly registry: JobRegistry;
  readonly codec: JobCodec;
  readonly chunks: ChunkCalls;
  readonly policy: AttemptPolicy;
  readonly results: ResultCodec;
  readonly stages: WorkStages;
  /** Missing if nothing is carried. */
  readonly carriers?: Carriers;
  readonly events: QueueEvents;
  readonly clock: MonotonicClock;
  readonly logger: QueueLogger;
}

const COMPLETED: JobOutcome = Object.freeze({ kind: 'completed' });
const NO_OPTIONS: RecordOptions = Object.freeze({});

/**
 * Runs one attempt of a job: the work pipeline. {@link run} has its stages in their order, and never throws.
 */
export class JobExecutor {
  /** Finds the items of chunks, and opens their calls. */
  readonly chunks: ChunkCalls;
  private readonly admission: readonly AdmissionStage[];
  private readonly handle: Handler<Attempt, unknown>;
  private readonly log: AttemptLog;
  private readonly inOwnContext = ownContexts();
  /** The number of tries of a job before its record was read. */
  private readonly maxTries: number;

  constructor(private readonly parts: ExecutorParts) {
    this.maxTries = parts.policy.maxTries(NO_OPTIONS);
    const { admission, handle } = parts.stages;
    this.admission = admission;
    this.chunks = parts.chunks;
    this.handle = compose(
      handle,
      // A stage has to see the end of the work; without stages `run` waits for it.
      handle.length > 0
        ? ({ prepared, control }) => settle(prepared!.handle(), control)
        : ({ prepared }) => prepared!.handle(),
    );
    this.log = new AttemptLog(parts.logger);
  }

  /** @param startedAt milliseconds on the monotonic clock. Default: now */
  begin(queue: string, job: ClaimedJob, claim: ClaimTime, startedAt = this.parts.clock.monotonic()): Attempt {
    return {
      queue,
      job,
      control: new JobControl(this.maxTries),
      claim,
      startedAt,
      name: '',
      record: undefined,
      registered: undefined,
      data: undefined,
      context: undefined,
      prepared: undefined,
      retryTime: undefined,
      rejection: undefined,
      result: undefined,
      obstacle: undefined,
      seat: undefined,
      timeout: undefined,
    };
  }

  /**
   * Runs an attempt, and resolves with its outcome. Each attempt is alone in an asynchronous context of its own: a tenant or a
   * trace that one job enters is not there in the next one. The carriers bring the context of the push to it.
   */
  execute(attempt: Attempt): Promise<JobOutcome> {
    return this.inOwnContext(() => (this.parts.carriers ? this.runCarried(attempt) : this.run(attempt)));
  }

  private runCarried(attempt: Attempt): Promise<JobOutcome> {
    const carried = this.readCarried(attempt);
    if (!carried) return this.run(attempt);
    try {
      return this.parts.carriers!.restore(carried, () => this.run(attempt));
    } catch (error) {
      attempt.obstacle = toError(error);
      return this.run(attempt);
    }
  }

  /** Reads the record early. If it is not readable, {@link run} fails the job. */
  private readCarried(attempt: Attempt): Carried | undefined {
    const { id, body } = attempt.job;
    try {
      attempt.record ??= this.parts.codec.decode(id, body);
      return attempt.record.options.carried;
    } catch {
      return undefined;
    }
  }

  /**
   * Runs an attempt in the context of the caller:
   *
   * 1. reads the record, finds the class, asks the admission stages, reads and checks the data: a job that cannot go on ends here;
   * 2. prepares the job, and asks it for its number of tries;
   * 3. runs `handle` within its stages, at most for the job's timeout;
   * 4. decides the outcome;
   * 5. logs it, and calls `failed()` of a job that failed for good, or `cancelled()` of a cancelled one. That is before the settlement: it is worse to leave a failure
   *    untold than to tell it twice, if the process dies in between.
   *
   * This is one method because each further `async` function on the way would cost each job a promise.
   */
  protected async run(attempt: Attempt): Promise<JobOutcome> {
    try {
      let outcome = this.readRecord(attempt);
      const { registered, job, control, record } = attempt;
      // The admission stages are for recovered jobs, unknown names, cancelled jobs, time limits, codecs and versions.
      const isPlain =
        registered &&
        job.crashes === 0 &&
        !control.aborted &&
        record!.options.expiresIn === undefined &&
        (record!.options.retryFor ?? registered.options.retryFor ?? this.parts.policy.retryFor) === undefined &&
        (record!.options.marks ?? record!.options.version) === undefined;
      if (!isPlain) outcome ??= this.admit(attempt);
      outcome ??= this.readData(attempt);
      if (registered?.options.schema ?? registered?.options.upgrade) outcome ??= await this.accept(attempt);
      if (!outcome) {
        let error: Error | undefined;
        let result: unknown;
        try {
          const making = this.prepare(attempt);
          // Most jobs are made at once: they need not wait for a turn.
          const prepared = making instanceof Promise ? await making : making;
          attempt.prepared = prepared;
          control.maxTries = this.parts.policy.maxTries(attempt.record!.options, attempt.registered!.options, prepared);
          if (!attempt.rejection) {
            result = await this.start(attempt);
            // Most jobs return nothing.
            if (typeof result === 'object' && isUnfinished(result)) result = await runToEnd(result, control);
            attempt.result = result;
          }
        } catch (thrown) {
          error = toError(thrown);
        }
        attempt.timeout?.cancel();
        // Nearly all attempts end here.
        if (!error && !attempt.rejection && !control.verdict && !control.aborted) {
          const { keepResult, isAwaited } = attempt.record!.options;
          return keepResult === undefined && !isAwaited ? COMPLETED : this.keep(attempt, result);
        }
        outcome = this.decide(attempt, error);
        if (outcome.kind === 'completed') return this.keep(attempt, result);
      }
      if (outcome.kind === 'retrying') this.log.retrying(attempt, outcome.error, outcome.delay);
      else if (outcome.kind === 'failed') await this.fail(attempt, outcome.error);
      else if (outcome.kind === 'expired') this.log.expired(attempt);
      else if (outcome.kind === 'cancelled') await this.cancel(attempt, outcome.error);
      return outcome;
    } catch {
      return this.decideUntold(attempt);
    }
  }

  private readRecord(attempt: Attempt): JobOutcome | undefined {
    const { codec, registry, policy } = this.parts;
    const { id, body } = attempt.job;
    try {
      const record = attempt.record ?? codec.decode(id, body);
      const registered = registry.find(record.name);
      attempt.record = record;
      attempt.name = record.name;
      attempt.registered = registered;
      attempt.control.maxTries = policy.maxTries(record.options, registered?.options);
      return undefined;
    } catch (error) {
      return { kind: 'failed', error: toError(error) };
    }
  }

  private admit(attempt: Attempt): JobOutcome | undefined {
    for (const stage of this.admission) {
      const outcome = stage(attempt);
      if (outcome) return outcome;
    }
    return attempt.registered ? undefined : { kind: 'failed', error: new UnknownJobError(attempt.name) };
  }

  private readData(attempt: Attempt): JobOutcome | undefined {
    try {
      attempt.data = this.parts.codec.decodeData(attempt.record!);
      return undefined;
    } catch (error) {
      return { kind: 'failed', error: toError(error) };
    }
  }

  /**
   * Lifts and checks the data. A job whose data is invalid fails for good; what the application throws fails the attempt. The time for that is
   * part of the time of the attempt; of an item of a chunk it is a time of its own, because the items have one call together.
   */
  private async accept(attempt: Attempt): Promise<JobOutcome | undefined> {
    try {
      const seconds = this.parts.policy.timeout(attempt.record!.options, attempt.registered!.options);
      const accepting = acceptData(attempt);
      await (seconds > 0 ? this.within(attempt, seconds, accepting) : accepting);
      if (!attempt.registered!.options.chunk) return undefined;
      attempt.timeout?.cancel();
      attempt.timeout = undefined;
      return undefined;
    } catch (thrown) {
      attempt.timeout?.cancel();
      const error = toError(thrown);
      if (error instanceof PayloadInvalidError) attempt.control.fail(error);
      return this.decide(attempt, error);
    }
  }

  private prepare(attempt: Attempt): PreparedJob | Promise<PreparedJob> {
    const { control, data, obstacle } = attempt;
    if (obstacle) throw obstacle;
    const context = new JobContext(attempt, control, data);
    attempt.context = context;
    const registered = attempt.registered!;
    if (registered.options.chunk) {
      // A job that is not collected, because it has cost a worker, has a call of its own.
      attempt.seat ??= this.chunks.open(attempt.queue, registered.name, 1).reserve();
      attempt.seat.sit(context, control);
    }
    return registered.prepare(attempt.record!.form, data, context, attempt.seat);
  }

  /** Calls `handle` within its stages. Without a timeout this is the result itself, so that it costs no promise. */
  protected start(attempt: Attempt): unknown {
    const { events, clock, policy } = this.parts;
    const { control, record, registered } = attempt;
    // The time was over before: the steps in front of this one took all of it.
    if (control.aborted instanceof JobTimeoutError) throw control.aborted;
    if (events.observed.started) emitStarted(events, attempt, clock.now());
    const result = this.handle(attempt);
    const seconds = policy.timeout(record!.options, registered!.options);
    return seconds > 0 ? this.within(attempt, seconds, settle(result, control)) : result;
  }

  /** Waits for a step of an attempt, at most until the time of the attempt is over, which begins with its first step. */
  private within<T>(attempt: Attempt, seconds: number, step: Promise<T>): Promise<T> {
    attempt.timeout ??= new TimeLimit(this.parts.clock, attempt.job.id, seconds, attempt.control);
    return attempt.timeout.until(step);
  }

  private decide(attempt: Attempt, error: Error | undefined): JobOutcome {
    const { job, control, rejection, record, registered, retryTime } = attempt;
    if (rejection instanceof JobCancelledError) return { kind: 'cancelled', error: rejection, hasRun: job.crashes > 0 };
    if (rejection) return { kind: 'failed', error: rejection };
    const { verdict, aborted, maxTries } = control;
    const pause = (): number => this.pauseAfter(attempt, error!);
    const releaseError = (): Error | undefined =>
      this.parts.policy.releaseError(job, record!.options, registered!.options);
    return decideOutcome({ error, verdict, aborted, attempt: job.attempt, maxTries, pause, retryTime, releaseError });
  }

  /** Completes a job, and keeps its result if it wants that, or if somebody waits for it. */
  private keep(attempt: Attempt, result: unknown): JobOutcome {
    const { keepResult, isAwaited } = attempt.record!.options;
    if (keepResult === undefined && !isAwaited) return COMPLETED;
    const kept = this.parts.results.encode(result, keepResult);
    if (kept.error !== undefined) this.log.unkept(attempt, kept.error);
    return { kind: 'completed', kept };
  }

  /** Decides without the job: a stage that must not throw has thrown. */
  private decideUntold({ job, control, retryTime }: Attempt): JobOutcome {
    const error = new Error('How this attempt ended could not be told');
    const { aborted, maxTries } = control;
    const pause = (): number => this.parts.policy.pause(job.attempt, NO_OPTIONS);
    return decideOutcome({ error, aborted, attempt: job.attempt, maxTries, pause, retryTime });
  }

  /** Asks the job for the pause before its next attempt, as far as its backoff does not say it. Seconds. */
  private pauseAfter(attempt: Attempt, error: Error): number {
    const { job, record, registered, prepared } = attempt;
    const { policy } = this.parts;
    const [push, jobClass] = [record!.options, registered!.options];
    const backoff = policy.backoff(push, jobClass);
    let own: number | undefined;
    let asked = 'backoff()';
    try {
      if (typeof backoff === 'function') return readPause(backoff, job.attempt, error);
      asked = 'getRetryDelay()';
      if (typeof backoff === 'string') own = prepared?.retryDelay();
    } catch (thrown) {
      this.log.threw(asked, attempt, thrown);
    }
    return policy.pause(job.attempt, push, jobClass, own);
  }

  /** Logs that a job failed for good, and calls its `failed()`. */
  private async fail(attempt: Attempt, error: Error): Promise<void> {
    this.log.failed(attempt, error);
    await this.tell(attempt, 'failed()', (prepared) => prepared.failed(error));
  }

  /** Logs that a job was cancelled, and calls its `cancelled()` if it has run. */
  private async cancel(attempt: Attempt, error: JobCancelledError): Promise<void> {
    this.log.cancelled(attempt, error);
    await this.tell(attempt, 'cancelled()', (prepared) => prepared.cancelled(error.reason));
  }

  /** Calls a method of a job that has ended, if the job was made. */
  private async tell(attempt: Attempt, method: string, call: (prepared: PreparedJob) => unknown): Promise<void> {
    const { prepared, control } = attempt;
    if (!prepared) return;
    // A signal that is aborted already would end the method before it begins.
    const own = control.aborted ? new JobControl(control.maxTries) : control;
    try {
      await eventLoop.turn();
      await this.finishFailed(attempt, call(prepared), own);
    } catch (thrown) {
      this.log.threw(method, attempt, thrown);
    }
  }

  /** Waits for what `failed()` or `cancelled()` returned, at most for the job's timeout. */
  protected async finishFailed(attempt: Attempt, result: unknown, control: JobControl): Promise<unknown> {
    const seconds = this.parts.policy.timeout(attempt.record!.options, attempt.registered!.options);
    if (seconds === 0) return settle(result, control);
    attempt.timeout = new TimeLimit(this.parts.clock, attempt.job.id, seconds, control);
    try {
      return await attempt.timeout.until(settle(result, control));
    } finally {
      attempt.timeout.cancel();
    }
  }
}
