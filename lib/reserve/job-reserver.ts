import type { JobRegistry } from '../discovery/job.registry.js';
import type { ClaimedJob, QueueDriver } from '../drivers/queue-driver.interface.js';
import { MAX_CRASHES } from '../job/crash-limit.js';
import { decodeRecord, type JobRecord } from '../job/job-record.js';
import {
  CorruptJobError,
  JobCrashedError,
  QueueClosedError,
  QueueConnectionError,
  UnknownOutcomeError,
} from '../queue.errors.js';
import type { ResolvedQueueOptions } from '../queue.options.js';
import type { Clock } from '../support/clock.js';
import { errorMessage, toError } from '../support/error-text.js';
import type { QueueLogger } from '../support/queue-logger.js';
import { waitAtMost, withTimeLimit } from '../support/time-limit.js';
import { ReservationBatcher } from './reservation-batcher.js';
import { ReservedJob } from './reserved-job.js';
import type { RecoveryGate } from '../recovery/recovery-gate.js';

/** How long closing waits for popped jobs to be put back, in milliseconds; else their leases run out. */
const CLOSE_DEADLINE = 5_000;

/**
 * Hands out single jobs for `QueueManager.pop()`:
 *
 * 1. opens a batcher for a queue when it is first popped from;
 * 2. fails what cannot be read, or has taken down too many batchers, and goes on to the next job;
 * 3. sees to it that nobody waits for longer than the requests' deadline;
 * 4. puts back what is still held when the application ends.
 */
export class JobReserver {
  private readonly batchers = new Map<string, ReservationBatcher>();
  private closed = false;

  constructor(
    private readonly driver: QueueDriver,
    private readonly gate: RecoveryGate,
    private readonly registry: JobRegistry,
    private readonly options: ResolvedQueueOptions,
    private readonly clock: Clock,
    private readonly logger: QueueLogger,
  ) {}

  /** @throws QueueConnectionError, QueueClosedError, StorageCorruptError */
  async pop(queue: string): Promise<ReservedJob | null> {
    if (this.closed) throw new QueueClosedError();
    const batcher = this.batcherOf(queue);
    const end = this.clock.now() + this.deadline;
    for (;;) {
      const job = await batcher.claim(end - this.clock.now());
      if (!job) return null;
      try {
        return this.open(queue, batcher, job);
      } catch (thrown) {
        const error = toError(thrown);
        this.logger.error(`Job ${job.id} (queue ${queue}) failed for good: ${errorMessage(error)}`);
        const failing = batcher.settle(job, { kind: 'fail', error: errorMessage(error) });
        await withTimeLimit(failing, this.clock, end - this.clock.now(), () => QueueConnectionError.noJobInTime());
      }
    }
  }

  /** Resolves at the latest after {@link CLOSE_DEADLINE}: what then waits still is ended by closing the driver. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    const closing = Promise.allSettled([...this.batchers.values()].map((batcher) => batcher.close()));
    await waitAtMost(closing, this.clock, CLOSE_DEADLINE);
  }

  /** How long who pops or settles waits, in milliseconds. */
  private get deadline(): number {
    return this.options.redis.requestDeadline * 1000;
  }

  private batcherOf(queue: string): ReservationBatcher {
    let batcher = this.batchers.get(queue);
    if (!batcher) {
      const { lease } = this.options.worker;
      const open = (onLost: () => void) => this.driver.consume(queue, { lease, onLost });
      batcher = new ReservationBatcher(open, this.gate, this.clock);
      this.batchers.set(queue, batcher);
    }
    return batcher;
  }

  /** @throws CorruptJobError, JobCrashedError: then the job has to be failed */
  private open(queue: string, batcher: ReservationBatcher, job: ClaimedJob): ReservedJob {
    const { id, attempt, fence, pushedAt, crashes } = job;
    const record = decodeRecord(id, job.body);
    if (crashes >= MAX_CRASHES) throw new JobCrashedError(id, crashes);
    const data = this.readData(id, record);
    const facts = { id, name: record.name, queue, data, attempt, fence, pushedAt, maxTries: this.maxTriesOf(record) };
    return new ReservedJob(facts, (ending) => batcher.settle(job, ending), this.inTime);
  }

  private readonly inTime = (settling: Promise<void>, id: string): Promise<void> =>
    withTimeLimit(settling, this.clock, this.deadline, () => new UnknownOutcomeError([id], { asked: 'settlement' }));

  private readData(id: string, { data }: JobRecord): unknown {
    try {
      return this.options.serializer.deserialize(data);
    } catch (cause) {
      throw new CorruptJobError(id, 'its data is not readable', { cause });
    }
  }

  private maxTriesOf({ name, options }: JobRecord): number {
    return options.maxTries ?? this.registry.find(name)?.options.maxTries ?? this.options.jobs.maxTries;
  }
}
