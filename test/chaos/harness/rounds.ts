import { setTimeout as pause } from 'node:timers/promises';
import { QueueError } from '../../../lib/index.js';

export interface RoundsOptions {
  /** The number of rounds. Default: until {@link Rounds.stop}. */
  readonly rounds?: number;
  /** The pause after each round, in milliseconds. Default: 20. */
  readonly every?: number;
}

/** Pushes in rounds, as an application under load does: after a failed push it continues. */
export class Rounds {
  /** The number of rounds so far. */
  rounds = 0;
  /** The number of failed pushes, by the code of the error. */
  readonly failures: Record<string, number> = {};
  private stopped = false;
  private readonly done: Promise<void>;

  private constructor(
    private readonly push: (round: number) => Promise<unknown>,
    options: RoundsOptions,
  ) {
    this.done = this.run(options);
    // `ended()` and `stop()` report this error.
    this.done.catch(() => undefined);
  }

  static start(push: (round: number) => Promise<unknown>, options: RoundsOptions = {}): Rounds {
    return new Rounds(push, options);
  }

  get failed(): number {
    return Object.values(this.failures).reduce((sum, count) => sum + count, 0);
  }

  /** Resolves when the last round has ended. */
  async ended(): Promise<void> {
    await this.done;
  }

  /**
   * Stops after the current round.
   *
   * @throws the first error that is no `QueueError`
   */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.done;
  }

  private async run({ rounds = Infinity, every = 20 }: RoundsOptions): Promise<void> {
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
