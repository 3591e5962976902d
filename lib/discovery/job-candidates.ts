import type { ModulesContainer } from '@nestjs/core';
import { isJobClass } from '../decorators/job.metadata.js';
import type { JobClass } from '../job/job.interface.js';
import { InvalidJobError } from '../queue.errors.js';
import { FEATURE_JOBS, importersOf, overrideOf, type FeatureJobs } from './feature-jobs.js';
import { isStatic, type NestModule, type NestProvider } from './instance-source.js';
import { QueueFeatureModule } from './queue-feature.module.js';

/** A job class, and the module that it belongs to. */
export interface JobCandidate {
  readonly jobClass: JobClass<object>;
  readonly module: NestModule;
  /** The provider; for a class that only `forFeature()` names, what a test has put in its place. */
  readonly provider?: NestProvider;
  /** The module of `forFeature()`, for a class that it names. */
  readonly feature?: NestModule;
}

/** A job class, with the other places that list it. */
export interface FoundJob extends JobCandidate {
  readonly others: readonly JobCandidate[];
}

/**
 * Finds the job classes of an application: those that are providers, then those that `forFeature()` names. A class that
 * is found more than once counts once, with the dependencies of the first module that provides it.
 *
 * @param providers the providers of all modules
 * @throws InvalidJobError if `forFeature()` was given something that is no job class
 */
export function findCandidates(providers: readonly NestProvider[], modules: ModulesContainer): FoundJob[] {
  const found = new Map<JobClass, JobCandidate[]>();
  for (const candidate of [...findProviders(providers), ...findFeatures(providers, modules)]) {
    const places = found.get(candidate.jobClass);
    if (places) places.push(candidate);
    else found.set(candidate.jobClass, [candidate]);
  }
  return [...found.values()].map(chooseFirst);
}

/** Chooses the first place that is no alias: an alias only stands for another provider. */
function chooseFirst(places: readonly JobCandidate[]): FoundJob {
  const chosen = places.find((place) => place.provider && !place.provider.isAlias) ?? places[0]!;
  return { ...chosen, others: places.filter((place) => place !== chosen) };
}

function* findProviders(providers: readonly NestProvider[]): Generator<JobCandidate> {
  for (const provider of providers) {
    const { host: module } = provider;
    if (!module || module.metatype === QueueFeatureModule) continue;
    const jobClass = jobClassOf(provider);
    if (jobClass) yield { jobClass, module, provider };
  }
}

/** Returns the job class of a provider: its token, the class that it makes, or the class of the instance that its factory made. */
function jobClassOf(provider: NestProvider): JobClass<object> | undefined {
  if (isJobClass(provider.token)) return provider.token;
  if (!provider.isNotMetatype) return isJobClass(provider.metatype) ? provider.metatype : undefined;
  if (provider.isFactory && isStatic(provider)) {
    const made = (provider.instance as object | null | undefined)?.constructor;
    if (isJobClass(made)) return made;
  }
  return undefined;
}

function* findFeatures(providers: readonly NestProvider[], modules: ModulesContainer): Generator<JobCandidate> {
  for (const { token, host: feature, instance } of providers) {
    if (token !== FEATURE_JOBS || !feature) continue;
    const { jobClasses } = instance as FeatureJobs;
    if (!Array.isArray(jobClasses)) throw InvalidJobError.notAFeature(jobClasses);
    // The modules that import the feature have the dependencies: they are the modules that the application wrote.
    const importers = importersOf(feature, modules.values());
    for (const jobClass of jobClasses as unknown[]) {
      if (!isJobClass(jobClass)) throw InvalidJobError.notAFeature(jobClass);
      const provider = overrideOf(feature, jobClass);
      for (const module of importers.length > 0 ? importers : [feature]) yield { jobClass, module, provider, feature };
    }
  }
}
