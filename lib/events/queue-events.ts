import { Inject, Injectable } from '@nestjs/common';
import { QUEUE_LOGGER } from '../queue.tokens.js';
import { callListener } from '../support/call-listener.js';
import { ownContexts } from '../support/own-context.js';
import type { QueueLogger } from '../support/queue-logger.js';
import type { QueueEventMap, QueueEventType } from './queue-event.interface.js';

type Listener<T extends QueueEventType> = (event: QueueEventMap[T]) => void;

/**
 * Passes the events of this process to listeners:
 *
 * 1. records which types have listeners, so that no event is made without a listener;
 * 2. calls the listeners of a type in the order in which they came, each in an asynchronous context of its own;
 * 3. logs an error that a listener throws: it must not fail the job, or another listener.
 */
@Injectable()
export class QueueEvents {
  /** The number of listeners of all types. */
  listenerCount = 0;
  /** True for each type that has a listener. Look here before an event is made: a property costs less than a call. */
  readonly observed: Readonly<Record<QueueEventType, boolean>>;
  private readonly listeners: { [T in QueueEventType]: readonly Listener<T>[] } = {
    pushed: [],
    started: [],
    progress: [],
    completed: [],
    retrying: [],
    failed: [],
    cancelled: [],
    expired: [],
    released: [],
    requeued: [],
    recovered: [],
    'queue-paused': [],
    'queue-resumed': [],
    'worker-started': [],
    'worker-stopped': [],
    'lease-lost': [],
  };

  private readonly inOwnContext = ownContexts();

  constructor(@Inject(QUEUE_LOGGER) private readonly logger: QueueLogger) {
    const types = Object.keys(this.listeners) as QueueEventType[];
    this.observed = Object.fromEntries(types.map((type) => [type, false])) as Record<QueueEventType, boolean>;
  }

  /**
   * Adds a listener.
   *
   * @returns a function that removes it; a second call does nothing
   */
  on<T extends QueueEventType>(type: T, listener: Listener<T>): () => void {
    // Wrap the listener at each call, because the same function may be added twice.
    const own: Listener<T> = (event) => listener(event);
    this.set(type, [...this.listeners[type], own]);
    return () =>
      this.set(
        type,
        this.listeners[type].filter((other) => other !== own),
      );
  }

  emit<T extends QueueEventType>(type: T, event: QueueEventMap[T]): void {
    for (const listener of this.listeners[type]) {
      const call = (): unknown => this.inOwnContext(() => listener(event));
      callListener(`A listener of the event "${type}"`, this.logger, call);
    }
  }

  private set<T extends QueueEventType>(type: T, listeners: readonly Listener<T>[]): void {
    this.listenerCount += listeners.length - this.listeners[type].length;
    (this.listeners as Record<T, readonly Listener<T>[]>)[type] = listeners;
    (this.observed as Record<QueueEventType, boolean>)[type] = listeners.length > 0;
  }
}
