import { setTimeout as pause } from 'node:timers/promises';
import { QueueError } from '../../../lib/index.js';

export interface RoundsWishes {
  /** How many there are, one after the other. */
  readonly rounds?: number;
  /** The pause after each, in milliseconds. */
  readonly every?: number;
}

/** Pushes again and again, as an application under load does: when a push fails it goes on. */
export class Rounds {
  /** How many times it has pushed. */
  rounds = 0;
  /** How often a push failed, by the code of its error. */
  readonly failures: Record<string, number> = {};
  private stopped = false;
  private readonly done: Promise<void>;

  private constructor(
    private readonly push: (round: number) => Promise<unknown>,
    wishes: RoundsWishes,
  ) {
    this.done = this.run(wishes);
    // It is told to who stops it.
    this.done.catch(() => undefined);
  }

  static start(push: (round: number) => Promise<unknown>, wishes: RoundsWishes = {}): Rounds {
    return new Rounds(push, wishes);
  }

  get failed(): number {
    return Object.values(this.failures).reduce((sum, count) => sum + count, 0);
  }

  /** Resolves when all of it was pushed. */
  async ended(): Promise<void> {
    await this.done;
  }

  /** Resolves when the last push has been answered. @throws what is no error of the queue */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.done;
  }

  private async run({ rounds = Infinity, every = 20 }: RoundsWishes): Promise<void> {
    while (this.rounds < rounds && !this.stopped) {
      try {
        await this.push(this.rounds);
      } catch (error) {
        if (!(error instanceof QueueError)) throw error;
        this.failures[error.code] = (this.failures[error.code] ?? 0) + 1;
      }
      this.rounds++;
      await pause(every);
    }
  }
}
