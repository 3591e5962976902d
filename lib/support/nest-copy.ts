import type { ApplicationConfig, NestFactory } from '@nestjs/core';

/** The parts of Nest that the command needs, in the copy of Nest that this library was loaded with. */
export interface NestCopy {
  readonly NestFactory: typeof NestFactory;
  readonly ApplicationConfig: typeof ApplicationConfig;
}

/** A registered symbol: a bundled application holds another copy of this package than the command. */
const KEY = Symbol.for('nestjs-job-queue:nest');

/** Tells the command which copy of Nest the application uses. A bundle may hold one that nobody can import. */
export function tellNestCopy(nest: NestCopy): void {
  (globalThis as Record<symbol, unknown>)[KEY] = nest;
}

/** Returns the copy of Nest that was told last; `undefined` if no copy of this library was loaded. */
export function toldNestCopy(): NestCopy | undefined {
  return (globalThis as Record<symbol, unknown>)[KEY] as NestCopy | undefined;
}
