import { AuthenticationError, QueueClosedError, QueueConnectionError, type QueueError } from '../../queue.errors.js';
import type { Clock, Timer } from '../../support/clock.js';
import type { RedisClient } from './redis-clients.js';
import { translateError } from './redis-errors.js';

/** A connection that owes an answer for so long is taken to be dead, in milliseconds. */
const SILENCE_LIMIT = 5_000;
/** The pause before a client that has given up is made to connect again, in milliseconds. */
const REVIVAL_PAUSE = 500;
/** The events of a lost connection; the second is that of a node of a cluster. */
const LOSSES = ['close', '-node'] as const;

/**
 * The connection for commands:
 *
 * 1. tells whether it is ready, and waits for that with a deadline;
 * 2. remembers the last trouble, for messages;
 * 3. gives up a socket that owes an answer for too long (a peer that is gone without a word), be it to a command or to
 *    the greeting: ioredis then reconnects and sends again what got no reply. A mere timeout on the command would leave
 *    the dead socket in place;
 * 4. refuses, when it is closed, what is still awaited: ioredis may leave that without an answer for ever.
 */
export class RedisConnection {
  private trouble: QueueError | undefined;
  /** What is owed an answer, by the part of a cluster that owes it. */
  private readonly inFlight = new Map<string, InFlight>();
  /** Who waits for it to be ready. There may be many, so that the client has no listener for each. */
  private readonly waiters = new Set<Waiter>();
  private revival: Timer | undefined;
  private connectedAt: number;
  private watchdog: Timer | undefined;
  private closed = false;
  private lossCount = 0;

  constructor(
    readonly client: RedisClient,
    readonly address: string,
    private readonly clock: Clock,
    private readonly shared: boolean,
  ) {
    this.connectedAt = clock.now();
    client.on('error', this.onError);
    client.on('connect', this.onConnect);
    client.on('ready', this.onReady);
    client.on('end', this.onEnd);
    for (const event of LOSSES) client.on(event, this.onLoss);
  }

  get isReady(): boolean {
    return this.client.status === 'ready';
  }

  /** How often a connection was lost: what had no answer then was sent, and is sent again. */
  get losses(): number {
    return this.lossCount;
  }

  get isClosed(): boolean {
    return this.closed;
  }

  /** The last error of the connection since it was last ready. */
  get lastTrouble(): QueueError | undefined {
    return this.trouble;
  }

  /**
   * Resolves when commands can be sent; at once on a ready connection.
   *
   * @param milliseconds how long to wait; `Infinity` for ever
   * @param impatient whether refused credentials end the wait: they seldom come right by themselves
   * @throws QueueConnectionError, AuthenticationError, QueueClosedError
   */
  async whenReady(milliseconds: number, impatient = false): Promise<void> {
    if (this.closed) throw new QueueClosedError();
    if (this.isReady) return;
    await new Promise<void>((resolve, reject) => {
      const waiter: Waiter = {
        impatient,
        settle: (error) => {
          timer?.cancel();
          this.waiters.delete(waiter);
          if (error) reject(error);
          else resolve();
        },
      };
      const timer =
        milliseconds === Infinity
          ? undefined
          : this.clock.after(milliseconds, () =>
              waiter.settle(this.unreachable(` within ${Number((milliseconds / 1000).toPrecision(2))} s`)),
            );
      this.waiters.add(waiter);
      this.watchdog ??= this.clock.after(SILENCE_LIMIT, this.onWatch);
      this.wake();
      this.onEnd();
    });
  }

  /**
   * Sends one command and watches for its answer.
   *
   * @param key a key of the command: each part of a cluster has a socket, and silences, of its own
   */
  async watch<T>(send: () => Promise<T>, key = ''): Promise<T> {
    if (this.closed) throw new QueueClosedError();
    const part = this.inFlightOf(key);
    this.watchdog ??= this.clock.after(SILENCE_LIMIT, this.onWatch);
    return new Promise<T>((resolve, reject) => {
      part.owed.add(reject);
      const settled = (): void => {
        part.owed.delete(reject);
        part.lastProgress = this.clock.now();
      };
      send().then(
        (value) => {
          settled();
          resolve(value);
        },
        (error: Error) => {
          settled();
          reject(error);
        },
      );
    });
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.watchdog?.cancel();
    this.revival?.cancel();
    this.client.off('connect', this.onConnect);
    this.client.off('ready', this.onReady);
    this.client.off('end', this.onEnd);
    for (const event of LOSSES) this.client.off(event, this.onLoss);
    for (const waiter of this.waiters) waiter.settle(new QueueClosedError());
    for (const { owed } of this.inFlight.values()) for (const reject of owed) reject(new QueueClosedError());
    if (this.shared) this.client.off('error', this.onError);
    else this.client.disconnect();
  }

  private inFlightOf(key: string): InFlight {
    const name = this.client.isCluster ? (/\{(.+?)\}/.exec(key)?.[1] ?? key) : '';
    let part = this.inFlight.get(name);
    if (!part) {
      part = { owed: new Set(), lastProgress: 0 };
      this.inFlight.set(name, part);
    }
    if (part.owed.size === 0) part.lastProgress = this.clock.now();
    return part;
  }

  /** Makes a client connect that has not begun to, or has given up; the application's own only where it has not begun. */
  private wake(): void {
    const { status } = this.client;
    if (status === 'wait' || (status === 'end' && !this.shared)) this.client.connect().catch(ignore);
  }

  private unreachable(what: string): QueueError {
    if (this.trouble instanceof AuthenticationError) return this.trouble;
    return new QueueConnectionError(`${this.address} cannot be reached${what}`, {
      cause: this.trouble?.cause ?? this.trouble,
    });
  }

  private readonly onError = (raw: unknown): void => {
    this.trouble = translateError(raw, { server: this.address }).error;
    if (!(this.trouble instanceof AuthenticationError)) return;
    for (const waiter of this.waiters) if (waiter.impatient) waiter.settle(this.trouble);
  };

  private readonly onConnect = (): void => {
    this.connectedAt = this.clock.now();
  };

  private readonly onReady = (): void => {
    this.trouble = undefined;
    this.connectedAt = this.clock.now();
    for (const waiter of this.waiters) waiter.settle();
  };

  private readonly onEnd = (): void => {
    if (this.client.status !== 'end' || this.waiters.size === 0) return;
    if (!this.shared) {
      this.revival ??= this.clock.after(REVIVAL_PAUSE, this.revive);
      return;
    }
    // The application has closed its own client, and may open it again.
    for (const waiter of this.waiters) waiter.settle(this.unreachable(': it was closed'));
  };

  private readonly revive = (): void => {
    this.revival = undefined;
    if (this.waiters.size > 0) this.wake();
  };

  private readonly onLoss = (): void => {
    this.lossCount++;
  };

  private readonly onWatch = (): void => {
    this.watchdog = undefined;
    if (this.closed) return;
    const silence = this.longestSilence();
    if (silence === undefined) return;
    if (silence >= SILENCE_LIMIT) {
      // The next one has all the time again.
      this.connectedAt = this.clock.now();
      this.onError(new Error(`no answer for ${SILENCE_LIMIT / 1000} s`));
      this.client.disconnect(true);
    }
    this.watchdog = this.clock.after(Math.max(SILENCE_LIMIT - silence, SILENCE_LIMIT / 5), this.onWatch);
  };

  /** For how long an answer has been owed without any other coming, in milliseconds; `undefined` where nobody awaits one. */
  private longestSilence(): number | undefined {
    const { status } = this.client;
    const now = this.clock.now();
    let longest = this.waiters.size > 0 ? 0 : undefined;
    if (status === 'connect' && longest === 0) longest = now - this.connectedAt;
    for (const [part, { owed, lastProgress }] of this.inFlight) {
      if (owed.size === 0) {
        this.inFlight.delete(part);
        continue;
      }
      // While there is no connection nothing is owed: it is sent when there is one.
      const since = status === 'ready' || status === 'connect' ? Math.max(lastProgress, this.connectedAt) : now;
      longest = Math.max(longest ?? 0, now - since);
    }
    return longest;
  }
}

function ignore(): void {
  // The client tells of it with an event, too.
}

interface Waiter {
  readonly impatient: boolean;
  settle(error?: QueueError): void;
}

/** What goes over one socket. */
interface InFlight {
  readonly owed: Set<(error: Error) => void>;
  lastProgress: number;
}
