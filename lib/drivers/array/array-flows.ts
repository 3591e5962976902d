import type { MonotonicClock } from '../../support/clock.js';
import type { NewJob } from '../queue-driver.interface.js';
import { STOP_REASON } from '../queue-batches.interface.js';
import type { FlowCreation, NewFlow, QueueFlows, StoredFlow, StoredNode } from '../queue-flows.interface.js';
import { ArrayBatch } from './array-batch.js';
import { ArrayFlow, type KeptFlow, type NodeOutcome } from './array-flow.js';
import type { ArrayJob } from './array-job.js';
import { ExpiringMap } from './expiring-map.js';

/** The outcome of a member of a flow. */
interface Entry {
  readonly job: ArrayJob;
  readonly outcome: NodeOutcome;
  readonly result: string | undefined;
}

/** What the flows do with jobs. */
export interface FlowActions {
  push(queue: string, job: NewJob): void;
  cancel(id: string, reason: string | undefined): void;
  /** Cancels a job that has not started; `hold` is called before. */
  stop(id: string, reason: string, hold: () => void): void;
  /** Nothing of a flow can run any more. */
  ended(ref: string, flow: StoredFlow): void;
  /** Puts a failed job back. @returns whether it was there */
  retry(id: string): Promise<boolean>;
}

/** Keeps flows in one process: the end of a job causes its pushes in the same turn of the event loop. */
export class ArrayFlows implements QueueFlows {
  /** The flows of which something can run. */
  private readonly live = new Map<string, KeptFlow>();
  private readonly ended: ExpiringMap<KeptFlow>;
  readonly noted: Entry[] = [];
  private isHandingOver = false;

  constructor(
    private readonly clock: MonotonicClock,
    private readonly actions: FlowActions,
    private readonly assertOpen: () => void,
  ) {
    this.ended = new ExpiringMap(0, clock);
  }

  async create(flow: NewFlow): Promise<FlowCreation> {
    this.assertOpen();
    const known = this.find(flow.ref);
    if (known) return { isNew: false, createdAt: known.flow.createdAt };
    this.keep(new ArrayFlow(flow));
    return { isNew: true, createdAt: flow.createdAt };
  }

  async read(ref: string): Promise<StoredFlow | null> {
    this.assertOpen();
    return this.find(ref)?.read() ?? null;
  }

  async nodes(ref: string): Promise<StoredNode[] | null> {
    this.assertOpen();
    return this.find(ref)?.nodes() ?? null;
  }

  async readResult(ref: string, name: string): Promise<string | null> {
    this.assertOpen();
    return this.find(ref)?.resultOf(name) ?? null;
  }

  async cancel(ref: string, reason?: string): Promise<boolean> {
    this.assertOpen();
    const flow = this.live.get(ref);
    if (!flow) return false;
    for (const { id } of flow.stop()) this.actions.cancel(id, reason);
    this.handOver();
    this.pushDue(flow);
    return true;
  }

  async settled(): Promise<void> {
    this.handOver();
  }

  /** Notes the outcome of a member. The flow gets it before any other code runs. */
  note(job: ArrayJob, outcome: NodeOutcome, result?: string): void {
    if (this.noted.push({ job, outcome, result }) === 1) queueMicrotask(() => this.handOver());
  }

  /** Gives the noted outcomes to their flows. */
  handOver(): void {
    if (this.isHandingOver) return;
    this.isHandingOver = true;
    try {
      for (let entry = this.noted.shift(); entry; entry = this.noted.shift()) {
        const { job, outcome, result } = entry;
        const { ref, node } = job.traits.flow!;
        const flow = this.find(ref);
        if (!flow) continue;
        flow.tell(node, outcome, job.id, result);
        if (flow instanceof ArrayBatch) this.holdStopped(flow);
        this.pushDue(flow);
      }
    } finally {
      this.isHandingOver = false;
    }
  }

  /** Keeps a new flow. */
  keep(flow: KeptFlow): void {
    this.live.set(flow.flow.ref, flow);
    this.pushDue(flow);
  }

  find(ref: string): KeptFlow | undefined {
    const flow = this.live.get(ref) ?? this.ended.get(ref);
    if (!(flow instanceof ArrayBatch) || !flow.isLeft(this.clock.monotonic())) return flow;
    this.live.delete(ref);
    return undefined;
  }

  /** Cancels the members of a batch that have not started, if a failure has stopped it. */
  holdStopped(batch: ArrayBatch): void {
    batch.hold((id, hold) => this.actions.stop(id, STOP_REASON, hold));
  }

  /** Pushes the due jobs of a flow. */
  pushDue(flow: KeptFlow): void {
    const { ref, retention } = flow.flow;
    for (const { job, body, node } of flow.takeDue(this.clock.now())) {
      const { id, delay, traits = {}, queue } = job;
      const place = node === undefined ? undefined : { ref, node };
      this.actions.push(queue, { id, body, delay, isGenerated: true, traits: { ...traits, flow: place } });
    }
    if (flow.finishedAt === undefined) {
      this.ended.delete(ref);
      this.live.set(ref, flow);
    } else if (this.live.delete(ref)) {
      this.ended.set(ref, flow, retention * 1000);
      this.actions.ended(ref, flow.read());
    }
  }
}
