import type { ApplicationConfig } from '@nestjs/core';
import type { JobClass } from '../job/job.interface.js';
import { ClassMaker } from './class-maker.js';
import type { ConstructorRole } from './constructor-role.js';
import type { JobWiring } from './discovered-job.js';
import type { EnhancedMethod } from './enhancers/enhancer-metadata.js';
import { JobEnhancers } from './enhancers/job-enhancers.js';
import { sourceOf, type InstanceSource } from './instance-source.js';
import type { ModuleScope } from './module-scope.js';
import type { NestProvider } from './nest-module.js';
import type { JobInstance } from './prepared-job.js';
import { PropertyInjector } from './property-injector.js';

interface WiringParts {
  readonly jobClass: JobClass<object>;
  readonly scope: ModuleScope;
  readonly provider: NestProvider | undefined;
  readonly method: EnhancedMethod;
  readonly role: ConstructorRole;
  readonly globals: ApplicationConfig | undefined;
}

/**
 * Finds what a job class needs in its module, each part when it is first asked for: a process that only
 * dispatches jobs need not have what they need.
 */
export class LazyWiring implements JobWiring {
  private foundHandlers?: InstanceSource<JobInstance>;
  private foundProperties?: PropertyInjector;
  private foundEnhancers?: { readonly enhancers: JobEnhancers | undefined };

  constructor(private readonly parts: WiringParts) {}

  get handlers(): InstanceSource<JobInstance> {
    return (this.foundHandlers ??= this.findHandlers());
  }

  get properties(): PropertyInjector {
    const { jobClass, scope } = this.parts;
    return (this.foundProperties ??= PropertyInjector.of(jobClass, scope, jobClass.name));
  }

  get enhancers(): JobEnhancers | undefined {
    const { jobClass, scope, method, globals } = this.parts;
    this.foundEnhancers ??= { enhancers: JobEnhancers.of(method, scope, jobClass.name, globals) };
    return this.foundEnhancers.enhancers;
  }

  /** Finds all of it now. @throws InvalidJobError where something cannot be injected */
  check(): void {
    void this.enhancers;
    if (this.parts.provider) return;
    if (this.parts.role.takesData) void this.handlers;
    void this.properties;
  }

  private findHandlers(): InstanceSource<JobInstance> {
    const { jobClass, scope, provider, role } = this.parts;
    if (provider) return sourceOf(provider) as InstanceSource<JobInstance>;
    role.assertTakesData();
    return ClassMaker.of(jobClass as new () => JobInstance, scope, jobClass.name);
  }
}
