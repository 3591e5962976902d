import { expect } from '@jest/globals';
import type { BatchKey } from '../../lib/drivers/queue-batches.interface.js';
import type { ClaimedJob, QueueDriver, Settlement } from '../../lib/drivers/queue-driver.interface.js';
import { FLOW_CALLBACKS, type FlowJob } from '../../lib/drivers/queue-flows.interface.js';
import { memberId } from '../../lib/job/flow-ref.js';
import { nextJobId } from '../../lib/job/job-id.js';
import { settlementOf, type Fate } from './flow-run.js';

/** A random batch. */
export interface BatchShape {
  readonly size: number;
  readonly allowFailures: boolean;
}

export const BATCH_QUEUES = ['red', 'green', 'blue'] as const;
/** So many ids of a member are known: it gets another one each time when it is put back without a start. */
const GENERATIONS = 12;

/** One batch on a storage. It follows which of its jobs started, and how they ended, and checks that by the rules. */
export class BatchRun {
  readonly ref: string;
  readonly createdAt = Date.UTC(2026, 0);
  /** The member of each id. */
  private readonly members = new Map<string, string>();
  private readonly ends = new Map<string, 'completed' | 'failed' | 'cancelled'>();
  private readonly started = new Set<string>();
  private readonly added = new Set<string>();
  hadFailure = false;
  /** Whether a member has failed since the failed ones were put back. */
  private isStopped = false;
  wasCancelled = false;
  isSealed = false;

  constructor(
    readonly shape: BatchShape,
    name: string,
  ) {
    this.ref = `b${name}`;
    for (let node = 0; node < shape.size; node++) this.know(`${node}`, this.idOf(node));
  }

  private get key(): BatchKey {
    return { ref: this.ref, createdAt: this.createdAt, callbackQueue: BATCH_QUEUES[0] };
  }

  async open(driver: QueueDriver): Promise<void> {
    const { ref, createdAt, shape } = this;
    const callbacks = Object.fromEntries(
      FLOW_CALLBACKS.map((name, index) => [
        name,
        { id: `${ref}.${name}`, queue: BATCH_QUEUES[index]!, body: 'hJob\n', delay: 0, traits: {} },
      ]),
    );
    await driver.batches.open({ ref, createdAt, retention: 86_400, allowFailures: shape.allowFailures, callbacks });
  }

  async feed(driver: QueueDriver, from: number, to: number): Promise<void> {
    const last = Math.min(to, this.shape.size);
    if (from >= last) return;
    const jobs = Array.from({ length: last - from }, (_, index) => this.job(from + index));
    await driver.batches.feed(this.key, from, jobs, 0);
  }

  /** Dispatches the missing members. */
  async finish(driver: QueueDriver): Promise<void> {
    await this.open(driver);
    for (let at = 0; at < this.shape.size; at += 4) await this.feed(driver, at, at + 4);
    expect(await driver.batches.seal(this.key)).toBe(this.shape.size + this.added.size);
    this.isSealed = true;
  }

  async add(driver: QueueDriver): Promise<void> {
    const job = { id: this.nextAdded, queue: BATCH_QUEUES[1], body: 'hJob\n', delay: 0 };
    if ((await driver.batches.add(this.ref, [job])) !== null) this.noteAdded();
  }

  /** Notes whether a member was added by a process that died before it had the answer. */
  async learnAdded(driver: QueueDriver): Promise<void> {
    if ((await driver.flows.read(this.ref))!.total > this.total) this.noteAdded();
  }

  isMember(id: string): boolean {
    return this.members.has(id);
  }

  /** Notes that a job was claimed: nobody must push it twice, or again when it has completed. */
  claimed({ id, attempt, crashes, releases }: ClaimedJob): void {
    const member = this.memberOf(id);
    if (member !== undefined && this.ends.get(member) === 'completed')
      throw new Error(`${id} runs again although it has completed`);
    const isFirst = attempt === 1 && crashes === 0 && releases === undefined;
    if (isFirst && this.started.has(id)) throw new Error(`${id} was pushed twice`);
    if (isFirst) this.started.add(id);
    if (member !== undefined) this.ends.delete(member);
    if (id === `${this.ref}.then` && this.countOf('completed') < this.total)
      throw new Error('then was pushed although not all have completed');
    if (member === undefined && id !== `${this.ref}.catch` && !this.isSealed)
      throw new Error(`${id} came before the seal`);
  }

  /** Makes the settlement of an attempt. A callback completes. */
  settle(job: ClaimedJob, fate: Fate): Settlement {
    return settlementOf(job, this.isMember(job.id) ? fate : 'complete');
  }

  /** Notes that a settlement was accepted. */
  settled({ id, kind }: Settlement): void {
    const member = this.memberOf(id);
    if (member === undefined) return;
    if (kind === 'complete') this.ends.set(member, 'completed');
    if (kind === 'fail') {
      this.ends.set(member, 'failed');
      this.hadFailure = true;
      this.isStopped = !this.shape.allowFailures;
    }
    if (kind === 'cancel') this.ends.set(member, 'cancelled');
  }

  /** Notes that a job was cancelled or removed while it waited. */
  dropped(id: string): void {
    const member = this.memberOf(id);
    if (member !== undefined) this.ends.set(member, 'cancelled');
  }

  /** Puts back the members that a failure has ended. */
  async retry(driver: QueueDriver): Promise<void> {
    await driver.batches.retry(this.ref);
    this.isStopped = false;
    for (const [member, end] of this.ends) if (end === 'failed') this.ends.delete(member);
  }

  get total(): number {
    return this.shape.size + this.added.size;
  }

  countOf(wanted: string): number {
    return [...this.ends.values()].filter((end) => end === wanted).length;
  }

  /** Checks the stored batch, once nothing of it can run: its sets agree with the jobs, and each callback was pushed once if its time had come. */
  async expectEnded(driver: QueueDriver): Promise<void> {
    const [completed, failed] = [this.countOf('completed'), this.countOf('failed')];
    const stored = await driver.flows.read(this.ref);
    expect(stored).toMatchObject({
      total: this.total,
      completed,
      failed,
      // Those that were never started were cancelled by a failure, or with the batch.
      cancelled: this.total - completed - failed,
      finishedAt: expect.any(Number),
    });
    const lost = this.total - this.ends.size;
    if (lost > 0 && !this.wasCancelled && !this.isStopped) throw new Error(`${lost} members were never run`);
    const failedMembers = [...this.ends].flatMap(([member, end]) => (end === 'failed' ? [member] : []));
    expect(stored!.failedIds.map((id) => this.memberOf(id)!).toSorted()).toEqual(failedMembers.toSorted());
    const wanted = [...(this.hadFailure ? ['catch'] : []), ...(completed === this.total ? ['then'] : []), 'finally'];
    const got = [...this.started].filter((id) => id.startsWith(`${this.ref}.`) && !this.members.has(id));
    expect(new Set(got)).toEqual(new Set(wanted.map((name) => `${this.ref}.${name}`)));
  }

  private get nextAdded(): string {
    return `${this.ref}.x${this.added.size}xxxxxxxxxxxxxxxxxxxx`.slice(0, 20);
  }

  private noteAdded(): void {
    const id = this.nextAdded;
    this.added.add(id);
    this.know(id, id);
  }

  private job(node: number): FlowJob {
    const queue = BATCH_QUEUES[node % 3]!;
    return { id: this.idOf(node), queue, body: `hJob\n${node}`, delay: 0 };
  }

  private idOf(node: number): string {
    return memberId(this.ref, this.createdAt, BATCH_QUEUES[node % 3]!, node);
  }

  private know(member: string, first: string): void {
    let id = first;
    for (let i = 0; i < GENERATIONS; i++) {
      this.members.set(id, member);
      id = nextJobId(id);
    }
  }

  private memberOf(id: string): string | undefined {
    return this.members.get(id);
  }
}
