import type { ModulesContainer } from '@nestjs/core';
import { isJobClass } from '../decorators/job.metadata.js';
import type { JobClass } from '../job/job.interface.js';
import { InvalidJobError } from '../queue.errors.js';
import { FEATURE_JOBS, type FeatureJobs } from './feature-jobs.js';
import { isStatic } from './instance-source.js';
import type { NestModule, NestProvider } from './nest-module.js';

/** A job class, and the module it belongs to. */
export interface JobCandidate {
  readonly jobClass: JobClass<object>;
  readonly module: NestModule;
  /** What makes it; `undefined` for a class that is only named in `forFeature()`. */
  readonly provider?: NestProvider;
}

/**
 * Finds the job classes of an application: the providers of all modules, then what `forFeature()` names. A class that
 * is found more than once counts once, with the dependencies of the first module that provides it.
 *
 * @throws InvalidJobError where `forFeature()` was given something that is no job class
 */
export function findCandidates(modules: ModulesContainer): JobCandidate[] {
  const candidates = new Map<JobClass, JobCandidate>();
  const found = [...findProviders(modules), ...findFeatures(modules)];
  for (const candidate of found) {
    const first = candidates.get(candidate.jobClass);
    // An alias only stands for another provider, which is better taken itself.
    if (!first || (first.provider?.isAlias && candidate.provider && !candidate.provider.isAlias)) {
      candidates.set(candidate.jobClass, candidate);
    }
  }
  return [...candidates.values()];
}

function* findProviders(modules: ModulesContainer): Generator<JobCandidate> {
  for (const module of modules.values()) {
    for (const provider of module.providers.values()) {
      const jobClass = jobClassOf(provider);
      if (jobClass) yield { jobClass, module, provider };
    }
  }
}

/** The job class that a provider stands for: its token, what it makes, or what its factory made. */
function jobClassOf(provider: NestProvider): JobClass<object> | undefined {
  if (isJobClass(provider.token)) return provider.token;
  if (!provider.isNotMetatype) return isJobClass(provider.metatype) ? provider.metatype : undefined;
  if (provider.isFactory && isStatic(provider)) {
    const made = (provider.instance as object | null | undefined)?.constructor;
    if (isJobClass(made)) return made;
  }
  return undefined;
}

function* findFeatures(modules: ModulesContainer): Generator<JobCandidate> {
  for (const feature of modules.values()) {
    const jobs = feature.providers.get(FEATURE_JOBS)?.instance as FeatureJobs | undefined;
    if (!jobs) continue;
    if (!Array.isArray(jobs.jobClasses)) throw InvalidJobError.notAFeature(jobs.jobClasses);
    // Dependencies come from the module that imports the feature, the one the user wrote.
    const module = [...modules.values()].find(({ imports }) => imports.has(feature)) ?? feature;
    for (const jobClass of jobs.jobClasses as unknown[]) {
      if (!isJobClass(jobClass)) throw InvalidJobError.notAFeature(jobClass);
      yield { jobClass, module };
    }
  }
}
