import { Inject, Injectable, Optional } from '@nestjs/common';
import { Carriers } from '../context/carriers.js';
import type { Carried } from '../job/job-context-carrier.interface.js';
import type { QueueDriver } from '../drivers/queue-driver.interface.js';
import { CodecChain } from '../job/codec-chain.js';
import type { ResolvedQueueOptions } from '../queue.options.js';
import { CLOCK, QUEUE_DRIVER, QUEUE_LOGGER, RESOLVED_QUEUE_OPTIONS } from '../queue.tokens.js';
import type { Clock } from '../support/clock.js';
import { Observable } from 'rxjs';
import { InvalidOptionError } from '../queue.errors.js';
import { callListener } from '../support/call-listener.js';
import { GuardedObservable } from '../support/guarded-observable.js';
import { ownContexts } from '../support/own-context.js';
import type { QueueLogger } from '../support/queue-logger.js';
import { EverywhereEvents, type Deliver } from './everywhere.js';
import type { QueueEvent, QueueEventMap, QueueEventType } from './queue-event.interface.js';
import { StorageEvents } from './storage-events.js';

/** If it returns a promise, its rejection is logged. */
type Listener<T extends QueueEventType> = (event: QueueEventMap[T]) => unknown;

/**
 * Passes the events of this process to listeners: inject it, or put `@OnQueueEvent()` on a method. It
 *
 * 1. records which types have listeners, so that no event is made without a listener;
 * 2. calls the listeners of a type in the order in which they came, each in an asynchronous context of its own, to which the carriers
 *    bring that of the job's push;
 * 3. logs an error that a listener throws: it must not fail the job, or another listener.
 */
@Injectable()
export class QueueEvents {
  /** The number of listeners of all types; with `events.everywhere` one more, since other processes may listen. */
  listenerCount = 0;
  /** True for each type that has a listener. Look here before an event is made: a property costs less than a call. */
  readonly observed: Readonly<Record<QueueEventType, boolean>>;
  private readonly listeners: { [T in QueueEventType]: readonly Listener<T>[] } = {
    pushed: [],
    duplicate: [],
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
    'queue-drained': [],
    'worker-started': [],
    'worker-stopped': [],
    'lease-lost': [],
    'batch-finished': [],
    'chain-finished': [],
    'workflow-finished': [],
  };

  private readonly inOwnContext = ownContexts();
  /** Missing if only the events of this process count. */
  private readonly everywhere: EverywhereEvents | undefined;
  private readonly carriers: Carriers | undefined;

  constructor(
    @Inject(QUEUE_LOGGER) private readonly logger: QueueLogger,
    @Optional() @Inject(RESOLVED_QUEUE_OPTIONS) options?: ResolvedQueueOptions,
    @Optional() @Inject(QUEUE_DRIVER) driver?: Pick<QueueDriver, 'events'> & Partial<Pick<QueueDriver, 'observe'>>,
    @Optional() @Inject(CLOCK) clock?: Clock,
  ) {
    this.carriers = Carriers.of(options?.carriers);
    const { everywhere = false, keep = 0 } = options?.events ?? {};
    // A test may have replaced the driver by a stub.
    if (options && everywhere && driver?.events && clock) {
      const isKnown = (type: unknown): boolean => Object.hasOwn(this.listeners, type as string);
      this.everywhere = new EverywhereEvents({
        log: driver.events,
        keep,
        clock,
        logger,
        isKnown,
        deliver: this.deliver,
        chain: options.codecs.length > 0 ? new CodecChain(options.codecs, options.maxPayloadSize) : undefined,
      });
      this.listenerCount = 1;
    }
    const observed = this.everywhere !== undefined;
    const types = Object.keys(this.listeners) as QueueEventType[];
    this.observed = Object.fromEntries(types.map((type) => [type, observed])) as Record<QueueEventType, boolean>;
    if (clock) driver?.observe?.(new StorageEvents(this, clock));
  }

  /** Emits all events. */
  get all$(): Observable<QueueEvent> {
    const types = Object.keys(this.listeners) as QueueEventType[];
    return this.observe('all$', (next) =>
      types.map((type) => this.add(type, (event) => next({ type, ...event } as QueueEvent))),
    );
  }

  /**
   * Emits the events of a type. An error that a subscriber throws is logged.
   *
   * @throws InvalidOptionError if there is no such type
   */
  on<T extends QueueEventType>(type: T): Observable<QueueEvent<T>>;
  /**
   * Adds a listener.
   *
   * @returns a function that removes it; a second call does nothing
   */
  on<T extends QueueEventType>(type: T, listener: Listener<T>): () => void;
  on<T extends QueueEventType>(type: T, listener?: Listener<T>): Observable<QueueEvent<T>> | (() => void) {
    if (!Object.hasOwn(this.listeners, type)) {
      throw new InvalidOptionError('on()', `one of ${Object.keys(this.listeners).join(', ')}`, type);
    }
    if (listener) return this.add(type, listener);
    return this.observe(`the event "${type}"`, (next) => [
      this.add(type, (event) => next({ type, ...event } as unknown as QueueEvent<T>)),
    ]);
  }

  private observe<E>(what: string, listen: (next: (event: E) => void) => (() => void)[]): Observable<E> {
    const inner = new Observable<E>((subscriber) => {
      const stops = listen((event) => subscriber.next(event));
      return () => {
        for (const stop of stops) stop();
      };
    });
    return new GuardedObservable(`A subscriber of ${what}`, this.logger, inner);
  }

  private add<T extends QueueEventType>(type: T, listener: Listener<T>): () => void {
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
    if (this.everywhere) this.everywhere.publish(type, event, carried);
    else this.deliver(type, event, carried);
  }

  /**
   * Emits the events of all processes, first the kept ones behind a cursor: a listener that stores the `cursor` of the last event that
   * it has handled goes on behind it after a restart. If that event is not kept any more, it begins with the oldest one that is.
   *
   * @throws InvalidOptionError without the option `events.everywhere`, or if it is no cursor
   */
  since(cursor: string): Observable<QueueEvent> {
    const { everywhere } = this;
    if (!everywhere) throw new InvalidOptionError('since()', 'the option "events.everywhere" of the module', cursor);
    return this.observe('since()', (next) => {
      const deliver: Deliver = (type, event, carried) =>
        this.call(type, () => next({ type, ...event } as QueueEvent), carried);
      const following = everywhere.follow(cursor, deliver);
      return [() => following.close()];
    });
  }

  /**
   * Resolves when the events up to now can be read by all processes; `undefined` without `events.everywhere`.
   *
   * @internal
   */
  sent(): Promise<void> | undefined {
    return this.everywhere?.sent();
  }

  /** Resolves when the listeners of this process miss no event any more that comes from now on. */
  async ready(): Promise<void> {
    await this.everywhere?.ready();
  }

  /**
   * Sends the last events to the other processes, when the application ends.
   *
   * @internal
   */
  async close(): Promise<void> {
    await this.everywhere?.close();
  }

  private readonly deliver = <T extends QueueEventType>(type: T, event: QueueEventMap[T], carried?: Carried): void => {
    for (const listener of this.listeners[type]) this.call(type, () => listener(event), carried);
  };

  private call(type: QueueEventType, hear: () => unknown, carried: Carried | undefined): void {
    const { carriers } = this;
    const enter = carriers && carried ? (): unknown => carriers.restore(carried, hear) : hear;
    callListener(`A listener of the event "${type}"`, this.logger, () => this.inOwnContext(enter));
  }

  private set<T extends QueueEventType>(type: T, listeners: readonly Listener<T>[]): void {
    this.listenerCount += listeners.length - this.listeners[type].length;
    (this.listeners as Record<T, readonly Listener<T>[]>)[type] = listeners;
    if (this.everywhere) this.everywhere.listen(this.listenerCount > 1);
    else (this.observed as Record<QueueEventType, boolean>)[type] = listeners.length > 0;
  }
}
