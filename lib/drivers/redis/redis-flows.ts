import { grouped } from '../../support/grouped.js';
import type { FlowCreation, NewFlow, QueueFlows, StoredFlow, StoredNode } from '../queue-flows.interface.js';
import { hasWaiting, readDue, readNodes, readPlace, readStored } from './flow-codec.js';
import { FlowCreator } from './flow-creator.js';
import { FlowRelay } from './flow-relay.js';
import { isFlowOf } from '../../job/flow-ref.js';
import { BatchSweep } from './batch-sweep.js';
import type { RedisCancellations } from './redis-cancellations.js';
import type { RedisProducer } from './redis-producer.js';
import { flowArgs, type RedisToolkit } from './redis-toolkit.js';
import { flowNodesScript } from './scripts/flow-nodes.script.js';
import { cancelBatchScript } from './scripts/batch-retry.script.js';
import { cancelFlowScript, readFlowScript, readResultScript } from './scripts/flows.script.js';

/** The most nodes that one script reads: Redis serves no other client meanwhile. */
const NODES_AT_ONCE = 250;

/** Keeps flows, each in the slot of its own. */
export class RedisFlows implements QueueFlows {
  readonly relay: FlowRelay;
  readonly sweep: BatchSweep;
  private readonly creator: FlowCreator;

  constructor(
    private readonly toolkit: RedisToolkit,
    producer: RedisProducer,
    private readonly cancellations: RedisCancellations,
    private readonly assertOpen: () => void,
  ) {
    this.sweep = new BatchSweep(toolkit, cancellations, () => this.relay);
    this.relay = new FlowRelay(toolkit, producer, {
      cancel: (queue, id) => cancellations.cancelIn(queue, id),
      stop: (queue, ids) => this.sweep.stop(queue, ids),
      sweep: (ref) => this.sweep.run(ref),
    });
    this.creator = new FlowCreator(toolkit, this.relay);
  }

  async settled(): Promise<void> {
    await this.relay.settled();
  }

  async create(flow: NewFlow): Promise<FlowCreation> {
    this.assertOpen();
    return this.creator.create(flow);
  }

  async read(ref: string): Promise<StoredFlow | null> {
    this.assertOpen();
    const { commands, keys } = this.toolkit;
    const input = { keys: { flow: keys.ofFlow(ref) }, args: {} };
    const reply = (await commands.run(readFlowScript, input, 'deadline')) as string[][];
    // A process may have died before it pushed them.
    if (isFlowOf('batch', ref) && hasWaiting(reply)) await this.relay.nudge(ref);
    return readStored(reply);
  }

  async nodes(ref: string): Promise<StoredNode[] | null> {
    this.assertOpen();
    if (isFlowOf('batch', ref)) return null;
    const { commands, keys } = this.toolkit;
    const found: StoredNode[] = [];
    for (;;) {
      const input = { keys: { flow: keys.ofFlow(ref) }, args: { from: found.length, most: NODES_AT_ONCE } };
      const [total, ...values] = (await commands.run(flowNodesScript, input, 'deadline')) as [number?, ...string[]];
      if (total === undefined) return null;
      const nodes = readNodes(ref, found.length, values);
      found.push(...nodes);
      if (nodes.length === 0 || found.length >= total) return found;
    }
  }

  async readResult(ref: string, name: string): Promise<string | null> {
    this.assertOpen();
    const { commands, keys } = this.toolkit;
    const input = { keys: { flow: keys.ofFlow(ref) }, args: { title: name } };
    return (await commands.run(readResultScript, input, 'deadline')) as string | null;
  }

  async cancel(ref: string, reason?: string): Promise<boolean> {
    this.assertOpen();
    const { commands, keys } = this.toolkit;
    if (isFlowOf('batch', ref)) return this.cancelBatch(ref, reason);
    const input = { keys: { flow: keys.ofFlow(ref) }, args: { ...flowArgs(this.toolkit), ref } };
    const [known, ...values] = (await commands.run(cancelFlowScript, input, 'deadline')) as unknown[];
    const reply = readDue(values);
    const live = reply.rest.flatMap((text) => readPlace(text) ?? []);
    for (const [queue, members] of grouped(live, (member) => member.queue)) {
      const ids = members.map(({ id }) => id);
      await this.cancellations.cancelSome(queue, ids, 0, reason);
      // Perhaps nobody polls the queue.
      await this.relay.look(queue);
    }
    await this.relay.act(reply);
    return known === 1;
  }

  private async cancelBatch(ref: string, reason = ''): Promise<boolean> {
    const { commands, keys } = this.toolkit;
    const input = { keys: { flow: keys.ofFlow(ref) }, args: { ...flowArgs(this.toolkit), ref, reason } };
    if ((await commands.run(cancelBatchScript, input, 'deadline')) !== 1) return false;
    await this.sweep.run(ref);
    return true;
  }
}
