import type { InjectionToken } from '@nestjs/common';
import { REQUEST, type ModulesContainer } from '@nestjs/core';
import { sourceOf, type InstanceSource } from './instance-source.js';
import type { NestModule, NestProvider } from './nest-module.js';

/** The attempt's own context, for who injects `REQUEST`. */
const CONTEXT_SOURCE: InstanceSource = { fixed: false, get: (attempt) => attempt.context };

/**
 * What can be injected into classes that belong to a module, though Nest does not make them.
 *
 * Looked up as Nest does it: the module's own providers, then what its imports export, then (more than Nest does) any
 * module of the application.
 */
export class ModuleScope {
  constructor(
    private readonly module: NestModule,
    private readonly modules: ModulesContainer,
  ) {}

  get name(): string {
    return this.module.name;
  }

  /** Where the provider of a token is taken from; `undefined` where there is none. */
  find(token: InjectionToken): InstanceSource | undefined {
    if (token === REQUEST) return CONTEXT_SOURCE;
    const provider = this.findInModule(token) ?? this.findAnywhere(token);
    return provider && sourceOf(provider);
  }

  /** The guard, pipe, interceptor or filter that Nest made of a class for this module. */
  findEnhancer(type: InjectionToken): InstanceSource | undefined {
    const provider = this.module.injectables.get(type) ?? this.module.providers.get(type);
    return provider && sourceOf(provider);
  }

  private findInModule(token: InjectionToken): NestProvider | undefined {
    return this.module.providers.get(token) ?? findInImports(this.module, token, new Set(), false);
  }

  private findAnywhere(token: InjectionToken): NestProvider | undefined {
    let found: NestProvider | undefined;
    // The last one, as `ModuleRef.get(token, { strict: false })` has it.
    for (const module of this.modules.values()) found = module.providers.get(token) ?? found;
    return found;
  }
}

function findInImports(
  module: NestModule,
  token: InjectionToken,
  seen: Set<NestModule>,
  onlyExported: boolean,
): NestProvider | undefined {
  for (const imported of module.imports) {
    if (seen.has(imported) || (onlyExported && !module.exports.has(imported.metatype))) continue;
    seen.add(imported);
    const own = imported.exports.has(token) ? imported.providers.get(token) : undefined;
    const found = own ?? findInImports(imported, token, seen, true);
    if (found) return found;
  }
  return undefined;
}
