import type { InjectionToken, Type } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { replacementOf } from './enhancers/enhancer-placeholders.js';
import { sourceOf, type InstanceSource, type NestModule, type NestProvider } from './instance-source.js';

/** Injects the context of the attempt into a class that injects `REQUEST`. */
const CONTEXT_SOURCE: InstanceSource = { fixed: false, get: (attempt) => attempt.context };

/**
 * Finds the providers that a module can inject: its own, then those that its imports export. Global modules are among the
 * imports.
 *
 * The lookup is here for job classes and guards that are no providers. `ModuleRef.create()` would do it, but not in
 * all versions of Nest that the library supports (measured): up to 11.1.17 a transient dependency arrives unconstructed,
 * and 12.0.0 to 12.1.0 never free 720 bytes of each call, so that a worker would run out of memory. `ModuleRef.resolve()`
 * works in all versions and takes half the time, but does not look at imports. So only the lookup is written here; Nest
 * makes every provider.
 */
export class ModuleProviders {
  /** @param feature the module of `forFeature()`, if the job class comes from one: a test may have replaced enhancers there */
  constructor(
    private readonly module: NestModule,
    private readonly feature?: NestModule,
  ) {}

  get moduleName(): string {
    return this.module.name;
  }

  /** Finds the provider of a token; `undefined` if the module can inject none. */
  find(token: InjectionToken): InstanceSource | undefined {
    if (token === REQUEST) return CONTEXT_SOURCE;
    const provider = this.findProvider(token);
    return provider && sourceOf(provider);
  }

  /** Finds the provider of a token as Nest holds it. */
  findProvider(token: InjectionToken): NestProvider | undefined {
    return this.module.providers.get(token) ?? findInImports(this.module, token, new Set(), false);
  }

  /** Finds the guard, pipe, interceptor or filter that Nest made of a class for this module. */
  findEnhancer(type: InjectionToken): InstanceSource | undefined {
    const provider =
      this.feature?.injectables.get(type) ?? this.module.injectables.get(type) ?? this.module.providers.get(type);
    return provider && sourceOf(provider);
  }

  /** Returns the class of which an enhancer is to be made, if Nest made none: a test may have replaced the class. */
  enhancerClass(type: Type<object>): Type<object> {
    return (this.feature && replacementOf(this.feature, type)) ?? type;
  }
}

/** @param reexported whether the module has to export a module again for its providers to be found */
function findInImports(
  module: NestModule,
  token: InjectionToken,
  seen: Set<NestModule>,
  reexported: boolean,
): NestProvider | undefined {
  for (const imported of module.imports) {
    if (seen.has(imported) || (reexported && !module.exports.has(imported.metatype))) continue;
    seen.add(imported);
    const own = imported.exports.has(token) ? imported.providers.get(token) : undefined;
    const found = own ?? findInImports(imported, token, seen, true);
    if (found) return found;
  }
  return undefined;
}
