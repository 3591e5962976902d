import { Inject, Injectable, ValidationPipe } from '@nestjs/common';
import { ApplicationConfig, DiscoveryService, ModulesContainer } from '@nestjs/core';
import { assertEnds } from '../job/attempt-options.reader.js';
import { InvalidJobError } from '../queue.errors.js';
import type { ResolvedQueueOptions } from '../queue.options.js';
import { QUEUE_LOGGER, RESOLVED_QUEUE_OPTIONS } from '../queue.tokens.js';
import { errorMessage, toError } from '../support/error-text.js';
import { areWorkersManual } from '../support/manual-worker.js';
import type { QueueLogger } from '../support/queue-logger.js';
import { lacksTypes } from './class-dependencies.js';
import { formsOfFeature, formsOfProvider } from './allowed-forms.js';
import { DiscoveredChunkJob, refuseEnhancers } from './chunk-job.js';
import { DiscoveredJob, type JobForms } from './discovered-job.js';
import { readBound, readParameterTypes, type EnhancedMethod } from './enhancers/enhancer-metadata.js';
import { JobEnhancers } from './enhancers/job-enhancers.js';
import { HandlerForm } from './handler-form.js';
import { shareHandler, showHandler } from './feature-handler.js';
import { ClassSource } from './injection.js';
import { InstanceForm } from './instance-form.js';
import { isStatic, sourceOf, type InstanceSource } from './instance-source.js';
import type { JobInstance } from './job-attempt.js';
import { findCandidates, type FoundJob, type JobCandidate } from './job-candidates.js';
import { readJobSettings, type JobSettings } from './job-settings.js';
import { JobRegistry, type JobSource } from './job.registry.js';
import type { RegisteredJob } from './registered-job.interface.js';
import { MadeModules } from './made-modules.js';
import { middlewareSource } from './middleware/middleware-source.js';
import { MiddlewareSet } from './middleware/middleware-set.js';
import { ModuleMiddleware } from './middleware/module-middleware.js';
import { ModuleProviders } from './module-providers.js';
import { warningOfOtherInstances } from './other-instances.js';
import { OverriddenInstanceForm } from './overridden-instance.form.js';
import { UndecoratedSubclasses } from './undecorated-subclasses.js';

/**
 * Finds the job classes of the application when it starts:
 *
 * 1. looks through the providers of every module, and through the classes that `QueueModule.forFeature()` names;
 * 2. checks each class: its options, its name or definition, that it has a `handle`;
 * 3. checks, in a process that runs jobs, that every dependency has a provider (if the worker is started by hand, the
 *    registry checks that then);
 * 4. registers the classes.
 *
 * It does so earlier if a job is needed before the start, as soon as Nest has made all modules; and again if a job is
 * missing after modules were added (`LazyModuleLoader`).
 */
@Injectable()
export class JobExplorer implements JobSource {
  private readonly made: MadeModules;
  private readonly subclasses = new UndecoratedSubclasses();
  private reported: unknown;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly modules: ModulesContainer,
    private readonly config: ApplicationConfig,
    private readonly registry: JobRegistry,
    @Inject(RESOLVED_QUEUE_OPTIONS) private readonly options: ResolvedQueueOptions,
    @Inject(QUEUE_LOGGER) private readonly logger: QueueLogger,
    private readonly middleware: ModuleMiddleware,
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
    const providers = this.discovery.getProviders();
    for (const candidate of findCandidates(providers, this.modules)) {
      if (registry.has(candidate.jobClass)) continue;
      registry.register(this.discover(candidate), `${candidate.jobClass.name} (${candidate.module.name})`);
      const warning = warningOfOtherInstances(candidate);
      if (warning !== undefined) this.logger.warn(warning);
    }
    this.middleware.checkPushes();
    for (const warning of this.subclasses.warnings(providers)) this.logger.warn(warning);
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

  private discover(candidate: FoundJob): RegisteredJob {
    const { jobClass, module, provider, feature } = candidate;
    const settings = readJobSettings(jobClass, module.name);
    const { maxTries, retryFor = this.options.jobs.retryFor } = settings.options;
    assertEnds(maxTries, retryFor, `maxTries of job class ${jobClass.name}`);
    const isChunk = settings.options.chunk !== undefined;
    const method = findMethod(candidate, isChunk);
    const providers = new ModuleProviders(module, feature);
    // The `queue-worker` command runs jobs, whatever the option says.
    const runs = this.options.worker.enabled || areWorkersManual();
    const allowed = feature
      ? formsOfFeature(jobClass, runs && !provider ? providers : undefined)
      : formsOfProvider(jobClass);
    if (settings.definition && !allowed.handler) throw carrierOfDefinition(jobClass, settings.name);
    if (isChunk && !allowed.handler) throw carrierOfChunk(jobClass);
    const made = provider && (sourceOf(provider) as InstanceSource<JobInstance>);
    const handlers = made ?? (new ClassSource(jobClass, providers, jobClass.name) as ClassSource<JobInstance>);
    const globals = this.options.globalEnhancers ? this.config : undefined;
    const middleware = this.middlewareOf(settings, providers, jobClass.name);
    if (isChunk) {
      refuseEnhancers(jobClass.name, method, globals);
      const check = (): void => {
        middleware?.check();
        handlers.check?.();
      };
      if (runs) check();
      if (handlers instanceof ClassSource) showHandler(candidate, handlers, runs);
      shareHandler(candidate);
      return new DiscoveredChunkJob(jobClass, settings, handlers, check, middleware);
    }
    const handler = new HandlerForm(jobClass.name, allowed.handler, handlers);
    const instance =
      made && feature
        ? new OverriddenInstanceForm(jobClass, allowed.instance, providers, made)
        : new InstanceForm(jobClass, allowed.instance, providers);
    const enhancers = new JobEnhancers(method, providers, jobClass.name, globals, this.logger);
    const check = (): void => {
      enhancers.check();
      middleware?.check();
      // Nest itself has checked a provider.
      if (!provider) checkForms(jobClass, providers, { handler, instance });
    };
    if (runs) check();
    if (handlers instanceof ClassSource) {
      showHandler(candidate, allowed.handler ? handlers : undefined, runs && !allowed.instance);
    }
    shareHandler(candidate);
    // The pipes of a job that carries its data get its class.
    if (allowed.handler) this.warnOfUntypedData(jobClass.name, method, globals);
    return new DiscoveredJob(jobClass, settings, { handler, instance }, enhancers, check, middleware);
  }

  /** Collects the middleware around the attempts of a class; `undefined` if there is none. */
  private middlewareOf(
    { options }: JobSettings,
    providers: ModuleProviders,
    className: string,
  ): MiddlewareSet | undefined {
    const own = (options.middleware ?? []).map((each) => middlewareSource(each, providers, className));
    const all = [...this.middleware.ofAttempts(), ...own];
    return all.length > 0 ? new MiddlewareSet(all) : undefined;
  }

  /** Warns if pipes cannot know the type of the data: TypeScript writes it down only if `handle` has a decorator. */
  private warnOfUntypedData(className: string, method: EnhancedMethod, globals: ApplicationConfig | undefined): void {
    if (method.handler.length === 0 || readParameterTypes(method)) return;
    const whose = readBound('pipes', method).some(validates)
      ? 'has a'
      : hasGlobalValidation(globals)
        ? 'has a global'
        : '';
    if (whose === '') return;
    this.logger.warn(
      `Job class ${className} ${whose} ValidationPipe, but handle() has no decorator, so that the type of its data is not known and nothing is validated: put @UsePipes() on handle()`,
    );
  }
}

/** Makes the error for a definition whose class takes its data, or something unknown, in its constructor. */
function carrierOfDefinition(jobClass: JobCandidate['jobClass'], name: string): InvalidJobError {
  return lacksTypes(jobClass)
    ? InvalidJobError.untypedConstructor(jobClass.name)
    : InvalidJobError.definitionOfCarrier(jobClass.name, name);
}

/** Makes the error for a class with `handleChunk` that takes its data, or something unknown, in its constructor. */
function carrierOfChunk(jobClass: JobCandidate['jobClass']): InvalidJobError {
  return lacksTypes(jobClass)
    ? InvalidJobError.untypedConstructor(jobClass.name)
    : InvalidJobError.chunkOfCarrier(jobClass.name);
}

function hasGlobalValidation(globals: ApplicationConfig | undefined): boolean {
  if (!globals) return false;
  const scoped = globals.getGlobalRequestPipes().map(({ metatype }) => metatype);
  return [...globals.getGlobalPipes(), ...scoped].some(validates);
}

/** Returns true for a ValidationPipe, or the class of one, that needs the type of the data. */
function validates(pipe: unknown): boolean {
  if (pipe instanceof ValidationPipe) return (pipe as unknown as { expectedType?: unknown }).expectedType === undefined;
  return typeof pipe === 'function' && (pipe === ValidationPipe || pipe.prototype instanceof ValidationPipe);
}

/** Checks the forms that the class has in an application with the dependencies. @throws InvalidJobError */
function checkForms(jobClass: JobCandidate['jobClass'], providers: ModuleProviders, forms: JobForms): void {
  const allowed = formsOfFeature(jobClass, providers);
  if (allowed.handler) forms.handler.check();
  if (allowed.instance) forms.instance.check();
}

/**
 * Returns the method that runs: of the instance if Nest has made it already, else of the class.
 *
 * @param isChunk whether it is `handleChunk`
 * @throws InvalidJobError
 */
function findMethod({ jobClass, provider }: JobCandidate, isChunk: boolean): EnhancedMethod {
  const made = provider && !provider.isNotMetatype ? (provider.metatype as JobCandidate['jobClass']) : jobClass;
  const host = (provider && isStatic(provider) ? provider.instance : made.prototype) as JobHost | null;
  if (typeof host?.handleChunk === 'function') {
    if (typeof host.handle === 'function') throw InvalidJobError.bothHandles(jobClass.name);
    if (!isChunk) throw InvalidJobError.methodWithoutChunk(jobClass.name);
  } else if (isChunk) throw InvalidJobError.chunkWithoutMethod(jobClass.name);
  const handler = isChunk ? host?.handleChunk : host?.handle;
  if (typeof handler !== 'function') {
    throw provider?.isNotMetatype
      ? InvalidJobError.withoutHandleInProvider(jobClass.name, host)
      : InvalidJobError.withoutHandle(jobClass.name);
  }
  return { type: made, handler: handler as EnhancedMethod['handler'] };
}

interface JobHost {
  readonly handle?: unknown;
  readonly handleChunk?: unknown;
}
