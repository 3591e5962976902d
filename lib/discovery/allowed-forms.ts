import type { JobForm } from '../job/job-record.js';
import type { JobClass } from '../job/job.interface.js';
import { InvalidJobError } from '../queue.errors.js';
import { constructorDependencies, isInjectable, type Dependency } from './class-dependencies.js';
import type { ModuleProviders } from './module-providers.js';

/** The forms in which the jobs of a class may be pushed: the parameters of its constructor decide. */
export type AllowedForms = Readonly<Record<JobForm, boolean>>;

/** Reads the forms of a provider: Nest makes it, so the parameters of its constructor are dependencies. */
export function formsOfProvider(jobClass: JobClass): AllowedForms {
  const takesNothing = jobClass.length === 0 && constructorDependencies(jobClass).length === 0;
  return { handler: true, instance: takesNothing };
}

/**
 * Reads the forms of a class that is no provider: its constructor may take dependencies, or data.
 *
 * @param providers the providers of its module, which decide if a parameter of the type of some class is a dependency;
 *   without them it may be a dependency or data, and both forms are allowed
 * @throws InvalidJobError if the constructor takes both
 */
export function formsOfFeature(jobClass: JobClass, providers?: ModuleProviders): AllowedForms {
  const parameters = constructorDependencies(jobClass);
  const takesDependencies = parameters.some((parameter) => parameter.declared);
  const takesData =
    parameters.some((parameter) => isData(parameter, providers)) || (parameters.length === 0 && jobClass.length > 0);
  if (takesDependencies && takesData) throw InvalidJobError.mixesBoth(jobClass.name);
  return { handler: !takesData, instance: !takesDependencies };
}

function isData({ declared, optional, token: readToken }: Dependency, providers: ModuleProviders | undefined): boolean {
  if (declared) return false;
  const token = readToken();
  return !isInjectable(token) || (providers !== undefined && !optional && providers.find(token) === undefined);
}
