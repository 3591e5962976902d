import type { CanActivate, ExceptionFilter, NestInterceptor, PipeTransform } from '@nestjs/common';
import type { ApplicationConfig } from '@nestjs/core';
import type { AttemptScope } from '../attempt-scope.js';
import { ClassMaker } from '../class-maker.js';
import { takeAll } from '../dependency-sources.js';
import { FixedSource, type InstanceSource } from '../instance-source.js';
import type { ModuleScope } from '../module-scope.js';
import {
  readBound,
  readDecoratedParameters,
  type Bound,
  type DecoratedParameter,
  type EnhancedMethod,
  type EnhancerKind,
  type EnhancerKinds,
} from './enhancer-metadata.js';
import { readGlobal } from './global-enhancers.js';

/** The enhancers of one attempt. */
export interface EnhancerSet {
  readonly guards: readonly CanActivate[];
  readonly interceptors: readonly NestInterceptor[];
  readonly pipes: readonly PipeTransform[];
  readonly filters: readonly ExceptionFilter[];
  readonly parameters: readonly ParameterWithPipes[];
}

export interface ParameterWithPipes {
  readonly parameter: DecoratedParameter;
  readonly pipes: readonly PipeTransform[];
}

type Sources = { readonly [K in EnhancerKind]: readonly InstanceSource<EnhancerKinds[K]>[] } & {
  readonly parameters: readonly { parameter: DecoratedParameter; pipes: readonly InstanceSource<PipeTransform>[] }[];
};

/**
 * The guards, interceptors, pipes and filters of one job class:
 *
 * 1. reads which there are: global ones (where those are asked for), those of the class, those of `handle`;
 * 2. finds where each is taken from: Nest made it for the module, or it is made from its class;
 * 3. hands them out to attempts: the same set to each, where none is request-scoped or transient.
 */
export class JobEnhancers {
  private readonly sources: Sources;
  private fixedSet?: EnhancerSet;

  private constructor(
    method: EnhancedMethod,
    private readonly scope: ModuleScope,
    private readonly owner: string,
    globals: ApplicationConfig | undefined,
  ) {
    const find = <K extends EnhancerKind>(kind: K): InstanceSource<EnhancerKinds[K]>[] => [
      ...(globals ? readGlobal(kind, globals) : []),
      ...readBound(kind, method).map((bound) => this.findSource(bound)),
    ];
    this.sources = {
      guards: find('guards'),
      interceptors: find('interceptors'),
      pipes: find('pipes'),
      filters: find('filters'),
      parameters: readDecoratedParameters(method).map((parameter) => ({
        parameter,
        pipes: (parameter.pipes ?? []).map((bound) => this.findSource(bound)),
      })),
    };
  }

  /**
   * @param scope the module that the job belongs to
   * @param owner the job class, for messages
   * @param globals where the global ones are, if they are to run for jobs
   * @returns `undefined` where nothing is to run around the job
   * @throws InvalidJobError where one needs something that cannot be injected
   */
  static of(
    method: EnhancedMethod,
    scope: ModuleScope,
    owner: string,
    globals: ApplicationConfig | undefined,
  ): JobEnhancers | undefined {
    const enhancers = new JobEnhancers(method, scope, owner, globals);
    return Object.values(enhancers.sources).some(({ length }) => length > 0) ? enhancers : undefined;
  }

  /** The set for one attempt; without a promise, from the second attempt on, where it is the same for all. */
  collect(attempt: AttemptScope): EnhancerSet | Promise<EnhancerSet> {
    return this.fixedSet ?? this.assemble(attempt);
  }

  private async assemble(attempt: AttemptScope): Promise<EnhancerSet> {
    const take = async <T>(sources: readonly InstanceSource<T>[]): Promise<T[]> => takeAll(sources, attempt);
    const { guards, interceptors, pipes, filters, parameters } = this.sources;
    const set: EnhancerSet = {
      guards: await take(guards),
      interceptors: await take(interceptors),
      pipes: await take(pipes),
      // The filter nearest to the method is asked first, as on a controller.
      filters: (await take(filters)).toReversed(),
      parameters: await Promise.all(
        parameters.map(async ({ parameter, pipes: own }) => ({ parameter, pipes: await take(own) })),
      ),
    };
    if (this.fixed) this.fixedSet = set;
    return set;
  }

  private get fixed(): boolean {
    const { guards, interceptors, pipes, filters, parameters } = this.sources;
    const all = [guards, interceptors, pipes, filters, ...parameters.map((parameter) => parameter.pipes)];
    return all.flat().every((source) => source.fixed);
  }

  private findSource<T>(bound: Bound<T>): InstanceSource<T> {
    if (typeof bound !== 'function') return new FixedSource(bound);
    const made = this.scope.findEnhancer(bound) as InstanceSource<T> | undefined;
    return made ?? ClassMaker.of(bound as new () => T & object, this.scope, `${this.owner}, its ${bound.name}`);
  }
}
