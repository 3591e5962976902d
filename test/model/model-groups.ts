import type { GroupLimits } from '../../lib/drivers/queue-limits.interface.js';
import { ModelReady, type Ranked } from './model-ready.js';

/** The part of a job that its place depends on. */
export interface Grouped extends Ranked {
  readonly group?: string | undefined;
}

/** A group that may not give its next job: as many of its jobs run as may, a job of it waits that has to come first, or it has to wait until a time. */
type Hold = 'full' | 'held' | { readonly until: number };

/** The jobs with a group: each group gives one job, and goes behind the others. It keeps all starts, and looks at all of them each time. */
export class ModelGroups<Job extends Grouped> {
  /** The groups with jobs that may give one, the next one first. */
  ring: string[] = [];
  readonly holds = new Map<string, Hold>();
  private readonly lists = new Map<string, ModelReady<Job>>();
  /** The starts by group. Those that do not count are left out. */
  private readonly starts = new Map<string, { readonly id: string; readonly at: number }[]>();
  /** The groups of jobs that have to come first and wait elsewhere, by id. */
  readonly holders = new Map<string, string>();
  /** The groups of jobs that run, by id. */
  private readonly running = new Map<string, string>();

  /** Until when groups are held back by a job. */
  private readonly told = new Map<string, number>();

  constructor(private readonly limits: GroupLimits) {}

  get jobs(): Job[] {
    return [...this.lists.values()].flatMap(({ jobs }) => jobs);
  }

  /** The ids of each group, by name. */
  get ids(): [string, string[]][] {
    const all = [...this.lists].map(([group, { ids }]): [string, string[]] => [group, ids]);
    return all.filter(([, ids]) => ids.length > 0).toSorted(([a], [b]) => (a < b ? -1 : 1));
  }

  /** How many jobs wait in groups that may not give one. */
  get blocked(): number {
    return [...this.holds.keys()].reduce((sum, group) => sum + this.listOf(group).jobs.length, 0);
  }

  /** When the first group that waits for a time may give a job. */
  get nextGate(): number {
    return Math.min(...[...this.holds.values()].map((hold) => (typeof hold === 'string' ? Infinity : hold.until)));
  }

  push(job: Job): void {
    this.enter(job.group!).push(job);
  }

  /** Puts a job at the front of its priority; where the order is strict, before all others of its group. */
  unshift(job: Job): void {
    const isFirst = this.keepsOrder(job) || this.holders.has(job.id);
    const list = this.enter(job.group!);
    if (isFirst) list.toFirst(job);
    else list.unshift(job);
  }

  /** Puts a job to the end of its new priority in its group, which keeps its turn. */
  rank(job: Job, change: () => void): void {
    this.listOf(job.group!).rank(job, change);
  }

  take(count: number, now: number): Job[] {
    const taken: Job[] = [];
    while (taken.length < count && this.ring.length > 0) {
      const group = this.ring.shift()!;
      const hold = this.obstacle(group, now);
      if (hold) {
        this.holds.set(group, hold);
        continue;
      }
      const job = this.listOf(group).takeNext();
      taken.push(job);
      this.run(job, now);
      this.settle(group, now);
    }
    return taken;
  }

  /** @returns what keeps a job from starting, which may have no group */
  obstacle(group: string | undefined, now: number, id = ''): Hold | undefined {
    if (group === undefined) return undefined;
    const { concurrency = Infinity, rateLimit, ordered } = this.limits;
    const running = [...this.running.values()].filter((each) => each === group).length;
    if (running >= concurrency) return 'full';
    const isHeld = ordered && [...this.holders.values()].includes(group);
    if (isHeld && !this.holders.has(id)) return 'held';
    const until = this.told.get(group) ?? 0;
    if (until > now) return { until };
    if (!rateLimit) return undefined;
    const starts = this.starts.get(group) ?? [];
    const inWindow = starts.filter(({ at }) => at > now - rateLimit.per * 1000).length;
    return inWindow < rateLimit.max ? undefined : { until: starts.at(-rateLimit.max)!.at + rateLimit.per * 1000 };
  }

  /** A job runs that waited elsewhere. */
  start(job: Job, now: number): void {
    const { group } = job;
    if (group === undefined) return;
    this.run(job, now);
    const hold = this.obstacle(group, now);
    const isInRing = this.ring.includes(group);
    if (!hold || (hold !== 'full' && !isInRing)) return;
    this.ring = this.ring.filter((each) => each !== group);
    this.holds.set(group, hold);
  }

  /** The last start of a job that runs does not count. */
  giveBack(id: string): void {
    const group = this.running.get(id);
    if (group === undefined || !this.limits.rateLimit) return;
    const starts = this.starts.get(group)!;
    starts.splice(
      starts.findLastIndex((start) => start.id === id),
      1,
    );
    const hold = this.holds.get(group);
    if (!hold || typeof hold === 'string') return;
    this.holds.delete(group);
    this.ring.push(group);
  }

  /** Tells whether a job that has started comes before all others of its group. */
  keepsOrder({ group }: Job): boolean {
    return group !== undefined && this.limits.ordered === true;
  }

  /** A job does not run any more. @param waits true if it waits elsewhere now */
  end(id: string, now: number, waits = false): void {
    const group = this.running.get(id);
    if (group === undefined) return;
    this.running.delete(id);
    if (waits && this.limits.ordered) this.holders.set(id, group);
    this.reconsider(group, now);
  }

  /** A job does not wait elsewhere any more. */
  unhold(id: string): void {
    const group = this.holders.get(id);
    if (group === undefined) return;
    this.holders.delete(id);
    if (this.holds.get(group) !== 'held' || [...this.holders.values()].includes(group)) return;
    this.holds.delete(group);
    if (this.listOf(group).jobs.length > 0) this.ring.push(group);
  }

  /** A job holds its group back. */
  hold(group: string | undefined, until: number, now: number): void {
    if (group === undefined || until <= Math.max(this.told.get(group) ?? 0, now)) return;
    this.told.set(group, until);
    const isInRing = this.ring.includes(group);
    if (!isInRing && typeof (this.holds.get(group) ?? 'full') === 'string') return;
    this.ring = this.ring.filter((each) => each !== group);
    this.holds.set(group, { until });
  }

  areHeld(now: number): boolean {
    return [...this.told.values()].some((until) => until > now);
  }

  /** Lets groups in again whose time has come. */
  open(now: number): void {
    const due = [...this.holds].flatMap(([group, hold]) =>
      typeof hold === 'string' ? [] : [{ group, until: hold.until }],
    );
    due.sort((a, b) => a.until - b.until || (a.group < b.group ? -1 : 1));
    for (const { group } of due.filter(({ until }) => until <= now)) {
      this.holds.delete(group);
      this.ring.push(group);
    }
  }

  /** @returns the jobs that match */
  drop(fits: (job: Job) => boolean): Job[] {
    const dropped: Job[] = [];
    for (const [group, list] of this.lists) {
      dropped.push(...list.drop(fits));
      if (list.jobs.length > 0) continue;
      list.forget();
      this.ring = this.ring.filter((each) => each !== group);
      if (typeof this.holds.get(group) !== 'string') this.holds.delete(group);
    }
    return dropped;
  }

  /** Forgets everything. */
  clear(): void {
    this.ring = [];
    for (const each of [this.holds, this.lists, this.starts, this.running, this.holders, this.told]) each.clear();
  }

  private run({ id, group }: Job, now: number): void {
    this.holders.delete(id);
    this.running.set(id, group!);
    if (this.limits.rateLimit) this.starts.set(group!, [...(this.starts.get(group!) ?? []), { id, at: now }]);
  }

  /** A group that was held back may give a job now. */
  private reconsider(group: string, now: number): void {
    const hold = this.holds.get(group);
    if (typeof hold !== 'string' || this.obstacle(group, now) === hold) return;
    this.holds.delete(group);
    this.settle(group, now);
  }

  /** Finds the place of a group that is neither in the ring nor held. */
  private settle(group: string, now: number): void {
    const hold = this.obstacle(group, now);
    if (typeof hold === 'string') this.holds.set(group, hold);
    else if (this.listOf(group).jobs.length === 0) return;
    else if (hold) this.holds.set(group, hold);
    else this.ring.push(group);
  }

  /** Returns the list of a group that gets a job. */
  private enter(group: string): ModelReady<Job> {
    const list = this.listOf(group);
    if (list.jobs.length === 0 && !this.holds.has(group)) this.ring.push(group);
    return list;
  }

  private listOf(group: string): ModelReady<Job> {
    const list = this.lists.get(group) ?? new ModelReady<Job>();
    this.lists.set(group, list);
    return list;
  }
}
