import { keyCheck } from '../job/unique-options.js';
import { InvalidFlowError, InvalidOptionError } from '../queue.errors.js';
import { OptionReader } from '../support/option-reader.js';
import type { DispatchedChain, FlowPlan } from './flow-dispatch.js';
import { readFlowOptions, type CheckedFlowOptions, type FlowOptions, type FlowMember } from './flow-options.js';

/** The options of a node of a workflow. */
export interface WorkflowNodeOptions {
  /** The names of the nodes that have to complete before; they may be added later. Default: none. */
  readonly after?: readonly string[];
}

/** A workflow that was dispatched. */
export interface DispatchedWorkflow {
  readonly id: string;
  /** The ids of its jobs, by the names of their nodes. */
  readonly jobIds: Readonly<Record<string, string>>;
}

interface Node {
  readonly name: string;
  readonly job: unknown;
  readonly after: readonly unknown[];
}

/** Describes a workflow: jobs, and which of them have to complete before others are pushed. Nothing is written before {@link dispatch}. */
export class WorkflowBuilder {
  private readonly nodes: Node[] = [];

  /** @param create makes and stores the flow */
  constructor(
    private readonly name: string,
    private readonly options: CheckedFlowOptions,
    private readonly create: (options: CheckedFlowOptions, plan: FlowPlan) => Promise<DispatchedChain>,
  ) {}

  /**
   * Adds a job.
   *
   * @param name the name of its node in this workflow, for `after` and `job.resultOf()`
   * @param job a `jobSpec()`, or an instance that carries its data
   * @throws InvalidOptionError
   */
  add(name: string, job: FlowMember, options: WorkflowNodeOptions = {}): this {
    if (keyCheck.read(name) === undefined) throw new InvalidOptionError('name', keyCheck.expected, name);
    const given = OptionReader.of(options, `options of node "${name}"`);
    given.refuseOthers(['after']);
    const after = given.raw('after') ?? [];
    if (!Array.isArray(after)) throw new InvalidOptionError(given.at('after'), 'a list of names', after);
    this.nodes.push({ name, job, after: Array.from(new Set(after as unknown[])) });
    return this;
  }

  /**
   * Dispatches the workflow: pushes the jobs that wait for no other.
   *
   * @returns its id, and the ids of its jobs
   * @throws InvalidFlowError before anything is written: two nodes of one name, an unknown name in `after`, a cycle, no node, too many, or
   *   a job with an option that a job of a flow cannot have
   * @throws as `QueueManager.push` does
   */
  async dispatch(): Promise<DispatchedWorkflow> {
    const what = `Workflow "${this.name}"`;
    const numbers = numbersOf(what, this.nodes);
    const nodes = this.nodes.map(({ name, after }) => ({
      name,
      after: after.map((other) => numberOf(what, name, other, numbers)),
    }));
    refuseCycles(what, nodes);
    const { id, jobIds } = await this.create(
      { ...this.options, name: this.name },
      {
        kind: 'workflow',
        jobs: this.nodes.map(({ job }) => job),
        pathOf: (index) => `node "${this.nodes[index]!.name}"`,
        nodes,
      },
    );
    return { id, jobIds: Object.fromEntries(nodes.map(({ name }, index) => [name, jobIds[index]!])) };
  }
}

/** Begins a workflow. @throws InvalidOptionError, InvalidJobIdError */
export function buildWorkflow(
  name: unknown,
  options: FlowOptions,
  create: (options: CheckedFlowOptions, plan: FlowPlan) => Promise<DispatchedChain>,
): WorkflowBuilder {
  if (keyCheck.read(name) === undefined) throw new InvalidOptionError('name', keyCheck.expected, name);
  const { reader: _, ...checked } = readFlowOptions(options, 'workflow options', []);
  return new WorkflowBuilder(name as string, checked, create);
}

function numbersOf(what: string, nodes: readonly Node[]): ReadonlyMap<unknown, number> {
  const numbers = new Map<unknown, number>();
  for (const [number, { name }] of nodes.entries()) {
    if (numbers.has(name))
      throw InvalidFlowError.expected(what, 'one node of each name', `two of the name ${JSON.stringify(name)}`);
    numbers.set(name, number);
  }
  return numbers;
}

function numberOf(what: string, name: string, other: unknown, numbers: ReadonlyMap<unknown, number>): number {
  const number = numbers.get(other);
  if (number !== undefined) return number;
  throw InvalidFlowError.expected(
    `${what}, node "${name}", after`,
    `names of its nodes (${[...numbers.keys()].join(', ')})`,
    other,
  );
}

/** @throws InvalidFlowError with the first cycle */
function refuseCycles(
  what: string,
  nodes: readonly { readonly name: string; readonly after: readonly number[] }[],
): void {
  const done = new Set<number>();
  const way: number[] = [];
  const visit = (number: number): void => {
    const at = way.indexOf(number);
    if (at >= 0)
      throw InvalidFlowError.cycle(
        what,
        way.slice(at).map((each) => nodes[each]!.name),
      );
    if (done.has(number)) return;
    way.push(number);
    for (const other of nodes[number]!.after) visit(other);
    way.pop();
    done.add(number);
  };
  for (const number of nodes.keys()) visit(number);
}
