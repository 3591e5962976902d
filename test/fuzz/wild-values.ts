import fc from 'fast-check';
import { anyString } from './fuzz.js';

/** A value to push, with the expected outcome: the value that comes back, or a refusal. */
export interface Wild {
  readonly value: unknown;
  readonly refused: boolean;
  /** The value that the job gets if the push is not refused. */
  readonly comesBack: unknown;
  /** The number of levels of nested objects. */
  readonly depth: number;
}

const MAX_DEPTH = 500;
const FORBIDDEN = ['__proto__', 'constructor', 'prototype'];

const plain = (value: unknown): Wild => ({ value, refused: false, comesBack: value, depth: 0 });
const refused = (value: unknown): Wild => ({ value, refused: true, comesBack: undefined, depth: 1 });

/** Values that a getter may throw, including values that are no errors. */
const throwable = fc.constantFrom<unknown>(new Error('not now'), 'text', undefined, Symbol('s'), Object.create(null), {
  toString() {
    throw new Error('not even its name');
  },
});

const simple = fc
  .oneof(
    anyString(20),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.date({ noInvalidDate: true }),
    fc.constantFrom<unknown>(
      null,
      undefined,
      -0,
      1e308,
      -1e308,
      Number.MIN_VALUE,
      '\udc00\ud800',
      '__proto__',
      '\u2028',
    ),
  )
  .map((value) => plain(value));

const lossy = fc
  .constantFrom<() => unknown>(
    () => Number.NaN,
    () => Number.POSITIVE_INFINITY,
    () => Number.NEGATIVE_INFINITY,
    () => 10n,
    () => Symbol('s'),
    () => Symbol.iterator,
    () => () => 1,
    () => class Foo {},
    () => new Date(Number.NaN),
    () => new Map([[1, 2]]),
    () => new Set([1]),
    () => new WeakMap(),
    () => Buffer.from('a'),
    () => new Uint8Array(2),
    () => new BigInt64Array(1),
    () => new Float64Array([Number.NaN]),
    () => new ArrayBuffer(1),
    () => new SharedArrayBuffer(1),
    () => new DataView(new ArrayBuffer(1)),
    () => /a/g,
    () => new RangeError('a'),
    () => Promise.resolve(1),
    () => new URLSearchParams('a=1'),
    () => new Blob(['a']),
    () => new Proxy(new Map([[1, 2]]), {}),
    () => [1].values(),
    () => Object(1) as object,
    () => Object('a') as object,
    () => revoked(),
    () => cycle(),
    () => holes(3),
    () => holes(4_294_967_295),
    () => nested(10_000, 'array'),
    () => nested(10_000, 'object'),
    () => endlessJson(),
  )
  .map((make) => refused(make()));

const key = fc.oneof(
  { weight: 6, arbitrary: anyString(8) },
  { weight: 2, arbitrary: fc.constantFrom('$date', '$number', '$literal', 'toString', 'then', 'length', '0', '') },
  { weight: 1, arbitrary: fc.constantFrom(...FORBIDDEN) },
);

/** Makes properties. Of two properties with the same name the later one counts. */
const properties = (value: fc.Arbitrary<Wild>): fc.Arbitrary<Map<string, Wild>> =>
  fc.array(fc.tuple(key, value), { maxLength: 4 }).map((entries) => new Map(entries));

/** Makes values of every kind with their expected outcomes. */
export const { wild, wildProperties } = fc.letrec<{ wild: Wild; wildProperties: Map<string, Wild> }>((tie) => ({
  wild: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 12, arbitrary: simple },
    { weight: 1, arbitrary: lossy },
    { weight: 3, arbitrary: fc.array(tie('wild'), { maxLength: 4 }).map(arrayOf) },
    { weight: 4, arbitrary: tie('wildProperties').map((entries) => objectOf(entries, {})) },
    { weight: 1, arbitrary: tie('wildProperties').map((entries) => objectOf(entries, Object.create(null) as object)) },
    { weight: 1, arbitrary: tie('wildProperties').map((entries) => instanceOf(entries)) },
    { weight: 1, arbitrary: tie('wildProperties').map((entries) => objectOf(entries, { [Symbol('hidden')]: 1 })) },
    { weight: 1, arbitrary: tie('wildProperties').map(gettersOf) },
    { weight: 1, arbitrary: fc.tuple(tie('wild'), fc.boolean()).map(([json, own]) => withJson(json, own)) },
    { weight: 1, arbitrary: throwable.map(throwing) },
    { weight: 1, arbitrary: fc.tuple(tie('wild'), fc.constantFrom(498, 499, 500)).map(wrapped) },
  ),
  wildProperties: properties(tie('wild')),
}));

/** Computes the expected outcome for properties of an object: `undefined` values are dropped, three names are refused. */
export function expectedOf(entries: ReadonlyMap<string, Wild>): Omit<Wild, 'value'> {
  const kept = [...entries].filter(([, { value }]) => value !== undefined);
  const depth = 1 + Math.max(0, ...kept.map(([, item]) => item.depth));
  const isRefused =
    [...entries.keys()].some((name) => FORBIDDEN.includes(name)) || kept.some(([, item]) => item.refused);
  return {
    refused: isRefused || depth > MAX_DEPTH,
    comesBack: Object.fromEntries(kept.map(([name, { comesBack }]) => [name, comesBack])),
    depth,
  };
}

/** Defines an own property with any name, even `__proto__`. */
export function define(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true });
}

class Point {
  get sum(): number {
    return 1;
  }
}

function arrayOf(items: Wild[]): Wild {
  const depth = 1 + Math.max(0, ...items.map((item) => item.depth));
  return {
    value: items.map(({ value }) => value),
    refused: depth > MAX_DEPTH || items.some((item) => item.refused || item.value === undefined),
    comesBack: items.map(({ comesBack }) => comesBack),
    depth,
  };
}

function objectOf(entries: ReadonlyMap<string, Wild>, value: object): Wild {
  for (const [name, item] of entries) define(value, name, item.value);
  return { value, ...expectedOf(entries) };
}

/** Makes an instance of a class. Without a property it is refused: its content may be anywhere. */
function instanceOf(entries: ReadonlyMap<string, Wild>): Wild {
  const instance = objectOf(entries, new Point());
  return entries.size > 0 ? instance : { ...instance, refused: true };
}

function gettersOf(entries: ReadonlyMap<string, Wild>): Wild {
  const value = {};
  for (const [name, item] of entries) {
    Object.defineProperty(value, name, { get: () => item.value, enumerable: true });
  }
  return { value, ...expectedOf(entries) };
}

/** Makes an object that is stored as the result of its `toJSON()`, one level deeper. */
function withJson(json: Wild, own: boolean): Wild {
  const toJSON = (): unknown => json.value;
  const value = own ? { toJSON, a: 1 } : (Object.create({ toJSON }) as object);
  const depth = json.depth + 1;
  return {
    value,
    refused: json.refused || json.value === undefined || depth > MAX_DEPTH,
    comesBack: json.comesBack,
    depth,
  };
}

function throwing(thrown: unknown): Wild {
  const value = {
    get a(): unknown {
      throw thrown;
    },
  };
  return refused(value);
}

function wrapped([inner, levels]: [Wild, number]): Wild {
  let value = inner;
  for (let i = 0; i < levels; i++) value = arrayOf([value]);
  return value;
}

function nested(levels: number, kind: 'array' | 'object'): unknown {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = kind === 'array' ? [value] : { a: value };
  return value;
}

function holes(length: number): unknown {
  const value: unknown[] = [];
  value.length = length;
  return value;
}

function cycle(): unknown {
  const value: Record<string, unknown> = { list: [] };
  (value['list'] as unknown[]).push({ back: value });
  return value;
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** Makes an object whose `toJSON()` returns another such object, without end. */
function endlessJson(): unknown {
  return { toJSON: () => endlessJson() };
}
