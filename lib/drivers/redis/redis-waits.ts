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

interface Waiting {
  readonly id: string;
  readonly queue: string;
  readonly token: string;
  /** On the monotonic clock. */
  readonly endsAt: number;
  readonly listener: WaitListener;
  /** True while the job is about to be pushed. */
  isExpected: boolean;
  /** True once the server has replied that it knows of the wait. */
  isRegistered: boolean;
}

/**
 * Waits for the ends of jobs, on one channel for all waits of this process:
 *
 * 1. registers each wait in the slot of its queue; the same script reads how the job ended, if it has;
 * 2. hears on its channel how a job ended;
 * 3. looks at all waits again when the channel was away: it may have missed a message;
 * 4. looks once more when a wait is closed.
 *
 * The channel is opened for the first wait, and stays open.
 */
export class RedisWaits implements QueueWaits {
  private readonly waits = new Map<string, Waiting>();
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

  async open(id: string, { timeout, pushedTo }: WaitTerms, listener: WaitListener): Promise<JobWait> {
    this.assertOpen();
    const endsAt = this.toolkit.clock.monotonic() + timeout;
    const queue = pushedTo ?? (await this.find(id))?.queue;
    this.assertOpen();
    if (!queue) {
      listener.ended({ state: 'gone' });
      return NO_WAIT;
    }
    this.stopListening ??= this.signals.listen(this.channel, this);
    const token = (++this.lastToken).toString(36);
    const isExpected = pushedTo !== undefined;
    const wait: Waiting = { id, queue, token, endsAt, listener, isExpected, isRegistered: false };
    this.waits.set(token, wait);
    const { begun } = this;
    try {
      await this.look(wait);
    } catch (error) {
      this.waits.delete(token);
      throw error;
    }
    wait.isRegistered = true;
    // The channel was opened meanwhile: a message may have been lost before.
    if (this.begun !== begun) this.lookAgain(wait);
    return { arrived: () => (wait.isExpected = false), close: () => this.leave(wait) };
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

  /** Registers a wait, and tells the end of its job if it has ended. */
  private async look(wait: Waiting): Promise<void> {
    const left = Math.max(Math.ceil(wait.endsAt - this.toolkit.clock.monotonic()), 1);
    const end = await this.run(wait, left + SPARE);
    if (end) this.end(wait, end);
  }

  private lookAgain(wait: Waiting): void {
    // If the server is away again, the next look is when it is back.
    this.look(wait).catch(ignore);
  }

  /** Ends a wait that was not told. If the server is away, it forgets the wait by itself. */
  private async leave(wait: Waiting): Promise<JobEnd | undefined> {
    if (!this.waits.delete(wait.token) || !this.toolkit.connection.isReady) return undefined;
    return this.run(wait, 0);
  }

  private async run(wait: Waiting, milliseconds: number): Promise<JobEnd | undefined> {
    const { id, queue, token, isExpected } = wait;
    const { commands, keys } = this.toolkit;
    const own = keys.of(queue);
    const reply = await commands.run(
      waitScript,
      {
        keys: { ...own, waits: own.waitsPrefix + id, answer: own.answerPrefix + id, status: own.statusPrefix + id },
        args: {
          id,
          waiter: `${this.channel} ${token}`,
          milliseconds,
          isExpected: isExpected ? 1 : 0,
        },
      },
      'deadline',
      queue,
    );
    return readEnd(reply as string[]);
  }

  private end(wait: Waiting, end: JobEnd): void {
    if (this.waits.delete(wait.token)) wait.listener.ended(end);
  }

  private failAll(error: Error): void {
    const all = [...this.waits.values()];
    this.waits.clear();
    for (const { listener } of all) listener.failed(error);
  }

  private assertOpen(): void {
    if (this.isClosed) throw new QueueClosedError();
  }
}

const NO_WAIT: JobWait = { arrived() {}, close: async () => undefined };

function ignore(): void {
  // See the caller.
}
