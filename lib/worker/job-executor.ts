import type { JobRegistry } from '../discovery/job.registry.js';
import type { PreparedJob, RegisteredJob } from '../discovery/registered-job.interface.js';
import type { ClaimedJob } from '../drivers/queue-driver.interface.js';
import { MAX_CRASHES } from '../job/crash-limit.js';
import { JobContext } from '../job/job-context.js';
import { JobControl } from '../job/job-control.js';
import { decodeRecord, type JobRecord } from '../job/job-record.js';
import type { PayloadSerializer } from '../job/payload-serializer.js';
import { CorruptJobError, JobCrashedError, JobTimeoutError } from '../queue.errors.js';
import type { ResolvedJobDefaults } from '../queue.options.js';
import type { Clock, Timer } from '../support/clock.js';
import { errorMessage, errorStack, toError } from '../support/error-text.js';
import type { QueueLogger } from '../support/queue-logger.js';
import { decideOutcome, type JobOutcome } from './job-outcome.js';
import { retryPause } from './retry-policy.js';
import { UnknownJobs } from './unknown-jobs.js';

/** One attempt: the job as it was handed out, and how to reach its handler while it runs. */
export interface Attempt {
  readonly queue: string;
  readonly job: ClaimedJob;
  readonly control: JobControl;
  /** Milliseconds since the Unix epoch. */
  readonly startedAt: number;
  /** The job's name, once its record was read. */
  name: string;
  /** Ends it when it takes too long. Whoever ends it otherwise calls this off. */
  timeout?: Timer;
}

/** An attempt whose class was found, and what is known of it so far. */
interface Known {
  readonly attempt: Attempt;
  readonly record: JobRecord;
  readonly registered: RegisteredJob;
  /** Missing where it could not be made. */
  prepared?: PreparedJob;
}

const COMPLETED: JobOutcome = Object.freeze({ kind: 'completed' });

/** What an attempt comes to; without a promise where nothing has to be waited for. */
type Ending = JobOutcome | Promise<JobOutcome>;

/**
 * Runs one attempt of a job:
 *
 * 1. reads its record, and finds its class;
 * 2. prepares the instance and the context;
 * 3. runs `handle`, at most for the job's timeout;
 * 4. decides what becomes of the job;
 * 5. calls `failed()` where that is the end of it, before the storage is told: it is worse to leave a failure unsaid than
 *    to say it twice, should the process die in between.
 *
 * It never throws.
 */
export class JobExecutor {
  private readonly unknownJobs: UnknownJobs;

  constructor(
    private readonly registry: JobRegistry,
    private readonly serializer: PayloadSerializer,
    private readonly defaults: ResolvedJobDefaults,
    private readonly clock: Clock,
    private readonly logger: QueueLogger,
  ) {
    this.unknownJobs = new UnknownJobs(logger);
  }

  begin(queue: string, job: ClaimedJob): Attempt {
    const control = new JobControl(this.defaults.maxTries);
    return { queue, job, control, startedAt: this.clock.now(), name: '' };
  }

  /** Resolves with what the attempt comes to. Not an `async` function: that would cost each job a promise more. */
  execute(attempt: Attempt): Promise<JobOutcome> {
    const untold = (): JobOutcome => this.untold(attempt);
    try {
      const ending = this.read(attempt);
      return ending instanceof Promise ? ending.catch(untold) : Promise.resolve(ending);
    } catch {
      return Promise.resolve(untold());
    }
  }

  /** An error whose message cannot be read, a logger that throws: the job must not be held for ever because of it. */
  private untold({ job, control }: Attempt): JobOutcome {
    const error = new Error('How this attempt ended could not be told');
    const { aborted, maxTries } = control;
    return decideOutcome({ error, aborted, attempt: job.attempt, maxTries, pause: () => this.defaults.retryDelay });
  }

  private read(attempt: Attempt): Ending {
    const { job } = attempt;
    let record: JobRecord;
    try {
      record = decodeRecord(job.id, job.body);
    } catch (error) {
      return this.fail(attempt, toError(error));
    }
    attempt.name = record.name;
    const registered = this.registry.find(record.name);
    if (registered) return this.prepare({ attempt, record, registered });
    const outcome = this.unknownJobs.decide(job, record.name);
    return outcome.kind === 'failed' ? this.fail(attempt, outcome.error) : outcome;
  }

  private prepare(known: Known): Ending {
    const { attempt, record, registered } = known;
    const { job, control } = attempt;
    control.maxTries = record.options.maxTries ?? registered.options.maxTries ?? this.defaults.maxTries;
    // Nothing of the job is touched any more: reading its data, making it or its `failed()` may be what kills.
    if (job.crashes > MAX_CRASHES) return this.fail(attempt, new JobCrashedError(job.id, job.crashes));
    let data: unknown;
    try {
      data = this.serializer.deserialize(record.data);
    } catch (cause) {
      return this.fail(attempt, new CorruptJobError(job.id, 'its data is not readable', { cause }));
    }
    let made: PreparedJob | Promise<PreparedJob>;
    try {
      made = registered.prepare(record.form, data, this.contextOf(attempt, registered));
    } catch (error) {
      return this.conclude(known, toError(error));
    }
    // Waiting would cost each job a turn that most do not need.
    return made instanceof Promise ? this.startLater(known, made) : this.start(known, made);
  }

  private async startLater(known: Known, made: Promise<PreparedJob>): Promise<JobOutcome> {
    let prepared: PreparedJob;
    try {
      prepared = await made;
    } catch (error) {
      return this.conclude(known, toError(error));
    }
    return this.start(known, prepared);
  }

  private start(known: Known, prepared: PreparedJob): Ending {
    const { attempt, record } = known;
    known.prepared = prepared;
    try {
      attempt.control.maxTries = record.options.maxTries ?? prepared.maxTries() ?? attempt.control.maxTries;
    } catch (error) {
      return this.conclude(known, toError(error));
    }
    return isCrashed(attempt) ? this.conclude(known) : this.run(known, prepared);
  }

  private async run(known: Known, prepared: PreparedJob): Promise<JobOutcome> {
    let thrown: Error | undefined;
    try {
      await this.limit(known, prepared.handle());
    } catch (error) {
      thrown = toError(error);
    }
    return this.conclude(known, thrown);
  }

  private conclude(known: Known, error?: Error): Ending {
    const { attempt } = known;
    const { job, control } = attempt;
    if (isCrashed(attempt)) return this.fail(attempt, new JobCrashedError(job.id, job.crashes), known);
    // Most attempts end like this, and need not be thought about.
    if (!error && !control.verdict && !control.aborted) return COMPLETED;
    const outcome = this.decide(known, error);
    if (outcome.kind === 'failed') return this.fail(attempt, outcome.error, known);
    if (outcome.kind === 'retrying') {
      this.logger.warn(
        `${describeAttempt(attempt)} failed and is tried again in ${outcome.delay.toFixed(1)} s: ${errorMessage(outcome.error)}`,
      );
      this.logger.debug(errorStack(outcome.error));
    }
    return outcome;
  }

  private decide(known: Known, error?: Error): JobOutcome {
    const { job, control } = known.attempt;
    return decideOutcome({
      error,
      verdict: control.verdict,
      aborted: control.aborted,
      attempt: job.attempt,
      maxTries: control.maxTries,
      pause: () => this.pauseOf(known),
    });
  }

  /** Fails a job for good, and calls its `failed()`. */
  private async fail(attempt: Attempt, error: Error, known?: Known): Promise<JobOutcome> {
    this.logger.error(`${describeAttempt(attempt)} failed for good: ${errorMessage(error)}`, errorStack(error));
    try {
      if (known?.prepared) await this.limit(known, known.prepared.failed(error));
    } catch (thrown) {
      const failure = toError(thrown);
      this.logger.error(
        `failed() of ${attempt.name} ${attempt.job.id} threw: ${errorMessage(failure)}`,
        errorStack(failure),
      );
    }
    return { kind: 'failed', error };
  }

  private pauseOf({ attempt, record, registered, prepared }: Known): number {
    let own: number | undefined;
    try {
      own = prepared?.retryDelay();
    } catch (error) {
      this.logger.error(errorMessage(toError(error)));
    }
    const base = record.options.retryDelay ?? own ?? registered.options.retryDelay ?? this.defaults.retryDelay;
    return retryPause(attempt.job.attempt, base, this.defaults, Math.random());
  }

  private contextOf({ job, queue, control }: Attempt, { name }: RegisteredJob): JobContext {
    const { id, attempt, fence, pushedAt } = job;
    return new JobContext({ id, name, queue, attempt, fence, pushedAt }, control);
  }

  /**
   * What a job does cannot be stopped, only told to stop: it is over at the job's timeout, whatever it still does. Without one
   * this is the result itself, so that the job costs no promise more.
   */
  private limit({ attempt, record, registered }: Known, result: unknown): unknown {
    const seconds = record.options.timeout ?? registered.options.timeout ?? this.defaults.timeout;
    if (seconds <= 0) return result;
    return new Promise<unknown>((resolve, reject) => {
      const timer = this.clock.after(seconds * 1000, () => {
        const error = new JobTimeoutError(attempt.job.id, seconds);
        attempt.control.abort(error);
        reject(error);
      });
      attempt.timeout = timer;
      const settle = (): void => timer.cancel();
      Promise.resolve(result).then(resolve, reject).then(settle, settle);
    });
  }
}

function isCrashed({ job }: Attempt): boolean {
  return job.crashes >= MAX_CRASHES;
}

function describeAttempt({ name, job, control, queue }: Attempt): string {
  return `${name || 'Job'} ${job.id} (queue ${queue}, attempt ${job.attempt} of ${control.maxTries})`;
}
