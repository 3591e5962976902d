import { eventually } from '../../support/eventually.js';
import { QuickJob } from '../process/jobs.js';
import type { Producer } from './producer.js';
import { Rounds } from './rounds.js';

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
  /** The longest that a push took, in milliseconds. */
  longest = 0;
  private readonly rounds: Rounds;

  constructor(
    private readonly producer: Producer,
    { size = 10, every = 10, queue }: LoadWishes = {},
  ) {
    this.rounds = Rounds.start(() => this.push(size, queue), { every });
  }

  /** How often a push failed, by the code of its error. */
  get failures(): Readonly<Record<string, number>> {
    return this.rounds.failures;
  }

  get failed(): number {
    return this.rounds.failed;
  }

  /** Resolves when so many more jobs are stored. */
  async more(jobs: number): Promise<void> {
    const enough = this.stored + jobs;
    await eventually(() => this.stored >= enough, { timeout: 30_000 });
  }

  /** Resolves when the last push has been answered. @throws what is no error of the queue */
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
