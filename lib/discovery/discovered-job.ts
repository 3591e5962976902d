import type { JobContext } from '../job/job-context.js';
import type { JobClass } from '../job/job.interface.js';
import type { JobForm } from '../job/job-record.js';
import { AttemptScope } from './attempt-scope.js';
import type { CarriedJob } from './carried-job.js';
import type { ConstructorRole } from './constructor-role.js';
import type { EnhancedMethod } from './enhancers/enhancer-metadata.js';
import type { EnhancerSet, JobEnhancers } from './enhancers/job-enhancers.js';
import { runEnhanced } from './enhancers/run-enhanced.js';
import type { InstanceSource } from './instance-source.js';
import type { JobSettings } from './job-settings.js';
import { PreparedCarrier, PreparedHandler, PreparedWithEnhancers, type JobInstance } from './prepared-job.js';
import type { PropertyInjector } from './property-injector.js';
import type { PreparedJob, RegisteredJob, RegisteredJobOptions } from './registered-job.interface.js';

/** What the explorer found out about a job class. */
export interface JobFindings {
  readonly jobClass: JobClass<object>;
  readonly settings: JobSettings;
  readonly role: ConstructorRole;
  readonly method: EnhancedMethod;
  readonly carried: CarriedJob;
  readonly wiring: JobWiring;
}

/** Where a job class gets its instances and what is injected. Looked up when first used, or when it is checked. */
export interface JobWiring {
  /** Instances of a class whose data is pushed beside it. */
  readonly handlers: InstanceSource<JobInstance>;
  /** What is injected into jobs that carry their data. */
  readonly properties: PropertyInjector;
  readonly enhancers: JobEnhancers | undefined;
}

/**
 * A job class found in a module:
 *
 * 1. tells dispatchers its name and options, and takes instances apart;
 * 2. makes attempts ready to run: the provider's instance with the data beside it, or a job put together again from
 *    its data; with the enhancers of the class around it, if it has any.
 */
export class DiscoveredJob implements RegisteredJob {
  readonly name: string;
  readonly jobClass: JobClass<object>;
  readonly options: RegisteredJobOptions;

  constructor(private readonly findings: JobFindings) {
    this.name = findings.settings.name;
    this.jobClass = findings.jobClass;
    this.options = findings.settings.options;
  }

  assertTakesData(): void {
    this.findings.role.assertTakesData();
  }

  dehydrate(instance: object): Record<string, unknown> {
    this.findings.role.assertCarriesData();
    return this.findings.carried.dehydrate(instance);
  }

  prepare(form: JobForm, data: unknown, context: JobContext): PreparedJob | Promise<PreparedJob> {
    const attempt = new AttemptScope(context);
    const instance = form === 'self' ? this.rebuild(data, attempt) : this.takeHandler(attempt);
    const set = this.findings.wiring.enhancers?.collect(attempt);
    return instance instanceof Promise || set instanceof Promise
      ? Promise.all([instance, set]).then(([made, taken]) => this.assemble(form, made, taken, data, attempt))
      : this.assemble(form, instance, set, data, attempt);
  }

  private assemble(
    form: JobForm,
    instance: JobInstance,
    enhancers: EnhancerSet | undefined,
    data: unknown,
    { context }: AttemptScope,
  ): PreparedJob {
    const job = form === 'self' ? new PreparedCarrier(instance, context) : new PreparedHandler(instance, data, context);
    if (!enhancers) return job;
    const args = [form === 'self' ? instance : data, context] as const;
    const call = { method: this.findings.method, instance, args, form };
    return new PreparedWithEnhancers(job, () => runEnhanced(call, enhancers));
  }

  private takeHandler(attempt: AttemptScope): JobInstance | Promise<JobInstance> {
    this.findings.role.assertTakesData();
    return this.findings.wiring.handlers.get(attempt);
  }

  private rebuild(data: unknown, attempt: AttemptScope): JobInstance | Promise<JobInstance> {
    this.findings.role.assertCarriesData();
    return this.findings.wiring.properties.inject(this.findings.carried.rebuild(data) as JobInstance, attempt);
  }
}
