import { setTimeout as pause } from 'node:timers/promises';
import { QueueError } from '../../../lib/index.js';

/** The pause between two pushes of a load, in milliseconds. */
const PAUSE_MS = 20;

/** Pushes again and again, as an application under load does: what is refused is written down, and it goes on. */
export class Rounds {
  /** How many times it has pushed. */
  rounds = 0;
  private stopped = false;
  private readonly done: Promise<void>;

  private constructor(
    private readonly push: (round: number) => Promise<unknown>,
    rounds: number,
  ) {
    this.done = this.run(rounds);
    this.done.catch(() => undefined);
  }

  /** @param push is called so many times, one after the other */
  static start(push: (round: number) => Promise<unknown>, rounds = Infinity): Rounds {
    return new Rounds(push, rounds);
  }

  /** Resolves when all of it was pushed. */
  async ended(): Promise<void> {
    await this.done;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.done;
  }

  private async run(rounds: number): Promise<void> {
    for (let round = 0; round < rounds && !this.stopped; round++) {
      try {
        await this.push(round);
      } catch (error) {
        if (!(error instanceof QueueError)) throw error;
      }
      this.rounds++;
      await pause(PAUSE_MS);
    }
  }
}
