import { types } from 'node:util';

/** Classes of the platform that keep their content where no property shows it, by their global names. */
const CONTAINERS = [
  'Blob',
  'EventTarget',
  'FormData',
  'Headers',
  'Map',
  'Promise',
  'ReadableStream',
  'Request',
  'Response',
  'Set',
  'TransformStream',
  'URLSearchParams',
  'WeakMap',
  'WeakRef',
  'WeakSet',
  'WritableStream',
] as const;

/** Tells whether the object is a buffer. JSON knows the `toJSON()` of `Buffer`, but the data would come back as another value. */
export function isBuffer(value: object): boolean {
  return ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value);
}

/**
 * Tells whether JSON would lose the content of an object that has no `toJSON()` and is no plain object: its content is not
 * in its own enumerable properties. Private state cannot be seen from outside, so an instance without any such property counts
 * as one that keeps its content elsewhere.
 */
export function isLossy(value: object): boolean {
  return (
    types.isMap(value) ||
    types.isSet(value) ||
    types.isRegExp(value) ||
    types.isPromise(value) ||
    types.isWeakMap(value) ||
    types.isWeakSet(value) ||
    types.isBoxedPrimitive(value) ||
    types.isNativeError(value) ||
    Object.keys(value).length === 0 ||
    (Symbol.toStringTag in value && CONTAINERS.some((name) => isInstance(value, name)))
  );
}

/** Looks the class up only here: an environment may lack it, and Node loads some of these classes at the first look. */
function isInstance(value: object, name: string): boolean {
  const container = (globalThis as Record<string, unknown>)[name];
  return typeof container === 'function' && value instanceof container;
}
