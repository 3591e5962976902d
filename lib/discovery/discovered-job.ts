import type { AnyJobDefinition } from '../job/job-definition.js';
import type { JobContext } from '../job/job-context.js';
import type { JobForm } from '../job/job-record.js';
import type { JobClass } from '../job/job.interface.js';
import { AttemptScope } from './attempt-scope.js';
import type { EnhancerSet, JobEnhancers } from './enhancers/job-enhancers.js';
import type { HandlerForm } from './handler-form.js';
import type { InstanceForm } from './instance-form.js';
import { JobAttempt, type JobInstance } from './job-attempt.js';
import type { MiddlewareSet } from './middleware/middleware-set.js';
import type { JobSettings } from './job-settings.js';
import type { PreparedJob, RegisteredJob, RegisteredJobOptions } from './registered-job.interface.js';

/** The two forms of the jobs of a class. */
export interface JobForms {
  readonly handler: HandlerForm;
  readonly instance: InstanceForm;
}

/** A job class of a module: knows its name and options, and makes attempts ready to run, in the form of each job. */
export class DiscoveredJob implements RegisteredJob {
  readonly name: string;
  readonly options: RegisteredJobOptions;
  readonly definition: AnyJobDefinition | undefined;
  /** The instance that all attempts with pushed data share if nothing runs around it; set by the first attempt. */
  private shared: JobInstance | undefined;
  readonly takesData: boolean;

  constructor(
    readonly jobClass: JobClass<object>,
    { name, options, definition }: JobSettings,
    private readonly forms: JobForms,
    private readonly enhancers: JobEnhancers,
    /** Finds the providers that the class and its enhancers need. @throws InvalidJobError if a provider is missing */
    readonly check: () => void,
    /** The middleware around the attempts; missing if there is none. */
    private readonly middleware?: MiddlewareSet,
  ) {
    this.name = name;
    this.options = options;
    this.definition = definition;
    this.takesData = forms.handler.isAllowed;
  }

  dehydrate(instance: object): Record<string, unknown> {
    return this.forms.instance.dehydrate(instance);
  }

  prepare(form: JobForm, data: unknown, context: JobContext): PreparedJob | Promise<PreparedJob> {
    const chosen = this.forms[form];
    if (this.shared && form === 'handler') return new JobAttempt(chosen, this.shared, data, context, null, true);
    const attempt = new AttemptScope(context);
    const prepared = this.make(form, data, context, attempt);
    return this.middleware ? this.middleware.around(prepared, context, attempt) : prepared;
  }

  private make(
    form: JobForm,
    data: unknown,
    context: JobContext,
    attempt: AttemptScope,
  ): PreparedJob | Promise<PreparedJob> {
    const chosen = this.forms[form];
    const instance = chosen.take(data, attempt);
    const enhancers = this.enhancers.collect(attempt);
    if (!(instance instanceof Promise || enhancers instanceof Promise)) {
      const isPlain = enhancers === null && !this.middleware;
      if (form === 'handler' && this.forms.handler.isShared && isPlain) this.shared = instance;
      return new JobAttempt(chosen, instance, data, context, enhancers);
    }
    return Promise.all([instance, enhancers]).then(
      ([made, set]: [JobInstance, EnhancerSet | null]) => new JobAttempt(chosen, made, data, context, set),
    );
  }
}
