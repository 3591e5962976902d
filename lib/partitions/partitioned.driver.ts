import type { QueueBatches } from '../drivers/queue-batches.interface.js';
import type { QueueCancellations } from '../drivers/queue-cancellations.interface.js';
import type { StorageFinding } from '../drivers/queue-doctor.interface.js';
import type {
  ConsumerOptions,
  NewJob,
  PushException,
  QueueConsumer,
  QueueCounts,
  QueueDriver,
  QueueListener,
  StoredStatus,
} from '../drivers/queue-driver.interface.js';
import type { QueueEventLog } from '../drivers/queue-event-log.interface.js';
import type { QueueFlows } from '../drivers/queue-flows.interface.js';
import type { QueueLimits } from '../drivers/queue-limits.interface.js';
import type { QueueLists } from '../drivers/queue-lists.interface.js';
import type { QueueMending } from '../drivers/queue-mending.interface.js';
import type { QueuePauses } from '../drivers/queue-pauses.interface.js';
import type { ScheduleStore } from '../drivers/queue-schedules.interface.js';
import type { QueueStats } from '../drivers/queue-stats.interface.js';
import type { QueueWaits } from '../drivers/queue-waits.interface.js';
import type { QueueWorkers } from '../drivers/queue-workers.interface.js';
import type { StorageObserver } from '../drivers/storage-observer.interface.js';
import type { JobState } from '../job/job-status.js';
import { queueOf } from '../job/stored-queue.js';
import { QueueConnectionError } from '../queue.errors.js';
import { askAll, sumAll, sumCounts, withQueue } from './fan-out.js';
import type { ChoosePartition } from './partition-choice.js';
import { PartitionMap, type PartitionCount } from './partition-map.js';
import { PartitionedCancellations } from './partitioned-cancellations.js';
import { PartitionedConsumer } from './partitioned-consumer.js';
import { PartitionedBatches, PartitionedFlows } from './partitioned-flows.js';
import { PartitionedLimits } from './partitioned-limits.js';
import { PartitionedLists } from './partitioned-lists.js';
import { PartitionedMending } from './partitioned-mending.js';
import { PartitionedObserver } from './partitioned-observer.js';
import { PartitionedPauses } from './partitioned-pauses.js';
import { pushToPartitions } from './partitioned-push.js';
import { PartitionedSchedules } from './partitioned-schedules.js';
import { PartitionedStats } from './partitioned-stats.js';
import { PartitionedWaits } from './partitioned-waits.js';

/**
 * Keeps a queue as several stored queues of another driver:
 *
 * 1. puts each job into the partition of its group, else of its unique key, else of its id;
 * 2. speaks of the whole queue in all else: it asks all partitions, and puts their answers together;
 * 3. tells the name of the queue in place of those of its partitions.
 *
 * Consumers and listeners are those of the other driver: a worker has one in each partition.
 */
export class PartitionedDriver implements QueueDriver {
  readonly name: string;
  readonly partitions: PartitionMap;
  readonly pauses: QueuePauses;
  readonly limits: QueueLimits;
  readonly stats: QueueStats;
  readonly lists: QueueLists;
  readonly mending: QueueMending;
  readonly cancellations: QueueCancellations;
  readonly waits: QueueWaits;
  readonly flows: QueueFlows;
  readonly batches: QueueBatches;
  readonly schedules: ScheduleStore;
  readonly workers: QueueWorkers;
  readonly events: QueueEventLog;
  readonly restWhileIdle?: (rests: boolean) => void;
  readonly examine?: () => Promise<StorageFinding[]>;

  /**
   * @param inner keeps the stored queues
   * @param countOf how many partitions the options give a queue
   * @param choose chooses the partition of a key; for tests
   */
  constructor(
    readonly inner: QueueDriver,
    countOf: (queue: string) => PartitionCount,
    choose?: ChoosePartition,
  ) {
    const map = new PartitionMap(countOf, () => inner.queues(), choose);
    this.partitions = map;
    this.name = inner.name;
    this.pauses = new PartitionedPauses(inner.pauses, map);
    this.limits = new PartitionedLimits(inner.limits, map);
    this.stats = new PartitionedStats(inner.stats, map);
    this.lists = new PartitionedLists(inner.lists, map);
    const runningIn = async (stored: string): Promise<number> => (await inner.counts(stored)).reserved;
    this.mending = new PartitionedMending(inner.mending, inner.lists, map, runningIn);
    this.cancellations = new PartitionedCancellations(inner.cancellations, map);
    this.waits = new PartitionedWaits(inner.waits, map);
    this.flows = new PartitionedFlows(inner.flows, map);
    this.batches = new PartitionedBatches(inner.batches, map);
    this.schedules = new PartitionedSchedules(inner.schedules, map);
    this.workers = inner.workers;
    this.events = inner.events;
    if (inner.restWhileIdle) this.restWhileIdle = (rests) => inner.restWhileIdle!(rests);
    if (inner.examine) this.examine = () => inner.examine!();
  }

  get address(): string {
    return this.inner.address;
  }

  get isAway(): boolean {
    return this.inner.isAway ?? false;
  }

  async connect(): Promise<void> {
    await this.inner.connect();
    try {
      await this.partitions.readStored();
    } catch (error) {
      // One server of several is away: the names are read again with the next look at a queue.
      if (!(error instanceof QueueConnectionError)) throw error;
    }
  }

  async close(): Promise<void> {
    await this.inner.close();
  }

  async ping(timeout?: number): Promise<void> {
    await this.inner.ping(timeout);
  }

  async push(queue: string, jobs: readonly NewJob[], looks: boolean): Promise<readonly PushException[] | undefined> {
    return pushToPartitions(this.inner, this.partitions, queue, jobs, looks);
  }

  consume(stored: string, options: ConsumerOptions): QueueConsumer {
    return this.around(this.inner.consume(stored, options));
  }

  listen(stored: readonly string[]): QueueListener {
    return this.inner.listen(stored);
  }

  async getStatus(id: string): Promise<StoredStatus | null> {
    const status = await this.inner.getStatus(id);
    return status && withQueue(status);
  }

  async setStatus(id: string, state: JobState, error?: string): Promise<void> {
    await this.inner.setStatus(id, state, error);
  }

  async readDebounced(queue: string, key: string, group?: string): Promise<string | null> {
    const stored = this.partitions.for(queue, { id: '', traits: { group, debounce: { key } } });
    return this.inner.readDebounced(stored, key, group);
  }

  async counts(queue: string): Promise<QueueCounts> {
    return sumCounts(await askAll(this.partitions, queue, (stored) => this.inner.counts(stored)));
  }

  async clear(queue: string): Promise<number> {
    return sumAll(this.partitions, queue, (stored) => this.inner.clear(stored));
  }

  observe(observer: StorageObserver): void {
    this.inner.observe(new PartitionedObserver(observer));
  }

  async queues(): Promise<string[]> {
    return [...new Set((await this.partitions.readStored()).map(queueOf))].sort();
  }

  /** Lets a consumer of the other driver hold back the partitions beside its own one. */
  protected around(consumer: QueueConsumer): QueueConsumer {
    const { queue: stored } = consumer;
    if (this.partitions.of(queueOf(stored)).length === 1) return consumer;
    return new PartitionedConsumer(consumer, (seconds) => this.holdOthers(stored, seconds));
  }

  /** Holds the other partitions of a queue back. If one cannot be reached, its jobs go on. */
  private holdOthers(stored: string, seconds: number): void {
    for (const other of this.partitions.of(queueOf(stored))) {
      if (other !== stored) this.inner.limits.hold(other, seconds).catch(ignore);
    }
  }
}

function ignore(): void {
  // See above.
}
