import 'reflect-metadata';
import type { AnyJobDefinition } from '../job/job-definition.js';
import type { JobOptions } from '../job/job-options.js';
import type { JobClass } from '../job/job.interface.js';

/** The metadata key of the options of `@Job()`: a registered symbol, so that two copies of this package share it. */
export const JOB_METADATA = Symbol.for('nestjs-job-queue:job');

/** The metadata key of the definition that a class handles. */
const JOB_DEFINITION = Symbol.for('nestjs-job-queue:job-definition');

/** Notes the definition that a class handles. */
export function setDefinition(target: object, definition: AnyJobDefinition): void {
  Reflect.defineMetadata(JOB_DEFINITION, definition, target);
}

/** Returns the definition that the class itself handles; `undefined` if its `@Job()` names none. */
export function definitionOf(target: object): AnyJobDefinition | undefined {
  return Reflect.getOwnMetadata(JOB_DEFINITION, target) as AnyJobDefinition | undefined;
}

/**
 * Reads the unchecked options of `@Job()` on a class; `undefined` if the class itself has no `@Job()`. A subclass without its
 * own `@Job()` is no job: it would be a second job with the same name.
 */
export function readJobMetadata(target: object): JobOptions | string | undefined {
  return Reflect.getOwnMetadata(JOB_METADATA, target) as JobOptions | string | undefined;
}

/** Lists the class and the classes that it extends, as far as they have `@Job()`; the class itself comes last. */
export function jobLineage(target: object): JobClass[] {
  const lineage: JobClass[] = [];
  for (
    let type: object | null = target;
    typeof type === 'function';
    type = Object.getPrototypeOf(type) as object | null
  ) {
    if (isJobClass(type)) lineage.unshift(type);
  }
  return lineage;
}

/** Returns the nearest class with `@Job()` that a class without its own `@Job()` extends. */
export function inheritedJob(type: unknown): JobClass | undefined {
  return typeof type === 'function' && !isJobClass(type) ? jobLineage(type).at(-1) : undefined;
}

/** Returns true if the value is a class with `@Job()`. */
export function isJobClass(value: unknown): value is JobClass<object> {
  return typeof value === 'function' && readJobMetadata(value) !== undefined;
}
