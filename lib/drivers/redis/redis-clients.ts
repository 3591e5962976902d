import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { Clock } from '../../support/clock.js';
import { withTimeLimit } from '../../support/deadline.js';
import { text } from '../../support/checks.js';
import type { ResolvedRedisOptions } from '../../queue.options.js';
import { renewOptions } from './renew-options.js';

/** A client of a single server (also behind Sentinel) or of a cluster. */
export type RedisClient = Redis | Cluster;

/** The longest time of an attempt to connect, in milliseconds. */
const CONNECT_TIMEOUT = 5_000;
/** The longest wait for the server to agree to the end of a connection, in milliseconds: a dead server never does. */
const DISCONNECT_TIMEOUT = 500;
/** The first and the longest pause before an attempt to connect, in milliseconds. */
const FIRST_RETRY = 50;
/**
 * With the spread of a quarter it is half of the time that a consumer has to speak after an outage: see
 * `parts/silence.part.ts`.
 */
const LONGEST_RETRY = 1_000;
/**
 * The longest pause after an attempt that reached the server, in milliseconds. Such a server is there, and only loses connections:
 * with longer pauses a consumer could lose its lease although the network was usable for half of the time.
 */
const LONGEST_RETRY_IF_REACHED = 200;

/**
 * Makes clients from the options: a client for commands, unless the application shares its own, and clients for
 * blocking waits.
 *
 * Each client tries to reconnect for ever, keeps the commands that it could not send, and sends commands again that got
 * no reply. The scripts allow for that: they execute a command once even if it arrives twice.
 */
export class RedisClients {
  readonly isCluster: boolean;
  /** True if the client for commands belongs to the application. */
  readonly isShared: boolean;

  constructor(
    private readonly options: ResolvedRedisOptions,
    private readonly clock: Clock,
  ) {
    this.isShared = options.client !== undefined;
    this.isCluster = options.cluster !== undefined || options.client?.isCluster === true;
  }

  /** Returns the client for commands. */
  commands(): RedisClient {
    return this.options.client ?? this.create('queue:commands');
  }

  /** Makes a client for blocking waits: a blocking command delays all other commands of its connection. */
  waiting(): RedisClient {
    return this.patient('queue:waiting');
  }

  /** Makes a client for signals: a connection that subscribes to channels takes no other commands. */
  signals(): RedisClient {
    return this.patient('queue:signals', SUBSCRIBING);
  }

  private patient(connectionName: string, more: RedisOptions = {}): RedisClient {
    const { client } = this.options;
    const patient = { ...PATIENT, ...more };
    if (!client) return this.create(connectionName, patient);
    const overrides = { ...DURABLE, ...patient, lazyConnect: true, connectionName };
    const duplicate = client.isCluster
      ? (client as Cluster).duplicate([], {
          ...CLUSTER_DURABLE,
          redisOptions: { ...(client as Cluster).options.redisOptions, ...overrides },
        })
      : (client as Redis).duplicate(overrides);
    // The application may have renewed the password, or moved the server, in the options of its client.
    renewOptions(duplicate, (node) => optionsInForce(client, node));
    return duplicate;
  }

  /** Asks for the password, and notes it for the next attempt to connect. `undefined` if it never changes. */
  get renewPassword(): ((node: Redis) => Promise<void>) | undefined {
    if (!this.options.readPassword) return undefined;
    return async (node) => {
      Object.assign(node.options, await this.readPassword());
    };
  }

  private create(connectionName: string, more: RedisOptions = {}): RedisClient {
    const client = this.createClient(connectionName, more);
    if (this.options.readPassword) renewOptions(client, () => this.readPassword());
    return client;
  }

  private async readPassword(): Promise<RedisOptions> {
    const late = (): Error => new Error(`redis.password() has given no password within ${CONNECT_TIMEOUT / 1000} s`);
    const reading = (async () => this.options.readPassword!())();
    const password = text.read(await withTimeLimit(reading, this.clock, CONNECT_TIMEOUT, late));
    if (password === undefined) throw new TypeError('redis.password() has to return a string that is not empty');
    return { password };
  }

  private createClient(connectionName: string, more: RedisOptions): RedisClient {
    const { cluster, clusterOptions, connection } = this.options;
    const timeouts = { connectTimeout: CONNECT_TIMEOUT, disconnectTimeout: DISCONNECT_TIMEOUT };
    const options = { ...timeouts, connectionName, ...connection, ...DURABLE, ...more };
    if (!cluster) return createSingle(options);
    return new Cluster(cluster, {
      ...clusterOptions,
      ...CLUSTER_DURABLE,
      redisOptions: options,
    });
  }
}

/** The options with which a shared client would connect now. @param node a node of its duplicate */
function optionsInForce(client: RedisClient, node: Redis): RedisOptions {
  if (!client.isCluster) {
    const { host, port, path, family, tls, username, password } = (client as Redis).options;
    return { host, port, path, family, tls, username, password };
  }
  const { host, port } = node.options;
  const nodes = (client as Cluster).nodes();
  const known = nodes.find(({ options }) => options.host === host && options.port === port) ?? nodes[0];
  const { username, password } = known?.options ?? (client as Cluster).options.redisOptions ?? {};
  return { username, password };
}

/** Makes a client of a single server, whose pauses depend on whether its last attempt reached the server. */
function createSingle(options: RedisOptions): Redis {
  let reached = false;
  const client = new Redis({
    ...options,
    lazyConnect: true,
    retryStrategy(times) {
      const longest = reached ? LONGEST_RETRY_IF_REACHED : LONGEST_RETRY;
      reached = false;
      return retryPause(times, longest);
    },
  });
  return client.on('connect', () => (reached = true));
}

/**
 * Returns the pause before the next attempt: longer each time, and random so that the clients do not all connect at the
 * same moment.
 */
function retryPause(times: number, longest: number): number {
  const delay = Math.min(FIRST_RETRY * 2 ** Math.min(times - 1, 10), longest);
  return Math.round(delay * (0.75 + Math.random() / 2));
}

function retryStrategy(times: number): number {
  return retryPause(times, LONGEST_RETRY);
}

/**
 * Reconnects if the server is a replica: after a failover the old master is a replica. The refused command is rejected.
 */
function reconnectOnError(error: Error): false | 1 {
  return error.message.startsWith('READONLY') ? 1 : false;
}

const DURABLE = {
  retryStrategy,
  reconnectOnError,
  maxRetriesPerRequest: null,
  // A server that restarts loads its data first. By default ioredis looks again after a second, which may be a whole
  // lease.
  maxLoadingRetryTime: 100,
  enableOfflineQueue: true,
  autoResendUnfulfilledCommands: true,
  stringNumbers: false,
} satisfies RedisOptions;

/**
 * No timeouts: if the client gave up a blocking wait, the server would still hand it a marker, and the wake-up would be
 * lost.
 */
const PATIENT = {
  commandTimeout: undefined,
  socketTimeout: undefined,
  blockingTimeout: undefined,
} satisfies RedisOptions;

/**
 * The listeners to the channels subscribe again by themselves. ioredis does not handle the error of its own subscription: to close
 * the client before the reply would end the process with an unhandled rejection.
 */
const SUBSCRIBING = { autoResubscribe: false } satisfies RedisOptions;

const CLUSTER_DURABLE = {
  clusterRetryStrategy: retryStrategy,
  enableOfflineQueue: true,
  lazyConnect: true,
} as const;
