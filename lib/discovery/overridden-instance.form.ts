import type { AttemptScope } from './attempt-scope.js';
import { InstanceForm, methodNames } from './instance-form.js';
import type { InstanceSource } from './instance-source.js';
import type { JobInstance } from './job-attempt.js';
import type { JobClass } from '../job/job.interface.js';
import type { ModuleProviders } from './module-providers.js';

/**
 * Runs jobs that carry their data with the methods of another object, which a test has put in the place of their class:
 * `overrideProvider(ResizeImageJob).useValue({ handle: ... })`. In them `this` has the data of the job. The dependencies of
 * the class are not needed, and not injected.
 */
export class OverriddenInstanceForm extends InstanceForm {
  constructor(
    jobClass: JobClass<object>,
    allowed: boolean,
    providers: ModuleProviders,
    private readonly override: InstanceSource<JobInstance>,
  ) {
    super(jobClass, allowed, providers);
  }

  override check(): void {
    // Nest has made the object.
  }

  override take(data: unknown, attempt: AttemptScope): JobInstance | Promise<JobInstance> {
    const override = this.override.get(attempt);
    return override instanceof Promise
      ? override.then((made) => this.rebuildAs(made, data))
      : this.rebuildAs(override, data);
  }

  private rebuildAs(override: JobInstance, data: unknown): JobInstance {
    return this.rebuild(data, override, methodNames(override));
  }
}
