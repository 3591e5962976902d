import type { ArrayJob } from './array-job.js';
import { SparseList } from './sparse-list.js';

/** The ready jobs of one group. */
interface Group {
  readonly name: string;
  /** Its number among all groups: a group that comes back gets another one. */
  readonly number: number;
  readonly jobs: SparseList<ArrayJob>;
}

/** The ready jobs with a group: each group gives one job a turn. */
export class ArrayGroups implements Iterable<ArrayJob> {
  /** The groups that have jobs, in the order of their turns. */
  readonly ring = new Map<string, Group>();
  /** The group in which each job was placed: a push may replace the traits of a job that waits. */
  private readonly places = new Map<ArrayJob, Group>();
  private lastNumber = 0;

  get length(): number {
    return this.places.size;
  }

  has(job: ArrayJob): boolean {
    return this.places.has(job);
  }

  /** Returns the number of the group in which a job was placed; `undefined` if it is not here. */
  numberOf(job: ArrayJob): number | undefined {
    return this.places.get(job)?.number;
  }

  push(job: ArrayJob): void {
    this.enter(job).push(job);
  }

  /** Puts a job at the front of its group. */
  unshift(job: ArrayJob): void {
    this.enter(job).unshift(job);
  }

  /** Removes a job, which has to be here. */
  remove(job: ArrayJob): void {
    const group = this.places.get(job)!;
    group.jobs.remove(job);
    this.left(group, job);
  }

  /** Takes the next jobs, one of each group in turn. */
  take(count: number): ArrayJob[] {
    const taken: ArrayJob[] = [];
    while (taken.length < count) {
      const [group] = this.ring.values();
      if (!group) break;
      const job = group.jobs.shift()!;
      taken.push(job);
      this.left(group, job);
      // It goes behind the others.
      if (this.ring.delete(group.name)) this.ring.set(group.name, group);
    }
    return taken;
  }

  /** The next job of each group, in the order of the turns. */
  *heads(): Iterable<ArrayJob> {
    for (const { jobs } of this.ring.values()) {
      const [head] = jobs;
      yield head!;
    }
  }

  /** The jobs, group by group. */
  *[Symbol.iterator](): Iterator<ArrayJob> {
    for (const { jobs } of this.ring.values()) yield* jobs;
  }

  clear(): void {
    this.ring.clear();
    this.places.clear();
  }

  /** Returns the list for a job that becomes ready. */
  private enter(job: ArrayJob): SparseList<ArrayJob> {
    const name = job.traits.group!;
    let group = this.ring.get(name);
    if (!group) this.ring.set(name, (group = { name, number: ++this.lastNumber, jobs: new SparseList() }));
    this.places.set(job, group);
    return group.jobs;
  }

  private left(group: Group, job: ArrayJob): void {
    this.places.delete(job);
    if (group.jobs.length === 0) this.ring.delete(group.name);
  }
}
