import { Inject, Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { listenedEventsOf, type ListenedEvent } from '../decorators/on-queue-event.decorator.js';
import { readJobMetadata } from '../decorators/job.metadata.js';
import { AttemptScope } from '../discovery/attempt-scope.js';
import { isStatic, sourceOf, type NestProvider } from '../discovery/instance-source.js';
import { JobRegistry } from '../discovery/job.registry.js';
import type { JobEvent, QueueEvent } from '../events/queue-event.interface.js';
import { QueueEvents } from '../events/queue-events.js';
import { isJobDefinition } from '../job/job-definition.js';
import { InvalidOptionError } from '../queue.errors.js';

type Host = Readonly<Record<string, (event: unknown) => unknown>>;

/**
 * Finds the methods with `@OnQueueEvent()` when the application starts, and calls them. A method of a request-scoped provider is
 * called on an instance that is made for the event, with the event as its request.
 */
@Injectable()
export class EventListeners {
  private readonly scanner = new MetadataScanner();
  private readonly attached = new WeakSet<NestProvider>();

  constructor(
    private readonly discovery: DiscoveryService,
    @Inject(QueueEvents) private readonly events: unknown,
    @Inject(JobRegistry) private readonly registry: unknown,
  ) {}

  /** Attaches the listeners of all modules; each of them once. @throws InvalidOptionError for a type that does not exist */
  attach(): void {
    const { events } = this;
    // A test may have replaced it by a stub.
    if (!(events instanceof QueueEvents)) return;
    for (const provider of [...this.discovery.getProviders(), ...this.discovery.getControllers()]) {
      const prototype = prototypeOf(provider);
      if (!prototype || provider.isAlias || this.attached.has(provider)) continue;
      for (const method of this.scanner.getAllMethodNames(prototype)) {
        for (const listened of listenedEventsOf((prototype as Host)[method])) {
          this.attached.add(provider);
          this.listen(events, provider, method, listened);
        }
      }
    }
  }

  private listen(events: QueueEvents, provider: NestProvider, method: string, { type, job }: ListenedEvent): void {
    const where = `@OnQueueEvent() of ${String(provider.name)}.${method}()`;
    if (!(type in events.observed)) {
      throw new InvalidOptionError(where, `one of ${Object.keys(events.observed).join(', ')}`, type);
    }
    const name = job && this.nameOf(job);
    const source = sourceOf(provider);
    events.on(type, (inner) => {
      if (name !== undefined && !isOfJob(inner, name)) return;
      const event = { type, ...inner } as QueueEvent;
      const host = source.get(new AttemptScope(event)) as Host | Promise<Host>;
      // The promise is for the caller, which logs what it rejects with.
      return host instanceof Promise ? host.then((made) => made[method]!(event)) : host[method]!(event);
    });
  }

  /** Returns the name of a job, whose class need not be registered in this process. */
  private nameOf(job: NonNullable<ListenedEvent['job']>): string {
    if (isJobDefinition(job)) return job.name;
    const { registry } = this;
    if (registry instanceof JobRegistry && registry.has(job)) return registry.get(job).name;
    const given = readJobMetadata(job);
    return (typeof given === 'string' ? given : given?.name) ?? job.name;
  }
}

/** Flows have names, too, but no attempts. */
function isOfJob(event: object, name: string): boolean {
  return 'attempt' in event && (event as JobEvent).name === name;
}

function prototypeOf(provider: NestProvider): object | undefined {
  const { metatype } = provider;
  if (isStatic(provider)) {
    const made: unknown = provider.instance;
    return typeof made === 'object' && made !== null
      ? ((Object.getPrototypeOf(made) as object | null) ?? undefined)
      : undefined;
  }
  return typeof metatype === 'function' && !provider.isNotMetatype ? (metatype.prototype as object) : undefined;
}
