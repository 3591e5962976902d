import type { CanActivate, ExceptionFilter, NestInterceptor, PipeTransform, Type } from '@nestjs/common';
import type { ApplicationConfig } from '@nestjs/core';
import type { QueueLogger } from '../../support/queue-logger.js';
import type { AttemptScope } from '../attempt-scope.js';
import { ClassSource } from '../injection.js';
import { FixedSource, sourceOf, takeAll, type InstanceSource, type NestProvider } from '../instance-source.js';
import type { ModuleProviders } from '../module-providers.js';
import {
  readBound,
  readDecoratedParameters,
  type Bound,
  type DecoratedParameter,
  type EnhancedMethod,
  type EnhancerKind,
  type EnhancerKinds,
} from './enhancer-metadata.js';

/** The enhancers of one attempt, and the method that they run around. */
export interface EnhancerSet {
  readonly method: EnhancedMethod;
  readonly guards: readonly CanActivate[];
  readonly interceptors: readonly NestInterceptor[];
  readonly pipes: readonly PipeTransform[];
  readonly filters: readonly ExceptionFilter[];
  readonly parameters: readonly ParameterWithPipes[];
  /** Logs what a filter throws. */
  readonly logger: QueueLogger;
}

export interface ParameterWithPipes {
  readonly parameter: DecoratedParameter;
  readonly pipes: readonly PipeTransform[];
}

type Sources = { readonly [K in EnhancerKind]: readonly InstanceSource<EnhancerKinds[K]>[] } & {
  readonly parameters: readonly { parameter: DecoratedParameter; pipes: readonly InstanceSource<PipeTransform>[] }[];
};

/** The methods of Nest's configuration that return the global enhancers of a kind, and those that are request-scoped. */
const GLOBAL = {
  guards: ['getGlobalGuards', 'getGlobalRequestGuards'],
  interceptors: ['getGlobalInterceptors', 'getGlobalRequestInterceptors'],
  pipes: ['getGlobalPipes', 'getGlobalRequestPipes'],
  filters: ['getGlobalFilters', 'getGlobalRequestFilters'],
} as const satisfies Record<EnhancerKind, readonly (keyof ApplicationConfig)[]>;

/**
 * Collects the guards, interceptors, pipes and filters of one job class:
 *
 * 1. reads the global enhancers (if the option is set), those of the class, and those of `handle`;
 * 2. finds the instance that Nest made for the module, or makes an instance of the class;
 * 3. hands them to attempts: the same set to each, if no enhancer is request-scoped or transient.
 *
 * It does not look for enhancers before the first attempt or {@link check}: a process that only dispatches jobs may
 * lack the providers that they inject.
 */
export class JobEnhancers {
  private found?: Sources;
  /** The set of every attempt; `null` if nothing runs around the job. */
  private fixedSet?: EnhancerSet | null;

  /**
   * @param providers the providers of the module that the job belongs to
   * @param owner the job class, for messages
   * @param globals the configuration that has the global enhancers, if they run for jobs
   */
  constructor(
    private readonly method: EnhancedMethod,
    private readonly providers: ModuleProviders,
    private readonly owner: string,
    private readonly globals: ApplicationConfig | undefined,
    private readonly logger: QueueLogger,
  ) {}

  /** Finds the providers that the enhancers need. @throws InvalidJobError if a provider is missing */
  check(): void {
    this.all.forEach((source) => source.check?.());
  }

  /**
   * Collects the set of one attempt, `null` if nothing runs around the job; without a promise, from the second attempt
   * on, if the set is the same for all attempts. Rejects with an InvalidJobError if a provider is missing.
   */
  collect(attempt: AttemptScope): EnhancerSet | null | Promise<EnhancerSet> {
    if (this.fixedSet !== undefined) return this.fixedSet;
    if (this.all.length > 0 || this.sources.parameters.length > 0) return this.assemble(attempt);
    return (this.fixedSet = null);
  }

  private async assemble(attempt: AttemptScope): Promise<EnhancerSet> {
    const take = async <T>(sources: readonly InstanceSource<T>[]): Promise<T[]> => takeAll(sources, attempt);
    const { guards, interceptors, pipes, filters, parameters } = this.sources;
    const set: EnhancerSet = {
      method: this.method,
      logger: this.logger,
      guards: await take(guards),
      interceptors: await take(interceptors),
      pipes: await take(pipes),
      // The filter nearest to the method is asked first, as on a controller.
      filters: (await take(filters)).toReversed(),
      parameters: await Promise.all(
        parameters.map(async ({ parameter, pipes: own }) => ({ parameter, pipes: await take(own) })),
      ),
    };
    if (this.all.every((source) => source.fixed)) this.fixedSet = set;
    return set;
  }

  private get all(): readonly InstanceSource[] {
    const { guards, interceptors, pipes, filters, parameters } = this.sources;
    return [guards, interceptors, pipes, filters, ...parameters.map((parameter) => parameter.pipes)].flat();
  }

  private get sources(): Sources {
    return (this.found ??= {
      guards: this.find('guards'),
      interceptors: this.find('interceptors'),
      pipes: this.find('pipes'),
      filters: this.find('filters'),
      parameters: readDecoratedParameters(this.method).map((parameter) => ({
        parameter,
        pipes: (parameter.pipes ?? []).map((bound) => this.sourceOf(bound)),
      })),
    });
  }

  private find<K extends EnhancerKind>(kind: K): InstanceSource<EnhancerKinds[K]>[] {
    const bound = readBound(kind, this.method).map((enhancer) => this.sourceOf(enhancer));
    return this.globals ? [...globalEnhancersOf(kind, this.globals), ...bound] : bound;
  }

  private sourceOf<T>(bound: Bound<T>): InstanceSource<T> {
    if (typeof bound !== 'function') return new FixedSource(bound);
    const made = this.providers.findEnhancer(bound) as InstanceSource<T> | undefined;
    if (made) return made;
    const type = this.providers.enhancerClass(bound as Type<object>) as new () => T & object;
    return new ClassSource(type, this.providers, `${this.owner}, its ${type.name}`);
  }
}

/** Reads the global enhancers of a kind, those registered as `APP_GUARD` and the like included. */
export function globalEnhancersOf<K extends EnhancerKind>(
  kind: K,
  config: ApplicationConfig,
): InstanceSource<EnhancerKinds[K]>[] {
  const [instances, scoped] = GLOBAL[kind];
  return [
    ...(config[instances]() as EnhancerKinds[K][]).map((instance) => new FixedSource(instance)),
    ...(config[scoped]() as NestProvider[]).map((provider) => sourceOf(provider) as InstanceSource<EnhancerKinds[K]>),
  ];
}
