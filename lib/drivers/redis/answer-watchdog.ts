import { QueueClosedError } from '../../queue.errors.js';
import { PatientClock, type MonotonicClock } from '../../support/clock.js';
import type { RedisClient } from './redis-clients.js';

/** The time after which a socket that owes an answer counts as dead, in milliseconds. */
export const SILENCE_LIMIT = 5_000;

/** An answer that the server owes. */
interface OwedAnswer {
  /** The time at which its caller is rejected, on the patient clock. */
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
  /** It stands still while this process does not listen: then no answer is late, and no silence is one of the server. */
  readonly time: PatientClock;
  private connectedAt: number;

  constructor(
    private readonly client: RedisClient,
    clock: MonotonicClock,
    private readonly events: WatchdogEvents,
  ) {
    this.isCluster = client.isCluster;
    this.time = new PatientClock(clock, () => this.onAlarm());
    this.connectedAt = this.time.now();
    client.on('connect', this.onConnected);
    client.on('ready', this.onConnected);
  }

  /**
   * Settles as the answer does, or rejects at the deadline. The server still owes the answer after that.
   *
   * @param key a key of the command: each part of a cluster has its own socket, and its own silences
   * @param deadline a time on the patient clock
   */
  watch<T>(answer: Promise<T>, key: string, deadline = Infinity): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const now = this.time.now();
      const part = this.partOf(key, now);
      const owed: OwedAnswer = { deadline, reject };
      part.owed.add(owed);
      const due = Math.min(deadline, now + SILENCE_LIMIT);
      if (due < this.time.alarmAt) this.time.wakeAt(due);
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
    this.time.wakeAt(this.time.now() + SILENCE_LIMIT);
  }

  /** The milliseconds since the last answer, or since the connecting; `undefined` if an answer is owed. */
  get idleFor(): number | undefined {
    let since = this.connectedAt;
    for (const { owed, lastProgress } of this.parts.values()) {
      if (owed.size > 0) return undefined;
      since = Math.max(since, lastProgress);
    }
    return this.time.now() - since;
  }

  /** Cancels the timer until the next answer is owed. */
  rest(): void {
    this.time.rest();
  }

  close(): void {
    this.time.close();
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
    part.lastProgress = this.time.now();
  }

  private onAlarm(): void {
    const now = this.time.now();
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
    this.time.wakeAt(next);
  }

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
    this.connectedAt = this.time.now();
  };
}
