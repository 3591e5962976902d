import type { DebounceKey } from '../job-traits.interface.js';
import type { ArrayJob } from './array-job.js';

/** A job that waits for its first start. */
export interface Debounced {
  readonly job: ArrayJob;
  /** The time of its first push. */
  readonly firstAt: number;
}

/** Holds the jobs of one queue that wait for their first start, and may be replaced until then, as `DebounceKey` describes. */
export class ArrayDebounce {
  private readonly waiting = new Map<string, Debounced>();

  find({ key }: DebounceKey): Debounced | undefined {
    return this.waiting.get(key);
  }

  /** Reads the record of the job that waits under a key. */
  read(key: string): string | null {
    return this.waiting.get(key)?.job.body ?? null;
  }

  add(job: ArrayJob): void {
    this.waiting.set(job.traits.debounce!.key, { job, firstAt: job.pushedAt });
  }

  /** A job was claimed, or dropped. */
  free(job: ArrayJob): void {
    const { debounce } = job.traits;
    if (debounce && this.waiting.get(debounce.key)?.job === job) this.waiting.delete(debounce.key);
  }
}

/** Tells whether the job that waits is the one that a push expects. */
export function isExpected({ over }: DebounceKey, waiting: Debounced | undefined): boolean {
  return over === undefined || over === (waiting?.job.body ?? null);
}
