import { InvalidOptionError } from '../../queue.errors.js';
import type { EventFollowing, LoggedEvent, QueueEventLog } from '../queue-event-log.interface.js';

type Listener = (events: readonly LoggedEvent[]) => void;

/** Keeps the last events of this process. Cursors are numbers. */
export class ArrayEventLog implements QueueEventLog {
  private kept: LoggedEvent[] = [];
  private last = 0;
  private readonly followers = new Set<Listener>();

  constructor(private readonly assertOpen: () => void) {}

  async append(texts: readonly string[], keep: number): Promise<void> {
    this.assertOpen();
    const events = texts.map((text) => ({ cursor: String(++this.last), text }));
    this.kept = [...this.kept, ...events].slice(-keep);
    for (const listener of this.followers) listener(events);
  }

  follow(after: string | undefined, listener: Listener): EventFollowing {
    this.assertOpen();
    if (after !== undefined && !/^\d+$/.test(after)) {
      throw new InvalidOptionError('cursor', 'the cursor of an event', after);
    }
    const ready = this.begin(after, listener);
    this.followers.add(listener);
    return { ready, close: () => void this.followers.delete(listener) };
  }

  /** Passes the kept events to the listener in a later turn: the caller does not expect events before `follow` has returned. */
  private async begin(after: string | undefined, listener: Listener): Promise<void> {
    const missed = after === undefined ? [] : this.kept.filter(({ cursor }) => Number(cursor) > Number(after));
    if (missed.length === 0) return;
    await Promise.resolve();
    if (this.followers.has(listener)) listener(missed);
  }

  close(): void {
    this.followers.clear();
  }
}
