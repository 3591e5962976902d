import type { Settlement } from '../queue-driver.interface.js';

/** The most settlements that are kept. */
const MOST = 1_000;

/**
 * What a consumer told with its last polls, for a server that forgets that it was told: a replica that took over before it had
 * got all, or one that was killed and had not written all. The jobs would stay with the consumer, who has done with them, for
 * as long as it lives.
 */
export class SettlementMemory {
  private polls: { readonly number: number; readonly settlements: readonly Settlement[] }[] = [];
  private count = 0;
  /** Polls up to this one are not known any more. */
  private unknown = 0;

  /** Keeps what was told with a poll that was answered. */
  keep(number: number, settlements: readonly Settlement[]): void {
    if (settlements.length === 0) return;
    this.polls.push({ number, settlements });
    this.count += settlements.length;
    while (this.count > MOST) {
      const oldest = this.polls.shift()!;
      this.count -= oldest.settlements.length;
      this.unknown = oldest.number;
    }
  }

  /** All that was told after a poll; `undefined` where that is not known any more. */
  after(number: number): Settlement[] | undefined {
    if (number < this.unknown) return undefined;
    return this.polls.filter((poll) => poll.number > number).flatMap(({ settlements }) => settlements);
  }

  /** Forgets what was told after a poll. */
  drop(after: number): void {
    this.polls = this.polls.filter((poll) => poll.number <= after);
    this.count = this.polls.reduce((sum, { settlements }) => sum + settlements.length, 0);
  }
}
