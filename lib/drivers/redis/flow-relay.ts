import { grouped } from '../../support/grouped.js';
import { slices } from '../../support/slices.js';
import { MAX_PUSH, type NewJob } from '../queue-driver.interface.js';
import {
  readAdded,
  readDue,
  readEntry,
  type DueJob,
  type DueReply,
  type Outbox,
  type OutboxEntry,
  type ToldEnd,
} from './flow-codec.js';
import type { RedisProducer } from './redis-producer.js';
import { flowArgs, type RedisToolkit } from './redis-toolkit.js';
import { handOverAddedScript } from './scripts/batch-feed.script.js';
import { confirmScript, endsToldScript, handOverScript } from './scripts/flows.script.js';
import { ADD, MANY } from './scripts/parts/outbox.part.js';
import type { InputOf } from './scripts/script.js';
import { trimOutboxScript } from './scripts/trim-outbox.script.js';

/** For so long after a flow has said what is due, a queue takes the job, in milliseconds: a process may have stood still meanwhile. */
export const VALID_FOR = 60_000;

/** Acts on jobs that were pushed. */
export interface FlowMembers {
  /** Cancels a job that was pushed although its flow was cancelled meanwhile. */
  cancel(queue: string, id: string): Promise<unknown>;
  /** Cancels a job that has not started, since another one of its batch has failed. */
  stop(queue: string, ids: readonly string[]): Promise<void>;
  /** Cancels the members of a batch that was stopped. */
  sweep(ref: string): Promise<void>;
}

/** Due jobs that will be pushed together. */
interface Gathered {
  readonly due: DueJob[];
  /** The earliest time at which one of them was due, see `DueReply`. */
  now: number;
  pushed: Promise<void>;
}

/**
 * Hands over the entries in the outboxes of queues to their flows:
 *
 * 1. sends each flow the outcomes of its jobs, and learns which jobs are due;
 * 2. pushes these jobs, whose ids are known before: a second push adds nothing;
 * 3. confirms to the flows that these jobs were pushed, and tells the ends of flows to the observer;
 * 4. removes the entries from the outbox, and goes on with the next ones.
 *
 * If the process dies in between, or an error ends it, the next process that sees the outbox does all of it again. Each step may
 * arrive twice.
 */
export class FlowRelay {
  /** The hand-overs under way, with their queues. Each poll looks at its size: a method would cost more. */
  readonly underWay = new Map<Promise<void>, string>();
  private gathered: Gathered | undefined;

  constructor(
    private readonly toolkit: RedisToolkit,
    private readonly producer: RedisProducer,
    private readonly members: FlowMembers,
  ) {}

  /** Returns true if the outbox of this queue is handed over at this moment. */
  isBusyWith(queue: string): boolean {
    return [...this.underWay.values()].includes(queue);
  }

  /** Hands over an outbox, in the background. */
  take(queue: string, outbox: Outbox): void {
    this.inBackground(queue, this.carryOut(queue, outbox));
  }

  private inBackground(queue: string, acting: Promise<void>): void {
    const going = acting
      // The next consumer that polls the queue after the lease of the outbox has ended does it again.
      .catch(() => undefined)
      .finally(() => this.underWay.delete(going));
    this.underWay.set(going, queue);
  }

  /** Looks into the outbox of a queue which perhaps nobody polls. */
  async look(queue: string): Promise<void> {
    const outbox = await this.trim(queue, { token: '', entries: [] });
    if (outbox) this.take(queue, outbox);
  }

  /** Resolves when the hand-overs of this queue that are under way have ended. */
  async handedOver(queue: string): Promise<void> {
    await Promise.all([...this.underWay].flatMap(([going, of]) => (of === queue ? going : [])));
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay.keys());
  }

  /**
   * Pushes the due jobs, and confirms that to their flows. Jobs that are due at the same moment are pushed together, as of chains that are
   * dispatched at once.
   *
   * @param now see `DueReply`
   */
  async push(due: readonly DueJob[], now: number): Promise<void> {
    if (due.length === 0) return;
    const together = (this.gathered ??= this.gather());
    together.due.push(...due);
    together.now = Math.min(together.now, now);
    await together.pushed;
  }

  private gather(): Gathered {
    const due: DueJob[] = [];
    const gathered: Gathered = { due, now: Infinity, pushed: Promise.resolve() };
    // All calls that a reply of the server lets go on come first.
    gathered.pushed = Promise.resolve().then(() => {
      this.gathered = undefined;
      return this.pushAll(due, gathered.now + VALID_FOR);
    });
    return gathered;
  }

  private async pushAll(due: readonly DueJob[], validUntil: number): Promise<void> {
    const byQueue = grouped(due, ({ queue }) => queue);
    const parts = [...byQueue].flatMap(([queue, all]) => slices(all, MAX_PUSH).map((part) => [queue, part] as const));
    await Promise.all(
      parts.map(async ([queue, part]) => {
        const jobs: NewJob[] = part.map(({ job }) => job);
        await this.producer.pushMembers(queue, jobs, validUntil);
        await this.confirm(part);
      }),
    );
  }

  /** Acts on the reply of a script of flows: pushes the due jobs, and tells the ends in the background. */
  async act({ due, now, ends }: Pick<DueReply, 'due' | 'now' | 'ends'>): Promise<void> {
    await this.push(due, now);
    if (ends.length > 0) this.inBackground('', this.tellEnds(ends));
  }

  /** Tells the observer of the ends of flows, then the flows that they were told. */
  private async tellEnds(ends: readonly ToldEnd[]): Promise<void> {
    if (ends.length === 0) return;
    const { commands, keys, observer } = this.toolkit;
    await Promise.all(ends.map(async ({ ref, end }) => observer().ended(ref, end)));
    await Promise.all(
      this.inCalls(ends).map(async (part) => {
        const rest = part.flatMap(({ ref, end }) => [ref, end.finishedAt]);
        const input = { keys: { flow: keys.ofFlow(part[0]!.ref) }, args: keys.flowParts, rest };
        await commands.run(endsToldScript, input, 'deadline');
      }),
    );
  }

  private async carryOut(queue: string, first: Outbox): Promise<void> {
    for (let outbox: Outbox | undefined = first; outbox; outbox = await this.trim(queue, outbox)) {
      const entries = outbox.entries.flatMap((text) => readEntry(text, queue) ?? []);
      // Added members are stored before the flow hears of the ends of others.
      for (const entry of entries) if (entry.outcome === ADD) await this.handOverAdded(entry);
      const ends = entries.filter(({ outcome }) => outcome !== ADD);
      await Promise.all(this.inCalls(ends).map((part) => this.handOver(part)));
    }
  }

  /** Adds members to a batch, as far as the process that was about to do it has not. */
  private async handOverAdded(entry: OutboxEntry): Promise<void> {
    const jobs = readAdded(entry);
    if (jobs.length === 0) return;
    const { commands, keys } = this.toolkit;
    const { ref, id: token } = entry;
    const input = {
      keys: { flow: keys.ofFlow(ref) },
      args: { ...flowArgs(this.toolkit), ref, token },
      rest: jobs,
    };
    const [known, , ...values] = (await commands.run(handOverAddedScript, input, 'deadline')) as [number, ...unknown[]];
    if (known !== 1) return;
    const reply = readDue(values);
    await this.act(reply);
    if (reply.hasMore) await this.nudge(ref);
  }

  private async handOver(entries: readonly OutboxEntry[]): Promise<void> {
    const { keys } = this.toolkit;
    const rest: (string | number)[] = [];
    for (const [ref, all] of grouped(entries, (entry) => entry.ref)) {
      const single = all.filter(({ outcome }) => outcome !== MANY);
      const many = all.flatMap(({ outcome, result }) => (outcome === MANY ? result : []));
      rest.push(ref, single.length, many.join(','));
      for (const { node, outcome, id, result } of single) rest.push(node, outcome, id, result);
    }
    await this.tell({ keys: { flow: keys.ofFlow(entries[0]!.ref) }, args: flowArgs(this.toolkit), rest });
  }

  /** Pushes the due jobs of a flow: a process may have died before it did that. */
  async nudge(ref: string): Promise<void> {
    const { keys } = this.toolkit;
    await this.tell({ keys: { flow: keys.ofFlow(ref) }, args: flowArgs(this.toolkit), rest: [ref, 0, ''] });
  }

  private async tell(input: InputOf<typeof handOverScript>): Promise<void> {
    const { commands } = this.toolkit;
    for (let hasMore = true; hasMore;) {
      const reply = readDue((await commands.run(handOverScript, input, 'deadline')) as unknown[]);
      for (const ref of reply.rest) this.inBackground('', this.members.sweep(ref));
      await this.push(reply.due, reply.now);
      await this.tellEnds(reply.ends);
      hasMore = reply.hasMore;
    }
  }

  private async confirm(pushed: readonly DueJob[]): Promise<void> {
    const { commands, keys } = this.toolkit;
    await Promise.all(
      this.inCalls(pushed).map(async (part) => {
        const rest = part.flatMap(({ ref, node, job, queue }) => [ref, node, job.id, queue]);
        const input = { keys: { flow: keys.ofFlow(part[0]!.ref) }, args: flowArgs(this.toolkit), rest };
        const [cancelled, stopped] = (await commands.run(confirmScript, input, 'deadline')) as [number[], number[]];
        for (const index of cancelled) await this.members.cancel(part[index]!.queue, part[index]!.job.id);
        for (const [queue, jobs] of grouped(stopped, (index) => part[index]!.queue)) {
          const ids = jobs.map((index) => part[index]!.job.id);
          await this.members.stop(queue, ids);
        }
      }),
    );
  }

  private async trim(queue: string, { token, entries }: Outbox): Promise<Outbox | undefined> {
    const { commands, keys } = this.toolkit;
    const input = { keys: keys.of(queue), args: { token, count: entries.length } };
    const [next, ...more] = (await commands.run(trimOutboxScript, input, 'deadline', queue)) as string[];
    return next === undefined ? undefined : { token: next, entries: more };
  }

  /** Divides items of several flows into the calls of a script: one call for all, in a cluster one for each flow. */
  private inCalls<T extends { readonly ref: string }>(all: readonly T[]): T[][] {
    if (all.length === 0) return [];
    if (!this.toolkit.connection.client.isCluster) return [[...all]];
    return [...grouped(all, ({ ref }) => ref).values()];
  }
}
