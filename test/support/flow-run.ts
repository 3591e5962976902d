import { expect } from '@jest/globals';
import type { ClaimedJob, QueueDriver, Settlement } from '../../lib/drivers/queue-driver.interface.js';
import type { FlowCallback, FlowNode } from '../../lib/drivers/queue-flows.interface.js';
import { graphs, settlementOf, type Fate, type Graph } from './flow-graphs.js';

export { graphs, settlementOf, type Fate, type Graph };

const QUEUES = ['red', 'green', 'blue'] as const;
const CALLBACKS: readonly FlowCallback[] = ['catch', 'then', 'finally'];

/** One flow on a storage. It follows which of its jobs started, and how they ended, and checks that by the graph. */
export class FlowRun {
  readonly ref: string;
  /** How each node ended for the last time. */
  private readonly ends = new Map<number, 'completed' | 'failed' | 'cancelled'>();
  private readonly started = new Set<string>();
  private readonly wasRetried = new Set<string>();

  constructor(
    private readonly graph: Graph,
    name: string,
  ) {
    this.ref = `${graph.isChain ? 'c' : 'w'}${name}`;
  }

  static readonly queues: readonly string[] = QUEUES;

  create(driver: QueueDriver): Promise<unknown> {
    const { after, isChain } = this.graph;
    const nodes = after.map((before, node): FlowNode => {
      const job = { id: this.idOf(node), queue: QUEUES[node % 3]!, body: `hJob\n${node}`, delay: 0 };
      return isChain ? job : Object.assign(job, { after: before, name: `n${node}` });
    });
    const callbacks = Object.fromEntries(
      CALLBACKS.map((name, index) => [
        name,
        { id: this.idOf(name), queue: QUEUES[index]!, body: 'hJob\n', delay: 0, traits: {} },
      ]),
    );
    return driver.flows.create({ ref: this.ref, createdAt: 1, retention: 86_400, nodes, callbacks });
  }

  /** Notes that a job was claimed: nobody must push it before its time, twice, or after the end of all. */
  claimed({ id, attempt, crashes, releases }: ClaimedJob): void {
    const node = this.nodeOf(id);
    const open = this.openBefore({ id });
    if (open.length > 0) throw new Error(`${id} was pushed before ${open.join(', ')} completed`);
    if (node !== undefined && this.ends.get(node) === 'completed')
      throw new Error(`${id} runs again although it has completed`);
    const isFirst = attempt === 1 && crashes === 0 && releases === undefined;
    if (isFirst && this.started.has(id) && !this.wasRetried.has(id)) throw new Error(`${id} was pushed twice`);
    const isOver = this.started.has(this.idOf('finally')) && this.wasRetried.size === 0;
    if (node !== undefined && isOver && !this.started.has(id)) throw new Error(`${id} was pushed after the end of all`);
    this.started.add(id);
  }

  /** Returns the ids of the nodes before a node that have not completed, as far as it is known. */
  openBefore({ id }: { readonly id: string }): string[] {
    const node = this.nodeOf(id);
    if (node === undefined) return [];
    return this.graph.after[node]!.filter((other) => this.ends.get(other) !== 'completed').map((other) =>
      this.idOf(other),
    );
  }

  /** Makes the settlement of an attempt. A callback completes. */
  settle(job: ClaimedJob, fate: Fate): Settlement {
    return settlementOf(job, this.nodeOf(job.id) === undefined ? 'complete' : fate);
  }

  /** Notes that a settlement was accepted. */
  settled({ id, kind }: Settlement): void {
    const node = this.nodeOf(id);
    if (node === undefined) return;
    if (kind === 'complete') this.ends.set(node, 'completed');
    if (kind === 'fail') this.ends.set(node, 'failed');
    if (kind === 'cancel') this.cancelled(id);
  }

  /** Notes that a job was cancelled, cleared or removed. */
  cancelled(id: string): void {
    const node = this.nodeOf(id);
    if (node !== undefined) this.ends.set(node, 'cancelled');
  }

  /** Notes that a failed job was put back. */
  retried(id: string): void {
    this.ends.delete(this.nodeOf(id)!);
    this.wasRetried.add(id);
  }

  get failedIds(): string[] {
    return [...this.ends].flatMap(([node, end]) => (end === 'failed' ? [this.idOf(node)] : []));
  }

  has(id: string): boolean {
    return id.startsWith(`${this.ref}.`);
  }

  /** Checks the stored flow, once nothing of it can run: sets agree with the jobs, and each callback was pushed once if its time had come. */
  async expectEnded(driver: QueueDriver, hadFailure: boolean): Promise<void> {
    const all = this.graph.after.map((_, node) => this.endOf(node));
    const count = (wanted: string): number => all.filter((end) => end === wanted).length;
    const stored = await driver.flows.read(this.ref);
    expect(stored).toMatchObject({
      total: all.length,
      completed: count('completed'),
      failed: count('failed'),
      cancelled: count('cancelled'),
      finishedAt: expect.any(Number),
    });
    expect([...stored!.failedIds].toSorted()).toEqual(this.failedIds.toSorted());
    const isWhole = count('completed') === all.length;
    const wanted = [...(hadFailure ? ['catch'] : []), ...(isWhole ? ['then'] : []), 'finally'];
    const got = [...this.started]
      .filter((id) => this.nodeOf(id) === undefined)
      .map((id) => id.slice(this.ref.length + 1));
    expect(new Set(got)).toEqual(new Set(wanted));
  }

  /** What became of a node: behind a cancelled one all are cancelled, as far as they were not pushed. */
  private endOf(node: number): string {
    const own = this.ends.get(node);
    if (own) return own;
    return this.graph.after[node]!.some((other) => this.endOf(other) === 'cancelled') ? 'cancelled' : 'waiting';
  }

  private idOf(seat: number | string): string {
    return `${this.ref}.${seat}`;
  }

  private nodeOf(id: string): number | undefined {
    const seat = id.slice(this.ref.length + 1);
    return /^\d+$/.test(seat) ? Number(seat) : undefined;
  }
}
