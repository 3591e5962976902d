import type { FactoryProvider, Provider, Type } from '@nestjs/common';
import { placeholdersOfEnhancers } from './enhancers/enhancer-placeholders.js';
import type { NestModule, NestProvider } from './instance-source.js';

/** The token under which `QueueModule.forFeature()` registers its classes. */
export const FEATURE_JOBS = Symbol.for('nestjs-job-queue:FeatureJobs');

/** The classes that one `QueueModule.forFeature()` names, unchecked. */
export interface FeatureJobs {
  readonly jobClasses: unknown;
}

/**
 * Makes the providers of one `QueueModule.forFeature()`: the list of its classes, and a placeholder for each class and for
 * each of its guards, pipes, interceptors and filters.
 *
 * Nest cannot make the classes: the module of the feature does not see the dependencies, which are in the module that
 * imports it. The placeholders are there so that `overrideProvider()`, `overrideGuard()` and the like of a test find
 * something to replace.
 */
export function featureProviders(jobClasses: unknown): Provider[] {
  const jobs: FeatureJobs = { jobClasses };
  const listed: unknown[] = Array.isArray(jobClasses) ? jobClasses : [];
  const classes = listed.filter((value): value is Type<object> => typeof value === 'function');
  const placeholders = classes.map((jobClass): FactoryProvider => ({ provide: jobClass, useFactory: placeholder }));
  return [{ provide: FEATURE_JOBS, useValue: jobs }, ...placeholders, ...placeholdersOfEnhancers(classes)];
}

/** Returns what a test put in the place of a class of a feature; `undefined` if the class was not replaced. */
export function overrideOf(feature: NestModule, jobClass: NestProvider['token']): NestProvider | undefined {
  const provider = feature.providers.get(jobClass);
  return provider?.metatype === placeholder ? undefined : provider;
}

/** Finds the modules that import a feature: they have the dependencies of its classes. */
export function importersOf(feature: NestModule, modules: Iterable<NestModule>): NestModule[] {
  return [...modules].filter(({ imports }) => imports.has(feature));
}

function placeholder(): undefined {
  return undefined;
}
