import type { GroupLimits } from '../../lib/drivers/queue-limits.interface.js';
import type { ModelGroups } from './model-groups.js';
import type { ModelJob } from './model-job.js';
import { ModelSides } from './model-sides.js';
import { PLACES, type Place, type Traits } from './subject.interface.js';

interface Delayed {
  readonly id: string;
  readonly due: number;
  readonly arrival: number;
}

/** The three places where jobs wait. Each job is in one of them. */
export class ModelWaiting {
  private readonly places: ModelSides<ModelJob>;
  readonly recovered: string[] = [];
  private later: Delayed[] = [];
  private arrivals = 0;

  constructor(
    private readonly ties: Traits['ties'],
    groups: GroupLimits,
    private readonly groupOf: (id: string) => string | undefined,
  ) {
    this.places = new ModelSides(groups);
  }

  /** The jobs with a group. */
  get inGroups(): ModelGroups<ModelJob> {
    return this.places.groups;
  }

  /** The first recovered job that its group lets start. */
  firstRecovered(now: number): string | undefined {
    return this.recovered.find((id) => !this.inGroups.obstacle(this.groupOf(id), now, id));
  }

  /** When a recovered job may start, if only the time keeps them all back. */
  recoveryOpensAt(now: number): number {
    if (this.firstRecovered(now) !== undefined) return Infinity;
    const holds = this.recovered.map((id) => this.inGroups.obstacle(this.groupOf(id), now, id)!);
    return Math.min(...holds.map((hold) => (typeof hold === 'string' ? Infinity : hold.until)));
  }

  /** How many ready jobs their groups let start. */
  get ready(): number {
    return this.places.jobs.length - this.inGroups.blocked;
  }

  /** The ids of the ready jobs without a group. */
  get ungrouped(): readonly string[] {
    return this.places.ungrouped.ids;
  }

  /** The groups of ready jobs, the next one first. */
  get ring(): readonly string[] {
    return this.places.groups.ring;
  }

  /** The ids of the ready jobs of each group, by name. */
  get groups(): readonly (readonly [string, readonly string[]])[] {
    return this.places.groups.ids;
  }

  /** True if jobs with a priority other than 0 are ready, or jobs with a group. */
  get isOrdered(): boolean {
    const { ungrouped } = this.places;
    return this.inGroups.jobs.length > 0 || ungrouped.jobs.some((job) => ungrouped.rankOf(job) !== 0);
  }

  get delayed(): readonly (readonly [string, number])[] {
    return this.later.map(({ id, due }) => [id, due] as const);
  }

  get nextDue(): number | undefined {
    const next = Math.min(this.later[0]?.due ?? Infinity, this.inGroups.nextGate);
    return next === Infinity ? undefined : next;
  }

  toBack(job: ModelJob, delay: number, now: number): void {
    if (delay > 0) this.toDelayed(job, now + Math.ceil(delay * 1000));
    else if (job.crashes === 0 && this.inGroups.holders.has(job.id)) {
      this.toFront(job);
      this.inGroups.unhold(job.id);
    } else this.toReady(job, 'push');
  }

  /** Puts a job back that ran. */
  putBack(job: ModelJob, delay: number, now: number): void {
    if (delay === 0 && job.crashes === 0 && this.inGroups.keepsOrder(job)) this.toFront(job);
    else this.toBack(job, delay, now);
  }

  toDelayed({ id }: ModelJob, due: number): void {
    this.later.push({ id, due, arrival: this.arrivals++ });
    this.later.sort((a, b) => a.due - b.due || this.compareTies(a, b));
  }

  /** Gives a job that waits another priority. */
  rank(job: ModelJob, priority: number): void {
    const change = (): void => {
      job.priority = priority;
    };
    if (this.places.jobs.includes(job)) this.places.rank(job, change);
    else change();
  }

  toFront(job: ModelJob): void {
    this.toReady(job, 'unshift');
  }

  takeDue(now: number): string[] {
    const due = this.later.filter((entry) => entry.due <= now);
    this.later = this.later.slice(due.length);
    return due.map(({ id }) => id);
  }

  take(limit: number, recovered: boolean, jobOf: (id: string) => ModelJob, now: number): string[] {
    const first = recovered && limit > 0 ? this.firstRecovered(now) : undefined;
    const taken = first === undefined ? [] : this.recovered.splice(this.recovered.indexOf(first), 1);
    for (const id of taken) this.inGroups.start(jobOf(id), now);
    return [...taken, ...this.places.take(limit - taken.length, now).map(({ id }) => id)];
  }

  /** The queue is removed: nothing is known of earlier jobs. */
  forget(): void {
    this.places.forget();
  }

  /** Returns the ids of the jobs in a place. */
  in(place: Place): readonly string[] {
    if (place === 'delayed') return this.later.map(({ id }) => id);
    if (place === 'recovered') return this.recovered;
    const { ungrouped, groups } = this.places;
    if (place === 'grouped') return groups.jobs.map(({ id }) => id);
    return ungrouped.jobs.filter((job) => isIn(place, ungrouped.rankOf(job))).map(({ id }) => id);
  }

  /** The ids of the jobs of the highest priority other than 0, without a group. */
  get firstRanked(): readonly string[] {
    const { ungrouped } = this.places;
    const ranked = ungrouped.jobs.filter((job) => ungrouped.rankOf(job) !== 0);
    return ranked.filter((job) => ungrouped.rankOf(job) === ungrouped.rankOf(ranked[0]!)).map(({ id }) => id);
  }

  has(place: Place, id: string): boolean {
    return this.in(place).includes(id);
  }

  /** @returns whether the job waited */
  cancel(id: string): boolean {
    return PLACES.some((place) => this.drop(place, (each) => each === id).length > 0);
  }

  /** @returns the ids that were there and match */
  drop(place: Place, fits: (id: string) => boolean): string[] {
    if (place === 'delayed') {
      const dropped = this.later.filter(({ id }) => fits(id));
      this.later = this.later.filter((entry) => !dropped.includes(entry));
      return dropped.map(({ id }) => id);
    }
    const { ungrouped, groups } = this.places;
    if (place === 'grouped') return groups.drop((job) => fits(job.id)).map(({ id }) => id);
    if (place !== 'recovered') {
      return ungrouped.drop((job) => isIn(place, ungrouped.rankOf(job)) && fits(job.id)).map(({ id }) => id);
    }
    const ids = this.recovered.splice(0);
    const dropped = new Set(ids.filter((id) => fits(id)));
    this.recovered.push(...ids.filter((id) => !dropped.has(id)));
    return [...dropped];
  }

  /** A job whose consumer was ever lost stays a recovered job until its end. */
  private toReady(job: ModelJob, how: 'push' | 'unshift'): void {
    if (job.crashes > 0) this.recovered[how](job.id);
    else this.places[how](job);
  }

  private compareTies(a: Delayed, b: Delayed): number {
    if (this.ties === 'arrival') return a.arrival - b.arrival;
    return a.id < b.id ? -1 : 1;
  }
}

/** Tells whether a ready job with this priority is in a place. */
function isIn(place: Place, priority: number): boolean {
  return (place === 'prioritized') === (priority !== 0);
}
