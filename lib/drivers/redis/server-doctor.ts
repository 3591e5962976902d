import { AuthenticationError, StorageError } from '../../queue.errors.js';
import type { StorageFinding } from '../queue-doctor.interface.js';
import { NEEDED_COMMANDS } from './needed-commands.js';
import type { RedisClient } from './redis-clients.js';
import type { RedisToolkit } from './redis-toolkit.js';
import { evictionOf, memoryOf, persistenceOf, readInfo, rightsOf, versionOf } from './server-findings.js';

/** No queue has this name: nothing is ever stored under its keys. */
const NO_QUEUE = '~';

/**
 * Looks at a server: its version, what it does when it is full, how it stores its data, its memory, and the rights of the user. Of a
 * cluster it looks at one node, and not at the rights.
 *
 * @throws QueueConnectionError
 */
export async function examineServer(toolkit: RedisToolkit): Promise<StorageFinding[]> {
  const ask = async <T>(send: (client: RedisClient) => Promise<T>): Promise<T | undefined> => {
    try {
      return await toolkit.commands.call(send, 'once');
    } catch (error) {
      // The user may not ask, or the server does not know the command.
      if (error instanceof AuthenticationError || error instanceof StorageError) return undefined;
      throw error;
    }
  };
  const [text, save, rights] = await Promise.all([
    ask((client) => client.info()),
    ask((client) => client.call('CONFIG', 'GET', 'save')),
    askRights(toolkit, ask),
  ]);
  const info = readInfo(text ?? '');
  return [
    versionOf(info),
    evictionOf(info),
    persistenceOf(info, save === undefined ? undefined : settingIn(save)),
    memoryOf(info),
    ...(rights ? [rights] : []),
  ];
}

type Ask = <T>(send: (client: RedisClient) => Promise<T>) => Promise<T | undefined>;

async function askRights({ connection, keys }: RedisToolkit, ask: Ask): Promise<StorageFinding | undefined> {
  if (connection.client.isCluster) return undefined;
  const user = (await ask((client) => client.call('ACL', 'WHOAMI'))) as string | undefined;
  if (user === undefined) return rightsOf(undefined, undefined);
  const key = keys.of(NO_QUEUE).ready;
  const answers = await Promise.all(
    Object.entries(NEEDED_COMMANDS).map(async ([command, args]) => {
      const answer = await ask((client) => client.call('ACL', 'DRYRUN', user, command, key, ...args));
      return [command, answer] as const;
    }),
  );
  if (answers.some(([, answer]) => answer === undefined)) return rightsOf(user, undefined);
  return rightsOf(
    user,
    answers.filter(([, answer]) => String(answer) !== 'OK').map(([command]) => command.toLowerCase()),
  );
}

/** The reply to `CONFIG GET` is a list, or with RESP3 a map. */
function settingIn(reply: unknown): string | undefined {
  const values = Array.isArray(reply) ? (reply as unknown[]) : Object.entries(reply as object).flat();
  return typeof values[1] === 'string' ? values[1] : undefined;
}
