import type { EventFollowing, LoggedEvent, QueueEventLog } from '../drivers/queue-event-log.interface.js';
import type { CodecChain } from '../job/codec-chain.js';
import type { Carried } from '../job/job-context-carrier.interface.js';
import type { Clock } from '../support/clock.js';
import type { QueueLogger } from '../support/queue-logger.js';
import { decodeEvent, encodeEvent } from './event-codec.js';
import { EventPublisher } from './event-publisher.js';
import type { QueueEventMap, QueueEventType } from './queue-event.interface.js';

/** Takes an event of any process. */
export type Deliver = (
  type: QueueEventType,
  event: QueueEventMap[QueueEventType],
  carried: Carried | undefined,
) => void;

export interface EverywhereParts {
  readonly log: QueueEventLog;
  readonly keep: number;
  readonly clock: Clock;
  readonly logger: QueueLogger;
  readonly isKnown: (type: unknown) => boolean;
  readonly deliver: Deliver;
  /** Encodes results; missing without codecs. */
  readonly chain?: CodecChain;
}

/**
 * The events of all processes: those of this process go to the log, and all listeners hear from there, so that each event has a cursor
 * and all processes hear the same order. A process without listeners does not read.
 */
export class EverywhereEvents {
  private readonly publisher: EventPublisher;
  private following: EventFollowing | undefined;

  constructor(private readonly parts: EverywhereParts) {
    const { log, keep, clock, logger } = parts;
    this.publisher = new EventPublisher(log, keep, clock, logger);
  }

  publish(type: QueueEventType, event: object, carried: Carried | undefined): void {
    this.publisher.add(encodeEvent(type, event, carried, this.parts.chain));
  }

  /** See {@link EventPublisher.sent}. */
  async sent(): Promise<void> {
    await this.publisher.sent();
  }

  /** Reads the log for the listeners of this process, or not. */
  listen(hasListeners: boolean): void {
    if (!hasListeners) {
      this.following?.close();
      this.following = undefined;
    } else {
      this.following ??= this.follow(undefined, this.parts.deliver);
    }
  }

  /** Resolves when the listeners miss no event any more that comes from now on. */
  async ready(): Promise<void> {
    await this.following?.ready;
  }

  /** @param after a cursor: only later events come. Default: the last event of all */
  follow(after: string | undefined, deliver: Deliver): EventFollowing {
    return this.parts.log.follow(after, (events) => {
      for (const logged of events) this.tell(logged, deliver);
    });
  }

  async close(): Promise<void> {
    await this.publisher.close();
    this.listen(false);
  }

  private tell({ cursor, text }: LoggedEvent, deliver: Deliver): void {
    const decoded = decodeEvent(text, this.parts.isKnown, this.parts.chain);
    if (decoded) deliver(decoded.type, { ...decoded.event, cursor }, decoded.carried);
  }
}
