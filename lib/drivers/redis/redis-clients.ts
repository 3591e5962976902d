import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { ResolvedRedisOptions } from '../../queue.options.js';

/** A client of a single server (also behind Sentinel) or of a cluster. */
export type RedisClient = Redis | Cluster;

/** How long a connection attempt may take, in milliseconds. */
const CONNECT_TIMEOUT = 5_000;
/** How long a peer may take to agree to the end of a connection, in milliseconds: a dead one never does. */
const DISCONNECT_TIMEOUT = 500;
const FIRST_RETRY = 50;
/** With the spread of a quarter it is half of the time that a consumer has to speak after an outage: see `parts/silence.part.ts`. */
const LONGEST_RETRY = 1_000;

/**
 * Makes clients from the options: the one for commands (or the application's own), and others beside it.
 *
 * Every client of ours tries to reconnect for ever, keeps what it could not send, and sends again what got no reply: the
 * scripts are made for that.
 */
export class RedisClients {
  readonly isCluster: boolean;
  /** Whether the client for commands belongs to the application. */
  readonly isShared: boolean;

  constructor(private readonly options: ResolvedRedisOptions) {
    this.isShared = options.client !== undefined;
    this.isCluster = options.cluster !== undefined || options.client?.isCluster === true;
  }

  /** What to call the server in messages: never with a password. */
  get address(): string {
    const { cluster, connection, client } = this.options;
    if (client) return this.isCluster ? 'The Redis Cluster of the shared client' : 'Redis of the shared client';
    if (cluster) return `The Redis Cluster at ${cluster.map(describeNode).join(', ')}`;
    if (connection.sentinels)
      return `Redis "${connection.name}" of the sentinels ${connection.sentinels.map(describeNode).join(', ')}`;
    if (connection.path) return `Redis at ${connection.path}`;
    return `Redis at ${connection.host ?? 'localhost'}:${connection.port ?? 6379}`;
  }

  /** The client for commands. */
  commands(): RedisClient {
    return this.options.client ?? this.create('queue:commands');
  }

  /** A client for waiting: a blocking command holds all others of its connection up. */
  waiting(): RedisClient {
    const { client } = this.options;
    if (!client) return this.create('queue:waiting', PATIENT);
    const overrides = { ...DURABLE, ...PATIENT, lazyConnect: true, connectionName: 'queue:waiting' };
    if (client.isCluster) {
      const cluster = client as Cluster;
      return cluster.duplicate([], {
        ...CLUSTER_DURABLE,
        redisOptions: { ...cluster.options.redisOptions, ...overrides },
      });
    }
    return (client as Redis).duplicate(overrides);
  }

  private create(connectionName: string, more: RedisOptions = {}): RedisClient {
    const { cluster, clusterOptions, connection } = this.options;
    const timeouts = { connectTimeout: CONNECT_TIMEOUT, disconnectTimeout: DISCONNECT_TIMEOUT };
    const options = { ...timeouts, connectionName, ...connection, ...DURABLE, ...more };
    if (!cluster) return new Redis({ ...options, lazyConnect: true });
    return new Cluster(cluster, {
      ...clusterOptions,
      ...CLUSTER_DURABLE,
      redisOptions: options,
    });
  }
}

/** Reconnecting for ever, a little later each time, and not all at the same moment. */
function retryStrategy(times: number): number {
  const delay = Math.min(FIRST_RETRY * 2 ** Math.min(times - 1, 10), LONGEST_RETRY);
  return Math.round(delay * (0.75 + Math.random() / 2));
}

/** After a failover the old master is a replica: look for the new one. Who sent the command learns that it was refused. */
function reconnectOnError(error: Error): false | 1 {
  return error.message.startsWith('READONLY') ? 1 : false;
}

const DURABLE = {
  retryStrategy,
  reconnectOnError,
  maxRetriesPerRequest: null,
  // A server that is started again loads its data; ioredis would look again after a second, which may be all of a lease.
  maxLoadingRetryTime: 100,
  enableOfflineQueue: true,
  autoResendUnfulfilledCommands: true,
  stringNumbers: false,
} satisfies RedisOptions;

/** A blocking wait that is given up while the server goes on with it would swallow a wake-up. */
const PATIENT = {
  commandTimeout: undefined,
  socketTimeout: undefined,
  blockingTimeout: undefined,
} satisfies RedisOptions;

const CLUSTER_DURABLE = {
  clusterRetryStrategy: retryStrategy,
  enableOfflineQueue: true,
  lazyConnect: true,
} as const;

function describeNode(node: unknown): string {
  if (typeof node === 'number') return `port ${node}`;
  if (typeof node === 'string') return node.replace(/\/\/[^@/]*@/, '//');
  const { host, port } = node as { host?: string; port?: number };
  return `${host ?? 'localhost'}:${port ?? 6379}`;
}
