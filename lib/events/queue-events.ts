import { Inject, Injectable, Optional } from '@nestjs/common';
import { Carriers } from '../context/carriers.js';
import type { Carried } from '../job/job-context-carrier.interface.js';
import type { ResolvedQueueOptions } from '../queue.options.js';
import { QUEUE_LOGGER, RESOLVED_QUEUE_OPTIONS } from '../queue.tokens.js';
import { callListener } from '../support/call-listener.js';
import { ownContexts } from '../support/own-context.js';
import type { QueueLogger } from '../support/queue-logger.js';
import type { QueueEventMap, QueueEventType } from './queue-event.interface.js';

/** If it returns a promise, its rejection is logged. */
type Listener<T extends QueueEventType> = (event: QueueEventMap[T]) => unknown;

/**
 * Passes the events of this process to listeners:
 *
 * 1. records which types have listeners, so that no event is made without a listener;
 * 2. calls the listeners of a type in the order in which they came, each in an asynchronous context of its own, to which the carriers
 *    bring that of the job's push;
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

  private readonly carriers: Carriers | undefined;

  constructor(
    @Inject(QUEUE_LOGGER) private readonly logger: QueueLogger,
    @Optional() @Inject(RESOLVED_QUEUE_OPTIONS) options?: ResolvedQueueOptions,
  ) {
    this.carriers = Carriers.of(options?.carriers);
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

  /** @param carried the context of the push of the job */
  emit<T extends QueueEventType>(type: T, event: QueueEventMap[T], carried?: Carried): void {
    const { carriers } = this;
    for (const listener of this.listeners[type]) {
      const hear = (): unknown => listener(event);
      const enter = carriers && carried ? (): unknown => carriers.restore(carried, hear) : hear;
      const call = (): unknown => this.inOwnContext(enter);
      callListener(`A listener of the event "${type}"`, this.logger, call);
    }
  }

  private set<T extends QueueEventType>(type: T, listeners: readonly Listener<T>[]): void {
    this.listenerCount += listeners.length - this.listeners[type].length;
    (this.listeners as Record<T, readonly Listener<T>[]>)[type] = listeners;
    (this.observed as Record<QueueEventType, boolean>)[type] = listeners.length > 0;
  }
}
