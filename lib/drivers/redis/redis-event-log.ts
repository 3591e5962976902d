import type { EventFollowing, LoggedEvent, QueueEventLog } from '../queue-event-log.interface.js';
import { EventStream, readCursor } from './event-stream.js';
import type { RedisClient } from './redis-clients.js';
import type { RedisToolkit } from './redis-toolkit.js';
import { appendEventsScript } from './scripts/append-events.script.js';

/**
 * Keeps the last events in a stream: several events are one entry, since an entry costs the server as much as an event. The cursor of an
 * event is the id of its entry and its index in it.
 */
export class RedisEventLog implements QueueEventLog {
  private readonly streams = new Set<EventStream>();

  /** @param connect makes a connection for a blocking wait */
  constructor(
    private readonly toolkit: RedisToolkit,
    private readonly connect: () => RedisClient,
    private readonly assertOpen: () => void,
  ) {}

  async append(texts: readonly string[], keep: number): Promise<void> {
    this.assertOpen();
    if (texts.length === 0) return;
    const { commands, keys } = this.toolkit;
    const args = { text: texts.join('\n'), count: texts.length, keep };
    await commands.run(appendEventsScript, { keys: keys.ofEvents, args }, 'deadline');
  }

  follow(after: string | undefined, listener: (events: readonly LoggedEvent[]) => void): EventFollowing {
    this.assertOpen();
    const from = after === undefined ? undefined : readCursor(after);
    const stream: EventStream = new EventStream(this.connect(), this.toolkit, from, listener);
    this.streams.add(stream);
    return {
      ready: stream.ready,
      close: () => {
        this.streams.delete(stream);
        stream.close();
      },
    };
  }

  close(): void {
    for (const stream of this.streams) stream.close();
    this.streams.clear();
  }
}
