import type { QueuePartitions } from '../drivers/queue-partitions.interface.js';
import { PARTITION_MARK, partitionOf, queueOf } from '../job/stored-queue.js';
import { grouped } from '../support/grouped.js';
import { choosePartition, partitionKeyOf, type ChoosePartition, type PlacedJob } from './partition-choice.js';
import { storedName } from './stored-names.js';

/** How many partitions a queue has; `stored`: as many as there are; `undefined`: the queue is kept as one. */
export type PartitionCount = number | 'stored' | undefined;

/**
 * Knows the stored queues of each queue: those of the options, and those beyond that the storage has, because the number was larger
 * before, or is larger in another process.
 */
export class PartitionMap implements QueuePartitions {
  /** The stored queues by their queue, as they were last read. */
  private stored: ReadonlyMap<string, readonly string[]> = new Map();
  /** The stored queues of each queue, all together; made when they are needed. */
  private readonly all = new Map<string, readonly string[]>();
  private reading: Promise<readonly string[]> | undefined;

  /**
   * @param countOf how many partitions the options give a queue
   * @param readNames reads the names of all stored queues
   * @param choose in place of {@link choosePartition}; for tests
   */
  constructor(
    private readonly countOf: (queue: string) => PartitionCount,
    private readonly readNames: () => Promise<readonly string[]>,
    private readonly choose: ChoosePartition = choosePartition,
  ) {}

  of(queue: string): readonly string[] {
    if (!this.isPartitioned(queue)) return [queue];
    let all = this.all.get(queue);
    if (!all) {
      const own = Array.from({ length: this.numberOf(queue) }, (_, number) => storedName(queue, number));
      const beyond = (this.stored.get(queue) ?? []).filter((name) => !own.includes(name));
      all = [...own, ...beyond.sort((a, b) => partitionOf(a) - partitionOf(b))];
      this.all.set(queue, all);
    }
    return all;
  }

  async readStored(): Promise<readonly string[]> {
    // Calls at the same time share one look.
    this.reading ??= this.readNames().finally(() => (this.reading = undefined));
    const names = await this.reading;
    this.stored = grouped(names, queueOf);
    this.all.clear();
    return names;
  }

  /** Returns the stored queues of a queue, also those that other processes have added. @throws QueueConnectionError */
  async read(queue: string): Promise<readonly string[]> {
    if (this.isPartitioned(queue)) await this.readStored();
    return this.of(queue);
  }

  /** Returns the stored queue of a job. */
  for(queue: string, job: PlacedJob): string {
    if (!this.isPartitioned(queue)) return queue;
    const count = this.numberOf(queue);
    return count === 1 ? queue : storedName(queue, this.choose(partitionKeyOf(job), count));
  }

  /** Returns the stored queues of a queue, the one where a job most likely is in front. */
  likely(queue: string, id: string): readonly string[] {
    const all = this.of(queue);
    if (all.length === 1) return all;
    const first = this.for(queue, { id });
    return [first, ...all.filter((stored) => stored !== first)];
  }

  /** How many partitions get new jobs. */
  numberOf(queue: string): number {
    const count = this.countOf(queue);
    if (count !== 'stored') return count ?? 1;
    return 1 + Math.max(0, ...(this.stored.get(queue) ?? []).map(partitionOf));
  }

  /** Tells whether a name is that of a queue with partitions, and not of one of its stored queues. */
  isPartitioned(queue: string): boolean {
    return !queue.includes(PARTITION_MARK) && this.countOf(queue) !== undefined;
  }
}
