import type { DebounceKey } from '../../lib/drivers/job-traits.interface.js';
import type { ModelJob } from './model-job.js';

/** The jobs of the queue that wait for their first start, and may be replaced until then, by key. */
export class ModelDebounce {
  readonly waiting = new Map<string, { readonly id: string; readonly first: number }>();

  add(job: ModelJob, now: number): void {
    if (job.debounce) this.waiting.set(job.debounce.key, { id: job.id, first: now });
  }

  free({ id, debounce }: ModelJob): void {
    if (debounce && this.waiting.get(debounce.key)?.id === id) this.waiting.delete(debounce.key);
  }
}

/** Returns until when a job is put off that was first pushed at a time. */
export function lastOf({ maxWait = Infinity }: DebounceKey, first: number): number {
  return first + Math.ceil(maxWait * 1000);
}
