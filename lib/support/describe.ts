import { cutText } from './whole-text.js';

const MAX_LENGTH = 80;

/** Describes a value for an error message: a primitive by its value, an object by its type only, to keep data out. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'undefined':
      return 'undefined';
    case 'string':
      return shorten(JSON.stringify(value));
    case 'number':
    case 'boolean':
      return String(value);
    case 'bigint':
      return `${value}n`;
    case 'symbol':
      return 'a symbol';
    case 'function':
      return readSafely(() => `${isClass(value) ? 'class' : 'function'} ${value.name || '(anonymous)'}`, 'a function');
    default:
      return readSafely(() => describeObject(value), 'an object');
  }
}

/** A revoked proxy, and a getter that throws, must not hide the error whose message this text is for. */
function readSafely(read: () => string, otherwise: string): string {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

function describeObject(value: object): string {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  const name = (Object.getPrototypeOf(value) as { constructor?: { name?: unknown } } | null)?.constructor?.name;
  return typeof name === 'string' && name !== 'Object' && name !== '' ? `an instance of ${name}` : 'an object';
}

function isClass(value: object): boolean {
  return /^class\b/.test(Function.prototype.toString.call(value));
}

function shorten(text: string): string {
  return cutText(text, MAX_LENGTH + 1);
}
