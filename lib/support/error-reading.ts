import { types } from 'node:util';

/**
 * Reads errors without trust: a getter may throw, a proxy may be revoked, a text may be an object that has no `toString()`. What
 * cannot be read counts as missing.
 */

/** The errors that belong to one error: what it collects (`AggregateError`), and its cause. */
export interface RelatedErrors {
  readonly errors: readonly unknown[];
  readonly cause: unknown;
}

/** Returns true for an error, also of another realm (of a `vm` context, or of Node itself inside a jest test). */
export function isError(value: unknown): value is Error {
  return types.isNativeError(value) || attempt(() => value instanceof Error) === true;
}

/** Reads a property as text; empty if it cannot be read. */
export function readText(error: object, key: 'message' | 'name' | 'stack'): string {
  const text = attempt(() => {
    const value = (error as Record<string, string | number | null | undefined>)[key];
    return value === undefined || value === null ? '' : String(value);
  });
  return text ?? '';
}

/** Returns the related errors of an error, at most so many of each kind; none if they cannot be read. */
export function relatedErrors(error: object, limit: number): RelatedErrors {
  const related = attempt(() => {
    const { errors, cause } = error as { errors?: unknown; cause?: unknown };
    return { errors: Array.isArray(errors) ? (errors as unknown[]).slice(0, limit) : [], cause };
  });
  return related ?? { errors: [], cause: undefined };
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
