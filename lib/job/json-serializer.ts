import { types } from 'node:util';
import { describe } from '../support/describe.js';
import { isBuffer, isLossy } from './lossy-objects.js';
import { UnserializableValueError, type PayloadSerializer } from './payload-serializer.js';

/** Deeper data is refused: it is nearly always a mistake, and would overflow the stack of its reader. */
const MAX_DEPTH = 500;
/** The most steps of the path to a refused value that the message names. */
const MAX_STEPS = 20;
/** Keys that could change a prototype when data is merged or assigned. */
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
/** Objects with one of these as their only key stand for values that JSON cannot write. */
const DATE = '$date';
const NUMBER = '$number';
const LITERAL = '$literal';
const TAGS: ReadonlySet<string> = new Set([DATE, NUMBER, LITERAL]);
/** Text without any of these needs no check after `JSON.parse`. */
const SUSPICIOUS = /"\$(?:date|number|literal)"|__proto__|"constructor"|"prototype"|\\u/;

/**
 * The default serializer: JSON that restores the data as it was, or refuses it.
 *
 * It keeps all that JSON knows, and `Date` and -0. It drops absent values of objects, as JSON does. It stores an object with
 * `toJSON()` as the result of that method, and an instance of a class as its own enumerable properties. It refuses, with the path to
 * it: functions, symbols, `BigInt`, `NaN`, infinities, `undefined` in arrays, `Map`, `Set`, buffers, instances without an own
 * enumerable property and other objects whose content JSON would lose (see `isLossy`), cycles, depth over 500, and the keys
 * `__proto__`, `constructor` and `prototype`. Those keys are also dropped from data that another program stored.
 */
export const jsonSerializer: PayloadSerializer = {
  serialize: (data) => (data === undefined ? '' : JSON.stringify(encode(data, { path: [], ancestors: [] }))),
  deserialize(text) {
    if (text === '') return undefined;
    const data: unknown = JSON.parse(text);
    return SUSPICIOUS.test(text) ? revive(data) : data;
  },
};

/** The way from the data as a whole to the value that is encoded. */
interface Trail {
  readonly path: (string | number)[];
  readonly ancestors: object[];
}

/** Checks a value, and replaces a value that needs a tag; it returns every other value itself, not a copy. */
function encode(value: unknown, trail: Trail): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (!Number.isFinite(value)) refuse(trail, `is ${value}, which JSON cannot hold`);
      return Object.is(value, -0) ? { [NUMBER]: '-0' } : value;
    case 'object':
      return value === null ? null : encodeObject(value, trail);
    default:
      return refuse(trail, `is ${describe(value)}, which cannot be stored`);
  }
}

function encodeObject(value: object, trail: Trail): unknown {
  const { ancestors } = trail;
  if (types.isDate(value)) {
    if (Number.isNaN(value.getTime())) refuse(trail, 'is an invalid Date');
    return { [DATE]: value.toISOString() };
  }
  if (ancestors.length >= MAX_DEPTH) {
    refuse(trail, new Set(ancestors).size < MAX_DEPTH ? 'contains itself' : `is nested deeper than ${MAX_DEPTH}`);
  }
  const isList = Array.isArray(value);
  const isPlain = isList || isPlainObject(value);
  if (!isPlain && isBuffer(value)) refuseContent(value, trail);
  const hasJson = 'toJSON' in value && typeof value.toJSON === 'function';
  if (!isPlain && !hasJson && isLossy(value)) refuseContent(value, trail);
  ancestors.push(value);
  const replacement = hasJson ? callToJson(value as Jsonable, trail) : value;
  const encoded =
    replacement !== value
      ? encode(replacement, trail)
      : isList
        ? encodeArray(value, trail)
        : encodeProperties(value as Record<string, unknown>, trail);
  ancestors.pop();
  return encoded;
}

interface Jsonable {
  toJSON(key: string): unknown;
}

function callToJson(value: Jsonable, trail: Trail): unknown {
  try {
    return value.toJSON(String(trail.path.at(-1) ?? ''));
  } catch (error) {
    return refuse(trail, `throws when it is read (${String(error)})`);
  }
}

function encodeArray(value: readonly unknown[], trail: Trail): unknown {
  let copy: unknown[] | undefined;
  for (let i = 0; i < value.length; i++) {
    trail.path.push(i);
    const encoded = encode(value[i], trail);
    trail.path.pop();
    if (encoded !== value[i]) (copy ??= value.slice())[i] = encoded;
  }
  return copy ?? value;
}

function encodeProperties(source: Record<string, unknown>, trail: Trail): unknown {
  let kept = 0;
  let last = '';
  let copy: Record<string, unknown> | undefined;
  for (const key of Object.keys(source)) {
    if (FORBIDDEN_KEYS.has(key)) refuse(trail, `has the key ${JSON.stringify(key)}, which is not allowed`);
    let item: unknown;
    try {
      item = source[key];
    } catch (error) {
      // A getter of the application may throw.
      refuse(trail, `has a property ${key} that throws when it is read (${String(error)})`);
    }
    if (item === undefined) continue;
    kept++;
    last = key;
    trail.path.push(key);
    const encoded = encode(item, trail);
    trail.path.pop();
    if (encoded !== item) (copy ??= { ...source })[key] = encoded;
  }
  const content = copy ?? (typeof source['toJSON'] === 'function' ? { ...source } : source);
  return kept === 1 && TAGS.has(last) ? { [LITERAL]: content } : content;
}

function refuse({ path }: Trail, reason: string): never {
  const steps = path.slice(0, MAX_STEPS).map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`));
  if (path.length > MAX_STEPS) steps.push('…');
  throw new UnserializableValueError(`data${steps.join('')}`, reason);
}

/** Tells whether an object is a plain one, of any realm: its prototype is `null`, or the root of all prototypes. */
function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'isPrototypeOf');
}

function refuseContent(value: object, trail: Trail): never {
  const hint = types.isProxy(value) ? ' through a proxy' : '';
  return refuse(trail, `is ${describe(value)}${hint}, whose content JSON would lose`);
}

function revive(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(revive);
  const keys = Object.keys(value);
  if (keys.length === 1 && TAGS.has(keys[0]!)) return reviveTag(keys[0]!, (value as Record<string, unknown>)[keys[0]!]);
  return reviveProperties(value, keys);
}

function reviveTag(tag: string, value: unknown): unknown {
  if (tag === DATE && typeof value === 'string') return new Date(value);
  if (tag === NUMBER && value === '-0') return -0;
  if (tag === LITERAL && typeof value === 'object' && value !== null)
    return reviveProperties(value, Object.keys(value));
  return reviveProperties({ [tag]: value }, [tag]);
}

function reviveProperties(value: object, keys: readonly string[]): Record<string, unknown> {
  const revived: Record<string, unknown> = {};
  for (const key of keys) {
    if (!FORBIDDEN_KEYS.has(key)) revived[key] = revive((value as Record<string, unknown>)[key]);
  }
  return revived;
}
