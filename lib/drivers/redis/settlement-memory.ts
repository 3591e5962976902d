import type { JobNote } from '../../job/attempt-desk.interface.js';
import type { Settlement } from '../queue-driver.interface.js';
import { firstPart, inSendingOrder } from './poll-limits.js';

/** The most settlements that are kept. */
const MOST = 1_000;
/** The most characters of results and notes that are kept. */
const MOST_TEXT = 4_000_000;

interface KeptPoll {
  readonly number: number;
  readonly settlements: readonly Settlement[];
  /** The length of its results and notes. */
  readonly length: number;
}

/**
 * Keeps the settlements of the last polls, for a server that forgets them: a replica that took over before it had
 * received all, or a server that was killed before it had written all. Without a replay the jobs would stay claimed by
 * a consumer that has already ended them, for as long as the consumer lives.
 */
export class SettlementMemory {
  private polls: KeptPoll[] = [];
  private count = 0;
  private length = 0;
  /** The settlements of polls up to this number are not kept any more. */
  private unknown = 0;
  private forgotten: Settlement[] = [];

  /** True if there are settlements to replay. */
  hasForgotten = false;

  /** Keeps the settlements of a poll that was answered. */
  keep(number: number, settlements: readonly Settlement[]): void {
    if (settlements.length === 0) return;
    let length = 0;
    for (const each of settlements) {
      if (each.kind === 'complete') length += each.result?.length ?? 0;
      if (each.note) length += lengthOf(each.note);
    }
    this.polls.push({ number, settlements, length });
    this.count += settlements.length;
    this.length += length;
    while (this.count > MOST || this.length > MOST_TEXT) {
      const oldest = this.polls.shift()!;
      this.count -= oldest.settlements.length;
      this.length -= oldest.length;
      this.unknown = Math.max(this.unknown, oldest.number);
    }
  }

  /**
   * Notes that the server has forgotten all polls after a number: their settlements have to be replayed.
   *
   * @returns true if all of them are kept
   */
  forget(number: number): boolean {
    if (number < this.unknown) return false;
    const lost = this.polls.filter((poll) => poll.number > number);
    this.polls = this.polls.filter((poll) => poll.number <= number);
    this.count = this.polls.reduce((sum, { settlements }) => sum + settlements.length, 0);
    this.length = this.polls.reduce((sum, { length }) => sum + length, 0);
    this.forgotten = inSendingOrder([...lost.flatMap(({ settlements }) => settlements), ...this.forgotten]);
    this.hasForgotten = this.forgotten.length > 0;
    return true;
  }

  /** Returns the next settlements to replay, as many as one poll may settle. */
  nextForgotten(): readonly Settlement[] {
    return firstPart(this.forgotten);
  }

  /** Notes that the {@link nextForgotten} settlements were replayed, with the poll of this number. */
  replayed(number: number): void {
    const part = this.nextForgotten();
    this.forgotten = this.forgotten.slice(part.length);
    this.hasForgotten = this.forgotten.length > 0;
    this.keep(number, part);
  }
}

function lengthOf({ progress = '', checkpoint = '', log }: JobNote): number {
  const lines = log ? log.lines.reduce((sum, line) => sum + line.length, 0) : 0;
  return progress.length + checkpoint.length + lines;
}
