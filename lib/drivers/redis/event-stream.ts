import { InvalidOptionError } from '../../queue.errors.js';
import type { Timer } from '../../support/clock.js';
import { onDeadline } from '../../support/deadline.js';
import type { LoggedEvent } from '../queue-event-log.interface.js';
import type { RedisClient } from './redis-clients.js';
import type { RedisToolkit } from './redis-toolkit.js';

/** The length of one blocking wait, in milliseconds. */
const BLOCK = 5_000;
/** The delay of its answer after which the connection counts as dead, in milliseconds. */
const TOLERANCE = 1_000;
/** The pause after a wait that failed, in milliseconds. */
const RETRY_PAUSE = 500;
/** The most entries of one reply. */
const MOST = 50;
/** The largest second part of an id. */
const LAST_SEQUENCE = '18446744073709551615';

/** The place of an event. */
export interface EventPlace {
  /** The id of its entry. */
  readonly id: string;
  /** Its index in the entry. */
  readonly index: number;
}

type Entry = readonly [id: string, fields: readonly string[]];

/** Reads the stream of events on a connection of its own, from an event on. */
export class EventStream {
  readonly ready: Promise<void>;
  private last: string;
  private isClosed = false;
  private watchdog: Timer | undefined;
  private pause: Timer | undefined;
  private markReady!: () => void;
  private readonly key: string;

  /** @param after the last event that is known. Default: the last one of all */
  constructor(
    private readonly client: RedisClient,
    private readonly toolkit: RedisToolkit,
    private readonly after: EventPlace | undefined,
    private readonly listener: (events: readonly LoggedEvent[]) => void,
  ) {
    this.key = toolkit.keys.ofEvents.events;
    this.last = after ? idBefore(after.id) : '';
    this.ready = new Promise((resolve) => (this.markReady = resolve));
    // The wait fails, and begins anew.
    client.on('error', ignore);
    if (after) this.markReady();
    void this.run();
  }

  close(): void {
    this.isClosed = true;
    this.markReady();
    this.watchdog?.cancel();
    this.pause?.cancel();
    this.client.disconnect();
  }

  private async run(): Promise<void> {
    while (!this.isClosed) {
      try {
        if (this.last === '') await this.findLast();
        else await this.read();
      } catch {
        if (this.isClosed) return;
        await new Promise<void>((resolve) => (this.pause = this.toolkit.clock.after(RETRY_PAUSE, resolve)));
      }
    }
  }

  /** Finds the end of the stream. Reading goes on from there, so that no entry is missed that is appended meanwhile. */
  private async findLast(): Promise<void> {
    const entries = (await this.watch(this.client.xrevrange(this.key, '+', '-', 'COUNT', 1))) as readonly Entry[];
    this.last = entries[0]?.[0] ?? '0-0';
    this.markReady();
  }

  private async read(): Promise<void> {
    const reply: unknown = await this.watch(
      this.client.xread('COUNT', MOST, 'BLOCK', BLOCK, 'STREAMS', this.key, this.last),
    );
    const entries = entriesOf(reply);
    const events = entries.flatMap((entry) => this.eventsOf(entry));
    this.last = entries.at(-1)?.[0] ?? this.last;
    if (events.length > 0 && !this.isClosed) this.listener(events);
  }

  private eventsOf([id, fields]: Entry): LoggedEvent[] {
    const { after } = this;
    const texts = fields[fields.indexOf('e') + 1]?.split('\n') ?? [];
    const events = texts.map((text, index) => ({ cursor: `${id}:${index}`, text }));
    return id === after?.id ? events.slice(after.index + 1) : events;
  }

  /** Renews a connection that gives no answer: a wait would go on for ever. */
  private async watch<T>(reply: Promise<T>): Promise<T> {
    this.watchdog = onDeadline(this.toolkit.clock, BLOCK + TOLERANCE, () => {
      if (this.client.status === 'ready') this.client.disconnect(true);
    });
    try {
      return await reply;
    } finally {
      this.watchdog.cancel();
    }
  }
}

/** Reads the cursor of an event. @throws InvalidOptionError */
export function readCursor(cursor: string): EventPlace {
  const [, id, index] = /^(\d{1,15}-\d{1,20}):(\d{1,4})$/.exec(cursor) ?? [];
  if (id === undefined) throw new InvalidOptionError('cursor', 'the cursor of an event', cursor);
  return { id, index: Number(index) };
}

/** Returns an id that no entry has between it and this one. */
function idBefore(id: string): string {
  const [milliseconds, sequence] = id.split('-') as [string, string];
  if (sequence !== '0') return `${milliseconds}-${BigInt(sequence) - 1n}`;
  return milliseconds === '0' ? '0-0' : `${Number(milliseconds) - 1}-${LAST_SEQUENCE}`;
}

/** Reads the reply to `XREAD` for one stream: a list of pairs, or a map, as the protocol has it. */
function entriesOf(reply: unknown): readonly Entry[] {
  if (!Array.isArray(reply)) return [];
  const [first, second] = reply as readonly unknown[];
  return (Array.isArray(first) ? first[1] : second) as readonly Entry[];
}

function ignore(): void {
  // See the caller.
}
