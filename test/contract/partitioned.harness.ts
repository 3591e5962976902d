import type {
  ConsumerOptions,
  QueueConsumer,
  QueueDriver,
  QueueListener,
} from '../../lib/drivers/queue-driver.interface.js';
import { queueOf } from '../../lib/job/stored-queue.js';
import { choosePartition, type ChoosePartition } from '../../lib/partitions/partition-choice.js';
import { PartitionedDriver } from '../../lib/partitions/partitioned.driver.js';
import type { DriverHarness, DriverSettings, HarnessAbilities } from './driver-harness.js';

/** How many partitions each queue has. */
export const PARTITIONS = 4;

/** Puts partitions around the driver of another harness. */
export class PartitionedHarness implements DriverHarness {
  readonly name: string;
  readonly supports: HarnessAbilities;
  private readonly innerOf = new Map<QueueConsumer, QueueConsumer>();

  /** @param busy the partition of all jobs, so that the suite need not know of the others: its consumers and listeners are there */
  constructor(
    private readonly inner: DriverHarness,
    private readonly busy?: number,
  ) {
    this.name = `${inner.name} with partitions`;
    this.supports = inner.supports;
  }

  async create(settings: DriverSettings): Promise<QueueDriver> {
    const choose = this.busy === undefined ? choosePartition : (): number => this.busy!;
    const driver = new TestDriver(await this.inner.create(settings), choose);
    await driver.partitions.readStored();
    return driver;
  }

  async dispose(): Promise<void> {
    this.innerOf.clear();
    await this.inner.dispose();
  }

  advance(seconds: number): Promise<void> {
    return this.inner.advance(seconds);
  }

  consume(driver: QueueDriver, queue: string, options: ConsumerOptions): QueueConsumer {
    const partitioned = driver as TestDriver;
    const inner = this.inner.consume(partitioned.inner, partitioned.busyOf(queue), options);
    const consumer = partitioned.around(inner);
    this.innerOf.set(consumer, inner);
    return consumer;
  }

  stall(consumer: QueueConsumer): Promise<void> {
    return this.inner.stall(this.innerOf.get(consumer)!);
  }

  resume(consumer: QueueConsumer): Promise<void> {
    return this.inner.resume(this.innerOf.get(consumer)!);
  }
}

class TestDriver extends PartitionedDriver {
  constructor(
    inner: QueueDriver,
    private readonly chosen: ChoosePartition,
  ) {
    super(inner, () => PARTITIONS, chosen);
  }

  /** Returns the stored queue of all jobs, if there is one. */
  busyOf(queue: string): string {
    const isStored = this.chosen === choosePartition || queue !== queueOf(queue);
    return isStored ? queue : this.partitions.for(queue, { id: '' });
  }

  override consume(queue: string, options: ConsumerOptions): QueueConsumer {
    return super.consume(this.busyOf(queue), options);
  }

  override listen(queues: readonly string[]): QueueListener {
    const listener = super.listen(queues.map((queue) => this.busyOf(queue)));
    return {
      isReliable: listener.isReliable,
      wait: async (milliseconds) => {
        const stored = await listener.wait(milliseconds);
        return stored === null || this.chosen === choosePartition ? stored : queueOf(stored);
      },
      pass: (queue) => listener.pass(this.busyOf(queue)),
      close: () => listener.close(),
    };
  }

  override around(consumer: QueueConsumer): QueueConsumer {
    return super.around(consumer);
  }
}
