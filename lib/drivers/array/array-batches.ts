import { InvalidFlowError } from '../../queue.errors.js';
import type { MonotonicClock } from '../../support/clock.js';
import type { BatchKey, NewBatch, OpenBatch, QueueBatches } from '../queue-batches.interface.js';
import type { FlowJob } from '../queue-flows.interface.js';
import { ArrayBatch } from './array-batch.js';
import type { ArrayFlows, FlowActions } from './array-flows.js';

/** Fills batches in one process. */
export class ArrayBatches implements QueueBatches {
  constructor(
    private readonly flows: ArrayFlows,
    private readonly actions: Pick<FlowActions, 'retry'>,
    private readonly clock: MonotonicClock,
    private readonly assertOpen: () => void,
  ) {}

  async open(batch: NewBatch): Promise<OpenBatch> {
    this.assertOpen();
    let found = this.find(batch.ref);
    if (!found) this.flows.keep((found = new ArrayBatch(batch)));
    found.fedAt = this.clock.monotonic();
    return { createdAt: found.flow.createdAt, isSealed: found.isSealed, total: found.total };
  }

  async feed(key: BatchKey, first: number, members: readonly FlowJob[]): Promise<void> {
    const batch = this.get(key.ref);
    batch.fedAt = this.clock.monotonic();
    batch.feed(first, members);
    this.flows.pushDue(batch);
  }

  async seal({ ref }: BatchKey): Promise<number> {
    const batch = this.get(ref);
    batch.isSealed = true;
    this.flows.pushDue(batch);
    return batch.total;
  }

  async add(ref: string, members: readonly FlowJob[]): Promise<number | null> {
    this.assertOpen();
    this.flows.handOver();
    const batch = this.find(ref);
    if (!batch || batch.finishedAt !== undefined || batch.stopped === 'cancelled') return null;
    batch.add(members);
    this.flows.pushDue(batch);
    this.flows.holdStopped(batch);
    return batch.total;
  }

  async retry(ref: string): Promise<number> {
    this.assertOpen();
    this.flows.handOver();
    const batch = this.find(ref);
    if (!batch) return 0;
    let count = batch.release();
    this.flows.pushDue(batch);
    for (const id of batch.failedMembers) if (await this.actions.retry(id)) count++;
    this.flows.handOver();
    return count;
  }

  private get(ref: string): ArrayBatch {
    this.assertOpen();
    const batch = this.find(ref);
    if (!batch) throw InvalidFlowError.gone(ref);
    return batch;
  }

  private find(ref: string): ArrayBatch | undefined {
    const found = this.flows.find(ref);
    return found instanceof ArrayBatch ? found : undefined;
  }
}
