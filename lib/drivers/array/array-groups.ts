import type { MonotonicClock } from '../../support/clock.js';
import type { GroupLimits } from '../queue-limits.interface.js';
import { ArrayGroup, type Obstacle } from './array-group.js';
import type { ArrayJob } from './array-job.js';

/** The most idle groups that each new one forgets: more than it adds. */
const SWEEP = 2;

/** The jobs with a group: each group gives one job a turn, as far as its limits let it. */
export class ArrayGroups implements Iterable<ArrayJob> {
  /** The groups that wait for their turn, the next one first. */
  readonly ring = new Map<string, ArrayGroup>();
  /** The groups at one of their limits. */
  readonly held = new Set<ArrayGroup>();
  /** All groups of which something has to be remembered, and some others. */
  private readonly all = new Map<string, ArrayGroup>();
  /** The group in which each ready job was placed: a push may replace the traits of a job that waits. */
  private readonly places = new Map<ArrayJob, ArrayGroup>();
  private lastNumber = 0;

  /**
   * @param limits returns the limits of each group
   * @param lowEach one of so many claimed jobs of a group is the oldest one of its lowest priority; 0 for none
   */
  constructor(
    private readonly limits: () => GroupLimits,
    private readonly clock: MonotonicClock,
    private readonly lowEach: number,
  ) {}

  /** How many jobs are ready. */
  get length(): number {
    return this.places.size;
  }

  /** How many jobs are ready, and their groups are at a limit. */
  get blocked(): number {
    let count = 0;
    for (const { jobs } of this.held) count += jobs.length;
    return count;
  }

  /** When the first group at its rate limit may give a job, on the monotonic clock. */
  get nextGate(): number | undefined {
    let next: number | undefined;
    for (const { state, gate } of this.held) if (state === 'gate' && !(gate >= next!)) next = gate;
    return next;
  }

  has(job: ArrayJob): boolean {
    return this.places.has(job);
  }

  /** True if a job is ready here, and its group is at a limit. */
  isBlocked(job: ArrayJob): boolean {
    const group = this.places.get(job);
    return group !== undefined && this.held.has(group);
  }

  /** Returns the priority by which a job was placed in its group. */
  priorityOf(job: ArrayJob): number {
    return this.places.get(job)?.jobs.priorityOf(job) ?? 0;
  }

  /** Returns the number of the group in which a job was placed; `undefined` if it is not here. */
  numberOf(job: ArrayJob): number | undefined {
    return this.places.get(job)?.number;
  }

  push(job: ArrayJob): void {
    this.enter(job).jobs.push(job);
  }

  /** Puts a job at the front of its priority in its group. Where the order is strict, it comes before all others. */
  unshift(job: ArrayJob): void {
    const isFirst = this.keepsOrder(job) || this.isHolder(job);
    const { jobs } = this.enter(job);
    if (isFirst) jobs.toFirst(job);
    else jobs.unshift(job);
  }

  /** Removes a job, which has to be here. */
  remove(job: ArrayJob): void {
    const group = this.places.get(job)!;
    group.remove(job);
    this.places.delete(job);
    if (group.jobs.length === 0 && group.state !== 'full' && group.state !== 'held') this.become(group, 'none');
  }

  /** See `ArrayReady.rank`. The group keeps its turn. */
  rank(job: ArrayJob, change: () => void): boolean {
    return this.places.get(job)!.jobs.rank(job, change);
  }

  /** Takes the next jobs, one of each group in turn: they run now. */
  take(count: number): ArrayJob[] {
    const taken: ArrayJob[] = [];
    const limits = this.limits();
    while (taken.length < count) {
      const [group] = this.ring.values();
      if (!group) break;
      const obstacle = group.obstacle(limits);
      if (obstacle) {
        this.become(group, obstacle);
        continue;
      }
      const job = group.takeNext()!;
      this.places.delete(job);
      taken.push(job);
      group.start(job, limits);
      // A group with more jobs goes behind the others.
      this.become(group, this.nextState(group, limits));
    }
    return taken;
  }

  /** Returns what keeps a job with a group from starting that waits elsewhere. */
  obstacleOf(job: ArrayJob): Obstacle | undefined {
    return this.all.get(job.traits.group ?? '')?.obstacle(this.limits(), job);
  }

  /** Returns when the window of the group of such a job has room, if that is full. */
  opensAt({ traits }: ArrayJob): number {
    return this.all.get(traits.group!)!.opensAt(this.limits());
  }

  /** A job that waited elsewhere runs now: its group keeps its turn. */
  start(job: ArrayJob): void {
    if (job.traits.group === undefined) return;
    const limits = this.limits();
    const group = this.groupOf(job.traits.group);
    group.start(job, limits);
    const obstacle = group.obstacle(limits);
    if (obstacle === 'full' || (obstacle && group.state === 'ring')) this.become(group, obstacle);
  }

  /** True if a job that has started runs before all others of its group, also if it waits meanwhile. */
  keepsOrder({ traits }: ArrayJob): boolean {
    return traits.group !== undefined && this.limits().ordered === true;
  }

  /** Tells whether a job holds its group back. */
  isHolder(job: ArrayJob): boolean {
    return this.all.get(job.traits.group ?? '')?.holders.has(job) === true;
  }

  /** A job does not hold its group back any more. */
  unhold(job: ArrayJob): void {
    const group = this.all.get(job.traits.group ?? '');
    if (!group?.holders.delete(job) || group.state !== 'held' || group.holders.size > 0) return;
    this.become(group, group.jobs.length > 0 ? 'ring' : 'none');
  }

  /** The start of a job that runs does not count. */
  giveBack(job: ArrayJob): void {
    const group = this.all.get(job.traits.group ?? '');
    if (group?.giveBack(job) && group.state === 'gate') this.become(group, 'ring');
  }

  /** A job holds its group back. @param seconds how long */
  hold({ traits }: ArrayJob, seconds: number): void {
    if (traits.group === undefined) return;
    const group = this.groupOf(traits.group);
    if (group.hold(seconds) && (group.state === 'ring' || group.state === 'gate')) this.become(group, 'gate');
  }

  /** Ends all holds. @returns whether a group was held back */
  endHolds(): boolean {
    const ended = [...this.all.values()].filter((group) => group.endHold());
    if (ended.length > 0) this.limitsChanged();
    return ended.length > 0;
  }

  /** A job does not run any more. @param holds true if it holds its group back from now on, where the order is strict */
  end(job: ArrayJob, holds = false): void {
    const group = this.all.get(job.traits.group ?? '');
    if (!group?.end(job)) return;
    if (holds && this.keepsOrder(job)) group.holders.add(job);
    this.reconsider(group);
  }

  /** Lets groups in again whose time has come. */
  open(): void {
    const now = this.clock.monotonic();
    const open = [...this.held].filter(({ state, gate }) => state === 'gate' && gate <= now);
    for (const group of open.sort((a, b) => a.gate - b.gate || (a.name < b.name ? -1 : 1))) this.become(group, 'ring');
  }

  /** Lets groups in again that other limits do not hold back. */
  limitsChanged(): void {
    for (const group of this.held) {
      if (group.state === 'gate') this.become(group, 'ring');
      else this.reconsider(group);
    }
  }

  /** The next job of each group, in the order of the turns. */
  *heads(): Iterable<ArrayJob> {
    for (const { jobs } of this.ring.values()) {
      const [head] = jobs;
      yield head!;
    }
  }

  /** The ready jobs, group by group. */
  *[Symbol.iterator](): Iterator<ArrayJob> {
    for (const { jobs } of this.ring.values()) yield* jobs;
    for (const { jobs } of this.held) yield* jobs;
  }

  /** Removes the ready jobs. */
  clear(): void {
    const jobs = [...this];
    for (const job of jobs) this.remove(job);
  }

  /** Forgets everything. */
  reset(): void {
    for (const each of [this.ring, this.held, this.all, this.places]) each.clear();
  }

  /** Returns the group for a job that becomes ready. */
  private enter(job: ArrayJob): ArrayGroup {
    const group = this.groupOf(job.traits.group!);
    this.places.set(job, group);
    if (group.state === 'none') this.become(group, 'ring');
    return group;
  }

  private groupOf(name: string): ArrayGroup {
    const known = this.all.get(name);
    if (known) return known;
    this.forgetIdle();
    const group = new ArrayGroup(name, ++this.lastNumber, this.clock, this.lowEach);
    this.all.set(name, group);
    return group;
  }

  /** A group that was full, or held back, may not be so any more. */
  private reconsider(group: ArrayGroup): void {
    if (group.state !== 'full' && group.state !== 'held') return;
    const limits = this.limits();
    if (group.obstacle(limits) !== group.state) this.become(group, this.nextState(group, limits));
  }

  private nextState(group: ArrayGroup, limits: GroupLimits): ArrayGroup['state'] {
    const obstacle = group.obstacle(limits);
    if (obstacle === 'full' || obstacle === 'held') return obstacle;
    return group.jobs.length === 0 ? 'none' : (obstacle ?? 'ring');
  }

  /** Changes the state of a group. In the ring it is the last one then. */
  private become(group: ArrayGroup, state: ArrayGroup['state']): void {
    this.ring.delete(group.name);
    this.held.delete(group);
    group.state = state;
    if (state === 'ring') this.ring.set(group.name, group);
    else if (state !== 'none') this.held.add(group);
    if (state === 'gate') group.gate = group.opensAt(this.limits());
  }

  private forgetIdle(): void {
    const limits = this.limits();
    let left = SWEEP;
    for (const group of this.all.values()) {
      if (left-- === 0) return;
      this.all.delete(group.name);
      if (!group.isIdle(limits)) this.all.set(group.name, group);
    }
  }
}
