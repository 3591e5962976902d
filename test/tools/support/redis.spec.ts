import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Cluster, Redis } from 'ioredis';
import { existsSync } from 'node:fs';
import { closeClient } from '../../support/close-client.js';
import { eventually } from '../../support/eventually.js';
import { givenRedis } from '../../support/given-redis.js';
import { createAclUser } from '../../support/redis-acl.js';
import { startRedisCluster } from '../../support/redis-cluster.js';
import { startRedisSentinel } from '../../support/redis-sentinel.js';
import { startRedis, type TestRedis } from '../../support/redis-server.js';
import { startRedisTls } from '../../support/redis-tls.js';
import { useRedis } from '../../support/use-redis.js';

const closers: Array<() => unknown> = [];

function stopAfterwards<T extends { stop(): Promise<void> }>(server: T): T {
  closers.push(() => server.stop());
  return server;
}

function closeAfterwards<T extends Redis | Cluster>(client: T): T {
  client.on('error', () => undefined);
  closers.push(() => closeClient(client));
  return client;
}

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

describe('a private server', () => {
  it('replies on its own port, and has ended after stop()', async () => {
    const server = stopAfterwards(await startRedis());
    const client = closeAfterwards(new Redis(server.url));

    expect(await client.ping()).toBe('PONG');
    expect(server.port).not.toBe(6379);
    // No snapshot is made in a test: it would take a million changes in an hour.
    expect(await client.config('GET', 'save')).toContain('3600 1000000');

    client.disconnect();
    await server.stop();
    await server.stop();
    expect(existsSync(server.dir)).toBe(false);
    expect(() => process.kill(server.pid, 0)).toThrow('ESRCH');
  });

  it('uses its configuration, and keeps its files over a restart', async () => {
    const server = stopAfterwards(await startRedis({ config: ['--appendonly', 'yes', '--appendfsync', 'always'] }));
    const client = closeAfterwards(new Redis(server.url));
    await client.set('kept', 'yes');

    server.kill('SIGKILL');
    await server.restart();

    expect(await client.get('kept')).toBe('yes');
  });

  it('rejects with the output of a server that does not start', async () => {
    await expect(startRedis({ config: ['--no-such-directive', 'yes'] })).rejects.toThrow(/no-such-directive/);
  });

  it('accepts an ACL user with its password, and only for the keys of its rules', async () => {
    const server = stopAfterwards(await startRedis());
    const user = await createAclUser(server, { username: 'worker', password: 'secret' }, ['~queue:*', '+@all']);
    const client = closeAfterwards(new Redis(server.url, user));

    expect(await client.llen('queue:default')).toBe(0);
    await expect(client.get('other')).rejects.toThrow('NOPERM');
  });
});

describe('the shared server', () => {
  const redis = useRedis();

  it.each(['first', 'second'])('is empty for the %s test', async (name) => {
    expect(await redis.client.dbsize()).toBe(0);
    await redis.connect().set(name, '1');
    expect(await redis.client.keys('*')).toEqual([name]);
  });
});

describe('givenRedis', () => {
  let server: TestRedis;
  let client: Redis;

  beforeEach(async () => {
    server = stopAfterwards(await startRedis());
    const { database } = await givenRedis(server.url);
    client = closeAfterwards(new Redis(server.url, { db: database }));
  });

  it('accepts a database with keys of an earlier test run', async () => {
    for (const key of ['queue:default', 'job:status:a', 'worker:last_processed', 'queues']) await client.set(key, '');
    expect(await givenRedis(server.url)).toMatchObject({ port: server.port });
  });

  it.each(['session:a', 'queues2'])('refuses a database with a key of another application: %s', async (key) => {
    await client.set(key, '');
    await expect(givenRedis(server.url)).rejects.toThrow(`it has a key "${key}"`);
  });
});

it('a cluster spreads keys over three masters', async () => {
  const cluster = stopAfterwards(await startRedisCluster());
  const client = closeAfterwards(new Cluster([...cluster.startupNodes]));

  await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((key) => client.set(key, key)));

  expect(await client.get('f')).toBe('f');
  expect(client.nodes('master')).toHaveLength(3);
});

it('a sentinel names the master, and the replica after a failover', async () => {
  const { sentinels, name, master, replica, masterPort, failover, stop } = await startRedisSentinel();
  stopAfterwards({ stop });
  const client = closeAfterwards(new Redis({ sentinels: [...sentinels], name }));
  await client.set('before', 'yes');
  expect(await masterPort()).toBe(master.port);

  await failover();

  expect(await masterPort()).toBe(replica.port);
  await eventually(async () => expect(await client.set('after', 'yes')).toBe('OK'));
});

it('a server with TLS accepts only clients that trust its certificate', async () => {
  const server = stopAfterwards(await startRedisTls());
  const trusting = closeAfterwards(new Redis(server.tlsUrl, { tls: { ca: server.ca } }));
  expect(await trusting.ping()).toBe('PONG');

  const distrusting = closeAfterwards(new Redis(server.tlsUrl, { lazyConnect: true, retryStrategy: () => null }));
  await expect(distrusting.ping()).rejects.toThrow();
});
