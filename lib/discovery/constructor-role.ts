import type { JobClass } from '../job/job.interface.js';
import { InvalidJobError } from '../queue.errors.js';
import { constructorDependencies, isInjectable, type Dependency } from './class-dependencies.js';
import type { ModuleScope } from './module-scope.js';

/** What the constructor of a job class takes, and so which of the two forms its jobs may have. */
export class ConstructorRole {
  constructor(
    private readonly className: string,
    /** Whether data may be pushed beside the class. */
    readonly takesData: boolean,
    /** Whether an instance may be pushed. */
    readonly carriesData: boolean,
  ) {}

  /** @throws InvalidJobError where data cannot be pushed beside the class, since its constructor takes it */
  assertTakesData(): void {
    if (!this.takesData) throw InvalidJobError.carriesItsData(this.className);
  }

  /** @throws InvalidJobError where an instance cannot be stored, since its constructor takes dependencies */
  assertCarriesData(): void {
    if (!this.carriesData) throw InvalidJobError.takesItsData(this.className);
  }
}

/** A provider: Nest makes it, so what its constructor takes is injected. */
export function providerRole(jobClass: JobClass): ConstructorRole {
  const takesNothing = jobClass.length === 0 && constructorDependencies(jobClass).length === 0;
  return new ConstructorRole(jobClass.name, true, takesNothing);
}

/**
 * A class that is registered without being a provider: its constructor may take either.
 *
 * @param scope where its dependencies would come from; without it, a parameter whose type is some class is taken for
 *   a dependency and for data alike
 * @throws InvalidJobError where it takes both
 */
export function featureRole(jobClass: JobClass, scope?: ModuleScope): ConstructorRole {
  const parameters = constructorDependencies(jobClass);
  const injected = parameters.some((parameter) => parameter.declared);
  const data =
    parameters.some((parameter) => isData(parameter, scope)) || (parameters.length === 0 && jobClass.length > 0);
  if (injected && data) throw InvalidJobError.mixesBoth(jobClass.name);
  return new ConstructorRole(jobClass.name, !data, !injected);
}

function isData(parameter: Dependency, scope: ModuleScope | undefined): boolean {
  if (parameter.declared) return false;
  const token = parameter.token();
  return !isInjectable(token) || (scope !== undefined && !parameter.optional && scope.find(token) === undefined);
}
