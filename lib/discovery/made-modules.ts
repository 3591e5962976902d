import { Scope } from '@nestjs/common';
import { ModuleRef, type ModulesContainer } from '@nestjs/core';
import type { NestModule, NestProvider } from './instance-source.js';

/**
 * Knows which modules Nest has made. A module is in the container before its providers are made: when Nest makes the
 * application, and when a `LazyModuleLoader` loads a module. Until then the providers are not what the application gets.
 */
export class MadeModules {
  /** The modules that were made at the last {@link remember}. */
  private readonly known = new WeakSet<NestModule>();
  private knownSize = 0;

  constructor(private readonly modules: ModulesContainer) {}

  /** Returns what there is beyond the known modules: `nothing`, `new` modules that are made, or modules that are `unmade`. */
  look(): 'nothing' | 'new' | 'unmade' {
    if (this.modules.size === this.knownSize) return 'nothing';
    return [...this.modules.values()].every((module) => this.known.has(module) || isMade(module)) ? 'new' : 'unmade';
  }

  remember(): void {
    for (const module of this.modules.values()) this.known.add(module);
    this.knownSize = this.modules.size;
  }
}

function isMade({ providers, injectables, controllers }: NestModule): boolean {
  return [providers, injectables, controllers].every((wrappers) =>
    [...wrappers.values()].every((wrapper) => isProviderMade(wrapper as NestProvider)),
  );
}

/**
 * Nest notes the time that it took to make something. It makes no values, the `ModuleRef` with the module, and what belongs
 * to a request later. (To ask a provider if it is resolved would have an effect: Nest would decide then if the provider
 * depends on a request.)
 */
function isProviderMade(provider: NestProvider): boolean {
  const { initTime, metatype, token, scope } = provider;
  if (initTime !== undefined || !metatype || token === ModuleRef || scope === Scope.TRANSIENT) return true;
  return dependsOnRequest(provider, new Set());
}

function dependsOnRequest(provider: NestProvider, seen: Set<NestProvider>): boolean {
  if (provider.scope === Scope.REQUEST) return true;
  seen.add(provider);
  const properties = (provider.getPropertiesMetadata() ?? []).map(({ wrapper }) => wrapper);
  const dependencies = [provider.getCtorMetadata(), properties, provider.getEnhancersMetadata()].flatMap(
    (wrappers: (NestProvider | undefined)[] | undefined) => wrappers ?? [],
  );
  return dependencies.some((other) => other !== undefined && !seen.has(other) && dependsOnRequest(other, seen));
}
