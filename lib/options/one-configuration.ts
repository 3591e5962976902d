import type { InjectionToken } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import { InvalidOptionError } from '../queue.errors.js';
import type { QueueModuleOptions, ResolvedQueueOptions } from '../queue.options.js';
import { resolveOptions } from './options.resolver.js';

/**
 * Checks that every `QueueModule.forRoot()` of an application has the same options. An application has one driver and
 * one worker, so of two different configurations one would be ignored.
 *
 * @param token the token of the options of each `forRoot()`
 * @param used the options of the driver and the worker
 * @throws InvalidOptionError with the path of the first option that differs
 */
export function assertOneConfiguration(
  modules: ModulesContainer,
  token: InjectionToken,
  used: ResolvedQueueOptions,
): void {
  for (const module of modules.values()) {
    const given = module.providers.get(token)?.instance as QueueModuleOptions | undefined;
    if (!given) continue;
    const resolved = resolveOptions(given);
    const differing = (Object.keys(used) as (keyof ResolvedQueueOptions)[]).find(
      (key) => !isSame(used[key], resolved[key]),
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
