import { ModuleRef, type DiscoveryService } from '@nestjs/core';
import type { AttemptScope } from './attempt-scope.js';

/** A provider (or a guard, a pipe ...) as the container of Nest holds it. Nest does not export the type from its root. */
export type NestProvider = ReturnType<DiscoveryService['getProviders']>[number];

/** A module as the container of Nest holds it. */
export type NestModule = NonNullable<NestProvider['host']>;

/** Gives attempts their instances of a class: the same instance to all, or a new instance to each. */
export interface InstanceSource<T = unknown> {
  /** True if every attempt gets the same instance, without a promise. */
  readonly fixed: boolean;
  get(attempt: AttemptScope): T | Promise<T>;
  /** Finds the providers that the instance needs. @throws InvalidJobError if a provider is missing */
  check?(): void;
}

/** Gives the same instance to all attempts. */
export class FixedSource<T> implements InstanceSource<T> {
  readonly fixed = true;

  constructor(private readonly instance: T) {}

  get(): T {
    return this.instance;
  }
}

/** Lets Nest make an instance for each attempt, of a provider that is transient or depends on the request. */
class ScopedProviderSource implements InstanceSource {
  readonly fixed = false;

  constructor(private readonly provider: NestProvider) {}

  get(attempt: AttemptScope): Promise<unknown> {
    // The module of the provider, since the token may stand for another provider in another module.
    const moduleRef = this.provider.host!.getProviderByKey<ModuleRef>(ModuleRef).instance;
    const contextId = attempt.contextId(moduleRef);
    return moduleRef.resolve<unknown, unknown>(this.provider.token as never, contextId, { strict: true });
  }
}

/** Returns true if Nest made a single instance of a provider when the application started. */
export function isStatic(provider: NestProvider): boolean {
  return provider.isDependencyTreeStatic() && !provider.isTransient;
}

export function sourceOf(provider: NestProvider): InstanceSource {
  return isStatic(provider) ? new FixedSource<unknown>(provider.instance) : new ScopedProviderSource(provider);
}

/** Takes an instance from each source; without a promise if all of them are fixed. */
export function takeAll<T>(sources: readonly InstanceSource<T>[], attempt: AttemptScope): T[] | Promise<T[]> {
  const taken = sources.map((source) => source.get(attempt));
  return sources.every((source) => source.fixed) ? (taken as T[]) : Promise.all(taken);
}
