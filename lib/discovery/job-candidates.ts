import type { ModulesContainer } from '@nestjs/core';
import { isJobClass } from '../decorators/job.metadata.js';
import type { JobClass } from '../job/job.interface.js';
import { InvalidJobError } from '../queue.errors.js';
import { FEATURE_JOBS, type FeatureJobs } from './feature-jobs.js';
import { isStatic, type NestModule, type NestProvider } from './instance-source.js';

/** A job class, and the module that it belongs to. */
export interface JobCandidate {
  readonly jobClass: JobClass<object>;
  readonly module: NestModule;
  /** `undefined` for a class that only `forFeature()` names. */
  readonly provider?: NestProvider;
}

/**
 * Finds the job classes of an application: those that are providers, then those that `forFeature()` names. A class that
 * is found more than once counts once, with the dependencies of the first module that provides it.
 *
 * @param providers the providers of all modules
 * @throws InvalidJobError if `forFeature()` was given something that is no job class
 */
export function findCandidates(providers: readonly NestProvider[], modules: ModulesContainer): JobCandidate[] {
  const candidates = new Map<JobClass, JobCandidate>();
  for (const candidate of [...findProviders(providers), ...findFeatures(providers, modules)]) {
    const first = candidates.get(candidate.jobClass);
    // An alias only stands for another provider. The other provider itself is the better choice.
    if (!first || (first.provider?.isAlias && candidate.provider && !candidate.provider.isAlias)) {
      candidates.set(candidate.jobClass, candidate);
    }
  }
  return [...candidates.values()];
}

function* findProviders(providers: readonly NestProvider[]): Generator<JobCandidate> {
  for (const provider of providers) {
    const jobClass = jobClassOf(provider);
    if (jobClass && provider.host) yield { jobClass, module: provider.host, provider };
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
    // The module that imports the feature has the dependencies: it is the module that the application wrote.
    const module = [...modules.values()].find(({ imports }) => imports.has(feature)) ?? feature;
    for (const jobClass of jobClasses as unknown[]) {
      if (!isJobClass(jobClass)) throw InvalidJobError.notAFeature(jobClass);
      yield { jobClass, module };
    }
  }
}
