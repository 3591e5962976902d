import { types } from 'node:util';
import { describe } from '../support/describe.js';
import { UnserializableValueError, type PayloadSerializer } from './payload-serializer.js';

/** Deeper data is refused: it is nearly always a mistake, and would overflow the stack of who reads it. */
const MAX_DEPTH = 500;
/** How many steps of the path to a refused value are told. */
const MAX_STEPS = 20;
/** Keys that could reach a prototype where data is merged or assigned. */
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
/** Objects with one of these as their only key stand for what JSON has no word for. */
const DATE = '$date';
const NUMBER = '$number';
const LITERAL = '$literal';
const TAGS: ReadonlySet<string> = new Set([DATE, NUMBER, LITERAL]);
/** Text without any of these needs no second look after `JSON.parse`. */
const SUSPICIOUS = /"\$(?:date|number|literal)"|__proto__|"constructor"|"prototype"|\\u/;

/**
 * The default serializer: JSON that gives back what went in or refuses it.
 *
 * Kept: what JSON knows, `Date`, -0, and absent values of objects (dropped, as JSON does). An object with `toJSON()` is stored as what that
 * returns, an instance of a class as its own enumerable properties. Refused, with the path to it: functions, symbols,
 * `BigInt`, `NaN`, infinities, `undefined` in arrays, `Map`, `Set`, buffers and other objects whose content JSON would lose,
 * cycles, depth over 500, and the keys `__proto__`, `constructor` and `prototype`, which are also dropped from
 * data that somebody else stored.
 */
export const jsonSerializer: PayloadSerializer = {
  serialize: (data) => (data === undefined ? '' : JSON.stringify(new Encoder().encode(data))),
  deserialize(text) {
    if (text === '') return undefined;
    const data: unknown = JSON.parse(text);
    return SUSPICIOUS.test(text) ? revive(data) : data;
  },
};

/** Checks a value and replaces what needs a tag; what needs none is returned as it is, not copied. */
class Encoder {
  private readonly path: (string | number)[] = [];
  private readonly ancestors: object[] = [];

  encode(value: unknown): unknown {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return value;
      case 'number':
        if (!Number.isFinite(value)) this.refuse(`is ${value}, which JSON cannot hold`);
        return Object.is(value, -0) ? { [NUMBER]: '-0' } : value;
      case 'object':
        return value === null ? null : this.encodeObject(value);
      default:
        return this.refuse(`is ${describe(value)}, which cannot be stored`);
    }
  }

  private encodeObject(value: object): unknown {
    if (types.isDate(value)) {
      if (Number.isNaN(value.getTime())) this.refuse('is an invalid Date');
      return { [DATE]: value.toISOString() };
    }
    if (this.ancestors.length >= MAX_DEPTH) {
      this.refuse(new Set(this.ancestors).size < MAX_DEPTH ? 'contains itself' : `is nested deeper than ${MAX_DEPTH}`);
    }
    this.ancestors.push(value);
    const encoded = this.encodeContent(value);
    this.ancestors.pop();
    return encoded;
  }

  private encodeContent(value: object): unknown {
    if (isOpaque(value)) return this.refuse(`is ${describe(value)}, whose content JSON would lose`);
    if ('toJSON' in value && typeof value.toJSON === 'function') {
      const json = this.read(() => (value.toJSON as (key: string) => unknown)(String(this.path.at(-1) ?? '')));
      if (json !== value) return this.encode(json);
    }
    return Array.isArray(value) ? this.encodeArray(value) : this.encodeProperties(value);
  }

  private encodeArray(value: readonly unknown[]): unknown {
    let copy: unknown[] | undefined;
    for (let i = 0; i < value.length; i++) {
      const encoded = this.descend(i, value[i]);
      if (encoded !== value[i]) (copy ??= value.slice())[i] = encoded;
    }
    return copy ?? value;
  }

  private encodeProperties(value: object): unknown {
    const source = value as Record<string, unknown>;
    let kept = 0;
    let last = '';
    let copy: Record<string, unknown> | undefined;
    for (const key of Object.keys(source)) {
      if (FORBIDDEN_KEYS.has(key)) this.refuse(`has the key ${JSON.stringify(key)}, which is not allowed`);
      const item = this.read(() => source[key], key);
      if (item === undefined) continue;
      kept++;
      last = key;
      const encoded = this.descend(key, item);
      if (encoded !== item) (copy ??= { ...source })[key] = encoded;
    }
    const content = copy ?? (typeof source['toJSON'] === 'function' ? { ...source } : source);
    return kept === 1 && TAGS.has(last) ? { [LITERAL]: content } : content;
  }

  private descend(step: string | number, value: unknown): unknown {
    this.path.push(step);
    const encoded = this.encode(value);
    this.path.pop();
    return encoded;
  }

  /** Reads what may run the application's code: a getter, a `toJSON`. */
  private read(get: () => unknown, key?: string): unknown {
    try {
      return get();
    } catch (error) {
      return this.refuse(
        `${key === undefined ? '' : `has a property ${key} that `}throws when it is read (${String(error)})`,
      );
    }
  }

  private refuse(reason: string): never {
    const steps = this.path.slice(0, MAX_STEPS).map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`));
    if (this.path.length > MAX_STEPS) steps.push('…');
    throw new UnserializableValueError(`data${steps.join('')}`, reason);
  }
}

/** Objects whose content is not in their enumerable properties. */
function isOpaque(value: object): boolean {
  return (
    types.isMap(value) ||
    types.isSet(value) ||
    types.isRegExp(value) ||
    types.isPromise(value) ||
    types.isWeakMap(value) ||
    types.isWeakSet(value) ||
    types.isBoxedPrimitive(value) ||
    types.isNativeError(value) ||
    types.isAnyArrayBuffer(value) ||
    ArrayBuffer.isView(value)
  );
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
