import { FLOW_CALLBACKS, MAX_NODES } from '../drivers/queue-flows.interface.js';
import type { FlowCallback, FlowJob } from '../drivers/queue-flows.interface.js';
import type { QueueDriver } from '../drivers/queue-driver.interface.js';
import { readCancelReason } from '../job/cancel-reason.js';
import { flowRef, memberId, type FlowKind } from '../job/flow-ref.js';
import type { JobCodec } from '../job/job-codec.js';
import { assertJobId, createJobId } from '../job/job-id.js';
import { InvalidFlowError, InvalidOptionError } from '../queue.errors.js';
import type { Clock } from '../support/clock.js';
import { FlowJobs, type FlowPipeline } from './flow-jobs.js';
import { readFlowOptions, type ChainOptions, type CheckedFlowOptions, type FlowMember } from './flow-options.js';
import { toState, type FlowState } from './flow-state.js';

/** A chain that was dispatched. */
export interface DispatchedChain {
  readonly id: string;
  /** The ids of its jobs, in their order. */
  readonly jobIds: readonly string[];
}

export interface FlowParts {
  readonly driver: Pick<QueueDriver, 'flows' | 'batches'>;
  readonly pipeline: FlowPipeline;
  readonly codec: JobCodec;
  readonly clock: Clock;
}

/** The parts of a flow, before its jobs are made. */
export interface FlowPlan {
  readonly kind: FlowKind;
  readonly jobs: readonly unknown[];
  /** Returns the path of a job in messages. */
  readonly pathOf: (index: number) => string;
  /** The names and predecessors of the nodes of a workflow. */
  readonly nodes?: readonly { readonly name: string; readonly after: readonly number[] }[];
  readonly callbacks?: Readonly<Partial<Record<FlowCallback, unknown>>>;
}

/** Dispatches chains and workflows; reads and cancels all flows. */
export class FlowDispatch {
  constructor(private readonly parts: FlowParts) {}

  /** See `QueueManager.chain`. */
  async chain(jobs: readonly FlowMember[], options: ChainOptions): Promise<DispatchedChain> {
    const { reader, ...checked } = readFlowOptions(options, 'chain options', ['name', 'onFailure']);
    if (!Array.isArray(jobs)) throw new InvalidOptionError('jobs', 'a list', jobs);
    const list = Array.from(jobs as unknown[]);
    const onFailure = reader.raw('onFailure');
    const { id, jobIds } = await this.create(checked, {
      kind: 'chain',
      jobs: list,
      pathOf: (index) => `jobs[${index}]`,
      ...(onFailure !== undefined && { callbacks: { catch: onFailure } }),
    });
    return { id, jobIds };
  }

  /** Reads a flow; `null` if there is none. @throws InvalidJobIdError, QueueConnectionError */
  async read(kind: FlowKind, id: string): Promise<FlowState | null> {
    assertJobId(id);
    const stored = await this.parts.driver.flows.read(flowRef(kind, id));
    return stored && toState(id, stored);
  }

  /** Cancels a flow. @throws InvalidJobIdError, InvalidOptionError, QueueConnectionError */
  async cancel(kind: FlowKind, id: string, reason?: string): Promise<boolean> {
    assertJobId(id);
    return this.parts.driver.flows.cancel(flowRef(kind, id), readCancelReason(reason));
  }

  /** Makes the jobs of a flow, and stores it. Everything is checked before anything is written. */
  async create(options: CheckedFlowOptions, plan: FlowPlan): Promise<DispatchedChain> {
    const { driver, pipeline, codec, clock } = this.parts;
    const { jobs, kind, pathOf, nodes, callbacks = {} } = plan;
    if (jobs.length === 0) throw InvalidFlowError.expected(`The ${kind}`, 'at least one job', 'none');
    if (jobs.length > MAX_NODES) {
      throw InvalidFlowError.expected(`The ${kind}`, `at most ${MAX_NODES} jobs (a batch may have more)`, jobs.length);
    }
    const createdAt = Math.floor(clock.now());
    const id = options.id ?? createJobId(createdAt, '');
    const ref = flowRef(kind, id);
    const makers = new FlowJobs(pipeline, codec, ref, createdAt);
    const names = FLOW_CALLBACKS.filter((name) => callbacks[name] !== undefined);
    const count = jobs.length;
    const made = await makers.make([...jobs, ...names.map((name) => callbacks[name])], {
      seatOf: (index) => (index < count ? index : names[index - count]!),
      pathOf: (index) => (index < count ? pathOf(index) : pathOfCallback(kind, names[index - count]!)),
    });
    const members = made.slice(0, count);
    const created = await driver.flows.create({
      ref,
      name: options.name,
      createdAt,
      retention: options.retention,
      nodes: nodes ? members.map((job, index) => ({ ...job, ...nodes[index] })) : members,
      callbacks: Object.fromEntries(names.map((name, index) => [name, made[count + index]!])),
    });
    const { createdAt: first } = created;
    // The flow was there already if it is older: the time is a part of the ids.
    const idOf = (job: FlowJob, index: number): string =>
      first === createdAt ? job.id : memberId(ref, first, job.queue, index);
    return { id, jobIds: members.map(idOf) };
  }
}

function pathOfCallback(kind: FlowKind, name: FlowCallback): string {
  return kind === 'chain' && name === 'catch' ? 'onFailure' : name;
}
