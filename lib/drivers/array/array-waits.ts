import { QueueClosedError } from '../../queue.errors.js';
import type { JobEnd, JobWait, QueueWaits, WaitListener, WaitTerms } from '../queue-waits.interface.js';

interface Waiting {
  readonly listener: WaitListener;
}

/** Waits for the ends of jobs. */
export class ArrayWaits implements QueueWaits {
  private readonly waits = new Map<string, Set<Waiting>>();
  private isClosed = false;

  /** @param find returns how a job ended; `undefined` for a live job */
  constructor(private readonly find: (id: string) => JobEnd | undefined) {}

  async open(id: string, { pushedTo }: WaitTerms, listener: WaitListener): Promise<JobWait> {
    if (this.isClosed) throw new QueueClosedError();
    const known = pushedTo === undefined ? this.find(id) : undefined;
    if (known) {
      listener.ended(known);
      return { arrived() {}, close: async () => undefined };
    }
    const wait: Waiting = { listener };
    const others = this.waits.get(id) ?? new Set();
    this.waits.set(id, others.add(wait));
    return { arrived() {}, close: async () => this.leave(id, wait) };
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
    const all = [...this.waits.values()];
    this.waits.clear();
    for (const each of all) for (const { listener } of each) listener.failed(new QueueClosedError());
  }

  private leave(id: string, wait: Waiting): undefined {
    const all = this.waits.get(id);
    all?.delete(wait);
    if (all?.size === 0) this.waits.delete(id);
  }
}
