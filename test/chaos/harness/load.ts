import { setTimeout as pause } from 'node:timers/promises';
import { QueueError } from '../../../lib/index.js';
import { eventually } from '../../support/eventually.js';
import { QuickJob } from '../process/jobs.js';
import type { Producer } from './producer.js';

export interface LoadWishes {
  /** How many jobs each push has. */
  readonly size?: number;
  /** The pause after each push, in milliseconds. */
  readonly every?: number;
  readonly queue?: string;
}

/** Pushes quick jobs, one batch after the other, while a fault goes on. */
export class Load {
  /** How many jobs it tried to push. */
  jobs = 0;
  /** How many of them are stored for sure. */
  stored = 0;
  /** How often a push failed, by the code of its error. */
  readonly failures: Record<string, number> = {};
  /** The longest that a push took, in milliseconds. */
  longest = 0;
  private stopped = false;
  private readonly pushing: Promise<void>;

  constructor(
    private readonly producer: Producer,
    private readonly wishes: LoadWishes = {},
  ) {
    this.pushing = this.push();
    // It is told to who stops it.
    this.pushing.catch(() => undefined);
  }

  /** Resolves when so many more jobs are stored. */
  async more(jobs: number): Promise<void> {
    const enough = this.stored + jobs;
    await eventually(() => this.stored >= enough, { timeout: 30_000 });
  }

  /** Resolves when the last push has been answered. @throws what is no error of the queue */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.pushing;
  }

  get failed(): number {
    return Object.values(this.failures).reduce((sum, count) => sum + count, 0);
  }

  private async push(): Promise<void> {
    const { size = 10, every = 10, queue } = this.wishes;
    while (!this.stopped) {
      const data = Array.from({ length: size }, (_, i) => this.jobs + i);
      const startedAt = Date.now();
      try {
        await this.producer.pushMany(QuickJob, data, { queue });
        this.stored += size;
      } catch (error) {
        if (!(error instanceof QueueError)) throw error;
        this.failures[error.code] = (this.failures[error.code] ?? 0) + 1;
      }
      this.longest = Math.max(this.longest, Date.now() - startedAt);
      this.jobs += size;
      await pause(every);
    }
  }
}
