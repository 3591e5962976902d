import { QueueClosedError, type QueueError } from '../../queue.errors.js';
import type { RedisClient } from './redis-clients.js';
import type { RedisConnection } from './redis-connection.js';
import { isMissingScript, translateError } from './redis-errors.js';
import { compileScript, type CompiledScript, type ScriptDefinition, type ScriptInput } from './scripts/script.js';

/**
 * The time for which a command is tried:
 *
 * - `deadline`: until the request deadline, because a caller waits for the answer and has to learn in time if none
 *   comes;
 * - `forever`: until it is answered, because it may have been executed already;
 * - `once`: it is sent, and not again if it fails, because a later command makes up for it.
 *
 * A command of the first two kinds may reach the server more than once.
 */
export type RetryPolicy = 'deadline' | 'forever' | 'once';

/** The pause before a command is sent again, in milliseconds. */
const RETRY_PAUSE: Readonly<Record<RetryPolicy, number>> = { deadline: 100, forever: 200, once: 0 };

/** For how long a command that was sent again says that the server does not serve, in milliseconds. */
const RETRY_SIGHT = 10_000;

export interface CallOptions {
  /** A key of the command: in a cluster it decides which socket owes the answer. */
  readonly key?: string;
  /** The queue that an error names. */
  readonly queue?: string;
  /** Milliseconds. Default: the request deadline. */
  readonly deadline?: number;
}

/** The errors of commands that the server may have executed in spite of the error. */
const uncertainErrors = new WeakSet<Error>();

/** Returns true if a command that failed with this error may have been executed. */
export function isUncertain(error: unknown): boolean {
  return uncertainErrors.has(error as Error);
}

/**
 * Sends commands and scripts. It is the only place that waits for the connection, retries, and translates errors.
 *
 * All methods reject with a `QueueError`; {@link isUncertain} returns true if the command may have been executed.
 */
export class RedisCommands {
  /** When a command was refused or lost that is sent again, on the monotonic clock. */
  private retriedAt = -Infinity;
  private readonly compiled = new Map<string, CompiledScript>();

  /**
   * @param deadline the request deadline in milliseconds
   * @param scriptTime Lua that sets `time` and `now`, in place of the server's clock; for tests
   */
  constructor(
    readonly connection: RedisConnection,
    private readonly deadline: number,
    private readonly scriptTime?: string,
  ) {}

  /** Whether commands are sent again: the server refuses them for a while, or their answers get lost. */
  get isRetrying(): boolean {
    return this.connection.clock.monotonic() - this.retriedAt < RETRY_SIGHT;
  }

  /**
   * Runs a script. Sends it by its hash, and whole if the server does not have it yet. The `defineCommand` of ioredis
   * is no substitute: inside a pipeline it runs the later commands before a script that it has to send again.
   *
   * @param queue the queue that an error names
   */
  run<Key extends string, Arg extends string>(
    definition: ScriptDefinition<Key, Arg>,
    input: ScriptInput<Key, Arg>,
    policy: RetryPolicy,
    queue?: string,
  ): Promise<unknown> {
    const { sha, source } = this.compiled.get(definition.name) ?? this.compile(definition);
    const args: (string | number)[] = definition.keys.map((name) => input.keys[name]);
    const keyCount = args.length;
    for (const name of definition.args) args.push(input.args[name]);
    if (input.rest) for (const value of input.rest) args.push(value);
    return this.send(
      (client, whole) => (whole ? client.eval(source, keyCount, ...args) : client.evalsha(sha, keyCount, ...args)),
      policy,
      this.deadline,
      String(args[0]),
      queue,
    );
  }

  /** Sends a plain command. */
  call<T>(
    send: (client: RedisClient) => Promise<T>,
    policy: RetryPolicy,
    { key = '', queue, deadline = this.deadline }: CallOptions = {},
  ): Promise<T> {
    return this.send(send, policy, deadline, key, queue);
  }

  /** Returns the source and the hash of a script as this class sends it. */
  compile(definition: ScriptDefinition): CompiledScript {
    const compiled = compileScript(definition, this.scriptTime);
    this.compiled.set(definition.name, compiled);
    return compiled;
  }

  private async send<T>(
    request: (client: RedisClient, whole: boolean) => Promise<T>,
    policy: RetryPolicy,
    deadline: number,
    key: string,
    queue?: string,
  ): Promise<T> {
    const { connection } = this;
    const { client, clock, answers } = connection;
    const end = policy === 'deadline' ? answers.time.now() + deadline : Infinity;
    let uncertain = false;
    let whole = false;
    for (;;) {
      if (connection.isClosed || (policy !== 'once' && client.status !== 'ready')) {
        await this.awaitConnection(end, uncertain);
      }
      const { losses } = connection;
      let error: QueueError;
      try {
        return await answers.watch(request(client, whole), key, end);
      } catch (raw) {
        // The connection was closed while the command was in flight.
        if (raw instanceof QueueClosedError) throw marked(raw, true);
        const failure = translateError(raw, { server: connection.server, queue });
        // The server may have executed a refused command all the same: an earlier copy went out on a connection that
        // was lost.
        uncertain ||= !failure.refused || connection.losses !== losses;
        if (!whole && isMissingScript(raw)) {
          whole = true;
          continue;
        }
        if (policy === 'once' || !failure.transient) throw marked(failure.error, uncertain);
        ({ error } = failure);
      }
      this.retriedAt = clock.monotonic();
      // A command that is sent just before the deadline may be executed, and its answer come too late.
      const left = end - answers.time.now();
      const isLast = left < 2 * RETRY_PAUSE[policy];
      await new Promise<void>((resolve) => void clock.after(isLast ? left : RETRY_PAUSE[policy], resolve));
      // A timer may fire a fraction of a millisecond early.
      if (isLast || answers.time.now() >= end) throw marked(error, uncertain);
    }
  }

  private async awaitConnection(end: number, uncertain: boolean): Promise<void> {
    const { connection } = this;
    try {
      await connection.whenReady(Math.max(end - connection.answers.time.now(), 0));
    } catch (error) {
      throw marked(error as QueueError, uncertain);
    }
  }
}

function marked(error: QueueError, uncertain: boolean): QueueError {
  if (uncertain) uncertainErrors.add(error);
  return error;
}
