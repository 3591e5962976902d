import type { InjectionToken } from '@nestjs/common';
import { constructorDependencies, propertyDependencies } from './class-dependencies.js';
import { readBoundClasses } from './enhancers/enhancer-metadata.js';
import { isStatic, type NestProvider } from './instance-source.js';
import type { FoundJob, JobCandidate } from './job-candidates.js';
import { ModuleProviders } from './module-providers.js';

/**
 * Warns if several modules list one job class, and the class would be another instance, or have other dependencies, in each
 * of them. A job is stored with the name of its class alone, so that all its jobs run in the first module.
 *
 * @returns the warning, if there is one
 */
export function warningOfOtherInstances(found: FoundJob): string | undefined {
  const others = found.others.filter((other) => other.module !== found.module && isAnother(found, other));
  if (others.length === 0) return undefined;
  const { name } = found.jobClass;
  const [first, ...rest] = namesOf([found, ...others]);
  return (
    `Job class ${name} is listed in ${others.length + 1} modules with an instance or dependencies of each: ` +
    `${first} and ${rest.join(' and ')}. All its jobs run with those of ${first}, also the jobs that the others push. ` +
    `List it in one module; or give each module a subclass with a name of its own: ` +
    `@Job({ name: '...' }) class ${name}Of... extends ${name} {}`
  );
}

function isAnother(chosen: JobCandidate, other: JobCandidate): boolean {
  if (chosen.provider && other.provider) return !isSameProvider(chosen.provider, other.provider);
  return hasOtherDependencies(chosen, other);
}

function isSameProvider(one: NestProvider, other: NestProvider): boolean {
  if (one === other || (isStatic(one) && isStatic(other) && one.instance === other.instance)) return true;
  // An alias is not made of its own: what it stands for is a place as well.
  return other.isAlias;
}

/** Compares what the class, its guards and other enhancers would get in each of the modules. A provider that lacks is no other. */
function hasOtherDependencies(chosen: JobCandidate, other: JobCandidate): boolean {
  const ofChosen = new ModuleProviders(chosen.module);
  const ofOther = new ModuleProviders(other.module);
  return dependenciesOf(chosen.jobClass).some((token) => {
    const provider = ofOther.findProvider(token);
    const used = ofChosen.findProvider(token);
    return provider !== undefined && (used === undefined || !isSameProvider(used, provider));
  });
}

function dependenciesOf(jobClass: JobCandidate['jobClass']): InjectionToken[] {
  return [jobClass, ...readBoundClasses(jobClass)]
    .flatMap((type) => constructorDependencies(type).concat(propertyDependencies(type)))
    .map(({ token }) => token())
    .filter((token) => token !== undefined);
}

/** Names the modules. Modules of one name get a number, in the order of their import. */
function namesOf(places: readonly JobCandidate[]): string[] {
  const names = places.map(({ module }) => module.name);
  return names.map((name, index) => {
    const same = names.filter((other) => other === name).length;
    const number = names.slice(0, index + 1).filter((other) => other === name).length;
    return same === 1 ? name : `${name} (number ${number} of ${same})`;
  });
}
