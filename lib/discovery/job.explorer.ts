import { Inject, Injectable, ValidationPipe } from '@nestjs/common';
import { ApplicationConfig, DiscoveryService, ModulesContainer } from '@nestjs/core';
import { InvalidJobError } from '../queue.errors.js';
import type { ResolvedQueueOptions } from '../queue.options.js';
import { QUEUE_LOGGER, RESOLVED_QUEUE_OPTIONS } from '../queue.tokens.js';
import { errorMessage, toError } from '../support/error-text.js';
import type { QueueLogger } from '../support/queue-logger.js';
import { formsOfFeature, formsOfProvider } from './allowed-forms.js';
import { DiscoveredJob } from './discovered-job.js';
import { readBound, readParameterTypes, type EnhancedMethod } from './enhancers/enhancer-metadata.js';
import { JobEnhancers } from './enhancers/job-enhancers.js';
import { HandlerForm } from './handler-form.js';
import { ClassSource } from './injection.js';
import { InstanceForm } from './instance-form.js';
import { isStatic, sourceOf, type InstanceSource } from './instance-source.js';
import type { JobInstance } from './job-attempt.js';
import { findCandidates, type JobCandidate } from './job-candidates.js';
import { readJobSettings } from './job-settings.js';
import { JobRegistry, type JobSource } from './job.registry.js';
import { MadeModules } from './made-modules.js';
import { ModuleProviders } from './module-providers.js';

/**
 * Finds the job classes of the application when it starts:
 *
 * 1. looks through the providers of every module, and through the classes that `QueueModule.forFeature()` names;
 * 2. checks each class: its options, its name, that it has a `handle`;
 * 3. checks, in a process that runs jobs, that every dependency has a provider;
 * 4. registers the classes.
 *
 * It does so earlier if a job is needed before the start, as soon as Nest has made all modules; and again if a job is
 * missing after modules were added (`LazyModuleLoader`).
 */
@Injectable()
export class JobExplorer implements JobSource {
  private readonly made: MadeModules;
  private reported: unknown;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly modules: ModulesContainer,
    private readonly config: ApplicationConfig,
    private readonly registry: JobRegistry,
    @Inject(RESOLVED_QUEUE_OPTIONS) private readonly options: ResolvedQueueOptions,
    @Inject(QUEUE_LOGGER) private readonly logger: QueueLogger,
  ) {
    this.made = new MadeModules(modules);
    // A test may have replaced the registry by a stub.
    if (registry instanceof JobRegistry) registry.lookIn(this);
  }

  /** True if Nest has made all modules that are in the container now. */
  get isComplete(): boolean {
    return this.made.look() !== 'unmade';
  }

  /**
   * Registers the job classes of all modules, when the application starts: Nest has made all of them then.
   *
   * @throws InvalidJobError for a class without `handle`, with a bad name, or with a dependency that has no provider
   * @throws DuplicateJobError, InvalidQueueNameError, InvalidOptionError
   */
  exploreAll(): void {
    const { registry } = this;
    if (!(registry instanceof JobRegistry)) return;
    for (const candidate of findCandidates(this.discovery.getProviders(), this.modules)) {
      if (registry.has(candidate.jobClass)) continue;
      registry.register(this.discover(candidate), `${candidate.jobClass.name} (${candidate.module.name})`);
    }
    this.made.remember();
  }

  /** @throws as {@link exploreAll} does */
  explore(): boolean {
    const found = this.made.look();
    if (found === 'new') this.exploreAll();
    return found !== 'unmade';
  }

  report(error: unknown): void {
    const message = errorMessage(toError(error));
    if (message === this.reported) return;
    this.reported = message;
    this.logger.error(message);
  }

  private discover(candidate: JobCandidate): DiscoveredJob {
    const { jobClass, module, provider } = candidate;
    const settings = readJobSettings(jobClass);
    const method = findHandle(candidate);
    const providers = new ModuleProviders(module);
    const runs = this.options.worker.enabled;
    const allowed = provider ? formsOfProvider(jobClass) : formsOfFeature(jobClass, runs ? providers : undefined);
    const handlers = provider ? sourceOf(provider) : new ClassSource(jobClass, providers, jobClass.name);
    const handler = new HandlerForm(jobClass.name, allowed.handler, handlers as InstanceSource<JobInstance>);
    const instance = new InstanceForm(jobClass, allowed.instance, providers);
    const globals = this.options.globalEnhancers ? this.config : undefined;
    const enhancers = new JobEnhancers(method, providers, jobClass.name, globals, this.logger);
    if (runs) enhancers.check();
    // Nest itself has checked a provider.
    if (runs && !provider) [handler, instance].forEach((form) => form.check());
    this.warnOfUntypedData(jobClass.name, method);
    return new DiscoveredJob(jobClass, settings, { handler, instance }, enhancers);
  }

  /** Warns if pipes cannot know the type of the data: TypeScript writes it down only if `handle` has a decorator. */
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

/** Returns the method that runs: of the instance if Nest has made it already, else of the class. */
function findHandle({ jobClass, provider }: JobCandidate): EnhancedMethod {
  const made = provider && !provider.isNotMetatype ? (provider.metatype as JobCandidate['jobClass']) : jobClass;
  const host = (provider && isStatic(provider) ? provider.instance : made.prototype) as { handle?: unknown } | null;
  const handler = host?.handle;
  if (typeof handler !== 'function') throw InvalidJobError.withoutHandle(jobClass.name);
  return { type: made, handler: handler as EnhancedMethod['handler'] };
}
