import type { NoteTaker } from '../drivers/job-notes.interface.js';
import { MAX_LOG_LINES, type JobNote, type LoggedLines } from '../job/attempt-desk.interface.js';
import { toError } from '../support/error-text.js';
import type { MonotonicClock, Timer } from '../support/clock.js';

/** The shortest time between two notes of a job, in milliseconds. */
export const NOTE_INTERVAL = 100;

const NOTHING: JobNote = Object.freeze({});

/**
 * Stores the values that one attempt tells:
 *
 * 1. sends the first value at once, and at most ten notes a second; what comes in between is sent together: the last values, and all
 *    lines of the log;
 * 2. has one note under way at a time, so that notes take effect in their order;
 * 3. hands the values that were not stored to the settlement of the attempt.
 */
export class AttemptNotes {
  /** The values that are not sent yet. */
  private waiting: JobNote = NOTHING;
  /** The note that is under way. */
  private sent: JobNote = NOTHING;
  private sending: Promise<void> | undefined;
  private number = 0;
  private lastSent = -Infinity;
  private timer: Timer | undefined;
  private isOver = false;
  /** Whether the storage has taken the last note. */
  private isTaken = true;
  /** The error of the last note. */
  private error: Error | undefined;

  /** @param onSend called with each note that is sent, and with what the settlement takes */
  constructor(
    private readonly taker: NoteTaker,
    private readonly id: string,
    private readonly fence: number,
    private readonly clock: MonotonicClock,
    private readonly onSend: (note: JobNote) => void,
  ) {}

  /**
   * Adds to what is told. An attempt that has ended tells nothing any more.
   *
   * @returns a promise that is never rejected. It resolves when the values are stored; at once if a note was sent just before,
   *   because then they are sent later
   */
  async add(note: JobNote): Promise<void> {
    if (this.isOver) return;
    this.waiting = join(this.waiting, note);
    if (this.sending) return;
    const pause = this.lastSent + NOTE_INTERVAL - this.clock.monotonic();
    if (pause > 0) this.sendIn(pause);
    else {
      this.timer?.cancel();
      await this.inTime(this.send());
    }
  }

  /** Adds lines of the log. They wait for others, so that a quick job sends them with its settlement alone. */
  addLines(log: LoggedLines): void {
    if (this.isOver) return;
    this.waiting = join(this.waiting, { log });
    if (!this.sending) this.sendIn(NOTE_INTERVAL);
  }

  /**
   * Stores everything that was told so far, without a pause.
   *
   * @returns false if the storage refuses it: another worker may have the job
   * @throws QueueClosedError
   */
  async flush(): Promise<boolean> {
    while (this.sending) await this.sending;
    if (this.isOver || this.waiting === NOTHING) return this.isTaken;
    this.timer?.cancel();
    await this.send();
    if (this.error !== undefined) throw this.error;
    return this.isTaken;
  }

  /** Ends the notes. @returns what may not be stored; `undefined` if there is nothing */
  close(): JobNote | undefined {
    this.isOver = true;
    this.timer?.cancel();
    const isTold = this.waiting !== NOTHING;
    if (isTold) this.onSend(this.waiting);
    if (this.sending) return join(this.sent, this.waiting);
    return isTold ? this.waiting : undefined;
  }

  private send(): Promise<void> {
    this.timer = undefined;
    this.lastSent = this.clock.monotonic();
    this.sent = this.waiting;
    this.waiting = NOTHING;
    this.onSend(this.sent);
    return (this.sending = this.store(this.sent));
  }

  private async store(note: JobNote): Promise<void> {
    try {
      this.error = undefined;
      this.isTaken = await this.taker.note(this.id, this.fence, ++this.number, note);
    } catch (error) {
      this.error = toError(error);
      // The settlement, or a later note, makes up for it.
      this.waiting = join(note, this.waiting);
    }
    this.sending = undefined;
    if (this.isOver || this.waiting === NOTHING) return;
    this.sendIn(this.lastSent + NOTE_INTERVAL - this.clock.monotonic());
  }

  /** Does nothing if a note waits for its time already. */
  private sendIn(milliseconds: number): void {
    this.timer ??= this.clock.after(milliseconds, () => void this.send());
  }

  /** A job does not wait for a storage that is away. */
  private inTime(sending: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.clock.after(NOTE_INTERVAL, resolve);
      void sending.finally(() => {
        timer.cancel();
        resolve();
      });
    });
  }
}

/** Joins two notes, the later one last: its values count, and its lines stand behind those of the other one. */
function join(earlier: JobNote, later: JobNote): JobNote {
  const log = earlier.log && later.log ? joinLines(earlier.log, later.log) : undefined;
  return log ? { ...earlier, ...later, log } : { ...earlier, ...later };
}

/** Only as many lines wait as are kept of a job, however many it logs. */
function joinLines(earlier: LoggedLines, later: LoggedLines): LoggedLines {
  const all = [...earlier.lines, ...later.lines];
  const lines = all.slice(-MAX_LOG_LINES);
  return { before: earlier.before + all.length - lines.length, lines };
}
