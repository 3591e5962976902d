import { InvalidJobError } from '../queue.errors.js';
import type { AttemptScope } from './attempt-scope.js';
import { tokenName, type Dependency } from './class-dependencies.js';
import { FixedSource, type InstanceSource } from './instance-source.js';
import type { ModuleScope } from './module-scope.js';

/**
 * Finds where each dependency of a class is taken from.
 *
 * @param owner the job class that needs them, for messages
 * @throws InvalidJobError naming class, parameter or property, and token, where one cannot be found
 */
export function findSources(
  dependencies: readonly Dependency[],
  scope: ModuleScope,
  owner: string,
): readonly InstanceSource[] {
  return dependencies.map(({ token: readToken, where, optional }) => {
    const token = readToken();
    const source = token === undefined ? undefined : scope.find(token);
    if (source) return source;
    if (optional) return new FixedSource(undefined);
    throw InvalidJobError.unresolved(owner, where, tokenName(token), scope.name);
  });
}

/** The instances that sources give an attempt; without a promise where all of them are fixed. */
export function takeAll<T>(sources: readonly InstanceSource<T>[], attempt: AttemptScope): T[] | Promise<T[]> {
  const taken = sources.map((source) => source.get(attempt));
  return sources.every((source) => source.fixed) ? (taken as T[]) : Promise.all(taken);
}
