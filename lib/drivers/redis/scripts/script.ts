import { createHash } from 'node:crypto';

/** What a script is made of. The local names of its keys and arguments are generated from the lists. */
export interface ScriptDefinition<Key extends string = string, Arg extends string = string> {
  readonly name: string;
  /** Names of `KEYS`, in order. */
  readonly keys: readonly Key[];
  /** Names of the leading `ARGV`, in order. The rest begins at `ARGV[rest]`. */
  readonly args: readonly Arg[];
  /** Flags of the `#!lua` line (Redis 7.0). */
  readonly flags: readonly ('allow-oom' | 'no-writes')[];
  readonly body: string;
}

/** The values of a script's named keys and arguments, and what follows them. */
export interface ScriptInput<Key extends string, Arg extends string> {
  readonly keys: Readonly<Record<Key, string>>;
  readonly args: Readonly<Record<Arg, string | number>>;
  readonly rest?: readonly (string | number)[];
}

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

/** `now` from the server's clock: the only clock that counts. */
export const SERVER_TIME = `local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

/** Writes the whole source: flags, the clock, names, body. */
export function compileScript(definition: ScriptDefinition, time: string = SERVER_TIME): CompiledScript {
  const flags = definition.flags.length === 0 ? '' : ` flags=${definition.flags.join(',')}`;
  const source = [
    `#!lua${flags}`,
    `-- nestjs-job-queue: ${definition.name}`,
    time,
    ...definition.keys.map((name, i) => `local ${name} = KEYS[${i + 1}]`),
    ...definition.args.map((name, i) => `local ${name} = ARGV[${i + 1}]`),
    `local rest = ${definition.args.length + 1}`,
    definition.body,
  ].join('\n');
  return { source, sha: createHash('sha1').update(source).digest('hex') };
}
