import { AuthenticationError, InvalidOptionError, StorageError, UnsupportedServerError } from '../../queue.errors.js';
import { waitAtMost } from '../../support/deadline.js';
import type { ConnectionLogger } from './connection-log.js';
import type { RedisClient } from './redis-clients.js';
import type { RedisToolkit } from './redis-toolkit.js';
import { examineServer } from './server-doctor.js';
import { probeScript } from './scripts/probe.script.js';
import { assertSupportedServer } from './server-version.js';

/** No queue has this name, so nothing is ever stored under its keys. */
const NO_QUEUE = '~';
/** The longest blocking wait of the check, in seconds. */
const SHORTEST_BLOCK = 0.001;

export interface ServerCheckOptions {
  /** The database of the connection, if the library chose it. */
  readonly database: number;
  /** Milliseconds. */
  readonly deadline: number;
  readonly logger?: ConnectionLogger;
}

/**
 * Checks at the start that a server can hold the queues: its version, and the commands that servers and proxies which
 * look like Redis often lack. The database is selected once more, because ioredis works on in database 0 if the server
 * has no such database. Warns of faults of the server: see {@link examineServer}.
 *
 * A check that the user of the connection may not make is left out: the first script tells.
 *
 * @throws UnsupportedServerError, InvalidOptionError, QueueConnectionError
 */
export async function checkServer(
  toolkit: RedisToolkit,
  { database, deadline, logger }: ServerCheckOptions,
): Promise<void> {
  const { commands, connection, clock, keys } = toolkit;
  const { server, answers } = connection;
  const end = answers.time.now() + deadline;
  const info = await permitted(commands.call((client) => client.info('server'), 'deadline', { deadline }));
  if (info !== undefined) assertSupportedServer(info, server);

  const { ready, marker } = keys.of(NO_QUEUE);
  const { source } = commands.compile(probeScript);
  const attempts: readonly (readonly [what: string, key: string, send: (client: RedisClient) => Promise<unknown>])[] = [
    // The list of clients tells the last command of each: a connection that waits for no job must not look as if it did.
    ['BZPOPMIN', marker, (client) => client.bzpopmin(marker, SHORTEST_BLOCK)],
    ['scripts that compute the names of keys', ready, (client) => client.eval(source, 1, ready)],
    ...(database > 0 ? [['SELECT', '', (client: RedisClient) => client.select(database)] as const] : []),
  ];
  let refusal: Error | undefined;
  const asking = attempts.map(async ([what, key, send]) => {
    try {
      await commands.call(send, 'once', { key });
    } catch (error) {
      // With other errors the server serves later, or the user lacks a permission.
      if (error instanceof StorageError) refusal ??= toRefusal(error, what, server, database);
    }
  });
  if (logger) asking.push(warnOfFaults(toolkit, logger).catch(ignore));
  await waitAtMost(Promise.all(asking), clock, Math.max(end - answers.time.now(), 0));
  if (refusal) throw refusal;
}

function toRefusal(error: StorageError, what: string, server: string, database: number): Error {
  const { cause } = error;
  const message = cause instanceof Error ? cause.message : error.message;
  if (/out of range/i.test(message)) {
    return new InvalidOptionError('redis.database', `the number of a database that ${server} has`, database);
  }
  return new UnsupportedServerError(server, `a server that refuses ${what} (${message})`, { cause });
}

/** Warns of what the one who operates the server has to know, in one line each. */
async function warnOfFaults(toolkit: RedisToolkit, logger: ConnectionLogger): Promise<void> {
  for (const { level, message } of await examineServer(toolkit)) {
    if (level === 'warning') logger.warn(`${toolkit.connection.server} ${message}`);
  }
}

/** Resolves with `undefined` if the user lacks the permission. */
async function permitted<T>(reply: Promise<T>): Promise<T | undefined> {
  try {
    return await reply;
  } catch (error) {
    if (error instanceof AuthenticationError) return undefined;
    throw error;
  }
}

function ignore(): void {
  // Without the reply nobody is warned.
}
