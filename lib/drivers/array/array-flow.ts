import { isFlowOf } from '../../job/flow-ref.js';
import { nameInRecord, withPreviousResult } from '../../job/job-record.js';
import {
  MAX_FAILED_IDS,
  type FlowCallback,
  type FlowJob,
  type NewFlow,
  type NodeState,
  type StoredFlow,
  type StoredNode,
} from '../queue-flows.interface.js';

/** The outcome of the job of a node. */
export type NodeOutcome = 'completed' | 'failed' | 'cancelled' | 'retried';

/** A job that a flow pushes. */
export interface DueJob {
  readonly job: FlowJob;
  readonly body: string;
  /** Missing for a callback: it is no member. */
  readonly node?: number;
}

/** A flow as {@link ArrayFlows} keeps it. */
export interface KeptFlow {
  readonly flow: Pick<NewFlow, 'ref' | 'createdAt' | 'retention'>;
  readonly finishedAt: number | undefined;
  /** Records the outcome of a member. A second call with the same outcome changes nothing. */
  tell(node: number, outcome: NodeOutcome, id: string, result?: string): void;
  /** Takes the jobs that have to be pushed now, each once. Notes whether anything can still run. */
  takeDue(now: number): DueJob[];
  /** Cancels the jobs that were not pushed. @returns the jobs that were pushed, and have not ended */
  stop(): FlowJob[];
  resultOf(name: string): string | undefined;
  read(): StoredFlow;
  /** `null` of a batch. */
  nodes(): StoredNode[] | null;
}

/** One chain or workflow: the states of its nodes, and the jobs to push next. */
export class ArrayFlow implements KeptFlow {
  finishedAt: number | undefined;
  private readonly states: NodeState[];
  private readonly pushed = new Set<number>();
  private readonly results = new Map<number, string>();
  private readonly failedIds = new Set<string>();
  private readonly callbacks: Map<FlowCallback, FlowJob>;
  private readonly behind: readonly (readonly number[])[];
  private readonly before: readonly (readonly number[])[];
  private isStopped = false;
  private hasFailed = false;

  constructor(readonly flow: NewFlow) {
    const { ref, nodes, callbacks = {} } = flow;
    const isChain = isFlowOf('chain', ref);
    this.states = nodes.map(() => 'waiting');
    this.callbacks = new Map(Object.entries(callbacks) as [FlowCallback, FlowJob][]);
    this.before = nodes.map(({ after = [] }, number) => (isChain ? (number > 0 ? [number - 1] : []) : after));
    this.behind = nodes.map((_, number) =>
      nodes.flatMap((__, other) => (this.before[other]!.includes(number) ? other : [])),
    );
  }

  tell(node: number, outcome: NodeOutcome, id: string, result?: string): void {
    const state = this.states[node];
    const lives = state === 'waiting' || state === 'pushed';
    if (outcome === 'completed') {
      this.states[node] = outcome;
      this.failedIds.delete(id);
      if (result !== undefined) this.results.set(node, result);
    } else if (outcome === 'failed' && lives) {
      this.states[node] = outcome;
      this.hasFailed = true;
      this.failedIds.add(id);
    } else if (outcome === 'cancelled' && lives) {
      this.states[node] = outcome;
      this.cancelBehind(node);
    } else if (outcome === 'retried' && state === 'failed') {
      this.states[node] = 'pushed';
      this.failedIds.delete(id);
    }
  }

  takeDue(now: number): DueJob[] {
    const due: DueJob[] = [];
    for (const [node, job] of this.flow.nodes.entries()) {
      if (!this.isDue(node)) continue;
      this.states[node] = 'pushed';
      this.pushed.add(node);
      const result = isFlowOf('chain', this.flow.ref) && node > 0 ? this.results.get(node - 1) : undefined;
      due.push({ job, node, body: result === undefined ? job.body : withPreviousResult(job.body, result) });
    }
    const hasEnded = !this.states.includes('pushed');
    if (this.hasFailed) this.takeCallback('catch', due);
    if (this.states.every((state) => state === 'completed')) this.takeCallback('then', due);
    if (hasEnded) this.takeCallback('finally', due);
    this.finishedAt = hasEnded ? (this.finishedAt ?? now) : undefined;
    return due;
  }

  stop(): FlowJob[] {
    this.isStopped = true;
    for (const [node, state] of this.states.entries()) if (state === 'waiting') this.states[node] = 'cancelled';
    return this.flow.nodes.filter((_, node) => this.states[node] === 'pushed');
  }

  resultOf(name: string): string | undefined {
    return this.results.get(this.flow.nodes.findIndex((node) => node.name === name));
  }

  read(): StoredFlow {
    const { name, createdAt } = this.flow;
    const count = (wanted: NodeState): number => this.states.filter((state) => state === wanted).length;
    return {
      ...(name !== undefined && { name }),
      createdAt,
      ...(this.finishedAt !== undefined && { finishedAt: this.finishedAt }),
      total: this.states.length,
      completed: count('completed'),
      failed: count('failed'),
      cancelled: count('cancelled'),
      failedIds: [...this.failedIds].slice(0, MAX_FAILED_IDS),
    };
  }

  nodes(): StoredNode[] {
    return this.flow.nodes.map(({ name, id, queue, body }, number) => {
      const jobName = this.pushed.has(number) ? undefined : nameInRecord(body);
      return {
        state: this.states[number]!,
        ...(name !== undefined && { name }),
        after: this.before[number]!,
        job: { id, queue, ...(jobName !== undefined && { name: jobName }) },
      };
    });
  }

  private isDue(node: number): boolean {
    if (this.isStopped || this.states[node] !== 'waiting') return false;
    return this.before[node]!.every((other) => this.states[other] === 'completed');
  }

  private cancelBehind(node: number): void {
    for (const each of this.behind[node]!) {
      if (this.states[each] !== 'waiting') continue;
      this.states[each] = 'cancelled';
      this.cancelBehind(each);
    }
  }

  private takeCallback(name: FlowCallback, due: DueJob[]): void {
    const job = this.callbacks.get(name);
    if (!job || !this.callbacks.delete(name)) return;
    due.push({ job, body: job.body });
  }
}
