import { randomBytes } from 'node:crypto';
import { InvalidFlowError } from '../../queue.errors.js';
import { grouped } from '../../support/grouped.js';
import type { BatchKey, NewBatch, OpenBatch, QueueBatches } from '../queue-batches.interface.js';
import { MAX_PUSH, type NewJob } from '../queue-driver.interface.js';
import type { FlowCallback, FlowJob } from '../queue-flows.interface.js';
import { readDue, readMembers, writeAdded, writeJob, type Member } from './flow-codec.js';
import { VALID_FOR } from './flow-relay.js';
import type { RedisFlows } from './redis-flows.js';
import type { RedisMending } from './redis-mending.js';
import type { RedisProducer } from './redis-producer.js';
import { flowArgs, type RedisToolkit } from './redis-toolkit.js';
import {
  addToBatchScript,
  FED,
  feedBatchScript,
  holdMembersScript,
  MAX_QUEUES,
  openBatchScript,
  placeCode,
  sealBatchScript,
} from './scripts/batch-feed.script.js';
import { readMembersScript } from './scripts/batch-pages.script.js';
import { readHeldScript, retryBatchScript } from './scripts/batch-retry.script.js';
import { NODE_STATE } from './scripts/flow-table.js';
import { noteAddedScript, noteEntryScript } from './scripts/note-entry.script.js';
import { SEAL } from './scripts/parts/outbox.part.js';

/** The bytes of records that one push takes, roughly. */
const MOST_BYTES = 1_000_000;
/** The most members that are added, or held, in one script. */
const MOST_ADDED = 100;

/** Fills batches, each in the slot of its own; their members are pushed to the slots of their queues. */
export class RedisBatches implements QueueBatches {
  constructor(
    private readonly toolkit: RedisToolkit,
    private readonly producer: RedisProducer,
    private readonly flows: RedisFlows,
    private readonly mending: RedisMending,
    private readonly assertOpen: () => void,
  ) {}

  async open({ ref, name = '', createdAt, retention, allowFailures, callbacks = {} }: NewBatch): Promise<OpenBatch> {
    this.assertOpen();
    const { commands } = this.toolkit;
    const own = {
      title: name,
      createdAt,
      retention: Math.ceil(retention * 1000),
      allowFailures: allowFailures ? 1 : 0,
    };
    const jobs = Object.entries(callbacks) as [FlowCallback, FlowJob][];
    const rest = jobs.flatMap(([callback, job]) => [callback, writeJob(job)]);
    const reply = await commands.run(openBatchScript, { ...this.inputFor(ref, own), rest }, 'deadline');
    const [time, isSealed, total, ...values] = reply as [string, number, number, ...unknown[]];
    await this.pushDue(ref, values);
    return { createdAt: Number(time), isSealed: isSealed === 1, total };
  }

  async feed({ ref }: BatchKey, first: number, members: readonly FlowJob[], pushed: number): Promise<void> {
    this.assertOpen();
    const { commands } = this.toolkit;
    const numbers = new Map([...new Set(members.map(({ queue }) => queue))].map((queue, number) => [queue, number]));
    if (numbers.size > MAX_QUEUES) throw tooManyQueues();
    const places = numbers.size > 1 ? members.map(({ queue }) => placeCode(numbers.get(queue)!)).join('') : '';
    const input = {
      ...this.inputFor(ref, { first, count: members.length, fed: pushed, queues: numbers.size }),
      rest: [...numbers.keys(), places],
    };
    const reply = (await commands.run(feedBatchScript, input, 'deadline')) as [number, string, number?, string?];
    const [kind, now, pushedBefore = 0, letters = ''] = reply;
    if (kind === FED.gone) throw InvalidFlowError.gone(ref);
    if (kind === FED.tooManyQueues) throw tooManyQueues();
    const stateOf = (index: number): string => (kind === FED.push ? NODE_STATE.pushed : (letters[index] ?? ''));
    const numbered = members.map((member, index) => [first + index, member] as const);
    const toPush = numbered.filter(([node], index) => stateOf(index) === NODE_STATE.pushed && node >= pushedBefore);
    const toHold = numbered.filter((_, index) => !STATES.has(stateOf(index)));
    await Promise.all([this.push(ref, toPush, Number(now)), this.hold(ref, toHold)]);
  }

  async seal({ ref, callbackQueue, memberQueue }: BatchKey): Promise<number> {
    this.assertOpen();
    const { commands, keys, observer } = this.toolkit;
    const queue = callbackQueue ?? (observer().hearsEnds ? memberQueue : undefined);
    if (queue !== undefined) {
      // If the process dies before it pushes the callbacks, or before it tells the end, this makes up for it.
      const input = { keys: keys.of(queue), args: { entry: `${ref} 0 ${SEAL} -` } };
      await commands.run(noteEntryScript, input, 'deadline', queue);
    }
    const reply = (await commands.run(sealBatchScript, this.inputFor(ref, {}), 'deadline')) as unknown[];
    const [total, sweeps, ...values] = reply as [number | undefined, number, ...unknown[]];
    if (total === undefined) throw InvalidFlowError.gone(ref);
    await this.pushDue(ref, values);
    if (sweeps === 1) await this.flows.sweep.run(ref);
    if (queue !== undefined) await this.flows.relay.look(queue);
    return total;
  }

  async add(ref: string, members: readonly FlowJob[]): Promise<number | null> {
    this.assertOpen();
    const { commands, keys } = this.toolkit;
    let total: number | null = null;
    const queues = new Set<string>();
    for (const part of inParts(members, (member) => member.body.length, MOST_ADDED)) {
      const token = randomBytes(9).toString('base64url');
      const rest = part.map(writeJob);
      const { queue } = part[0]!;
      // If the process dies before it has pushed them, whoever works the queue of one of them makes up for it.
      const noted = { keys: keys.of(queue), args: { entry: writeAdded(ref, token, rest) } };
      await commands.run(noteAddedScript, noted, 'deadline', queue);
      queues.add(queue);
      const input = { ...this.inputFor(ref, { token }), rest };
      const reply = (await commands.run(addToBatchScript, input, 'deadline')) as [number, number, ...unknown[]];
      const [known, count, ...values] = reply;
      total = known === 1 ? count : null;
      if (total === null) break;
      await this.pushDue(ref, values);
    }
    for (const queue of queues) await this.flows.relay.look(queue);
    return total;
  }

  async retry(ref: string): Promise<number> {
    this.assertOpen();
    const { commands, keys } = this.toolkit;
    const own = { keys: { flow: keys.ofFlow(ref) }, args: {} };
    const [stops, held, isCancelled] = (await commands.run(readHeldScript, own, 'deadline')) as number[];
    if (stops === undefined) return 0;
    for (let more = isCancelled !== 1; more;) {
      const reply = await commands.run(retryBatchScript, this.inputFor(ref, { stops }), 'deadline');
      const [left, ...values] = reply as [number, ...unknown[]];
      await this.pushDue(ref, values);
      more = left === 1;
    }
    return (isCancelled === 1 ? 0 : held!) + (await this.retryFailed(ref));
  }

  /** Puts back the failed members. */
  private async retryFailed(ref: string): Promise<number> {
    const { commands } = this.toolkit;
    let count = 0;
    for (let from = 0; from >= 0;) {
      const input = this.inputFor(ref, { letter: NODE_STATE.failed, from });
      const reply = (await commands.run(readMembersScript, input, 'deadline')) as [number, string, ...string[]];
      const [next, createdAt, ...values] = reply;
      for (const [queue, all] of grouped(readMembers(ref, Number(createdAt), values), (member) => member.queue)) {
        count += await this.retryIn(queue, all);
      }
      from = next;
    }
    return count;
  }

  private async retryIn(queue: string, members: readonly Member[]): Promise<number> {
    const { relay } = this.flows;
    const ids = members.map(({ id }) => id);
    let count = await this.mending.retry(queue, ids);
    const touched = [queue];
    if (count < ids.length) {
      // An operator may have put some into other queues.
      for (const [other, some] of await this.mending.queuesOf(ids)) {
        if (other === queue) continue;
        count += await this.mending.retry(other, some);
        touched.push(other);
      }
    }
    for (const each of touched) {
      // Perhaps nobody polls the queue.
      await relay.look(each);
      await relay.handedOver(each);
    }
    return count;
  }

  private async push(ref: string, members: readonly NumberedMember[], now: number): Promise<void> {
    const pushes = [...grouped(members, ([, { queue }]) => queue)].flatMap(([queue, all]) =>
      inParts(all, ([, { body }]) => body.length, MAX_PUSH).map(async (part) => {
        const jobs = part.map(([node, { id, body, delay, traits }]): NewJob => {
          return { id, body, delay, isGenerated: true, traits: { ...traits, flow: { ref, node } } };
        });
        await this.producer.pushMembers(queue, jobs, now + VALID_FOR);
      }),
    );
    const failed = (await Promise.allSettled(pushes)).find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  private async hold(ref: string, members: readonly NumberedMember[]): Promise<void> {
    for (const part of inParts(members, ([, { body }]) => body.length, MOST_ADDED)) {
      const rest = part.flatMap(([node, job]) => [node, writeJob(job)]);
      await this.toolkit.commands.run(holdMembersScript, { ...this.inputFor(ref, {}), rest }, 'deadline');
    }
  }

  /** Pushes the due jobs in the reply of a script, and those of which it had no more. */
  private async pushDue(ref: string, values: readonly unknown[]): Promise<void> {
    const { relay } = this.flows;
    const reply = readDue(values);
    await relay.act(reply);
    if (reply.hasMore) await relay.nudge(ref);
  }

  private inputFor<Args extends object>(ref: string, args: Args) {
    const { keys } = this.toolkit;
    return { keys: { flow: keys.ofFlow(ref) }, args: { ...flowArgs(this.toolkit), ref, ...args } };
  }
}

type NumberedMember = readonly [node: number, member: FlowJob];

const STATES: ReadonlySet<string> = new Set(Object.values(NODE_STATE));

/** Divides items into parts of at most so many, and of about so many bytes. */
function inParts<T>(items: readonly T[], sizeOf: (item: T) => number, most: number): T[][] {
  const parts: T[][] = [];
  let bytes = Infinity;
  for (const item of items) {
    const size = sizeOf(item);
    const last = parts.at(-1);
    if (!last || last.length >= most || bytes + size > MOST_BYTES) {
      parts.push([item]);
      bytes = size;
    } else {
      last.push(item);
      bytes += size;
    }
  }
  return parts;
}

function tooManyQueues(): InvalidFlowError {
  return InvalidFlowError.expected('The batch', `members in at most ${MAX_QUEUES} queues`, 'more');
}
