import { QueueClosedError } from '../../queue.errors.js';
import type { RedisConnection } from './redis-connection.js';
import { isMissingScript } from './redis-errors.js';
import { compileScript, type CompiledScript, type ScriptDefinition, type ScriptInput } from './scripts/script.js';

/**
 * Sends scripts by their hash, and whole where the server does not have them yet. It is not left to ioredis'
 * `defineCommand`, which inside a pipeline runs the later commands before the script it has to send again.
 */
export class ScriptRunner {
  private readonly compiled = new Map<string, CompiledScript>();

  /** @param time how scripts learn the time; tests give them a clock of their own */
  constructor(
    private readonly connection: RedisConnection,
    private readonly time?: string,
  ) {}

  /** Runs a script once. Errors are those of ioredis. */
  async run<Key extends string, Arg extends string>(
    definition: ScriptDefinition<Key, Arg>,
    input: ScriptInput<Key, Arg>,
  ): Promise<unknown> {
    const { sha, source } = this.compile(definition);
    const args: (string | number)[] = definition.keys.map((name) => input.keys[name]);
    const keyCount = args.length;
    for (const name of definition.args) args.push(input.args[name]);
    if (input.rest) for (const value of input.rest) args.push(value);
    const { client } = this.connection;
    if (this.connection.isClosed) throw new QueueClosedError();
    const key = String(args[0]);
    try {
      return await this.connection.answers.watch(client.evalsha(sha, keyCount, ...args), key);
    } catch (error) {
      if (!isMissingScript(error)) throw error;
      return await this.connection.answers.watch(client.eval(source, keyCount, ...args), key);
    }
  }

  /** The source and hash of a script, as this runner sends it. */
  compile(definition: ScriptDefinition): CompiledScript {
    let compiled = this.compiled.get(definition.name);
    if (!compiled) {
      compiled = compileScript(definition, this.time);
      this.compiled.set(definition.name, compiled);
    }
    return compiled;
  }
}
