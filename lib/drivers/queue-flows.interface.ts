import type { JobTraits } from './job-traits.interface.js';

/**
 * Chains, batches and workflows, as a storage keeps them for all processes. A flow is a graph of nodes; each node is one job, and waits
 * for the completion of others.
 *
 * A flow learns durably of the end of each member: the operation that ends the job also stores a note for the flow, and each process
 * that finds the note gives it to the flow, until one of them succeeds. The flow then decides which jobs are pushed. Each node, and each callback, is pushed once, since their ids are known before.
 */
export interface QueueFlows {
  /**
   * Stores a flow, and pushes the nodes that wait for nothing. If there is a flow with this reference already, adds nothing, and pushes
   * those of its nodes that ought to be pushed and are not.
   *
   * @returns whether it was stored, and when the flow was stored first
   * @throws QueueConnectionError, StorageFullError, StorageCorruptError; then it may be called again
   */
  create(flow: NewFlow): Promise<FlowCreation>;

  /** Reads a flow; `null` if there is none, or none any more. */
  read(ref: string): Promise<StoredFlow | null>;

  /** Reads the nodes of a chain or a workflow, in the order of their numbers; `null` if there is none, or none any more, and of a batch, which may have very many. */
  nodes(ref: string): Promise<readonly StoredNode[] | null>;

  /** Reads the result of a completed node by its name, as text; `null` if there is none. */
  readResult(ref: string, name: string): Promise<string | null>;

  /**
   * Cancels the jobs that have not ended: nodes that wait for others are never pushed, waiting jobs end, the signals of running jobs are aborted.
   *
   * @returns false if there is no such flow, or if nothing of it can run any more
   */
  cancel(ref: string, reason?: string): Promise<boolean>;

  /** Resolves when no hand-over of this process is under way. */
  settled(): Promise<void>;
}

/** A flow to store. */
export interface NewFlow {
  /** See `flowRef()`. */
  readonly ref: string;
  readonly name?: string;
  /** When it is made, on the clock of the caller, in milliseconds. */
  readonly createdAt: number;
  /** For how many seconds it is kept once nothing of it can run any more. */
  readonly retention: number;
  /** In a chain each node waits for the one before it. At most {@link MAX_NODES}. */
  readonly nodes: readonly FlowNode[];
  readonly callbacks?: Readonly<Partial<Record<FlowCallback, FlowJob>>>;
}

/** The most nodes of a chain or a workflow: one operation looks at all of them. */
export const MAX_NODES = 1_000;

/** A job of a flow, as it will be pushed. */
export interface FlowJob {
  /** Nobody else has it. */
  readonly id: string;
  readonly queue: string;
  /** The record of the job as text. */
  readonly body: string;
  /** Seconds, from its push on. */
  readonly delay: number;
  readonly traits?: JobTraits;
}

export interface FlowNode extends FlowJob {
  /** In a workflow. */
  readonly name?: string;
  /** The numbers of the nodes that have to complete before; only in a workflow. */
  readonly after?: readonly number[];
}

/**
 * The jobs that a flow pushes beside its nodes, each once:
 *
 * - `catch`: a node has failed for good;
 * - `then`: all nodes have completed;
 * - `finally`: nothing of the flow can run any more.
 */
export type FlowCallback = 'catch' | 'then' | 'finally';

export const FLOW_CALLBACKS = ['catch', 'then', 'finally'] as const satisfies readonly FlowCallback[];

export interface FlowCreation {
  readonly isNew: boolean;
  readonly createdAt: number;
}

export interface StoredFlow {
  readonly name?: string;
  readonly createdAt: number;
  /** Missing as long as something of it can run. */
  readonly finishedAt?: number;
  readonly total: number;
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
  /** The ids of the first failed jobs, at most {@link MAX_FAILED_IDS}, in the order of their failures. */
  readonly failedIds: readonly string[];
}

/** The state of a node. `waiting`: it waits for other nodes; `pushed`: its job has not ended. */
export type NodeState = 'waiting' | 'pushed' | 'completed' | 'failed' | 'cancelled';

export interface StoredNode {
  readonly state: NodeState;
  /** In a workflow. */
  readonly name?: string;
  /** The numbers of the nodes that have to complete before. */
  readonly after: readonly number[];
  /** Missing if another program has changed the flow. */
  readonly job?: NodeJob;
}

export interface NodeJob {
  readonly id: string;
  readonly queue: string;
  /** Only of a job that was not pushed yet: nobody else can tell it. */
  readonly name?: string;
}

export const MAX_FAILED_IDS = 100;

/** How long after the end of a job of a flow its id stays known, in seconds: a push of it may arrive again. */
export const MEMBER_KNOWN_FOR = 300;
