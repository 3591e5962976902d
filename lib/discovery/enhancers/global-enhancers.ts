import type { ApplicationConfig } from '@nestjs/core';
import { FixedSource, sourceOf, type InstanceSource } from '../instance-source.js';
import type { NestProvider } from '../nest-module.js';
import type { EnhancerKind, EnhancerKinds } from './enhancer-metadata.js';

/** How Nest keeps the global enhancers of a kind: instances, and providers of request-scoped ones. */
interface GlobalEnhancers<T> {
  readonly instances: readonly T[];
  readonly scoped: readonly NestProvider[];
}

const READERS: { readonly [K in EnhancerKind]: (config: ApplicationConfig) => GlobalEnhancers<EnhancerKinds[K]> } = {
  guards: (config) => ({ instances: config.getGlobalGuards(), scoped: config.getGlobalRequestGuards() }),
  interceptors: (config) => ({
    instances: config.getGlobalInterceptors(),
    scoped: config.getGlobalRequestInterceptors(),
  }),
  pipes: (config) => ({ instances: config.getGlobalPipes(), scoped: config.getGlobalRequestPipes() }),
  filters: (config) => ({ instances: config.getGlobalFilters(), scoped: config.getGlobalRequestFilters() }),
};

/** The global enhancers of a kind, those registered as `APP_GUARD` and the like included. */
export function readGlobal<K extends EnhancerKind>(
  kind: K,
  config: ApplicationConfig,
): InstanceSource<EnhancerKinds[K]>[] {
  const { instances, scoped } = READERS[kind](config);
  return [
    ...instances.map((instance) => new FixedSource(instance)),
    ...scoped.map((provider) => sourceOf(provider) as InstanceSource<EnhancerKinds[K]>),
  ];
}
