import type { BatchKey, NewBatch, OpenBatch, QueueBatches } from '../drivers/queue-batches.interface.js';
import type {
  FlowCallback,
  FlowCreation,
  FlowJob,
  NewFlow,
  QueueFlows,
  StoredFlow,
  StoredNode,
} from '../drivers/queue-flows.interface.js';
import { withQueue } from './fan-out.js';
import type { PartitionMap } from './partition-map.js';

type Callbacks = Readonly<Partial<Record<FlowCallback, FlowJob>>>;

/** Chains and workflows: the partition of each job is decided when the flow is stored. */
export class PartitionedFlows implements QueueFlows {
  constructor(
    private readonly inner: QueueFlows,
    private readonly map: PartitionMap,
  ) {}

  async create(flow: NewFlow): Promise<FlowCreation> {
    const { nodes, callbacks } = flow;
    return this.inner.create({
      ...flow,
      nodes: nodes.map((node) => placed(this.map, node)),
      ...(callbacks && { callbacks: placedCallbacks(this.map, callbacks) }),
    });
  }

  async read(ref: string): Promise<StoredFlow | null> {
    return this.inner.read(ref);
  }

  async nodes(ref: string): Promise<readonly StoredNode[] | null> {
    const nodes = await this.inner.nodes(ref);
    return nodes && nodes.map((node) => (node.job ? Object.assign({}, node, { job: withQueue(node.job) }) : node));
  }

  async readResult(ref: string, name: string): Promise<string | null> {
    return this.inner.readResult(ref, name);
  }

  async cancel(ref: string, reason?: string): Promise<boolean> {
    return this.inner.cancel(ref, reason);
  }

  async settled(): Promise<void> {
    await this.inner.settled();
  }
}

/** Batches: the partition of each member is decided when it is fed. */
export class PartitionedBatches implements QueueBatches {
  constructor(
    private readonly inner: QueueBatches,
    private readonly map: PartitionMap,
  ) {}

  async open(batch: NewBatch): Promise<OpenBatch> {
    const { callbacks } = batch;
    return this.inner.open({ ...batch, ...(callbacks && { callbacks: placedCallbacks(this.map, callbacks) }) });
  }

  async feed(batch: BatchKey, first: number, members: readonly FlowJob[], pushed: number): Promise<void> {
    const here = members.map((member) => placed(this.map, member));
    await this.inner.feed(batch, first, here, pushed);
  }

  async seal(batch: BatchKey): Promise<number> {
    return this.inner.seal(batch);
  }

  async add(ref: string, members: readonly FlowJob[]): Promise<number | null> {
    const here = members.map((member) => placed(this.map, member));
    return this.inner.add(ref, here);
  }

  async retry(ref: string): Promise<number> {
    return this.inner.retry(ref);
  }
}

/** Puts the stored queue of a job in the place of its queue. */
export function placed<Job extends FlowJob>(map: PartitionMap, job: Job): Job {
  const queue = map.for(job.queue, job);
  return queue === job.queue ? job : { ...job, queue };
}

function placedCallbacks(map: PartitionMap, callbacks: Callbacks): Callbacks {
  const all = Object.entries(callbacks) as [FlowCallback, FlowJob][];
  return Object.fromEntries(all.map(([callback, job]) => [callback, placed(map, job)]));
}
