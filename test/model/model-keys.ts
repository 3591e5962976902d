import type { UniqueKey } from '../../lib/drivers/job-traits.interface.js';
import type { ModelJob } from './model-job.js';

/** A job that keeps its key up to a time, although it does not need it any more. */
interface Throttle {
  readonly id: string;
  readonly until: number;
}

/** The keys of the unique jobs of the queue. */
export class ModelKeys {
  /** The ids of the jobs that need their keys, by key. */
  readonly owners = new Map<string, string>();
  readonly throttles = new Map<string, Throttle>();

  /** @returns the job that has a key, and whether it needs it */
  ownerOf(key: string, now: number): { readonly id: string; readonly needsIt: boolean } | undefined {
    const owner = this.owners.get(key);
    if (owner !== undefined) return { id: owner, needsIt: true };
    const throttle = this.throttles.get(key);
    return throttle && throttle.until > now ? { id: throttle.id, needsIt: false } : undefined;
  }

  take({ id, unique }: ModelJob): void {
    if (!unique) return;
    this.throttles.delete(unique.key);
    this.owners.set(unique.key, id);
  }

  started(job: ModelJob, now: number): void {
    if (job.unique?.until === 'start') this.free(job, false, now);
  }

  free({ id, unique, pushedAt }: ModelJob, atOnce: boolean, now: number): void {
    if (!unique) return;
    if (atOnce && this.throttles.get(unique.key)?.id === id) this.throttles.delete(unique.key);
    if (this.owners.get(unique.key) !== id) return;
    this.owners.delete(unique.key);
    const until = pushedAt + endOf(unique);
    if (atOnce || until <= now) return;
    // A job has at most one throttle, also if an ended job had its id.
    this.endThrottle(id);
    this.throttles.set(unique.key, { id, until });
  }

  endThrottle(id: string): void {
    for (const [key, throttle] of this.throttles) if (throttle.id === id) this.throttles.delete(key);
  }

  clear(): void {
    this.owners.clear();
    this.throttles.clear();
  }
}

function endOf({ for: duration = 0 }: UniqueKey): number {
  return Math.ceil(duration * 1000);
}
