import { randomBytes } from 'node:crypto';
import { QueueClosedError } from '../../queue.errors.js';
import type { StoredStatus } from '../queue-driver.interface.js';
import type { JobEnd, JobWait, QueueWaits, WaitListener, WaitTerms } from '../queue-waits.interface.js';
import { translateError } from './redis-errors.js';
import type { RedisSignals } from './redis-signals.js';
import type { RedisToolkit } from './redis-toolkit.js';
import { waitScript } from './scripts/wait.script.js';
import { readAnswer, readEnd } from './wait-codec.js';

/** How much longer the server knows of a wait than its caller waits, in milliseconds: the last look comes at the end. */
const SPARE = 5_000;

/** One registration: that of all waits of this process for a job, or that of one wait for a job that is about to be pushed. */
interface Waiting {
  readonly id: string;
  readonly queue: string;
  readonly token: string;
  readonly listeners: Set<WaitListener>;
  /** When the last one of its waits is over, on the monotonic clock. */
  endsAt: number;
  /** The number of waits that are about to join. */
  joining: number;
  /** True while the job is about to be pushed. */
  isExpected: boolean;
  /** True once the server has replied that it knows of the wait. */
  isRegistered: boolean;
  /** The end that it was told. */
  end?: JobEnd;
}

/**
 * Waits for the ends of jobs, on one channel for all waits of this process:
 *
 * 1. registers one wait for each job in the slot of its queue, however many callers wait for it; the same script reads how the
 *    job ended, if it has. The wait for a job whose given id is about to be pushed is registered by that push;
 * 2. hears on its channel how a job ended;
 * 3. looks at all waits again when the channel was away: it may have missed a message;
 * 4. looks once more when a wait is closed.
 *
 * The channel is opened for the first wait, and stays open.
 */
export class RedisWaits implements QueueWaits {
  /** By token. */
  private readonly waits = new Map<string, Waiting>();
  /** The waits that further waits can join, by queue and id. */
  private readonly shared = new Map<string, Waiting>();
  private readonly channel: string;
  private lastToken = 0;
  /** How often the channel began to send messages. */
  private begun = 0;
  private stopListening: (() => void) | undefined;
  private isClosed = false;

  /** @param find finds the status of a job, which names its queue */
  constructor(
    private readonly toolkit: RedisToolkit,
    private readonly signals: RedisSignals,
    private readonly find: (id: string) => Promise<StoredStatus | null>,
  ) {
    this.channel = toolkit.keys.answersChannel(randomBytes(9).toString('base64url'));
  }

  async open(id: string, { timeout, pushedTo, isGiven }: WaitTerms, listener: WaitListener): Promise<JobWait> {
    this.assertOpen();
    const endsAt = this.toolkit.clock.monotonic() + timeout;
    const queue = pushedTo ?? (await this.find(id))?.queue;
    this.assertOpen();
    if (!queue) {
      listener.ended({ state: 'gone' });
      return NO_WAIT;
    }
    this.stopListening ??= this.signals.listen(this.channel, this);
    if (pushedTo !== undefined && isGiven) return this.expect(id, queue, endsAt, listener);
    for (;;) {
      const known = pushedTo === undefined ? this.shared.get(keyOf(queue, id)) : undefined;
      if (!known) return this.begin(id, queue, endsAt, listener, pushedTo);
      const joined = await this.join(known, endsAt, listener);
      if (joined) return joined;
    }
  }

  close(): void {
    this.isClosed = true;
    this.stopListening?.();
    this.failAll(new QueueClosedError());
  }

  message(text: string): void {
    const space = text.indexOf(' ');
    const wait = this.waits.get(text.slice(0, space));
    if (!wait) return;
    const end = readAnswer(text.slice(space + 1));
    // A long answer is not part of the message.
    if (end) this.end(wait, end);
    else this.lookAgain(wait);
  }

  began(): void {
    this.begun++;
    for (const wait of this.waits.values()) if (wait.isRegistered) this.lookAgain(wait);
  }

  refused(error: Error): void {
    this.stopListening?.();
    this.stopListening = undefined;
    this.failAll(translateError(error, { server: this.toolkit.connection.server }).error);
  }

  /** Registers the first wait for a job. */
  private async begin(
    id: string,
    queue: string,
    endsAt: number,
    listener: WaitListener,
    pushedTo: string | undefined,
  ): Promise<JobWait> {
    const wait = this.add(id, queue, endsAt, listener, pushedTo !== undefined);
    if (pushedTo === undefined) this.shared.set(keyOf(queue, id), wait);
    const { begun } = this;
    try {
      await this.look(wait);
    } catch (error) {
      wait.listeners.delete(listener);
      if (isUnused(wait)) this.forget(wait);
      throw error;
    }
    wait.isRegistered = true;
    // The channel was opened meanwhile: a message may have been lost before.
    if (this.begun !== begun) this.lookAgain(wait);
    return { arrived: () => (wait.isExpected = false), close: () => this.leave(wait, listener) };
  }

  /**
   * Joins the registration of another wait for the same job. It looks as well: the other one may have missed the end of an older
   * job with that id, which this wait must not get.
   *
   * @returns nothing if that registration is over
   */
  private async join(wait: Waiting, endsAt: number, listener: WaitListener): Promise<JobWait | undefined> {
    wait.joining++;
    wait.endsAt = Math.max(wait.endsAt, endsAt);
    const { begun } = this;
    let missed: JobEnd | undefined;
    try {
      missed = await this.run(wait, this.timeLeft(wait));
    } catch (error) {
      wait.joining--;
      if (isUnused(wait)) this.forget(wait);
      throw error;
    }
    wait.joining--;
    if (this.isClosed) throw new QueueClosedError();
    if (missed) {
      this.end(wait, missed);
      return undefined;
    }
    if (wait.end) {
      // The job has ended since the server replied.
      listener.ended(wait.end);
      return NO_WAIT;
    }
    if (this.waits.get(wait.token) !== wait) return undefined;
    wait.listeners.add(listener);
    wait.isRegistered = true;
    if (this.begun !== begun) this.lookAgain(wait);
    return { arrived() {}, close: () => this.leave(wait, listener) };
  }

  /** Makes a wait that the push of its job registers. */
  private expect(id: string, queue: string, endsAt: number, listener: WaitListener): JobWait {
    const wait = this.add(id, queue, endsAt, listener, true);
    const { begun } = this;
    const arrived = (): void => {
      wait.isExpected = false;
      wait.isRegistered = true;
      if (this.begun !== begun && this.waits.has(wait.token)) this.lookAgain(wait);
    };
    const ticket = `${this.timeLeft(wait)} ${this.waiterOf(wait)}`;
    return { ticket, arrived, close: () => this.leave(wait, listener) };
  }

  private add(id: string, queue: string, endsAt: number, listener: WaitListener, isExpected: boolean): Waiting {
    const token = (++this.lastToken).toString(36);
    const listeners = new Set([listener]);
    const wait: Waiting = { id, queue, token, listeners, endsAt, joining: 0, isExpected, isRegistered: false };
    this.waits.set(token, wait);
    return wait;
  }

  /** Registers a wait, and tells the end of its job if it has ended. */
  private async look(wait: Waiting): Promise<void> {
    const end = await this.run(wait, this.timeLeft(wait));
    if (end) this.end(wait, end);
  }

  private timeLeft({ endsAt }: Waiting): number {
    return Math.max(Math.ceil(endsAt - this.toolkit.clock.monotonic()), 1) + SPARE;
  }

  private lookAgain(wait: Waiting): void {
    // If the server is away again, the next look is when it is back.
    this.look(wait).catch(ignore);
  }

  /** Ends a wait that was not told. If the server is away, it forgets the wait by itself. */
  private async leave(wait: Waiting, listener: WaitListener): Promise<JobEnd | undefined> {
    if (!wait.listeners.delete(listener)) return undefined;
    const isLast = isUnused(wait);
    if (isLast) this.forget(wait);
    if (!this.toolkit.connection.isReady) return undefined;
    const end = await this.run(wait, isLast ? 0 : this.timeLeft(wait));
    if (end) this.end(wait, end);
    return end;
  }

  private async run(wait: Waiting, milliseconds: number): Promise<JobEnd | undefined> {
    const { id, queue, isExpected } = wait;
    const { commands, keys } = this.toolkit;
    const own = keys.of(queue);
    const reply = await commands.run(
      waitScript,
      {
        keys: { ...own, waits: own.waitsPrefix + id, answer: own.answerPrefix + id, status: own.statusPrefix + id },
        args: {
          id,
          waiter: this.waiterOf(wait),
          milliseconds,
          isExpected: isExpected ? 1 : 0,
        },
      },
      'deadline',
      queue,
    );
    return readEnd(reply as string[]);
  }

  private waiterOf({ token }: Waiting): string {
    return `${this.channel} ${token}`;
  }

  /** Tells the end of a job to all waits for it. */
  private end(wait: Waiting, end: JobEnd): void {
    wait.end ??= end;
    if (!this.forget(wait)) return;
    for (const listener of take(wait.listeners)) listener.ended(end);
  }

  /** @returns false if it was forgotten before */
  private forget(wait: Waiting): boolean {
    const key = keyOf(wait.queue, wait.id);
    if (this.shared.get(key) === wait) this.shared.delete(key);
    return this.waits.delete(wait.token);
  }

  private failAll(error: Error): void {
    const all = [...this.waits.values()];
    this.waits.clear();
    this.shared.clear();
    for (const { listeners } of all) for (const listener of take(listeners)) listener.failed(error);
  }

  private assertOpen(): void {
    if (this.isClosed) throw new QueueClosedError();
  }
}

const NO_WAIT: JobWait = { arrived() {}, close: async () => undefined };

function keyOf(queue: string, id: string): string {
  return `${queue} ${id}`;
}

function isUnused({ listeners, joining }: Waiting): boolean {
  return listeners.size === 0 && joining === 0;
}

/** Empties a set. */
function take<T>(set: Set<T>): T[] {
  const items = [...set];
  set.clear();
  return items;
}

function ignore(): void {
  // See the caller.
}
