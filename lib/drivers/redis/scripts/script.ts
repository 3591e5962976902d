import { createHash } from 'node:crypto';

/** A script for Redis. The local names of its keys and arguments are generated from the lists. */
export interface ScriptDefinition<Key extends string = string, Arg extends string = string> {
  readonly name: string;
  /** Names of `KEYS`, in order. */
  readonly keys: readonly Key[];
  /** Names of the leading `ARGV`, in order. The rest begins at `ARGV[rest]`. */
  readonly args: readonly Arg[];
  /** The arguments among them that the body reads as numbers: their `tonumber` is generated. */
  readonly numbers?: readonly Arg[];
  /** Flags of the `#!lua` line (Redis 7.0). */
  readonly flags: readonly ScriptFlag[];
  readonly body: string;
}

export type ScriptFlag = 'allow-oom' | 'no-writes';

/** The values of a script's named keys and arguments, and the values that follow them. */
export interface ScriptInput<Key extends string, Arg extends string> {
  readonly keys: Readonly<Record<Key, string>>;
  readonly args: Readonly<Record<Arg, string | number>>;
  readonly rest?: readonly (string | number)[];
}

/** The input that a script takes. */
export type InputOf<Script> = Script extends {
  readonly keys: readonly (infer Key extends string)[];
  readonly args: readonly (infer Arg extends string)[];
}
  ? ScriptInput<Key, Arg>
  : never;

/** A script ready to send. */
export interface CompiledScript {
  readonly source: string;
  readonly sha: string;
}

/** Declares a script: gives its names their types. */
export function defineScript<const Key extends string, const Arg extends string>(
  definition: ScriptDefinition<Key, Arg>,
): ScriptDefinition<Key, Arg> {
  return definition;
}

/** Sets `time` (seconds and microseconds) and `now` (milliseconds) from the clock of the server: no other clock counts. */
export const SERVER_TIME = `local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

/** Writes the whole source: flags, the clock, names, body. */
export function compileScript(definition: ScriptDefinition, time: string = SERVER_TIME): CompiledScript {
  const flags = definition.flags.length === 0 ? '' : ` flags=${definition.flags.join(',')}`;
  const source = [`#!lua${flags}`, `-- nestjs-job-queue: ${definition.name}`, time, namedBody(definition)].join('\n');
  return { source, sha: createHash('sha1').update(source).digest('hex') };
}

/** Returns Lua of a function that does what a script does, in another script. It takes lists in the places of `KEYS` and `ARGV`. */
export function asLuaFunction(name: string, definition: ScriptDefinition): string {
  return `local function ${name}(KEYS, ARGV)\n${namedBody(definition)}\nend`;
}

function namedBody({ keys, args, numbers = [], body }: ScriptDefinition): string {
  const argument = (name: string, i: number): string =>
    numbers.includes(name) ? `tonumber(ARGV[${i + 1}])` : `ARGV[${i + 1}]`;
  return [
    ...keys.map((name, i) => `local ${name} = KEYS[${i + 1}]`),
    ...args.map((name, i) => `local ${name} = ${argument(name, i)}`),
    `local rest = ${args.length + 1}`,
    body,
  ].join('\n');
}

/** Returns the values for a call of a script: the number of keys, the keys, the arguments. */
export function toCall<Key extends string, Arg extends string>(
  { keys, args }: ScriptDefinition<Key, Arg>,
  input: ScriptInput<Key, Arg>,
): (string | number)[] {
  const values: (string | number)[] = [keys.length];
  for (const name of keys) values.push(input.keys[name]);
  for (const name of args) values.push(input.args[name]);
  if (input.rest) for (const value of input.rest) values.push(value);
  return values;
}
