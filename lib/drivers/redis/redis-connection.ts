import {
  AuthenticationError,
  QueueClosedError,
  QueueConnectionError,
  UnsupportedServerError,
  type QueueError,
} from '../../queue.errors.js';
import type { MonotonicClock, Timer } from '../../support/clock.js';
import { onDeadline } from '../../support/deadline.js';
import { AnswerWatchdog, SILENCE_LIMIT } from './answer-watchdog.js';
import { ConnectionLinks, type LinkListener } from './connection-links.js';
import { IdleRest } from './idle-rest.js';
import type { RedisClient } from './redis-clients.js';
import { HangUps, toGreetingRefusal } from './greeting.js';
import { translateError } from './redis-errors.js';

/** The pause before a client that has given up is made to connect again, in milliseconds. */
const REVIVAL_PAUSE = 500;

/**
 * The connection for commands:
 *
 * 1. knows if it is ready, and waits for that with a deadline;
 * 2. reports when it is lost and when it is back;
 * 3. remembers its last error, for messages;
 * 4. drops a socket on which the server is silent ({@link AnswerWatchdog}): ioredis then reconnects, and sends those
 *    commands again that got no answer;
 * 5. makes a client that has given up connect again;
 * 6. rests while no command uses it, if {@link restWhileIdle} has switched that on ({@link IdleRest}).
 */
export class RedisConnection {
  /** The answers that the server owes. */
  readonly answers: AnswerWatchdog;
  /**
   * Counts the losses, of nodes of a cluster as well. ioredis then sends the commands again that had no answer. Only
   * the connection writes it.
   */
  losses = 0;
  /** True after {@link close}. Only the connection writes it. */
  isClosed = false;
  private readonly links: ConnectionLinks;
  private readonly hangUps: HangUps;
  private readonly lostListeners = new Set<LinkListener>();
  private readonly backListeners = new Set<LinkListener>();
  private trouble: QueueError | undefined;
  /**
   * The callers that wait until it is ready. There may be so many that a listener on the client for each would be too
   * much.
   */
  private readonly waiters = new Set<Waiter>();
  private revival: Timer | undefined;
  private isResting = false;
  private readonly idleRest: IdleRest;

  /**
   * @param server the name of the server in messages
   * @param shared whether the client belongs to the application
   */
  constructor(
    readonly client: RedisClient,
    readonly server: string,
    readonly clock: MonotonicClock,
    private readonly shared: boolean,
  ) {
    client.on('error', this.onError).on('ready', this.onReady).on('end', this.onEnd);
    this.answers = new AnswerWatchdog(client, clock, {
      isGreetingAwaited: () => this.waiters.size > 0,
      onSilence: () => this.drop(),
    });
    this.idleRest = new IdleRest({ idleFor: () => this.answers.idleFor, rest: () => this.rest() }, clock);
    this.hangUps = new HangUps(client);
    this.links = new ConnectionLinks(
      client,
      server,
      (name) => this.reportLoss(name),
      (name) => this.reportReturn(name),
    );
  }

  get isReady(): boolean {
    return this.client.status === 'ready';
  }

  /** True if nothing connects the client again: the application has closed its own client. */
  get isEnded(): boolean {
    return this.client.status === 'end';
  }

  /** The last error of the connection since it was last ready. */
  get lastTrouble(): QueueError | undefined {
    return this.trouble;
  }

  /**
   * Calls a listener when the connection to the server, or to a node of a cluster, is lost.
   *
   * @returns a function that removes the listener
   */
  onLost(listener: LinkListener): () => void {
    this.lostListeners.add(listener);
    return () => void this.lostListeners.delete(listener);
  }

  /**
   * Calls a listener when a lost connection is ready again.
   *
   * @returns a function that removes the listener
   */
  onBack(listener: LinkListener): () => void {
    this.backListeners.add(listener);
    return () => void this.backListeners.delete(listener);
  }

  /**
   * Resolves when commands can be sent; at once on a ready connection.
   *
   * @param milliseconds the longest wait; `Infinity` for ever
   * @param failsOnRefusal true if refused credentials, or a server that cannot serve, end the wait: that seldom
   *   changes by itself
   * @throws QueueConnectionError, AuthenticationError, UnsupportedServerError, QueueClosedError
   */
  async whenReady(milliseconds: number, failsOnRefusal = false): Promise<void> {
    if (this.isClosed) throw new QueueClosedError();
    if (this.isReady) return;
    await new Promise<void>((resolve, reject) => {
      const waiter: Waiter = {
        failsOnRefusal,
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
          : onDeadline(this.clock, milliseconds, () =>
              waiter.settle(this.unreachable(` within ${Number((milliseconds / 1000).toPrecision(2))} s`)),
            );
      this.waiters.add(waiter);
      this.answers.watchGreeting();
      this.wake();
      this.onEnd();
    });
  }

  /** Says whether to close the connection while nobody uses it; a connection of the application itself stays open. */
  restWhileIdle(rests: boolean): void {
    if (this.shared || this.isClosed) return;
    if (rests) {
      this.idleRest.begin();
    } else {
      this.idleRest.end();
      if (this.isResting) this.whenReady(Infinity).catch(ignore);
    }
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.idleRest.end();
    this.revival?.cancel();
    this.client.off('ready', this.onReady).off('end', this.onEnd);
    this.links.close();
    this.hangUps.close();
    for (const waiter of this.waiters) waiter.settle(new QueueClosedError());
    this.answers.close();
    if (this.shared) this.client.off('error', this.onError);
    else this.client.disconnect();
  }

  /** Makes a client connect that has not begun to, or has given up; a shared client only if it has not begun. */
  private wake(): void {
    const { status } = this.client;
    if (status === 'wait' || (status === 'end' && !this.shared)) this.client.connect().catch(ignore);
  }

  private rest(): void {
    this.isResting = true;
    this.answers.rest();
    this.client.disconnect();
  }

  private drop(): void {
    this.onError(new Error(`no answer for ${SILENCE_LIMIT / 1000} s`));
    this.client.disconnect(true);
  }

  private unreachable(details: string): QueueError {
    const cause = this.trouble?.cause ?? this.trouble;
    if (this.trouble instanceof AuthenticationError) return new AuthenticationError(this.server, { cause });
    if (this.trouble instanceof UnsupportedServerError) return this.trouble;
    const hint = this.hangUps.hintFor(cause as Error | undefined);
    return new QueueConnectionError(`${this.server} cannot be reached${details}`, { cause }, hint);
  }

  private reportLoss(name: string): void {
    if (this.isResting) return;
    this.losses++;
    for (const listener of this.lostListeners) listener(name);
  }

  private reportReturn(name: string): void {
    for (const listener of this.backListeners) listener(name);
  }

  private readonly onError = (raw: unknown): void => {
    this.trouble = toGreetingRefusal(raw, this.server) ?? translateError(raw, { server: this.server }).error;
    if (!(this.trouble instanceof AuthenticationError || this.trouble instanceof UnsupportedServerError)) return;
    for (const waiter of this.waiters) if (waiter.failsOnRefusal) waiter.settle(this.trouble);
  };

  private readonly onReady = (): void => {
    this.trouble = undefined;
    this.isResting = false;
    this.idleRest.watch();
    for (const waiter of this.waiters) waiter.settle();
  };

  private readonly onEnd = (): void => {
    if (!this.isEnded || this.waiters.size === 0) return;
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
}

function ignore(): void {
  // The client reports the error with an event as well.
}

interface Waiter {
  readonly failsOnRefusal: boolean;
  settle(error?: QueueError): void;
}
