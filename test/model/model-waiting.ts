import type { ModelJob } from './model-job.js';
import type { Place, Traits } from './subject.interface.js';

interface Delayed {
  readonly id: string;
  readonly due: number;
  readonly arrival: number;
}

/** The three places where jobs wait. Each job is in one of them. */
export class ModelWaiting {
  readonly ready: string[] = [];
  readonly recovered: string[] = [];
  private later: Delayed[] = [];
  private arrivals = 0;

  constructor(private readonly ties: Traits['ties']) {}

  get delayed(): readonly (readonly [string, number])[] {
    return this.later.map(({ id, due }) => [id, due] as const);
  }

  get nextDue(): number | undefined {
    return this.later[0]?.due;
  }

  toBack(job: ModelJob, delay: number, now: number): void {
    if (delay > 0) {
      this.later.push({ id: job.id, due: now + Math.ceil(delay * 1000), arrival: this.arrivals++ });
      this.later.sort((a, b) => a.due - b.due || this.compareTies(a, b));
    } else {
      this.placeOf(job).push(job.id);
    }
  }

  toFront(job: ModelJob): void {
    this.placeOf(job).unshift(job.id);
  }

  takeDue(now: number): string[] {
    const due = this.later.filter((entry) => entry.due <= now);
    this.later = this.later.slice(due.length);
    return due.map(({ id }) => id);
  }

  take(limit: number, recovered: boolean): string[] {
    const taken = recovered ? this.recovered.splice(0, Math.min(1, limit)) : [];
    return [...taken, ...this.ready.splice(0, limit - taken.length)];
  }

  has(place: Place, id: string): boolean {
    return place === 'delayed' ? this.later.some((entry) => entry.id === id) : this[place].includes(id);
  }

  /** @returns whether the job waited */
  cancel(id: string): boolean {
    return (['ready', 'recovered', 'delayed'] as const).some(
      (place) => this.drop(place, (each) => each === id).length > 0,
    );
  }

  /** @returns the ids that were there and match */
  drop(place: Place, fits: (id: string) => boolean): string[] {
    if (place === 'delayed') {
      const dropped = this.later.filter(({ id }) => fits(id));
      this.later = this.later.filter((entry) => !dropped.includes(entry));
      return dropped.map(({ id }) => id);
    }
    const ids = this[place].splice(0);
    const dropped = new Set(ids.filter((id) => fits(id)));
    this[place].push(...ids.filter((id) => !dropped.has(id)));
    return [...dropped];
  }

  /** Returns the place of a job. A job whose consumer was ever lost stays a recovered job until its end. */
  private placeOf(job: ModelJob): string[] {
    return job.crashes > 0 ? this.recovered : this.ready;
  }

  private compareTies(a: Delayed, b: Delayed): number {
    if (this.ties === 'arrival') return a.arrival - b.arrival;
    return a.id < b.id ? -1 : 1;
  }
}
