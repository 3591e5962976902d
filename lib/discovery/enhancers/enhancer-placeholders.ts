import type { Provider, Type } from '@nestjs/common';
import type { NestModule } from '../instance-source.js';
import { bindTo, ENHANCER_KINDS, readBoundClasses } from './enhancer-metadata.js';

/**
 * Makes a provider to which the guards, pipes, interceptors and filters of some job classes are bound, so that Nest
 * registers them in the module of the provider, where `overrideGuard()` and the like of a test find them.
 */
export function placeholdersOfEnhancers(jobClasses: readonly Type<object>[]): Provider[] {
  class EnhancersOfFeature {}
  let found = false;
  for (const kind of ENHANCER_KINDS) {
    const bound = jobClasses.flatMap((jobClass) => readBoundClasses(jobClass, [kind]));
    if (bound.length > 0) bindTo(EnhancersOfFeature, kind, bound);
    found ||= bound.length > 0;
  }
  return found ? [EnhancersOfFeature] : [];
}

/** The classes that a test put in the place of enhancers, by the module of the feature. */
const replacements = new WeakMap<NestModule, Map<unknown, Type<object>>>();

/**
 * Removes the enhancers that Nest would have to make in the module of the feature: it does not see what they inject. Those
 * that a test replaced by a value or a factory stay.
 */
export function removePlaceholders(feature: NestModule): void {
  const replaced = replacements.get(feature) ?? new Map<unknown, Type<object>>();
  replacements.set(feature, replaced);
  for (const [token, { metatype, isNotMetatype }] of feature.injectables) {
    if (isNotMetatype) continue;
    feature.injectables.delete(token);
    if (metatype !== token) replaced.set(token, metatype as Type<object>);
  }
}

/** Returns the class that a test put in the place of an enhancer of a feature. */
export function replacementOf(feature: NestModule, enhancer: unknown): Type<object> | undefined {
  return replacements.get(feature)?.get(enhancer);
}
