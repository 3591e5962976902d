import type { MonotonicClock } from '../../support/clock.js';
import type { QueueRetention } from '../queue-retention.interface.js';
import type { ArrayJob } from './array-job.js';
import { ExpiringMap } from './expiring-map.js';

/** An ended job that is kept. */
export interface EndedJob {
  readonly job: ArrayJob;
  readonly state: 'completed' | 'failed' | 'cancelled';
  /** The number of the last attempt. */
  readonly attempt: number;
  readonly endedAt: number;
  /** Its number among the ended jobs of the queue. */
  readonly number: number;
  readonly error?: string;
}

/** Keeps the ended jobs of one queue: each for a time, and at most as many as its retention allows. The oldest one goes first. */
export class ArrayKept {
  readonly failed: ExpiringMap<EndedJob>;
  readonly completed: ExpiringMap<EndedJob>;
  private last = 0;

  constructor(
    private readonly retention: QueueRetention,
    private readonly clock: MonotonicClock,
    /** Called with a failed job that makes room for a newer one: its status goes too. */
    private readonly onDropped: (id: string) => void,
  ) {
    this.failed = new ExpiringMap(retention.failed * 1000, clock);
    this.completed = new ExpiringMap(retention.completed * 1000, clock);
  }

  /** Keeps a job that did not fail. */
  end(job: ArrayJob, state: EndedJob['state'], attempt: number, keep = this.retention.completed): void {
    const { completed, maxCompleted } = this.retention;
    if (completed === 0 || keep === 0 || maxCompleted === 0) return;
    this.completed.set(job.id, { job, state, attempt, endedAt: this.clock.now(), number: ++this.last });
    while (this.completed.size > maxCompleted) this.completed.delete(this.completed.oldest!);
  }

  fail(job: ArrayJob, attempt: number, error: string, keep = this.retention.failed): void {
    const { maxFailed } = this.retention;
    if (keep === 0 || maxFailed === 0) return;
    const ended = { job, state: 'failed', attempt, endedAt: this.clock.now(), number: ++this.last, error } as const;
    this.failed.set(job.id, ended, keep * 1000);
    while (this.failed.size > maxFailed) {
      const oldest = this.failed.oldest!;
      this.failed.delete(oldest);
      this.onDropped(oldest);
    }
  }

  clear(): void {
    for (const kept of [this.failed, this.completed]) for (const [id] of kept) kept.delete(id);
  }

  /** Forgets an ended job, because its id is taken by a new one. */
  forget(id: string): void {
    this.failed.delete(id);
    this.completed.delete(id);
  }
}
