import { Inject, Injectable } from '@nestjs/common';
import { DiscoveryService, ModulesContainer } from '@nestjs/core';
import { aroundAttempts, aroundPushes } from '../../job/middleware-option.reader.js';
import type { AnyMiddleware, JobMiddleware, MiddlewareType, PushMiddleware } from '../../job/middleware.interface.js';
import { NotInitializedError } from '../../queue.errors.js';
import type { ResolvedQueueOptions } from '../../queue.options.js';
import { ADDED_MIDDLEWARE, QUEUE_MODULE_OPTIONS, RESOLVED_QUEUE_OPTIONS } from '../../queue.tokens.js';
import { importersOf } from '../feature-jobs.js';
import { sourceOf, type InstanceSource, type NestModule } from '../instance-source.js';
import { MadeModules } from '../made-modules.js';
import { ModuleProviders } from '../module-providers.js';
import { middlewareSource } from './middleware-source.js';

const OWNER = 'the option "middleware" of QueueModule';

/**
 * Finds the instances of the module's middleware. A class is looked for among what the module that imports `QueueModule` can
 * inject, then among the providers of all modules; else it is made with the providers of the importing module.
 */
@Injectable()
export class ModuleMiddleware {
  private readonly made: MadeModules;
  private readonly added: readonly MiddlewareType[];
  private readonly sources = new Map<MiddlewareType, InstanceSource<AnyMiddleware>>();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly modules: ModulesContainer,
    @Inject(RESOLVED_QUEUE_OPTIONS) private readonly options: ResolvedQueueOptions,
  ) {
    this.made = new MadeModules(modules);
    this.added = [...modules.values()].flatMap(addedBy);
  }

  /** Whether middleware runs around pushes. */
  get hasPushes(): boolean {
    return aroundPushes(this.given).length > 0;
  }

  /** Returns the middleware around attempts; the first one is the outermost. Nest has to have made all modules. */
  ofAttempts(): InstanceSource<JobMiddleware>[] {
    return aroundAttempts(this.given).map((each) => this.find(each));
  }

  /**
   * Returns the middleware around pushes; the first one is the outermost.
   *
   * @param name the job that is pushed, for the message
   * @throws NotInitializedError if Nest still makes the modules
   */
  ofPushes(name: string): InstanceSource<PushMiddleware>[] {
    if (this.sources.size === 0 && this.made.look() === 'unmade') throw new NotInitializedError(name);
    return aroundPushes(this.given).map((each) => this.find(each));
  }

  /** Finds the providers that the middleware around pushes needs. @throws InvalidJobError if a provider is missing */
  checkPushes(): void {
    for (const each of aroundPushes(this.given)) this.find(each).check?.();
  }

  /** A test may have replaced the options by others. */
  private get given(): readonly MiddlewareType[] {
    return [...this.added, ...(this.options.middleware ?? [])];
  }

  private find<T extends AnyMiddleware>(middleware: MiddlewareType<T>): InstanceSource<T> {
    const known = this.sources.get(middleware) ?? this.look(middleware);
    this.sources.set(middleware, known);
    return known as InstanceSource<T>;
  }

  private look(middleware: MiddlewareType): InstanceSource<AnyMiddleware> {
    const providers = new ModuleProviders(this.importer);
    if (typeof middleware === 'function' && !providers.find(middleware)) {
      const elsewhere = this.discovery.getProviders().find(({ token }) => token === middleware);
      if (elsewhere) return sourceOf(elsewhere) as InstanceSource<AnyMiddleware>;
    }
    return middlewareSource(middleware, providers, OWNER);
  }

  /** The module that imports `QueueModule` with its options. */
  private get importer(): NestModule {
    const all = [...this.modules.values()];
    const configured = all.slice(1).find(({ providers }) => providers.has(QUEUE_MODULE_OPTIONS));
    return (configured && importersOf(configured, all)[0]) ?? configured ?? all[0]!;
  }
}

/** Nest sets a value when it reads the modules, before it makes the first provider. */
function addedBy({ providers }: NestModule): readonly MiddlewareType[] {
  return (providers.get(ADDED_MIDDLEWARE)?.instance ?? []) as readonly MiddlewareType[];
}
