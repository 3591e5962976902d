import { Scope } from '@nestjs/common';
import type { AttemptScope } from './attempt-scope.js';
import { constructorDependencies, scopeOf } from './class-dependencies.js';
import { findSources, takeAll } from './dependency-sources.js';
import type { InstanceSource } from './instance-source.js';
import type { ModuleScope } from './module-scope.js';
import { PropertyInjector } from './property-injector.js';

type Constructor<T> = new (...args: readonly unknown[]) => T;

/**
 * Makes instances of a class that is no provider, with what a module has to inject: one for all attempts where
 * nothing about it is bound to an attempt, and only once it is asked for; else one for each.
 */
export class ClassMaker<T extends object> implements InstanceSource<T> {
  readonly fixed: boolean;
  private made?: T;

  private constructor(
    private readonly type: Constructor<T>,
    private readonly parameters: readonly InstanceSource[],
    private readonly properties: PropertyInjector,
  ) {
    this.fixed =
      scopeOf(type) === Scope.DEFAULT && properties.fixed && parameters.every((parameter) => parameter.fixed);
  }

  /**
   * @param owner the job class that needs it, for messages
   * @throws InvalidJobError where something cannot be injected
   */
  static of<T extends object>(type: Constructor<T>, scope: ModuleScope, owner: string): ClassMaker<T> {
    const parameters = findSources(constructorDependencies(type), scope, owner);
    return new ClassMaker(type, parameters, PropertyInjector.of(type, scope, owner));
  }

  get(attempt: AttemptScope): T | Promise<T> {
    if (!this.fixed) return this.make(attempt);
    return (this.made ??= this.make(attempt) as T);
  }

  private make(attempt: AttemptScope): T | Promise<T> {
    const values = takeAll(this.parameters, attempt);
    return values instanceof Promise
      ? values.then((taken) => this.construct(taken, attempt))
      : this.construct(values, attempt);
  }

  private construct(values: readonly unknown[], attempt: AttemptScope): T | Promise<T> {
    return this.properties.inject(new this.type(...values), attempt);
  }
}
