import type { JobContext } from '../job/job-context.js';
import type { JobClass } from '../job/job.interface.js';
import { InvalidJobError, PayloadNotSerializableError } from '../queue.errors.js';
import type { AttemptScope } from './attempt-scope.js';
import { propertyDependencies, type Dependency } from './class-dependencies.js';
import type { EnhancerSet } from './enhancers/job-enhancers.js';
import { applyPipes } from './enhancers/run-enhanced.js';
import { Injection, injectProperties } from './injection.js';
import type { CallingForm, JobInstance } from './job-attempt.js';
import type { ModuleProviders } from './module-providers.js';
import { findPrivateField } from './private-fields.js';

/**
 * Runs jobs that carry their data: `handle(context)` of an instance that is built again from its data.
 *
 * The data is in the own enumerable properties, except those that are injected. Properties whose name is a symbol are not
 * stored. A class with `#private` fields is refused: an instance that is built again would not have them.
 */
export class InstanceForm implements CallingForm {
  private readonly properties: readonly Dependency[];
  private readonly injected: ReadonlySet<unknown>;
  private readonly methods: ReadonlySet<string>;
  private readonly injection: Injection;
  private readonly privateField: string | undefined;

  constructor(
    private readonly jobClass: JobClass<object>,
    private readonly allowed: boolean,
    providers: ModuleProviders,
  ) {
    this.properties = propertyDependencies(jobClass);
    this.injected = new Set(this.properties.map(({ key }) => key));
    this.methods = methodNames(jobClass.prototype as object);
    this.injection = new Injection(this.properties, providers, jobClass.name);
    this.privateField = allowed ? findPrivateField(jobClass) : undefined;
  }

  /** Finds the providers of the injected properties. @throws InvalidJobError if a provider is missing */
  check(): void {
    if (this.allowed) this.injection.check();
  }

  /**
   * Reads the data of an instance.
   *
   * @throws InvalidJobError if the class takes dependencies in its constructor
   * @throws PayloadNotSerializableError if the class has a private field
   */
  dehydrate(instance: object): Record<string, unknown> {
    this.assertAllowed();
    if (this.privateField !== undefined) {
      throw PayloadNotSerializableError.privateField(this.jobClass.name, this.privateField);
    }
    const source = instance as Record<string, unknown>;
    const data: Record<string, unknown> = {};
    for (const key of Object.keys(source)) {
      if (!this.injected.has(key)) copyProperty(source, key, data);
    }
    return data;
  }

  /** Builds the instance of an attempt. @throws InvalidJobError if it cannot be built, or a provider is missing */
  take(data: unknown, attempt: AttemptScope): JobInstance | Promise<JobInstance> {
    const instance = this.rebuild(data);
    const values = this.injection.take(attempt);
    return values instanceof Promise
      ? values.then((taken) => this.inject(instance, taken))
      : this.inject(instance, values);
  }

  handle(instance: JobInstance, _data: unknown, context: JobContext): unknown {
    return instance.handle(context);
  }

  failed(instance: JobInstance, error: Error, _data: unknown, context: JobContext): unknown {
    return instance.failed?.(error, context);
  }

  cancelled(instance: JobInstance, reason: string | undefined, _data: unknown, context: JobContext): unknown {
    return instance.cancelled?.(reason, context);
  }

  visibleData(instance: JobInstance): unknown {
    return instance;
  }

  /** Passes the instance through the pipes. They can refuse it, but not replace it: it is the instance that runs. */
  async pipeArguments(
    [instance, context]: readonly [unknown, JobContext],
    { method, pipes }: EnhancerSet,
  ): Promise<unknown[]> {
    await applyPipes(pipes, instance, { type: 'body', metatype: method.type });
    return [context];
  }

  private assertAllowed(): void {
    if (!this.allowed) throw InvalidJobError.takesItsData(this.jobClass.name);
  }

  /**
   * Builds an instance with this data, without running its constructor. Data never replaces a method or an injected
   * property: the record may have been written by another program.
   *
   * @throws InvalidJobError if the class does not allow this form, or if the data is no object
   */
  protected rebuild(
    data: unknown,
    prototype = this.jobClass.prototype as object,
    methods: ReadonlySet<string> = this.methods,
  ): JobInstance {
    this.assertAllowed();
    if (typeof data !== 'object' || data === null || Array.isArray(data)) {
      throw InvalidJobError.badData(this.jobClass.name, data);
    }
    const instance = Object.create(prototype) as JobInstance;
    for (const [key, value] of Object.entries(data)) {
      if (key === '__proto__' || methods.has(key) || this.injected.has(key)) continue;
      Object.defineProperty(instance, key, { value, enumerable: true, writable: true, configurable: true });
    }
    return instance;
  }

  private inject(instance: JobInstance, values: readonly unknown[]): JobInstance {
    injectProperties(instance, this.properties, values);
    return instance;
  }
}

/**
 * Copies a property. Two kinds cannot be stored, and are copied as they are, so that the serializer refuses them by name:
 * a getter that throws, and `__proto__`, which an assignment would make the prototype.
 */
function copyProperty(source: Record<string, unknown>, key: string, target: Record<string, unknown>): void {
  try {
    if (key !== '__proto__') {
      target[key] = source[key];
      return;
    }
  } catch {
    // The getter is copied below.
  }
  Object.defineProperty(target, key, Object.getOwnPropertyDescriptor(source, key)!);
}

/** Returns the names of all methods of a class, inherited ones included; `constructor` is among them. */
export function methodNames(prototype: object): Set<string> {
  const names = new Set<string>();
  for (let owner: object | null = prototype; owner; owner = Object.getPrototypeOf(owner) as object | null) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(owner))) {
      if (typeof value === 'function') names.add(name);
    }
  }
  return names;
}
