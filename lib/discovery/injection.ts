import { Scope } from '@nestjs/common';
import { InvalidJobError } from '../queue.errors.js';
import type { AttemptScope } from './attempt-scope.js';
import {
  constructorDependencies,
  propertyDependencies,
  scopeOf,
  tokenName,
  type Dependency,
} from './class-dependencies.js';
import { FixedSource, takeAll, type InstanceSource } from './instance-source.js';
import type { ModuleProviders } from './module-providers.js';

/**
 * Takes the values of dependencies from the providers of a module.
 *
 * It looks for the providers when it first needs them, or in {@link check}: a process that only dispatches jobs may
 * lack them.
 */
export class Injection {
  private found?: readonly InstanceSource[];
  private fixedValues?: readonly unknown[];

  /** @param owner the job class that has the dependencies, for messages */
  constructor(
    private readonly dependencies: readonly Dependency[],
    private readonly providers: ModuleProviders,
    private readonly owner: string,
  ) {}

  /** True if every attempt gets the same values. */
  get fixed(): boolean {
    return this.sources.every((source) => source.fixed);
  }

  /** Finds all providers now. @throws InvalidJobError naming class, parameter or property, token and module */
  check(): void {
    void this.sources;
  }

  /** Takes the values, in the order of the dependencies; without a promise if they are {@link fixed}. */
  take(attempt: AttemptScope): readonly unknown[] | Promise<readonly unknown[]> {
    if (this.fixedValues) return this.fixedValues;
    const values = takeAll(this.sources, attempt);
    if (!(values instanceof Promise)) this.fixedValues = values;
    return values;
  }

  /** Takes the values without an attempt; `undefined` if they are not {@link fixed}. */
  takeFixed(): readonly unknown[] | undefined {
    const fixed = this.sources.filter((source): source is FixedSource<unknown> => source instanceof FixedSource);
    if (fixed.length === this.sources.length) this.fixedValues ??= fixed.map((source) => source.get());
    return this.fixedValues;
  }

  private get sources(): readonly InstanceSource[] {
    return (this.found ??= this.dependencies.map((dependency) => this.findSource(dependency)));
  }

  private findSource({ token: readToken, where, optional }: Dependency): InstanceSource {
    const token = readToken();
    const source = token === undefined ? undefined : this.providers.find(token);
    if (source) return source;
    if (optional) return new FixedSource(undefined);
    throw InvalidJobError.unresolved(this.owner, where, tokenName(token), this.providers.moduleName);
  }
}

/** Sets injected properties of an instance that Nest did not make. */
export function injectProperties(
  instance: object,
  properties: readonly Dependency[],
  values: readonly unknown[],
): void {
  properties.forEach(({ key }, index) => {
    const value = values[index];
    if (value === undefined || value === null) return;
    (instance as Record<string | symbol, unknown>)[key as string | symbol] = value;
    // Not enumerable: code that copies, compares, validates or prints the data of a job must not find services in it.
    if (Object.hasOwn(instance, key)) Object.defineProperty(instance, key, { enumerable: false });
  });
}

/**
 * Makes instances of a class that is no provider, with the providers of a module. It makes one instance for all
 * attempts, when the first attempt asks for it; or an instance for each attempt if the class or a dependency is
 * request-scoped or transient.
 */
export class ClassSource<T extends object> implements InstanceSource<T> {
  private readonly parameters: readonly Dependency[];
  private readonly properties: readonly Dependency[];
  private readonly injection: Injection;
  private readonly scoped: boolean;
  private made?: T;

  /** @param owner the job class that needs the instances, for messages */
  constructor(
    private readonly type: new (...args: readonly unknown[]) => T,
    providers: ModuleProviders,
    owner: string,
  ) {
    this.parameters = constructorDependencies(type);
    this.properties = propertyDependencies(type);
    this.injection = new Injection([...this.parameters, ...this.properties], providers, owner);
    this.scoped = scopeOf(type) !== Scope.DEFAULT;
  }

  get fixed(): boolean {
    return !this.scoped && this.injection.fixed;
  }

  check(): void {
    this.injection.check();
  }

  /** Makes the instance of all attempts now, if they share one. @throws InvalidJobError if a provider is missing */
  makeShared(): T | undefined {
    if (this.made || this.scoped) return this.made;
    const values = this.injection.takeFixed();
    return values && this.make(values);
  }

  get(attempt: AttemptScope): T | Promise<T> {
    if (this.made) return this.made;
    const values = this.injection.take(attempt);
    return values instanceof Promise ? values.then((taken) => this.make(taken)) : this.make(values);
  }

  private make(values: readonly unknown[]): T {
    const count = this.parameters.length;
    const instance = new this.type(...values.slice(0, count));
    injectProperties(instance, this.properties, values.slice(count));
    if (this.fixed) this.made = instance;
    return instance;
  }
}
