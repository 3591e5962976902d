import type { InjectionToken } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import { InvalidOptionError } from '../queue.errors.js';
import type { QueueModuleOptions, ResolvedQueueOptions } from '../queue.options.js';
import { resolveOptions } from './options.resolver.js';

type Module = NonNullable<ReturnType<ModulesContainer['get']>>;

/**
 * Checks that every `QueueModule.forRoot()` of an application has the same options. An application has one driver and
 * one worker, so of two different configurations one would be ignored.
 *
 * It compares them with one another, and not with the options in use: a test may have replaced those.
 *
 * @param token the token of the options of each `forRoot()`
 * @throws InvalidOptionError with the path of the first option that differs
 */
export function assertOneConfiguration(modules: ModulesContainer, token: InjectionToken): void {
  const [first, ...others] = givenOptions(modules, token).map((given) => resolveOptions(given));
  for (const other of others) {
    const differing = (Object.keys(other) as (keyof ResolvedQueueOptions)[]).find(
      (key) => !isSame(first![key], other[key]),
    );
    if (differing !== undefined) {
      throw new InvalidOptionError(
        differing,
        'the same in every QueueModule.forRoot() of the application',
        'another value',
      );
    }
  }
}

/** Returns true if a `forRoot()` of the application has options. */
export function hasGivenOptions(modules: ModulesContainer, token: InjectionToken): boolean {
  return modulesWith(modules, token).length > 0;
}

function givenOptions(modules: ModulesContainer, token: InjectionToken): QueueModuleOptions[] {
  return modulesWith(modules, token)
    .map((module) => module.providers.get(token)?.instance as QueueModuleOptions | undefined)
    .filter((given) => given !== undefined && given !== null);
}

/** Finds the modules that give options. The core module of Nest comes first: it has only what a test mocks. */
function modulesWith(modules: ModulesContainer, token: InjectionToken): Module[] {
  return [...modules.values()].slice(1).filter(({ providers }) => providers.has(token));
}

/** Compares plain objects by value. Compares instances of classes (a client, a serializer, a logger) by identity. */
function isSame(a: unknown, b: unknown): boolean {
  if (!isPlain(a) || !isPlain(b)) return Object.is(a, b);
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => isSame(a[key], b[key]));
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Array.isArray(value);
}
