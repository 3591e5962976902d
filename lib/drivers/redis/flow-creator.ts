import { StorageCorruptError } from '../../queue.errors.js';
import { isFlowOf } from '../../job/flow-ref.js';
import type { FlowCallback, FlowCreation, FlowJob, NewFlow } from '../queue-flows.interface.js';
import { nodeValues, readDue, writeJob } from './flow-codec.js';
import type { FlowRelay } from './flow-relay.js';
import { flowArgs, type RedisToolkit } from './redis-toolkit.js';
import { createFlowsScript } from './scripts/flows.script.js';

/** The most nodes of flows that are stored with one call, and the length of their records after which no more are: a flow that has more is stored alone. */
const MOST_NODES = 300;
const MOST_LENGTH = 500_000;

/** A flow that has to be stored, and its caller. */
interface Waiting {
  readonly flow: NewFlow;
  readonly resolve: (creation: FlowCreation) => void;
  readonly reject: (error: unknown) => void;
}

/** Stores flows. Those that are dispatched at the same moment are stored together; in a cluster each is stored alone. */
export class FlowCreator {
  private waiting: Waiting[] = [];

  constructor(
    private readonly toolkit: RedisToolkit,
    private readonly relay: Pick<FlowRelay, 'act'>,
  ) {}

  /** See `QueueFlows.create`. */
  create(flow: NewFlow): Promise<FlowCreation> {
    return new Promise((resolve, reject) => {
      // All calls that follow from one moment come first.
      if (this.waiting.push({ flow, resolve, reject }) === 1) queueMicrotask(this.storeAll);
    });
  }

  private readonly storeAll = (): void => {
    const { waiting } = this;
    this.waiting = [];
    for (const part of this.inCalls(waiting)) void this.storePart(part);
  };

  private inCalls(waiting: readonly Waiting[]): Waiting[][] {
    if (this.toolkit.connection.client.isCluster) return waiting.map((each) => [each]);
    const parts: Waiting[][] = [];
    let refs = new Set<string>();
    let [nodes, length] = [0, 0];
    for (const each of waiting) {
      const { ref, nodes: own } = each.flow;
      const ownLength = own.reduce((sum, { body }) => sum + body.length, 0);
      const fits = nodes + own.length <= MOST_NODES && length + ownLength <= MOST_LENGTH;
      // A script loads each flow once.
      if (parts.length === 0 || !fits || refs.has(ref)) {
        parts.push([]);
        refs = new Set();
        [nodes, length] = [0, 0];
      }
      parts.at(-1)!.push(each);
      refs.add(ref);
      nodes += own.length;
      length += ownLength;
    }
    return parts;
  }

  private async storePart(part: readonly Waiting[]): Promise<void> {
    try {
      const creations = await this.store(part.map(({ flow }) => flow));
      for (const [index, { resolve }] of part.entries()) resolve(creations[index]!);
    } catch (error) {
      // The key of one of them may belong to another program. The script has stored nothing then.
      if (part.length > 1 && error instanceof StorageCorruptError) for (const each of part) void this.storePart([each]);
      else for (const { reject } of part) reject(error);
    }
  }

  private async store(flows: readonly NewFlow[]): Promise<FlowCreation[]> {
    const { commands, keys } = this.toolkit;
    const rest = flows.flatMap(valuesOf);
    const input = { keys: { flow: keys.ofFlow(flows[0]!.ref) }, args: flowArgs(this.toolkit), rest };
    const isNew = flows.map(() => false);
    for (;;) {
      const [told, ...values] = (await commands.run(createFlowsScript, input, 'deadline')) as [string[], ...unknown[]];
      for (let i = 0; i < flows.length; i++) isNew[i] ||= Number(told[2 * i]) === 1;
      const reply = readDue(values);
      await this.relay.act(reply);
      if (!reply.hasMore) return isNew.map((each, i) => ({ isNew: each, createdAt: Number(told[2 * i + 1]) }));
    }
  }
}

/** Returns the values of a flow for the script `create flows`. */
function valuesOf({ ref, name = '', createdAt, retention, nodes, callbacks = {} }: NewFlow): (string | number)[] {
  const jobs = Object.entries(callbacks) as [FlowCallback, FlowJob][];
  const values = [ref, name, createdAt, Math.ceil(retention * 1000), nodes.length, jobs.length];
  const ofNodes = isFlowOf('chain', ref) ? nodes.map(writeJob) : nodeValues(nodes);
  return values.concat(
    ofNodes,
    jobs.flatMap(([callback, job]) => [callback, writeJob(job)]),
  );
}
