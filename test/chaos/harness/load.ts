import { eventually } from '../../support/eventually.js';
import { QuickJob } from '../process/jobs.js';
import type { Producer } from './producer.js';
import { Rounds } from './rounds.js';

export interface LoadOptions {
  /** The number of jobs in each push. Default: 10. */
  readonly size?: number;
  /** The pause after each push, in milliseconds. Default: 10. */
  readonly every?: number;
  readonly queue?: string;
}

/** Pushes quick jobs, one batch after the other, during a fault. */
export class Load {
  /** The number of jobs that it tried to push. */
  jobs = 0;
  /** The number of jobs in acknowledged pushes. */
  stored = 0;
  /** The duration of the longest push, in milliseconds. */
  longest = 0;
  private readonly rounds: Rounds;

  constructor(
    private readonly producer: Producer,
    { size = 10, every = 10, queue }: LoadOptions = {},
  ) {
    this.rounds = Rounds.start(() => this.push(size, queue), { every });
  }

  /** The number of failed pushes, by the code of the error. */
  get failures(): Readonly<Record<string, number>> {
    return this.rounds.failures;
  }

  get failed(): number {
    return this.rounds.failed;
  }

  /** Resolves when this number of further jobs is stored. */
  async more(jobs: number): Promise<void> {
    const enough = this.stored + jobs;
    await eventually(() => this.stored >= enough, { timeout: 30_000 });
  }

  /**
   * Stops pushing, and resolves when the last push has settled.
   *
   * @throws the first error that is no `QueueError`
   */
  async stop(): Promise<void> {
    await this.rounds.stop();
  }

  private async push(size: number, queue: string | undefined): Promise<void> {
    const data = Array.from({ length: size }, (_, i) => this.jobs + i);
    const startedAt = Date.now();
    try {
      await this.producer.pushMany(QuickJob, data, { queue });
      this.stored += size;
    } finally {
      this.longest = Math.max(this.longest, Date.now() - startedAt);
      this.jobs += size;
    }
  }
}
