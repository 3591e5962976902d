import { setImmediate } from 'node:timers';
import { MAX_EVENTS, type QueueEventLog } from '../drivers/queue-event-log.interface.js';
import { QueueClosedError } from '../queue.errors.js';
import type { Clock, Timer } from '../support/clock.js';
import { waitAtMost } from '../support/deadline.js';
import { errorMessage, toError } from '../support/error-text.js';
import type { QueueLogger } from '../support/queue-logger.js';

/** The most characters of one call, roughly. */
const MOST_CHARACTERS = 256_000;
/** The pause after a call that failed, in milliseconds. */
const RETRY_PAUSE = 1_000;
/** How long the end of the application waits for the last events, in milliseconds. */
const CLOSE_DEADLINE = 2_000;

/** Waits until so many events have left this process. */
interface SentCaller {
  readonly count: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * Sends the events of this process to the log, together: one call is under way at a time, and those that come meanwhile go with the next
 * one. If the storage is away, it keeps as many events as the log does, and drops the oldest ones.
 */
export class EventPublisher {
  private waiting: string[] = [];
  private isPlanned = false;
  private sending: Promise<void> | undefined;
  private pause: Timer | undefined;
  private hasFailed = false;
  private isClosed = false;
  private addedCount = 0;
  /** How many of the added events have left this process. */
  private sentCount = 0;
  private callers: SentCaller[] = [];

  constructor(
    private readonly log: QueueEventLog,
    private readonly keep: number,
    private readonly clock: Clock,
    private readonly logger: QueueLogger,
  ) {}

  add(text: string): void {
    this.waiting.push(text);
    this.addedCount++;
    if (this.isPlanned || this.sending || this.pause) return;
    this.isPlanned = true;
    setImmediate(this.begin);
  }

  /** Resolves when the events that were added up to now are in the log. @throws Error if some were dropped meanwhile */
  async sent(): Promise<void> {
    const count = this.addedCount;
    if (this.sentCount >= count) return;
    await new Promise<void>((resolve, reject) => this.callers.push({ count, resolve, reject }));
  }

  /** Sends the waiting events. Resolves after {@link CLOSE_DEADLINE} at the latest. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.pause?.cancel();
    this.pause = undefined;
    this.begin();
    if (this.sending) await waitAtMost(this.sending, this.clock, CLOSE_DEADLINE);
  }

  private readonly begin = (): void => {
    this.isPlanned = false;
    if (this.waiting.length > 0) this.sending ??= this.send();
  };

  private async send(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.take();
      try {
        await this.log.append(batch, this.keep);
        this.hasFailed = false;
        this.noteSent(batch.length);
      } catch (error) {
        this.putBack(batch, toError(error));
        break;
      }
    }
    this.sending = undefined;
  }

  private take(): string[] {
    let characters = 0;
    let count = 0;
    while (count < Math.min(this.waiting.length, MAX_EVENTS) && characters < MOST_CHARACTERS) {
      characters += this.waiting[count++]!.length;
    }
    return this.waiting.splice(0, count);
  }

  private noteSent(count: number): void {
    this.sentCount += count;
    for (const { count: wanted, resolve } of this.callers) if (wanted <= this.sentCount) resolve();
    this.callers = this.callers.filter(({ count: wanted }) => wanted > this.sentCount);
  }

  private drop(count: number, error: Error): void {
    this.sentCount += count;
    for (const { reject } of this.callers.splice(0)) reject(error);
  }

  private putBack(batch: readonly string[], error: Error): void {
    if (error instanceof QueueClosedError) {
      this.drop(batch.length + this.waiting.length, error);
      this.waiting = [];
      return;
    }
    const all = [...batch, ...this.waiting];
    this.waiting = all.slice(-this.keep);
    if (all.length > this.waiting.length) this.drop(all.length - this.waiting.length, error);
    if (!this.hasFailed) {
      this.logger.warn(`Events cannot be told to other processes, and are kept for now: ${errorMessage(error)}`);
    }
    this.hasFailed = true;
    if (this.isClosed) return;
    this.pause = this.clock.after(RETRY_PAUSE, () => {
      this.pause = undefined;
      this.begin();
    });
  }
}
