import type { JobClass } from '../job/job.interface.js';
import { InvalidJobError } from '../queue.errors.js';
import { propertyDependencies } from './class-dependencies.js';

/**
 * Takes jobs that carry their data apart, and puts them together again.
 *
 * The data is in the own enumerable properties, those that are injected left out. What a class keeps elsewhere
 * (`#private` fields, properties whose name is a symbol) is not stored.
 */
export class CarriedJob {
  private readonly injected: ReadonlySet<unknown>;
  private readonly methods: ReadonlySet<string>;

  constructor(private readonly jobClass: JobClass<object>) {
    this.injected = new Set(propertyDependencies(jobClass).map(({ key }) => key));
    this.methods = methodNames(jobClass.prototype as object);
  }

  /** The data of an instance. */
  dehydrate(instance: object): Record<string, unknown> {
    const source = instance as Record<string, unknown>;
    const data: Record<string, unknown> = {};
    for (const key of Object.keys(source)) {
      if (!this.injected.has(key)) copyProperty(source, key, data);
    }
    return data;
  }

  /**
   * An instance with this data. Its constructor is not run. Data cannot take the place of a method or of
   * what is injected, whoever wrote it.
   *
   * @throws InvalidJobError where the data is no object
   */
  rebuild(data: unknown): object {
    if (typeof data !== 'object' || data === null || Array.isArray(data)) {
      throw InvalidJobError.badData(this.jobClass.name, data);
    }
    const instance = Object.create(this.jobClass.prototype as object) as object;
    for (const [key, value] of Object.entries(data)) {
      if (key === '__proto__' || this.methods.has(key) || this.injected.has(key)) continue;
      Object.defineProperty(instance, key, { value, enumerable: true, writable: true, configurable: true });
    }
    return instance;
  }
}

/**
 * What cannot be stored goes on as it is, for the serializer to refuse it by name: a getter that throws, and `__proto__`,
 * which an assignment would make the prototype.
 */
function copyProperty(source: Record<string, unknown>, key: string, target: Record<string, unknown>): void {
  try {
    if (key !== '__proto__') {
      target[key] = source[key];
      return;
    }
  } catch {
    // See below.
  }
  Object.defineProperty(target, key, Object.getOwnPropertyDescriptor(source, key)!);
}

/** The names of all methods of a class, those it inherits included; `constructor` is one. */
function methodNames(prototype: object): Set<string> {
  const names = new Set<string>();
  for (let owner: object | null = prototype; owner; owner = Object.getPrototypeOf(owner) as object | null) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(owner))) {
      if (typeof value === 'function') names.add(name);
    }
  }
  return names;
}
