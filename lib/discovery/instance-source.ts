import { ModuleRef } from '@nestjs/core';
import { InvalidJobError } from '../queue.errors.js';
import type { AttemptScope } from './attempt-scope.js';
import type { NestProvider } from './nest-module.js';

/** Where an instance comes from: one for all attempts, or one made for each. */
export interface InstanceSource<T = unknown> {
  /** Whether it gives the same instance to each attempt, without a promise. */
  readonly fixed: boolean;
  get(attempt: AttemptScope): T | Promise<T>;
}

/** One instance for all attempts. */
export class FixedSource<T> implements InstanceSource<T> {
  readonly fixed = true;

  constructor(readonly instance: T) {}

  get(): T {
    return this.instance;
  }
}

/** A provider that is request-scoped, or needs one that is, or is transient: an instance for each attempt. */
class ScopedProviderSource implements InstanceSource {
  readonly fixed = false;

  constructor(private readonly provider: NestProvider) {}

  get(attempt: AttemptScope): Promise<unknown> {
    // The provider's own module: the token may mean something else in another one.
    const moduleRef = this.provider.host?.getProviderByKey<ModuleRef>(ModuleRef).instance;
    if (!moduleRef) throw new InvalidJobError(`Provider ${String(this.provider.name)} belongs to no module`);
    return moduleRef.resolve<unknown, unknown>(this.provider.token as never, attempt.contextId(moduleRef), {
      strict: true,
    });
  }
}

/** Whether Nest made one instance of a provider when the application started, for all. */
export function isStatic(provider: NestProvider): boolean {
  return provider.isDependencyTreeStatic() && !provider.isTransient;
}

export function sourceOf(provider: NestProvider): InstanceSource {
  return isStatic(provider) ? new FixedSource(provider.instance) : new ScopedProviderSource(provider);
}
