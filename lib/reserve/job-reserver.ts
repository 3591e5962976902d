import type { JobRegistry } from '../discovery/job.registry.js';
import type { ClaimedJob, QueueDriver } from '../drivers/queue-driver.interface.js';
import { storedQueuesOf } from '../drivers/queue-partitions.interface.js';
import { isExpired } from '../expiry/expired-jobs.js';
import { EXPIRED } from '../job/job-status.js';
import { AttemptPolicy } from '../job/attempt-policy.js';
import type { JobCodec } from '../job/job-codec.js';
import { JobControl } from '../job/job-context.js';
import { pauseOf } from '../job/put-back.js';
import { QueueClosedError, QueueConnectionError, UnknownCodecError, UnknownOutcomeError } from '../queue.errors.js';
import type { ResolvedQueueOptions } from '../queue.options.js';
import { failureDetails } from '../retention/failure-details.js';
import { kept } from '../retention/kept.js';
import { lateRetryError } from '../retries/late-retries.js';
import { crashErrorOf } from '../recovery/crash-limit.js';
import { Sampler } from '../stats/sampler.js';
import type { MonotonicClock } from '../support/clock.js';
import { waitAtMost, withTimeLimit } from '../support/deadline.js';
import { errorMessage, toError } from '../support/error-text.js';
import type { QueueLogger } from '../support/queue-logger.js';
import { ReservationBatcher, toEnding } from './reservation-batcher.js';
import { ReservedJob, type Ending, type Settle } from './reserved-job.js';
import type { RecoveryGate } from '../recovery/recovery-gate.js';

/** The end of an expired job. */
const EXPIRED_ENDING = { kind: 'cancel', hasRun: false, error: EXPIRED, hasExpired: true } as const;
/** How long {@link JobReserver.close} waits until popped jobs are requeued, in milliseconds. After that their leases run out. */
const CLOSE_DEADLINE = 5_000;

/**
 * Reserves single jobs for `QueueManager.pop()`:
 *
 * 1. opens a batcher for a queue at its first `pop()`, of a queue with partitions one for each of them, and asks them in turn;
 * 2. ends cancelled and expired jobs, fails jobs that cannot be read, and poison jobs, puts jobs back whose key is missing, and goes on to
 *    the next job;
 * 3. rejects callers that would wait longer than `requestDeadline`;
 * 4. requeues the jobs that are not settled when the application ends.
 */
export class JobReserver {
  private readonly batchers = new Map<string, ReservationBatcher>();
  private readonly policy: AttemptPolicy;
  /** Chooses the partition that is asked first. */
  private turn = 0;
  private closed = false;

  constructor(
    private readonly driver: QueueDriver,
    private readonly gate: RecoveryGate,
    private readonly registry: JobRegistry,
    private readonly codec: JobCodec,
    private readonly options: ResolvedQueueOptions,
    private readonly clock: MonotonicClock,
    private readonly logger: QueueLogger,
  ) {
    this.policy = new AttemptPolicy(options.jobs);
  }

  /**
   * Reserves the next job of a queue; returns `null` if no job is ready.
   *
   * @throws QueueConnectionError, QueueClosedError, StorageCorruptError
   */
  async pop(queue: string): Promise<ReservedJob | null> {
    if (this.closed) throw new QueueClosedError();
    const end = this.clock.monotonic() + this.deadline;
    const all = storedQueuesOf(this.driver, queue);
    const first = all.length > 1 ? this.turn++ % all.length : 0;
    for (const stored of [...all.slice(first), ...all.slice(0, first)]) {
      const job = await this.popFrom(stored, queue, end);
      if (job) return job;
    }
    return null;
  }

  /** @param end the deadline, on the monotonic clock */
  private async popFrom(stored: string, queue: string, end: number): Promise<ReservedJob | null> {
    const batcher = this.batcherOf(stored);
    for (;;) {
      const job = await batcher.claim(end - this.clock.monotonic());
      if (!job) return null;
      const cancelled = batcher.cancellationOf(job.id);
      if (cancelled) {
        const ending = batcher.settle(job, toEnding(cancelled, job.crashes > 0));
        await withTimeLimit(ending, this.clock, end - this.clock.monotonic(), () => QueueConnectionError.noJobInTime());
        continue;
      }
      try {
        const opened = this.open(queue, batcher, job);
        if (opened) return opened;
        // The next claim goes with the same poll: there may be many of them.
        batcher.drop(job, EXPIRED_ENDING);
      } catch (thrown) {
        const error = toError(thrown);
        if (error instanceof UnknownCodecError) {
          this.logger.warn(`Job ${job.id} (queue ${queue}) is put back: ${errorMessage(error)}`);
          const ending = { kind: 'release', delay: pauseOf(job), position: 'back', unknown: true } as const;
          const putting = batcher.settle(job, ending);
          await withTimeLimit(putting, this.clock, end - this.clock.monotonic(), () =>
            QueueConnectionError.noJobInTime(),
          );
          continue;
        }
        this.logger.error(`Job ${job.id} (queue ${queue}) failed for good: ${errorMessage(error)}`);
        const details = failureDetails(error, 0);
        const failing = batcher.settle(job, { kind: 'fail', error: errorMessage(error), details });
        await withTimeLimit(failing, this.clock, end - this.clock.monotonic(), () =>
          QueueConnectionError.noJobInTime(),
        );
      }
    }
  }

  /** Requeues the popped jobs. Resolves after {@link CLOSE_DEADLINE} at the latest: closing the driver ends the rest. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    if (this.batchers.size === 0) return;
    const closing = Promise.allSettled([...this.batchers.values()].map((batcher) => batcher.close()));
    await waitAtMost(closing, this.clock, CLOSE_DEADLINE);
  }

  /** How long a caller waits for a job or a settlement, in milliseconds. */
  private get deadline(): number {
    return this.options.redis.requestDeadline * 1000;
  }

  private batcherOf(stored: string): ReservationBatcher {
    let batcher = this.batchers.get(stored);
    if (!batcher) {
      const { lease } = this.options.worker;
      batcher = new ReservationBatcher(
        (onLost, onSignal) => this.driver.consume(stored, { lease, onLost, onSignal }),
        this.gate,
        this.clock,
        this.options.stats ? new Sampler(this.clock) : undefined,
      );
      this.batchers.set(stored, batcher);
    }
    return batcher;
  }

  /** Makes the reserved job from its record; `undefined` if the job has expired. @throws CorruptJobError, JobCrashedError, RetriesOverError if the job has to fail */
  private open(queue: string, batcher: ReservationBatcher, job: ClaimedJob): ReservedJob | undefined {
    const record = this.codec.decode(job.id, job.body);
    const { name, options } = record;
    const takenAt = this.clock.monotonic();
    const time = batcher.timeOf(job) ?? 0;
    if (isExpired(job, options, time)) return undefined;
    const registered = this.registry.find(name)?.options;
    const now = (): number => time + this.clock.monotonic() - takenAt;
    const retryTime = this.policy.retryTime(job, options, registered, now);
    const crashed = crashErrorOf(job, this.policy.maxCrashes(options, registered));
    if (crashed) throw crashed;
    const late = lateRetryError(job, retryTime);
    if (late) throw late;
    const data = this.codec.decodeData(record);
    const maxTries = this.policy.maxTries(options, registered);
    const settle: Settle = (ending, error) => {
      const took = this.clock.monotonic() - takenAt;
      const refused = ending.kind === 'release' ? this.policy.releaseError(job, options, registered) : undefined;
      const cause = error ?? refused;
      const end: Ending = refused ? { kind: 'fail', error: errorMessage(refused) } : ending;
      const told = cause ? { ...end, details: failureDetails(cause, took) } : end;
      return batcher.settle(job, kept(told, options.retention, registered?.retention), options);
    };
    const control = new JobControl(maxTries);
    batcher.watch(job, control, options.expiresIn !== undefined);
    const facts = { name, queue, data, job, record, retryTime };
    return new ReservedJob(facts, control, settle, this.inTime);
  }

  private readonly inTime = (settling: Promise<void>, id: string): Promise<void> =>
    withTimeLimit(settling, this.clock, this.deadline, () => new UnknownOutcomeError([id], { asked: 'settlement' }));
}
