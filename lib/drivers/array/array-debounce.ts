import type { MonotonicClock } from '../../support/clock.js';
import type { DebounceKey } from '../job-traits.interface.js';
import type { NewJob, PushException } from '../queue-driver.interface.js';
import type { ArrayJob } from './array-job.js';
import type { ArrayWaiting } from './array-waiting.js';

/** A job that waits for its first start. */
export interface Debounced {
  readonly job: ArrayJob;
  /** The time of its first push. */
  readonly firstAt: number;
}

/** Holds the jobs of one queue that wait for their first start, and may be replaced until then, as `DebounceKey` describes. */
export class ArrayDebounce {
  /** By key. */
  private readonly debounced = new Map<string, Debounced>();

  constructor(
    private readonly waiting: ArrayWaiting,
    private readonly clock: MonotonicClock,
  ) {}

  /** Replaces the job that waits under a key. @returns the outcome of the push; `undefined` if no job waits */
  replace({ body, delay, traits = {} }: NewJob, debounce: DebounceKey): Omit<PushException, 'index'> | undefined {
    const found = this.debounced.get(debounce.key);
    if (!isExpected(debounce, found)) return { outcome: 'changed', id: '' };
    if (!found) return undefined;
    const { job, firstAt } = found;
    const { maxWait = Infinity } = debounce;
    const at = this.clock.now();
    const wished = at + Math.ceil(delay * 1000);
    const due = Math.min(wished, firstAt + Math.ceil(maxWait * 1000));
    // A job that is ready, and whose longest time is over, stays in its place, unless it changes its group or priority.
    const isPutOff = due > at || job.place === 'delayed';
    const changesPlace = job.traits.group !== traits.group || (job.traits.priority ?? 0) !== (traits.priority ?? 0);
    if (isPutOff) this.waiting.putOff(job, this.clock.monotonic() + due - at);
    else if (changesPlace) this.waiting.remove(job);
    job.traits = traits;
    if (!isPutOff && changesPlace) this.waiting.toBack(job, 0, this.clock.monotonic());
    job.body = body;
    job.pushedAt = at;
    job.changedAt = at;
    job.waitsSince = due < wished ? due : undefined;
    return { outcome: 'replaced', id: job.id };
  }

  /** Reads the record of the job that waits under a key. */
  read(key: string): string | null {
    return this.debounced.get(key)?.job.body ?? null;
  }

  add(job: ArrayJob): void {
    this.debounced.set(job.traits.debounce!.key, { job, firstAt: job.pushedAt });
  }

  /** A job was claimed, or dropped. */
  free(job: ArrayJob): void {
    const { debounce } = job.traits;
    if (debounce && this.debounced.get(debounce.key)?.job === job) this.debounced.delete(debounce.key);
  }
}

/** Tells whether the job that waits is the one that a push expects. */
function isExpected({ over }: DebounceKey, waiting: Debounced | undefined): boolean {
  return over === undefined || over === (waiting?.job.body ?? null);
}

/** Returns how long a new job waits that may be replaced, in seconds. */
export function delayOf({ delay }: NewJob, { maxWait = Infinity }: DebounceKey): number {
  return Math.min(delay, maxWait);
}
