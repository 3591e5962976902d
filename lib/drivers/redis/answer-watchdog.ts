import { QueueClosedError } from '../../queue.errors.js';
import type { Clock, Timer } from '../../support/clock.js';
import type { RedisClient } from './redis-clients.js';

/** The time after which a socket that owes an answer counts as dead, in milliseconds. */
export const SILENCE_LIMIT = 5_000;

/** An answer that the server owes. */
interface OwedAnswer {
  /** The time at which its caller is rejected, in milliseconds since the epoch. */
  deadline: number;
  readonly reject: (error: Error) => void;
}

/** The answers that one part of the storage owes: the server, or in a cluster the queues with one hash tag. */
interface InFlight {
  readonly owed: Set<OwedAnswer>;
  /** The time of the last answer, or of the first of these commands if no answer has come. */
  lastProgress: number;
}

export interface WatchdogEvents {
  /** True while a caller waits for the connection: then the server owes its greeting. */
  isGreetingAwaited(): boolean;
  /** Called when a socket counts as dead. */
  onSilence(): void;
}

/**
 * Watches the answers that the server owes:
 *
 * 1. rejects a caller when the deadline of its answer has passed;
 * 2. reports a silence: an answer, or the greeting, was owed for {@link SILENCE_LIMIT} and no other answer came. The
 *    server may have vanished without closing the socket, and a timeout of the command alone would leave the dead
 *    socket in use;
 * 3. rejects all callers when the connection is closed, because ioredis may leave them without an answer for ever.
 *
 * One timer serves all commands: a timer for each command would cost more than the rest of the watch.
 */
export class AnswerWatchdog {
  private readonly parts = new Map<string, InFlight>();
  private readonly isCluster: boolean;
  private connectedAt: number;
  private alarm: Timer | undefined;
  private alarmAt = Infinity;

  constructor(
    private readonly client: RedisClient,
    private readonly clock: Clock,
    private readonly events: WatchdogEvents,
  ) {
    this.isCluster = client.isCluster;
    this.connectedAt = clock.now();
    client.on('connect', this.onConnected);
    client.on('ready', this.onConnected);
  }

  /**
   * Settles as the answer does, or rejects at the deadline. The server still owes the answer after that.
   *
   * @param key a key of the command: each part of a cluster has its own socket, and its own silences
   * @param deadline milliseconds since the epoch
   */
  watch<T>(answer: Promise<T>, key: string, deadline = Infinity): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const now = this.clock.now();
      const part = this.partOf(key, now);
      const owed: OwedAnswer = { deadline, reject };
      part.owed.add(owed);
      const due = Math.min(deadline, now + SILENCE_LIMIT);
      if (due < this.alarmAt) this.setAlarm(due);
      answer.then(
        (value) => {
          this.settle(part, owed);
          resolve(value);
        },
        (error: Error) => {
          this.settle(part, owed);
          reject(error);
        },
      );
    });
  }

  /** Watches for the greeting of the server. */
  watchGreeting(): void {
    const due = this.clock.now() + SILENCE_LIMIT;
    if (due < this.alarmAt) this.setAlarm(due);
  }

  /** The time of the last answer, or of the connecting, in milliseconds since the epoch; `undefined` if an answer is owed. */
  get idleSince(): number | undefined {
    let since = this.connectedAt;
    for (const { owed, lastProgress } of this.parts.values()) {
      if (owed.size > 0) return undefined;
      since = Math.max(since, lastProgress);
    }
    return since;
  }

  /** Cancels the timer until the next answer is owed. */
  rest(): void {
    this.alarm?.cancel();
    this.alarmAt = Infinity;
  }

  close(): void {
    this.alarm?.cancel();
    this.client.off('connect', this.onConnected);
    this.client.off('ready', this.onConnected);
    for (const { owed } of this.parts.values()) for (const { reject } of owed) reject(new QueueClosedError());
  }

  private partOf(key: string, now: number): InFlight {
    const name = this.isCluster ? (/\{(.+?)\}/.exec(key)?.[1] ?? key) : '';
    let part = this.parts.get(name);
    if (!part) {
      part = { owed: new Set(), lastProgress: now };
      this.parts.set(name, part);
    }
    if (part.owed.size === 0) part.lastProgress = now;
    return part;
  }

  private settle(part: InFlight, owed: OwedAnswer): void {
    part.owed.delete(owed);
    part.lastProgress = this.clock.now();
  }

  private setAlarm(time: number): void {
    this.alarm?.cancel();
    this.alarmAt = time;
    this.alarm = this.clock.after(time - this.clock.now(), this.onAlarm);
  }

  private readonly onAlarm = (): void => {
    this.alarm = undefined;
    this.alarmAt = Infinity;
    const now = this.clock.now();
    let next = this.rejectLate(now);
    const silence = this.longestSilence(now);
    if (silence !== undefined) {
      if (silence >= SILENCE_LIMIT) {
        // The next connection gets the whole time again.
        this.connectedAt = now;
        this.events.onSilence();
      }
      next = Math.min(next, now + Math.max(SILENCE_LIMIT - silence, SILENCE_LIMIT / 5));
    }
    if (next < Infinity) this.setAlarm(next);
  };

  /** Rejects the callers whose deadline has passed. Returns the earliest deadline of the others. */
  private rejectLate(now: number): number {
    let earliest = Infinity;
    for (const { owed } of this.parts.values()) {
      for (const answer of owed) {
        if (answer.deadline <= now) {
          answer.deadline = Infinity;
          answer.reject(new Error('no answer in time'));
        } else if (answer.deadline < earliest) earliest = answer.deadline;
      }
    }
    return earliest;
  }

  /**
   * Returns the time for which an answer has been owed while no other answer came, in milliseconds; `undefined` if none
   * is owed.
   */
  private longestSilence(now: number): number | undefined {
    const { status } = this.client;
    let longest: number | undefined;
    if (this.events.isGreetingAwaited()) longest = status === 'connect' ? now - this.connectedAt : 0;
    for (const [name, { owed, lastProgress }] of this.parts) {
      if (owed.size === 0) {
        this.parts.delete(name);
        continue;
      }
      // Without a connection no answer is owed: ioredis sends the commands when there is one.
      const since = status === 'ready' || status === 'connect' ? Math.max(lastProgress, this.connectedAt) : now;
      longest = Math.max(longest ?? 0, now - since);
    }
    return longest;
  }

  private readonly onConnected = (): void => {
    this.connectedAt = this.clock.now();
  };
}
