import { Inject, Injectable, ValidationPipe } from '@nestjs/common';
import { ApplicationConfig, ModulesContainer } from '@nestjs/core';
import { InvalidJobError } from '../queue.errors.js';
import type { ResolvedQueueOptions } from '../queue.options.js';
import { QUEUE_LOGGER, RESOLVED_QUEUE_OPTIONS } from '../queue.tokens.js';
import type { QueueLogger } from '../support/queue-logger.js';
import { CarriedJob } from './carried-job.js';
import { featureRole, providerRole } from './constructor-role.js';
import { DiscoveredJob } from './discovered-job.js';
import type { EnhancedMethod } from './enhancers/enhancer-metadata.js';
import { readBound, readParameterTypes } from './enhancers/enhancer-metadata.js';
import { isStatic } from './instance-source.js';
import { findCandidates, type JobCandidate } from './job-candidates.js';
import { readJobSettings } from './job-settings.js';
import { JobRegistry } from './job.registry.js';
import { LazyWiring } from './lazy-wiring.js';
import { ModuleScope } from './module-scope.js';

/**
 * Finds the job classes of the application when it starts:
 *
 * 1. looks through the providers of every module, and through what `QueueModule.forFeature()` names;
 * 2. checks each class: its options, its name, that it has a `handle`;
 * 3. checks, in a process that runs jobs, that all they need can be injected;
 * 4. registers them.
 */
@Injectable()
export class JobExplorer {
  constructor(
    private readonly modules: ModulesContainer,
    private readonly config: ApplicationConfig,
    private readonly registry: JobRegistry,
    @Inject(RESOLVED_QUEUE_OPTIONS) private readonly options: ResolvedQueueOptions,
    @Inject(QUEUE_LOGGER) private readonly logger: QueueLogger,
  ) {}

  /**
   * @throws InvalidJobError for a class without `handle`, with a bad name, or with dependencies that cannot be met
   * @throws DuplicateJobError, InvalidQueueNameError, InvalidOptionError
   */
  explore(): void {
    for (const candidate of findCandidates(this.modules)) {
      this.registry.register(this.discover(candidate), `${candidate.jobClass.name} (${candidate.module.name})`);
    }
  }

  private discover({ jobClass, module, provider }: JobCandidate): DiscoveredJob {
    const settings = readJobSettings(jobClass);
    const scope = new ModuleScope(module, this.modules);
    const method = findHandle({ jobClass, module, provider });
    const runs = this.options.worker.enabled;
    const role = provider ? providerRole(jobClass) : featureRole(jobClass, runs ? scope : undefined);
    const globals = this.options.globalEnhancers ? this.config : undefined;
    const wiring = new LazyWiring({ jobClass, scope, provider, method, role, globals });
    if (runs) wiring.check();
    this.warnOfUntypedData(jobClass.name, method);
    return new DiscoveredJob({ jobClass, settings, role, method, carried: new CarriedJob(jobClass), wiring });
  }

  /** TypeScript tells the type of the data only of a method that has a decorator itself. */
  private warnOfUntypedData(className: string, method: EnhancedMethod): void {
    if (readParameterTypes(method)) return;
    const blind = readBound('pipes', method).some((pipe) => pipe === ValidationPipe || pipe instanceof ValidationPipe);
    if (blind) {
      this.logger.warn(
        `Job class ${className} has a ValidationPipe, but handle() has no decorator, so that the type of its data is not known and nothing is validated: put @UsePipes() on handle()`,
      );
    }
  }
}

/** The method that runs: of the instance where there is one already, else of the class that will be made. */
function findHandle({ jobClass, provider }: JobCandidate): EnhancedMethod {
  const made = provider && !provider.isNotMetatype ? (provider.metatype as JobCandidate['jobClass']) : jobClass;
  const host = (provider && isStatic(provider) ? provider.instance : made.prototype) as { handle?: unknown } | null;
  const handler = host?.handle;
  if (typeof handler !== 'function') throw InvalidJobError.withoutHandle(jobClass.name);
  return { type: made, handler: handler as EnhancedMethod['handler'] };
}
