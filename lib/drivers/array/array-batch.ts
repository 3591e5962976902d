import { nextJobId } from '../../job/job-id.js';
import { FIRST_ADDED, OPEN_FOR, type NewBatch } from '../queue-batches.interface.js';
import { MAX_FAILED_IDS, type FlowCallback, type FlowJob, type StoredFlow } from '../queue-flows.interface.js';
import type { DueJob, KeptFlow, NodeOutcome } from './array-flow.js';

/** The state of a member. `waiting`: it was not pushed yet; `held`: a failure has cancelled it. */
type MemberState = 'waiting' | 'pushed' | 'completed' | 'failed' | 'cancelled' | 'held';

interface Member {
  job: FlowJob;
  state: MemberState;
}

/** One batch: the states of its members, and the jobs to push next. */
export class ArrayBatch implements KeptFlow {
  finishedAt: number | undefined;
  isSealed = false;
  private readonly members = new Map<number, Member>();
  private readonly counts: Record<MemberState, number> = {
    waiting: 0,
    pushed: 0,
    completed: 0,
    failed: 0,
    cancelled: 0,
    held: 0,
  };
  /** The failed members, in the order of their failures. */
  private readonly failed = new Map<string, number>();
  private readonly callbacks: Map<FlowCallback, FlowJob>;
  private hasFailed = false;
  private addedCount = 0;
  /** When members were fed last, on the monotonic clock. */
  fedAt = 0;
  stopped: 'cancelled' | 'failed' | undefined;

  constructor(readonly flow: NewBatch) {
    this.callbacks = new Map(Object.entries(flow.callbacks ?? {}) as [FlowCallback, FlowJob][]);
  }

  /** Tells whether nobody has fed it for so long that it is not kept any more. */
  isLeft(now: number): boolean {
    return !this.isSealed && now - this.fedAt >= Math.max(this.flow.retention, OPEN_FOR) * 1000;
  }

  get total(): number {
    return this.members.size;
  }

  /** Adds members that are not known, from a number on. */
  feed(first: number, jobs: readonly FlowJob[]): void {
    const state = { failed: 'held', cancelled: 'cancelled' } as const;
    for (const [index, job] of jobs.entries()) {
      if (!this.members.has(first + index))
        this.put(first + index, job, this.stopped ? state[this.stopped] : 'waiting');
    }
  }

  add(jobs: readonly FlowJob[]): void {
    for (const job of jobs) this.put(FIRST_ADDED + this.addedCount++, job, 'waiting');
  }

  tell(node: number, outcome: NodeOutcome, id: string): void {
    const member = this.members.get(node);
    if (!member) return;
    const lives = member.state === 'waiting' || member.state === 'pushed';
    if (outcome === 'completed') {
      this.set(member, 'completed');
      this.failed.delete(id);
    } else if (outcome === 'failed' && lives) {
      this.set(member, 'failed');
      this.failed.set(id, node);
      this.hasFailed = true;
      if (!this.flow.allowFailures) this.stopped ??= 'failed';
    } else if (outcome === 'cancelled' && lives) {
      this.set(member, 'cancelled');
    } else if (outcome === 'retried' && member.state === 'failed') {
      this.set(member, 'pushed');
      this.failed.delete(id);
    }
  }

  takeDue(now: number): DueJob[] {
    const due: DueJob[] = [];
    if (this.counts.waiting > 0) {
      for (const [node, member] of this.members) {
        if (member.state !== 'waiting') continue;
        this.set(member, 'pushed');
        due.push({ job: member.job, node, body: member.job.body });
      }
    }
    const hasEnded = this.isSealed && this.counts.pushed === 0;
    if (this.hasFailed) this.takeCallback('catch', due);
    if (this.isSealed && this.counts.completed === this.total) this.takeCallback('then', due);
    if (hasEnded) this.takeCallback('finally', due);
    this.finishedAt = hasEnded ? (this.finishedAt ?? now) : undefined;
    return due;
  }

  /** Cancels the members that were not pushed. @returns the members that were pushed, and have not ended */
  stop(): FlowJob[] {
    this.stopped = 'cancelled';
    const live: FlowJob[] = [];
    for (const member of this.members.values()) {
      if (member.state === 'waiting') this.set(member, 'cancelled');
      if (member.state === 'pushed') live.push(member.job);
    }
    return live;
  }

  /** Cancels the members that a function can stop: they have not started. */
  hold(stop: (id: string, hold: () => void) => void): void {
    if (this.stopped !== 'failed') return;
    for (const member of this.members.values()) {
      if (member.state === 'pushed') stop(member.job.id, () => this.set(member, 'held'));
    }
  }

  /** Lets the held members be pushed again, under other ids. @returns how many */
  release(): number {
    if (this.stopped === 'cancelled') return 0;
    this.stopped = undefined;
    const count = this.counts.held;
    for (const member of count > 0 ? this.members.values() : []) {
      if (member.state !== 'held') continue;
      member.job = { ...member.job, id: nextJobId(member.job.id), delay: 0 };
      this.set(member, 'waiting');
    }
    return count;
  }

  get failedMembers(): readonly string[] {
    return [...this.failed.keys()];
  }

  resultOf(): undefined {
    return undefined;
  }

  nodes(): null {
    return null;
  }

  read(): StoredFlow {
    const { name, createdAt } = this.flow;
    const { completed, failed, cancelled, held } = this.counts;
    return {
      ...(name !== undefined && { name }),
      createdAt,
      ...(this.finishedAt !== undefined && { finishedAt: this.finishedAt }),
      total: this.total,
      completed,
      failed,
      cancelled: cancelled + held,
      failedIds: this.failedMembers.slice(0, MAX_FAILED_IDS),
    };
  }

  private put(node: number, job: FlowJob, state: MemberState): void {
    this.members.set(node, { job, state });
    this.counts[state]++;
  }

  private set(member: Member, state: MemberState): void {
    this.counts[member.state]--;
    this.counts[state]++;
    member.state = state;
  }

  private takeCallback(name: FlowCallback, due: DueJob[]): void {
    const job = this.callbacks.get(name);
    if (!job || !this.callbacks.delete(name)) return;
    due.push({ job, body: job.body });
  }
}
