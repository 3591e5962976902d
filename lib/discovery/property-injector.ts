import type { AttemptScope } from './attempt-scope.js';
import { propertyDependencies, type Dependency } from './class-dependencies.js';
import { findSources, takeAll } from './dependency-sources.js';
import type { InstanceSource } from './instance-source.js';
import type { ModuleScope } from './module-scope.js';

/** Injects into the properties of instances that Nest did not make. */
export class PropertyInjector {
  private constructor(
    private readonly dependencies: readonly Dependency[],
    private readonly sources: readonly InstanceSource[],
  ) {}

  /**
   * @param owner the job class that needs them, for messages
   * @throws InvalidJobError where something cannot be injected
   */
  static of(type: object, scope: ModuleScope, owner: string): PropertyInjector {
    const dependencies = propertyDependencies(type);
    return new PropertyInjector(dependencies, findSources(dependencies, scope, owner));
  }

  /** Whether every attempt gets the same. */
  get fixed(): boolean {
    return this.sources.every((source) => source.fixed);
  }

  /** Injects, without a promise where all is {@link fixed}. */
  inject<T extends object>(instance: T, attempt: AttemptScope): T | Promise<T> {
    if (this.sources.length === 0) return instance;
    const taken = takeAll(this.sources, attempt);
    return taken instanceof Promise
      ? taken.then((values) => this.assign(instance, values))
      : this.assign(instance, taken);
  }

  private assign<T extends object>(instance: T, values: readonly unknown[]): T {
    this.dependencies.forEach(({ key }, index) => {
      const value = values[index];
      if (value === undefined || value === null) return;
      (instance as Record<string | symbol, unknown>)[key as string | symbol] = value;
      // Out of sight of whoever copies, compares, validates or prints the job's data.
      if (Object.hasOwn(instance, key)) Object.defineProperty(instance, key, { enumerable: false });
    });
    return instance;
  }
}
