import { inheritedJob, isJobClass } from '../decorators/job.metadata.js';
import type { NestProvider } from './instance-source.js';

/** Warns of providers that extend a job class, and have no `@Job()` of their own: they are no jobs, and nobody would be told. */
export class UndecoratedSubclasses {
  private readonly known = new WeakSet<object>();

  /** @returns a warning for each such class that is not known yet */
  warnings(providers: readonly NestProvider[]): string[] {
    // A provider in the place of a job class is that job.
    const aliased = new Set(providers.filter(({ isAlias }) => isAlias).flatMap(({ inject }) => inject as unknown[]));
    return providers.flatMap(({ token, metatype, isNotMetatype, host }) => {
      if (isNotMetatype || typeof metatype !== 'function' || this.known.has(metatype)) return [];
      const parent = inheritedJob(metatype);
      if (!parent || isJobClass(token) || aliased.has(token)) return [];
      this.known.add(metatype);
      return [
        `Provider ${metatype.name} (${host?.name}) extends job class ${parent.name} and has no @Job() of its own: it is no job. ` +
          `Put @Job() on it, above any decorator that returns another class; it takes the options of ${parent.name}, except the name`,
      ];
    });
  }
}
