import { fillHooks, hook, HOOKS, type HookName } from './hooks.js';
import { placeHelpers } from './helpers.js';
import { READ_KEPT, WRITE_KEPT, WRITE_META, type NamesOf, type RepliesOf, type ScriptPart } from './part.js';
import { integer, writeReply, type ReplyFields } from './reply.js';
import type { ScriptDefinition, ScriptFlag } from './script.js';

/** A script made of parts. */
export interface ComposedScript<
  Key extends string,
  Arg extends string,
  Fields extends ReplyFields,
> extends ScriptDefinition<Key, Arg> {
  /** The fields of its reply, for `readReply`. */
  readonly reply: Fields;
}

/**
 * The fields that each reply begins with: a code, and the number that belongs to a refusal. A refusal has only these
 * two.
 */
const FIRST_FIELDS = { code: integer('1'), last: integer('0') };

type FieldsOf<Part> = typeof FIRST_FIELDS & RepliesOf<Part>;

export interface ComposeOptions {
  readonly flags?: readonly ScriptFlag[];
  /** Lua for the value that the script returns at its end, in place of a reply of the parts. */
  readonly result?: string;
  /** True if parts are left out: code for a hook that only they offer is left out, too. */
  readonly isPartial?: boolean;
}

/**
 * Composes a script of parts, in their order:
 *
 * 1. the reads of all parts, so that a key of the wrong type stops the script before it has written anything: Redis
 *    does not undo the writes of a script that fails;
 * 2. their helpers, except those that only rare blocks call: see `rarely`;
 * 3. their bodies, each in its own block. A body that has all that the client needs ends the work of all with `break`;
 * 4. the reply, of the fields that the parts declare. A body that refuses returns `{ code, S.last }` instead.
 *
 * Parts write the values that they share as fields of `S`. In the script these are locals, which are three times as
 * fast, but for those that are seldom mentioned: Lua 5.1 allows 200 locals in a function, and 60 outer locals in a closure.
 *
 * The body is made when it is first read: a process runs few of the scripts.
 *
 * @throws Error if two parts declare the same field of the reply. The first read of the body throws one if two parts declare
 *   another name twice, or if a part fills a hook that no part of the script offers
 */
export function composeScript<const Parts extends readonly ScriptPart[]>(
  name: string,
  parts: Parts,
  { flags = ['allow-oom'], result, isPartial = false }: ComposeOptions = {},
): ComposedScript<
  NamesOf<Parts[number], 'keys'>,
  NamesOf<Parts[number], 'args'> | NamesOf<Parts[number], 'numbers'>,
  FieldsOf<Parts[number]>
> {
  type Key = NamesOf<Parts[number], 'keys'>;
  type Arg = NamesOf<Parts[number], 'args'> | NamesOf<Parts[number], 'numbers'>;
  const all: readonly ScriptPart[] = parts;
  const reply: ReplyFields = { ...FIRST_FIELDS, ...merge(name, all, 'reply') };
  const numbers = unique(all.flatMap((part) => part.numbers ?? []));
  const keys = unique(all.flatMap((part) => part.keys ?? []));
  const args = unique([...all.flatMap((part) => part.args ?? []), ...numbers]);
  let body: string | undefined;
  return {
    name,
    flags,
    keys: keys as Key[],
    args: args as Arg[],
    numbers: numbers as Arg[],
    get body() {
      return (body ??= composeBody(name, all, { reply, result, isPartial, names: keys.length + args.length }));
    },
    reply: reply as FieldsOf<Parts[number]>,
  };
}

interface BodyOptions extends Pick<ComposeOptions, 'result' | 'isPartial'> {
  readonly reply: ReplyFields;
  /** The number of keys and arguments: each takes a local. */
  readonly names: number;
}

function composeBody(
  name: string,
  parts: readonly ScriptPart[],
  { reply, result, isPartial = false, names }: BodyOptions,
): string {
  const reads = [
    '-- Reads come first: a key of the wrong type stops the script before it has written anything.',
    readMeta(merge(name, parts, 'meta')),
    ...parts.map((part) => part.reads?.trim() ?? ''),
  ].join('\n');
  const acts = [
    'repeat',
    ...parts.filter(({ body }) => body !== undefined).map((part) => `do -- ${part.name}\n${part.body!.trim()}\nend`),
    'until true',
    ...(result === undefined ? [hook('answering'), writeReply(reply)] : [`return ${result}`]),
  ].join('\n');
  const helpers = parts.map((part) => part.helpers?.trim() ?? '');
  const code = `${reads}\n${placeHelpers(helpers, acts, (pieces) => fill(name, parts, pieces, isPartial))}`;
  const lua = numberFields(code, merge(name, parts, 'fields'))
    .replaceAll(WRITE_META, () => writeMeta(merge(name, parts, 'keeps')))
    .replaceAll(WRITE_KEPT, () => writeKept(reply))
    .replaceAll(READ_KEPT, () => readKept(reply));
  const shared = merge(name, parts, 'shared');
  const often = oftenUsed(lua, MOST_LOCALS - names);
  return `${declareShared(shared, often, lua)}\n${lua}`
    .replaceAll(SHARED, (field, key: string) => (often.has(key) ? `S_${key}` : field))
    .replaceAll(/\n(?:[ \t]*\n)+/g, '\n');
}

const SHARED = /\bS\.(\w+)/g;
/** A field of `S` that is mentioned so often, or less, is a local only if there is room. */
const SELDOM = 3;
/** Locals that the helpers declare. */
const LOCALS = /^local /gm;
/** The most locals that the keys, the arguments, the helpers and the fields of `S` may take. The others are for the blocks of the parts. */
const MOST_LOCALS = 150;

/** Fills the hooks of pieces of Lua. */
function fill(name: string, parts: readonly ScriptPart[], pieces: readonly string[], isPartial: boolean): string[] {
  const offered = new Set<HookName>();
  const codesFor = (hookName: HookName): string[] => parts.flatMap(({ on }) => on?.[hookName] ?? []);
  const filled = pieces.map((lua) => fillHooks(lua, codesFor, (hookName) => offered.add(hookName)));
  if (!isPartial) checkHooks(name, parts, offered);
  return filled;
}

/** @throws Error if a part fills a hook that no part offers */
function checkHooks(name: string, parts: readonly ScriptPart[], offered: ReadonlySet<HookName>): void {
  for (const part of parts) {
    for (const hookName of Object.keys(part.on ?? {}) as HookName[]) {
      if (!(hookName in HOOKS)) throw new Error(`Script ${name}: there is no hook ${hookName}, as ${part.name} has it`);
      if (!offered.has(hookName))
        throw new Error(`Script ${name}: no part offers the hook ${hookName} of ${part.name}`);
    }
  }
}

/** Merges the records of all parts. @throws Error if two parts declare the same name */
function merge<Field extends 'reply' | 'shared' | 'meta' | 'keeps' | 'fields'>(
  name: string,
  parts: readonly ScriptPart[],
  field: Field,
): NonNullable<ScriptPart[Field]> {
  const merged: Record<string, unknown> = {};
  for (const part of parts) {
    for (const [key, value] of Object.entries(part[field] ?? {})) {
      const known = merged[key];
      if (known !== undefined && (field !== 'meta' || known !== value)) {
        throw new Error(`Script ${name}: ${part.name} declares ${field}.${key}, and so does another part`);
      }
      merged[key] = value;
    }
  }
  return merged as NonNullable<ScriptPart[Field]>;
}

/** Puts the numbers of elements in the place of their names. */
function numberFields(lua: string, fields: Readonly<Record<string, readonly string[]>>): string {
  let numbered = lua;
  for (const [local, names] of Object.entries(fields)) {
    const named = new RegExp(String.raw`(?<![\w.])${local}\.(${names.join('|')})\b`, 'g');
    numbered = numbered.replaceAll(named, (_, field: string) => `${local}[${names.indexOf(field) + 1}]`);
  }
  return numbered;
}

/** Returns the fields of `S` that become locals: those that the Lua mentions often, and others as long as there is room. */
function oftenUsed(lua: string, room: number): ReadonlySet<string> {
  const mentions = new Map<string, number>();
  for (const [, key] of lua.matchAll(SHARED)) mentions.set(key!, (mentions.get(key!) ?? 0) + 1);
  const ordered = [...mentions].sort(([, a], [, b]) => b - a);
  const left = room - (lua.slice(0, lua.indexOf('\nrepeat\n')).match(LOCALS) ?? []).length;
  return new Set(ordered.filter(([, count], i) => count > SELDOM || i < left).map(([key]) => key));
}

/** Declares every field of `S` that the Lua uses: those that it uses often as locals. */
function declareShared(shared: Readonly<Record<string, string>>, often: ReadonlySet<string>, lua: string): string {
  const used = unique([...[...lua.matchAll(SHARED)].map(([, key]) => key!), ...Object.keys(shared)]);
  const seldom = used.filter((key) => !often.has(key) && shared[key] !== undefined);
  return [
    `local S = { ${seldom.map((key) => `${key} = ${shared[key]}`).join(', ')} }`,
    ...used.filter((key) => often.has(key)).map((key) => `local S.${key} = ${shared[key] ?? 'nil'}`),
  ].join('\n');
}

function readMeta(meta: Readonly<Record<string, 'number' | 'text'>>): string {
  const names = Object.keys(meta);
  if (names.length === 0) return '';
  const targets = names.map((key) => `S.${key}`);
  const values = names.map((key, i) =>
    meta[key] === 'number' ? `tonumber(metaFields[${i + 1}])` : `metaFields[${i + 1}] or nil`,
  );
  return [
    `local metaFields = redis.call('HMGET', meta, ${names.map((key) => `'${key}'`).join(', ')})`,
    `${targets.join(', ')} = ${values.join(', ')}`,
  ].join('\n');
}

function writeMeta(keeps: Readonly<Record<string, string>>): string {
  const fields = Object.entries(keeps).map(([key, value]) => `'${key}', ${value}`);
  return `redis.call('HSET', meta, ${fields.join(', ')})`;
}

function keptNames(reply: ReplyFields): string[] {
  return Object.values(reply).flatMap(({ kept }) => kept ?? []);
}

/** Writes the kept lists. No id begins with `~`, so the names of the lists differ from the ids in them. */
function writeKept(reply: ReplyFields): string {
  return keptNames(reply)
    .map((key) => `if #S.${key} > 0 then kept = kept .. ' ~${key} ' .. table.concat(S.${key}, ' ') end`)
    .join('\n');
}

function readKept(reply: ReplyFields): string {
  const lists = keptNames(reply).map((key) => `['~${key}'] = S.${key}`);
  return [
    `local lists, told = { ${lists.join(', ')} }, {}`,
    `for word in string.gmatch(kept, '[^ ]+') do`,
    `  if lists[word] then told = lists[word] else told[#told + 1] = word end`,
    'end',
  ].join('\n');
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
