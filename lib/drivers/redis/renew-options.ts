import { Socket } from 'node:net';
import type { Cluster, Redis, RedisOptions } from 'ioredis';

/** Returns the options of the next attempt to connect, as far as they may have changed. */
export type OptionSource = (node: Redis) => RedisOptions | Promise<RedisOptions>;

/** The inside of a client of ioredis 5 and 6: what it connects with, and what it greets the server with. */
interface Inside {
  readonly connector: {
    connecting: boolean;
    firstError?: Error;
    connect(emit: unknown): Promise<unknown>;
  };
  readonly condition: { auth?: unknown } | null;
}

/**
 * Asks for options at each attempt to connect: of a client, or of the nodes of a cluster. ioredis itself reads them once.
 *
 * An error of the source counts as a failed attempt: the client reports it, and tries again.
 */
export function renewOptions(client: Redis | Cluster, source: OptionSource): void {
  if (client.isCluster) client.on('+node', (node: Redis) => renewNode(node, source));
  else renewNode(client as Redis, source);
}

function renewNode(node: Redis, source: OptionSource): void {
  const { connector } = node as unknown as Inside;
  const connect = connector.connect.bind(connector);
  connector.connect = async (emit) => {
    connector.connecting = true;
    try {
      Object.assign(node.options, await source(node));
    } catch (error) {
      connector.firstError = error as Error;
      return closedSocket();
    }
    // The client was closed in the meantime.
    if (!connector.connecting) return closedSocket();
    const { username, password } = node.options;
    const { condition } = node as unknown as Inside;
    if (condition) condition.auth = username ? [username, password] : password;
    return connect(emit);
  };
  // A cluster looks for its nodes with a duplicate of a node.
  const duplicate = node.duplicate.bind(node);
  node.duplicate = (override) => {
    const copy = duplicate(override);
    renewNode(copy, source);
    return copy;
  };
}

/** ioredis takes a closed socket for a failed attempt, and a rejection for the end of the client. */
function closedSocket(): Socket {
  const socket = new Socket();
  socket.destroy();
  return socket;
}
