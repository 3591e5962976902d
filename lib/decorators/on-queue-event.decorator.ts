import 'reflect-metadata';
import type { QueueEvent, QueueEventType } from '../events/queue-event.interface.js';
import type { AnyJobDefinition } from '../job/job-definition.js';
import { isJobDefinition } from '../job/job-definition.js';
import type { JobClass } from '../job/job.interface.js';
import { InvalidOptionError } from '../queue.errors.js';
import { isJobClass } from './job.metadata.js';

/** The metadata key of the events of a method: a registered symbol, so that two copies of this package share it. */
const ON_QUEUE_EVENT = Symbol.for('nestjs-job-queue:on-queue-event');

/** An event that a method listens to. */
export interface ListenedEvent {
  readonly type: QueueEventType;
  /** Only events of this job; of all jobs if it is missing. */
  readonly job?: JobClass | AnyJobDefinition;
}

/**
 * Makes a method of a provider a listener to events of this process; with the option `events.everywhere` of all processes. It may
 * stand on a method several times.
 *
 * ```ts
 * @OnQueueEvent('failed', SendEmailJob)
 * onFailed(event: QueueEvent<'failed'>): void { ... }
 * ```
 *
 * What the method throws, or its promise rejects with, is logged. Nobody waits for it.
 *
 * @param type the type of the events
 * @param job a job class or a definition: then only the events of its jobs
 * @throws InvalidOptionError if the job is neither
 */
export function OnQueueEvent<T extends QueueEventType>(
  type: T,
  ...only: [job?: JobClass | AnyJobDefinition]
): <Method extends (event: QueueEvent<T>) => unknown>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<Method>,
) => void {
  const [job] = only;
  if (only.length > 0 && !isJobDefinition(job) && !isJobClass(job)) {
    const expected = `a job class or a definition${job === undefined ? ' (a circular import?)' : ''}`;
    throw new InvalidOptionError(`@OnQueueEvent(${JSON.stringify(type)}, job)`, expected, job);
  }
  return (_target, _key, { value }) => {
    const others = listenedEventsOf(value);
    Reflect.defineMetadata(ON_QUEUE_EVENT, [...others, { type, job } satisfies ListenedEvent], value as object);
  };
}

/** Returns the events that a method listens to. */
export function listenedEventsOf(method: unknown): readonly ListenedEvent[] {
  if (typeof method !== 'function') return [];
  return (Reflect.getOwnMetadata(ON_QUEUE_EVENT, method) ?? []) as ListenedEvent[];
}
