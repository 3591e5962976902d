import type { Cluster, ClusterNode, ClusterOptions, Redis, RedisOptions } from 'ioredis';
import { InvalidOptionError } from '../queue.errors.js';
import { DEFAULTS, type QueueRedisOptions, type ResolvedRedisOptions } from '../queue.options.js';
import { duration, integer, oneOf, text, type Check } from '../support/checks.js';
import type { OptionReader } from '../support/option-reader.js';
import type { Environment } from './environment.js';
import { parseRedisUrl, type RedisAddress } from './redis-url.js';
import { checkSharedClient } from './shared-client.js';

/** The options that this library reads itself. All others in `redis` go to ioredis unchanged. */
const OWN_OPTIONS: readonly string[] = [
  'url',
  'database',
  'cluster',
  'clusterOptions',
  'client',
  'whenAway',
  'connectDeadline',
  'requestDeadline',
] satisfies (keyof QueueRedisOptions)[];
/** The options that are allowed beside `client`. */
const BESIDE_CLIENT: ReadonlySet<string> = new Set(['client', 'whenAway', 'connectDeadline', 'requestDeadline']);

const portCheck = integer(1, 65_535);
const databaseCheck = integer(0, 1_000_000);
/** A function that gives the password. */
type ReadPassword = () => string | Promise<string>;

/** Accepts `null` and the empty string for "no password", even if the environment has one. */
const passwordCheck: Check<string> = {
  expected: 'a string, or a function that returns one',
  read: (value) => (value === null || typeof value === 'function' ? '' : typeof value === 'string' ? value : undefined),
};

/**
 * Checks the option `redis` and completes it. For each part of the address an explicit option beats the URL, the URL
 * beats the environment, and the environment beats the default.
 *
 * A URL is complete: the environment adds nothing to it, so that the password of one server is never sent to another.
 * Sentinels, a cluster and a path replace only host and port: the environment still adds password and database.
 *
 * @throws InvalidOptionError with the path of the first wrong option
 */
export function resolveRedisOptions(options: OptionReader, environment: Environment): ResolvedRedisOptions {
  refuseReplySettings(options);
  const client = readClient(options);
  const cluster = readCluster(options);
  return Object.freeze({
    client,
    cluster,
    clusterOptions: readClusterOptions(options),
    connection: Object.freeze(client ? {} : readConnection(options, environment, cluster !== undefined)),
    readPassword: readPasswordFunction(options),
    whenAway: options.get('whenAway', oneOf('fail', 'wait')) ?? DEFAULTS.redis.whenAway,
    connectDeadline: options.get('connectDeadline', duration(0.001)) ?? DEFAULTS.redis.connectDeadline,
    requestDeadline: options.get('requestDeadline', duration(0.001)) ?? DEFAULTS.redis.requestDeadline,
  });
}

function readConnection(options: OptionReader, environment: Environment, cluster: boolean): RedisOptions {
  const url = readUrl(options) ?? readEnvironmentUrl(options, environment, cluster);
  const database = readDatabase(options, url, environment, cluster);
  const address: RedisOptions = {
    host: options.get('host', text) ?? url?.host,
    port: options.get('port', portCheck) ?? url?.port,
    path: options.get('path', text) ?? url?.path,
    username: options.get('username', text) ?? url?.username,
    password:
      options.get('password', passwordCheck) ?? (url ? url.password : environment.get('REDIS_PASSWORD', passwordCheck)),
    db: database,
    tls: (options.raw('tls') as RedisOptions['tls']) ?? url?.tls,
  };
  if (!cluster && !readSentinels(options) && address.path === undefined) {
    address.host ??= url ? undefined : (environment.get('REDIS_HOST', text) ?? DEFAULTS.redis.host);
    address.port ??= (url ? undefined : environment.getInteger('REDIS_PORT', portCheck)) ?? DEFAULTS.redis.port;
  }
  const connection = { ...passedThrough(options), ...withoutUndefined(address) };
  if (readPasswordFunction(options)) delete connection.password;
  return connection;
}

function readPasswordFunction(options: OptionReader): ReadPassword | undefined {
  const password = options.raw('password');
  return typeof password === 'function' ? (password as ReadPassword) : undefined;
}

function readUrl(options: OptionReader): RedisAddress | undefined {
  const url = options.raw('url');
  if (url === undefined) return undefined;
  for (const other of ['cluster', 'sentinels', 'path']) {
    if (options.raw(other) !== undefined) throw conflict(options, 'url', other);
  }
  const address = parseRedisUrl(options.at('url'), url);
  for (const other of address.path === undefined ? [] : ['host', 'port', 'tls']) {
    if (options.raw(other) !== undefined) throw conflict(options, 'url', other);
  }
  return address;
}

/**
 * Reads `REDIS_URL`, unless code or another variable says where the server is: such applications may have a `REDIS_URL`
 * for something else.
 */
function readEnvironmentUrl(
  options: OptionReader,
  environment: Environment,
  cluster: boolean,
): RedisAddress | undefined {
  const isPlaced = cluster || ['host', 'port', 'path', 'sentinels'].some((key) => options.raw(key) !== undefined);
  if (isPlaced || environment.get('REDIS_HOST', text) || environment.get('REDIS_PORT', text)) return undefined;
  const url = environment.get('REDIS_URL', text);
  return url === undefined ? undefined : parseRedisUrl('REDIS_URL', url);
}

function readDatabase(
  options: OptionReader,
  url: RedisAddress | undefined,
  environment: Environment,
  cluster: boolean,
): number {
  const database = options.get('database', databaseCheck);
  const db = options.get('db', databaseCheck);
  if (database !== undefined && db !== undefined && database !== db) {
    throw new InvalidOptionError(options.at('db'), `the same as "${options.at('database')}" (${database})`, db);
  }
  const given = database ?? db ?? url?.database;
  const useEnvironment = given === undefined && url === undefined;
  const fromEnvironment = useEnvironment ? environment.getInteger('REDIS_DATABASE', databaseCheck) : undefined;
  const resolved = given ?? fromEnvironment ?? DEFAULTS.redis.database;
  if (cluster && resolved !== 0) {
    const name = given === undefined ? 'REDIS_DATABASE' : options.at('database');
    throw new InvalidOptionError(name, '0, the only database that a Redis Cluster has', resolved);
  }
  return resolved;
}

function readSentinels(options: OptionReader): boolean {
  const sentinels = options.raw('sentinels');
  if (sentinels === undefined) return false;
  if (!Array.isArray(sentinels) || sentinels.length === 0) {
    throw new InvalidOptionError(options.at('sentinels'), 'a list of { host, port } that is not empty', sentinels);
  }
  sentinels.forEach((node: unknown, index) => checkNode(node, options.at(`sentinels[${index}]`)));
  if (options.get('name', text) === undefined) {
    throw new InvalidOptionError(options.at('name'), 'the name under which the sentinels know the master', undefined);
  }
  return true;
}

function readCluster(options: OptionReader): ClusterNode[] | undefined {
  const nodes = options.raw('cluster');
  if (nodes === undefined) return undefined;
  if (!Array.isArray(nodes) || nodes.length === 0) {
    throw new InvalidOptionError(options.at('cluster'), 'a list of nodes that is not empty', nodes);
  }
  for (const other of ['sentinels', 'host', 'port', 'path']) {
    if (options.raw(other) !== undefined) throw conflict(options, 'cluster', other);
  }
  nodes.forEach((node: unknown, index) => checkClusterNode(node, options.at(`cluster[${index}]`)));
  return nodes as ClusterNode[];
}

/** Checks a node of a cluster. Like ioredis, accepts a text and a port number beside `{ host, port }`. */
function checkClusterNode(node: unknown, path: string): void {
  if (text.read(node) === undefined && portCheck.read(node) === undefined) checkNode(node, path);
}

function checkNode(node: unknown, path: string): void {
  const { host, port } = (typeof node === 'object' && node !== null ? node : {}) as Record<string, unknown>;
  if (text.read(host) === undefined) throw new InvalidOptionError(path, '{ host, port }', node);
  if (port !== undefined && portCheck.read(port) === undefined) {
    throw new InvalidOptionError(`${path}.port`, portCheck.expected, port);
  }
}

function readClusterOptions(options: OptionReader): Omit<ClusterOptions, 'redisOptions'> {
  if (options.raw('clusterOptions') === undefined) return Object.freeze({});
  if (options.raw('cluster') === undefined) {
    throw new InvalidOptionError(options.at('clusterOptions'), `"${options.at('cluster')}" beside it`, 'none');
  }
  const clusterOptions = options.below('clusterOptions');
  refuseReplySettings(clusterOptions);
  if (clusterOptions.raw('redisOptions') !== undefined) {
    throw new InvalidOptionError(
      clusterOptions.at('redisOptions'),
      `nothing here (the options of each node belong in "${options.path}")`,
      clusterOptions.raw('redisOptions'),
    );
  }
  return options.raw('clusterOptions') as ClusterOptions;
}

function readClient(options: OptionReader): Redis | Cluster | undefined {
  const client = options.raw('client');
  if (client === undefined) return undefined;
  const other = options.given().find((key) => !BESIDE_CLIENT.has(key));
  if (other !== undefined) throw conflict(options, 'client', other);
  return checkSharedClient(options.at('client'), client);
}

/** Refuses settings that change the keys or the replies of the scripts: the scripts would fail with them. */
function refuseReplySettings(options: OptionReader): void {
  const prefix = options.raw('keyPrefix');
  if (prefix !== undefined && prefix !== '') {
    throw new InvalidOptionError(
      options.at('keyPrefix'),
      'none (it changes only some of the keys of a script; use the option "prefix" to keep applications apart)',
      prefix,
    );
  }
  const mapping = options.raw('replyMapping');
  if (mapping === 'resp3') {
    throw new InvalidOptionError(
      options.at('replyMapping'),
      '"legacy" or nothing (it changes the shape of replies)',
      mapping,
    );
  }
}

function conflict(options: OptionReader, key: string, other: string): InvalidOptionError {
  return new InvalidOptionError(options.at(other), `none beside "${options.at(key)}"`, options.raw(other));
}

function passedThrough(options: OptionReader): RedisOptions {
  const rest: Record<string, unknown> = {};
  for (const key of options.given()) {
    if (!OWN_OPTIONS.includes(key)) rest[key] = options.raw(key);
  }
  return rest;
}

function withoutUndefined(options: RedisOptions): RedisOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
