import { QueueClosedError } from '../../queue.errors.js';
import type { JobEnd, JobWait, QueueWaits, WaitListener, WaitTerms } from '../queue-waits.interface.js';

interface Waiting {
  readonly listener: WaitListener;
}

interface Expected {
  readonly id: string;
  readonly wait: Waiting;
}

/** Waits for the ends of jobs. */
export class ArrayWaits implements QueueWaits {
  private readonly waits = new Map<string, Set<Waiting>>();
  /** The waits for jobs that are about to be pushed, by their tickets. */
  private readonly expected = new Map<string, Expected>();
  private lastTicket = 0;
  private isClosed = false;

  /** @param find returns how a job ended; `undefined` for a live job */
  constructor(private readonly find: (id: string) => JobEnd | undefined) {}

  async open(id: string, { pushedTo, isGiven }: WaitTerms, listener: WaitListener): Promise<JobWait> {
    if (this.isClosed) throw new QueueClosedError();
    if (pushedTo !== undefined && isGiven) return this.expect(id, listener);
    const known = pushedTo === undefined ? this.find(id) : undefined;
    if (known) {
      listener.ended(known);
      return { arrived() {}, close: async () => undefined };
    }
    const wait: Waiting = { listener };
    this.add(id, wait);
    return { arrived() {}, close: async () => this.leave(id, wait) };
  }

  /** Begins a wait, because its job is stored. */
  stored(ticket: string): void {
    const expected = this.expected.get(ticket);
    if (!expected || !this.expected.delete(ticket)) return;
    this.add(expected.id, expected.wait);
  }

  /** Tells the end of a job to those who wait for it. */
  ended(id: string, end: JobEnd): void {
    const all = this.waits.get(id);
    if (!all) return;
    this.waits.delete(id);
    for (const { listener } of all) listener.ended(end);
  }

  close(): void {
    this.isClosed = true;
    const expected = [...this.expected.values()].map(({ wait }) => new Set([wait]));
    const all = [...this.waits.values(), ...expected];
    this.waits.clear();
    this.expected.clear();
    for (const each of all) for (const { listener } of each) listener.failed(new QueueClosedError());
  }

  private expect(id: string, listener: WaitListener): JobWait {
    const ticket = String(++this.lastTicket);
    const wait: Waiting = { listener };
    this.expected.set(ticket, { id, wait });
    const close = async (): Promise<undefined> => {
      this.expected.delete(ticket);
      this.leave(id, wait);
    };
    return { ticket, arrived() {}, close };
  }

  private add(id: string, wait: Waiting): void {
    const others = this.waits.get(id) ?? new Set();
    this.waits.set(id, others.add(wait));
  }

  private leave(id: string, wait: Waiting): undefined {
    const all = this.waits.get(id);
    all?.delete(wait);
    if (all?.size === 0) this.waits.delete(id);
  }
}
