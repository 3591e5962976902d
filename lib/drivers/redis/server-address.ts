import type { Cluster, Redis, RedisOptions } from 'ioredis';
import type { ResolvedRedisOptions } from '../../queue.options.js';

const HOST = 'localhost';
const PORT = 6379;
const SENTINEL_PORT = 26_379;

/** The options that hold the address of the server. */
type Place = Pick<ResolvedRedisOptions, 'client' | 'cluster' | 'connection'>;

/** Names the server in messages, for example `Redis at 127.0.0.1:6379`. The name never has a password in it. */
export function serverName({ client, cluster, connection }: Place): string {
  if (client) return client.isCluster ? 'The Redis Cluster of the shared client' : 'Redis of the shared client';
  if (cluster) return `The Redis Cluster at ${cluster.map((node) => describeNode(node)).join(', ')}`;
  if (connection.sentinels) {
    const sentinels = connection.sentinels.map((node) => describeNode(node, SENTINEL_PORT));
    return `Redis "${connection.name}" of the sentinels ${sentinels.join(', ')}`;
  }
  return `Redis at ${connection.path ?? describeNode(connection)}`;
}

/**
 * Describes the address of the server, for example `redis 127.0.0.1:6379/0`. The address never has a password in it.
 *
 * For a shared client of a cluster it lists only the nodes that the client has found so far.
 */
export function serverAddress({ client, cluster, connection }: Place): string {
  if (client?.isCluster) {
    const nodes = (client as Cluster).nodes('master').map((node) => describeNode(node.options));
    return `redis cluster ${nodes.toSorted().join(',') || 'of the shared client'}`;
  }
  if (cluster) return `redis cluster ${cluster.map((node) => describeNode(node)).join(',')}`;
  const { sentinels, name, path, db = 0, ...address } = client ? (client as Redis).options : connection;
  if (sentinels) {
    const nodes = sentinels.map((node) => describeNode(node, SENTINEL_PORT));
    return `redis sentinel ${name}/${db} at ${nodes.join(',')}`;
  }
  return path ? `redis ${path}, database ${db}` : `redis ${describeNode(address)}/${db}`;
}

/** @param node an address as ioredis takes it: a port, a text, or host and port */
function describeNode(node: string | number | Pick<RedisOptions, 'host' | 'port'>, defaultPort = PORT): string {
  if (typeof node === 'number') return join(HOST, node);
  if (typeof node === 'object') return join(node.host ?? HOST, node.port ?? defaultPort);
  if (/^\d+$/.test(node)) return join(HOST, Number(node));
  const text = node.includes('://') ? node : `redis://${node}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // The host of such a text may be a part of the password, if the password was not encoded.
  if (!url || /@/.test(url.pathname + url.search + url.hash)) return 'a node with an unreadable address';
  return join(url.hostname || HOST, url.port === '' ? defaultPort : Number(url.port));
}

function join(host: string, port: number): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]:${port}` : `${host}:${port}`;
}
