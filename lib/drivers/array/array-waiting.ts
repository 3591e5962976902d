import type { ArrayJob } from './array-job.js';
import type { ArrayGroups } from './array-groups.js';
import { ArraySides } from './array-sides.js';
import { DueHeap, type DueEntry } from './due-heap.js';
import { SparseList } from './sparse-list.js';

/** The most jobs that one call recovers or promotes: the same limit as in a storage whose other users must not wait. */
export const MOVES_PER_CALL = 200;

/**
 * Holds the waiting jobs of one queue: ready, delayed, or recovered (their lease was lost, and they may be the cause). A job
 * whose lease was ever lost stays a recovered job until its end. Each job knows its place.
 */
export class ArrayWaiting {
  private readonly ready: ArraySides;
  private readonly delayed = new DueHeap<ArrayJob>();
  private readonly recovered = new SparseList<ArrayJob>();
  /** The entries of delayed jobs. */
  private readonly entries = new Map<ArrayJob, DueEntry<ArrayJob>>();
  private lastTurn = 0;
  private firstTurn = 0;

  /** @param lowEach one of so many claimed jobs is the oldest one of the lowest priority; 0 for none */
  constructor(
    readonly groups: ArrayGroups,
    lowEach: number,
  ) {
    this.ready = new ArraySides(groups, lowEach);
  }

  /** How many ready jobs may start, as far as their groups are concerned. */
  get readyCount(): number {
    return this.ready.open;
  }

  /** True if jobs with a priority other than 0 are ready. */
  get isRanked(): boolean {
    return this.ready.ungrouped.isRanked;
  }

  /** True if jobs with a group are ready. */
  get isGrouped(): boolean {
    return this.groups.length > 0;
  }

  get delayedCount(): number {
    return this.delayed.size;
  }

  get recoveredCount(): number {
    return this.recovered.length;
  }

  /** The time when the next delayed job is due, or a group may give its next job. */
  get nextDueAt(): number | undefined {
    const due = Math.min(this.delayed.first?.due ?? Infinity, this.groups.nextGate ?? Infinity);
    return due === Infinity ? undefined : due;
  }

  /** True if a recovered job may start. */
  get mayRecover(): boolean {
    return this.firstRecovered() !== undefined;
  }

  /** When a recovered job may start, if only the time keeps all of them back; else `Infinity`. */
  get recoveryOpensAt(): number {
    let at = Infinity;
    for (const job of this.recovered) {
      const obstacle = this.groups.obstacleOf(job);
      if (!obstacle) return Infinity;
      if (obstacle === 'gate') at = Math.min(at, this.groups.opensAt(job));
    }
    return at;
  }

  /**
   * Puts a job at the back of its place.
   *
   * @param delay seconds to wait first; 0 for none
   */
  toBack(job: ArrayJob, delay: number, now: number): void {
    job.turn = ++this.lastTurn;
    if (delay > 0) {
      job.place = 'delayed';
      this.entries.set(job, this.delayed.push(job, now + Math.ceil(delay * 1000)));
    } else if (job.crashes > 0) {
      this.toRecovered(job);
    } else if (this.groups.isHolder(job)) {
      this.toFront([job]);
      this.groups.unhold(job);
    } else {
      job.place = 'ready';
      this.ready.push(job);
    }
  }

  /** Puts a job back that ran, see {@link toBack}. In a group that keeps the order it comes before all others. */
  putBack(job: ArrayJob, delay: number, now: number): void {
    if (delay === 0 && job.crashes === 0 && this.groups.keepsOrder(job)) this.toFront([job]);
    else this.toBack(job, delay, now);
  }

  /** Lets a job that waits wait for another time. @param due on the monotonic clock */
  putOff(job: ArrayJob, due: number): void {
    this.remove(job);
    job.turn = ++this.lastTurn;
    job.place = 'delayed';
    this.entries.set(job, this.delayed.push(job, due));
  }

  /** Gives a job that waits another priority. A ready one goes to the end of it, unless it comes before all others. */
  rank(job: ArrayJob, priority: number): void {
    const change = (): void => {
      job.traits = { ...job.traits, priority };
    };
    if (job.place !== 'ready') change();
    else if (this.ready.rank(job, change)) job.turn = ++this.lastTurn;
  }

  /** Requeues jobs: puts them in front of all others, in the order of their claims. */
  toFront(jobs: readonly ArrayJob[]): void {
    for (const job of [...jobs].sort((a, b) => b.fence - a.fence)) {
      const place = job.crashes > 0 ? this.recovered : this.ready;
      job.place = job.crashes > 0 ? 'recovered' : 'ready';
      job.turn = --this.firstTurn;
      place.unshift(job);
    }
  }

  toRecovered(job: ArrayJob): void {
    job.place = 'recovered';
    job.turn = ++this.lastTurn;
    this.recovered.push(job);
  }

  /**
   * Promotes due jobs, in the order in which they are due, at most {@link MOVES_PER_CALL}. Then it lets groups in again whose time has come.
   *
   * @returns whether a further job may start
   */
  promote(now: number): boolean {
    const before = this.readyCount + this.recoveredCount;
    for (let moved = 0; moved < MOVES_PER_CALL; moved++) {
      const job = this.delayed.shiftDue(now);
      if (!job) break;
      this.entries.delete(job);
      this.toBack(job, 0, now);
    }
    this.groups.open();
    return this.readyCount + this.recoveredCount > before;
  }

  /** Takes the jobs for a claim: they run now. At most one recovered job goes first, because it has had its turn already. */
  take(limit: number, recovered: boolean): ArrayJob[] {
    const jobs: ArrayJob[] = [];
    if (recovered && limit > 0) {
      const job = this.firstRecovered();
      if (job) {
        this.recovered.remove(job);
        this.groups.start(job);
        jobs.push(job);
      }
    }
    return jobs.length < limit ? [...jobs, ...this.ready.take(limit - jobs.length)] : jobs;
  }

  /** Takes a job out of the place where it waits. @returns whether it waited */
  remove(job: ArrayJob): boolean {
    switch (job.place) {
      case 'claimed':
        return false;
      case 'delayed':
        this.delayed.remove(this.entries.get(job)!);
        this.entries.delete(job);
        return true;
      default:
        this[job.place].remove(job);
        return true;
    }
  }

  /** Returns the first jobs of each place of ready jobs. */
  first(count: number): ArrayJob[] {
    const { ungrouped } = this.ready;
    return [...firstOf(ungrouped, count), ...firstOf(this.groups.heads(), count), ...firstOf(this.recovered, count)];
  }

  /** Returns the jobs of a place, in no order. */
  inPlace(place: 'ready' | 'delayed' | 'recovered'): ArrayJob[] {
    return place === 'delayed' ? [...this.entries.keys()] : [...this[place]];
  }

  /** Returns the priority by which a ready job was placed. */
  priorityOf(job: ArrayJob): number {
    return this.ready.ungrouped.priorityOf(job);
  }

  /** Returns the number of the group in which a ready job was placed; `undefined` without one. */
  groupNumberOf(job: ArrayJob): number | undefined {
    return this.groups.numberOf(job);
  }

  /** Returns when a delayed job is due, on the monotonic clock. */
  dueOf(job: ArrayJob): number {
    return this.entries.get(job)?.due ?? 0;
  }

  /** Forgets everything: no job waits or runs. */
  reset(): void {
    this.ready.reset();
  }

  /** Removes all jobs, and returns them. */
  drain(): ArrayJob[] {
    const jobs = [...this.ready, ...this.recovered, ...this.delayed.drain()];
    this.ready.clear();
    this.recovered.clear();
    this.entries.clear();
    return jobs;
  }

  /** Returns the first recovered job that its group lets start. */
  private firstRecovered(): ArrayJob | undefined {
    for (const job of this.recovered) if (!this.groups.obstacleOf(job)) return job;
    return undefined;
  }
}

function firstOf<T>(items: Iterable<T>, count: number): T[] {
  const first: T[] = [];
  for (const item of items) if (first.push(item) === count) break;
  return first;
}
