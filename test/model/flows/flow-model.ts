import type { FlowCallback, NodeState } from '../../../lib/drivers/queue-flows.interface.js';

/** The state of a node in the model. `held`: a failure in its batch has cancelled it. */
type State = NodeState | 'held';

export interface ModelNode {
  readonly name: string;
  readonly queue: string;
  /** The numbers of the nodes that have to complete before. */
  readonly after: readonly number[];
  state: State;
}

/** A job that has not ended, or has failed. */
export interface ModelJob {
  readonly name: string;
  readonly queue: string;
  readonly flow: ModelFlow;
  /** Missing for a callback. */
  readonly node?: ModelNode;
  place: 'ready' | 'held' | 'failed';
  hasStarted: boolean;
  isCancelled: boolean;
}

export interface ModelFlow {
  readonly ref: string;
  readonly isBatch: boolean;
  readonly isChain: boolean;
  readonly allowFailures: boolean;
  readonly nodes: ModelNode[];
  readonly callbacks: Map<FlowCallback, string>;
  isSealed: boolean;
  stopped: 'cancelled' | 'failed' | undefined;
  hasFailed: boolean;
  hasEnded: boolean;
  /** How often it has ended. */
  ends: number;
}

const LIVES: ReadonlySet<State> = new Set(['waiting', 'pushed']);

/**
 * Flows as their documentation describes them: which jobs are there, and how far each flow is. A name stands for a node, whatever ids its jobs
 * have had.
 */
export class FlowModel {
  readonly flows: ModelFlow[] = [];
  readonly jobs = new Map<string, ModelJob>();

  /** Adds a flow. */
  add(flow: Pick<ModelFlow, 'ref' | 'isBatch' | 'isChain' | 'allowFailures' | 'callbacks' | 'isSealed'>): ModelFlow {
    const added = { ...flow, nodes: [], stopped: undefined, hasFailed: false, hasEnded: false, ends: 0 };
    this.flows.push(added);
    return added;
  }

  /** Adds a node. To a batch that was stopped it comes without a job. */
  addNode(flow: ModelFlow, name: string, queue: string, after: readonly number[] = []): void {
    const state = flow.stopped === 'failed' ? 'held' : flow.stopped === 'cancelled' ? 'cancelled' : 'waiting';
    flow.nodes.push({ name, queue, after, state });
  }

  jobsAt(place: ModelJob['place'], queue?: string): ModelJob[] {
    return [...this.jobs.values()].filter((job) => job.place === place && (queue === undefined || job.queue === queue));
  }

  /** A job has ended well. */
  complete(job: ModelJob): void {
    this.jobs.delete(job.name);
    if (job.node) job.node.state = 'completed';
    this.goOn(job.flow);
  }

  /** A job has failed for good. */
  fail(job: ModelJob): void {
    const { flow, node } = job;
    job.place = 'failed';
    job.hasStarted = true;
    if (node) {
      node.state = 'failed';
      flow.hasFailed = true;
      if (flow.isBatch && !flow.allowFailures) flow.stopped ??= 'failed';
    }
    this.goOn(flow);
  }

  /** A job was cancelled, cleared or removed before its end. */
  end(job: ModelJob): void {
    this.jobs.delete(job.name);
    if (job.node) this.cancelNode(job.flow, job.node);
    this.goOn(job.flow);
  }

  /** An attempt has ended, and the job waits for another one. */
  putBack(job: ModelJob): void {
    job.place = 'ready';
    job.hasStarted = true;
  }

  /** A failed job was put back. */
  retry(job: ModelJob): void {
    job.place = 'ready';
    if (job.node) job.node.state = 'pushed';
    this.goOn(job.flow);
  }

  /** @returns false if nothing of it can run any more */
  cancel(flow: ModelFlow): boolean {
    if (flow.hasEnded) return false;
    flow.stopped = 'cancelled';
    for (const node of flow.nodes) if (node.state === 'waiting') node.state = 'cancelled';
    for (const job of this.jobsOf(flow)) {
      if (!job.node) continue;
      if (job.place === 'held') job.isCancelled = true;
      else if (job.place === 'ready') {
        this.jobs.delete(job.name);
        this.cancelNode(flow, job.node);
      }
    }
    this.goOn(flow);
    return true;
  }

  /** Puts back the failed members of a batch, and those that a failure has cancelled. @returns how many */
  retryBatch(flow: ModelFlow): number {
    const failed = this.jobsOf(flow).filter(({ place, node }) => place === 'failed' && node);
    const held = flow.stopped === 'cancelled' ? [] : flow.nodes.filter(({ state }) => state === 'held');
    if (flow.stopped === 'failed') flow.stopped = undefined;
    for (const node of held) node.state = 'waiting';
    this.goOn(flow);
    for (const job of failed) this.retry(job);
    return failed.length + held.length;
  }

  /** Pushes what is due, and notes an end. */
  goOn(flow: ModelFlow): void {
    const { nodes } = flow;
    for (const node of nodes) {
      const isDue = node.state === 'waiting' && node.after.every((other) => nodes[other]!.state === 'completed');
      if (!isDue || flow.stopped === 'cancelled') continue;
      node.state = 'pushed';
      this.push(flow, node.name, node.queue, node);
    }
    if (flow.stopped === 'failed') this.hold(flow);
    const hasEnded = flow.isSealed && nodes.every(({ state }) => state !== 'pushed');
    if (flow.hasFailed) this.callBack(flow, 'catch');
    if (flow.isSealed && nodes.every(({ state }) => state === 'completed')) this.callBack(flow, 'then');
    if (hasEnded) this.callBack(flow, 'finally');
    if (hasEnded && !flow.hasEnded) flow.ends++;
    flow.hasEnded = hasEnded;
  }

  private jobsOf(flow: ModelFlow): ModelJob[] {
    return [...this.jobs.values()].filter((job) => job.flow === flow);
  }

  private push(flow: ModelFlow, name: string, queue: string, node?: ModelNode): void {
    this.jobs.set(name, { name, queue, flow, node, place: 'ready', hasStarted: false, isCancelled: false });
  }

  private callBack(flow: ModelFlow, name: FlowCallback): void {
    const queue = flow.callbacks.get(name);
    if (queue === undefined || !flow.callbacks.delete(name)) return;
    this.push(flow, `${flow.ref}.${name}`, queue);
  }

  /** Cancels the members that have not started. */
  private hold(flow: ModelFlow): void {
    for (const job of this.jobsOf(flow)) {
      if (!job.node || job.place !== 'ready' || job.hasStarted) continue;
      this.jobs.delete(job.name);
      job.node.state = 'held';
    }
  }

  /** What waits for a cancelled node is cancelled, too. */
  private cancelNode(flow: ModelFlow, node: ModelNode): void {
    if (!LIVES.has(node.state)) return;
    node.state = 'cancelled';
    const number = flow.nodes.indexOf(node);
    for (const other of flow.nodes) {
      if (other.state === 'waiting' && other.after.includes(number)) this.cancelNode(flow, other);
    }
  }
}
