import { afterEach, describe, expect, it } from '@jest/globals';
import { Cluster, Redis } from 'ioredis';
import type { QueueRedisOptions } from 'nestjs-job-queue';
import { resolveOptions } from '../../../../lib/options/options.resolver.js';
import { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';
import { serverAddress, serverName } from '../../../../lib/drivers/redis/server-address.js';
import { systemClock } from '../../../../lib/support/clock.js';

const SECRET = 'pa:ss@wo/rd?';
const ENCODED = encodeURIComponent(SECRET);
const SENTINELS = { name: 'main', sentinels: [{ host: 'a' }, { host: 'b', port: 5000 }] };

const CASES: [title: string, given: QueueRedisOptions, address: string, name: string][] = [
  ['nothing', {}, 'redis 127.0.0.1:6379/0', 'Redis at 127.0.0.1:6379'],
  ['a host', { host: 'db.example' }, 'redis db.example:6379/0', 'Redis at db.example:6379'],
  ['host, port and database', { host: 'a', port: 7, database: 5 }, 'redis a:7/5', 'Redis at a:7'],
  ['an IPv6 address', { host: '::1' }, 'redis [::1]:6379/0', 'Redis at [::1]:6379'],
  ['a URL with a password', { url: `redis://bob:${ENCODED}@a:7/3` }, 'redis a:7/3', 'Redis at a:7'],
  ['a password', { host: 'a', username: 'bob', password: SECRET }, 'redis a:6379/0', 'Redis at a:6379'],
  [
    'a socket',
    { path: '/run/redis.sock', database: 2 },
    'redis /run/redis.sock, database 2',
    'Redis at /run/redis.sock',
  ],
  [
    'sentinels',
    { ...SENTINELS, database: 1, password: SECRET, sentinelPassword: SECRET },
    'redis sentinel main/1 at a:26379,b:5000',
    'Redis "main" of the sentinels a:26379, b:5000',
  ],
  [
    'nodes of a cluster',
    { cluster: [{ host: 'a', port: 7000 }, { host: 'b' }], password: SECRET },
    'redis cluster a:7000,b:6379',
    'The Redis Cluster at a:7000, b:6379',
  ],
  [
    'nodes of a cluster as texts and ports',
    { cluster: [`redis://bob:${ENCODED}@a:7000`, 'b:7001', 'c', '7002', 7003, 'rediss://[::1]:7004?password=x%40y'] },
    'redis cluster a:7000,b:7001,c:6379,localhost:7002,localhost:7003,[::1]:7004',
    'The Redis Cluster at a:7000, b:7001, c:6379, localhost:7002, localhost:7003, [::1]:7004',
  ],
  [
    'a node whose address cannot be read',
    { cluster: [`redis://bob:${SECRET}@a:7000`, 'redis://bob:12?x@a:7000'] },
    'redis cluster a node with an unreadable address,a node with an unreadable address',
    'The Redis Cluster at a node with an unreadable address, a node with an unreadable address',
  ],
];

describe('the address of the server', () => {
  const clients: (Redis | Cluster)[] = [];
  afterEach(() => {
    for (const client of clients.splice(0)) client.disconnect();
  });
  const resolve = (redis: QueueRedisOptions) => resolveOptions({ driver: 'redis', redis }, {}).redis;

  it.each(CASES)('is built from %s', (_, given, address, name) => {
    expect(serverAddress(resolve(given))).toBe(address);
    expect(serverName(resolve(given))).toBe(name);
  });

  it.each(CASES)('contains no password if it is built from %s', (_, given) => {
    const texts = [serverAddress(resolve(given)), serverName(resolve(given))].join(' ');
    for (const part of [SECRET, ENCODED, 'pa:', 'wo/rd', 'bob']) expect(texts).not.toContain(part);
  });

  it('is read from the options of a shared client', () => {
    const client = new Redis(`redis://bob:${ENCODED}@a:7/3`, { lazyConnect: true });
    clients.push(client);
    expect(serverAddress(resolve({ client }))).toBe('redis a:7/3');
    expect(serverName(resolve({ client }))).toBe('Redis of the shared client');
  });

  it('is read from the sentinels of a shared client', () => {
    const client = new Redis({ ...SENTINELS, password: SECRET, lazyConnect: true });
    clients.push(client);
    expect(serverAddress(resolve({ client }))).toBe('redis sentinel main/0 at a:26379,b:5000');
  });

  it('names no node of a shared cluster client before that client has connected', () => {
    const client = new Cluster([{ host: 'a' }], { lazyConnect: true });
    clients.push(client);
    expect(serverAddress(resolve({ client }))).toBe('redis cluster of the shared client');
    expect(serverName(resolve({ client }))).toBe('The Redis Cluster of the shared client');
  });

  it('is returned by the driver', async () => {
    const driver = new RedisDriver({ redis: resolve({ host: 'a', port: 7 }), statusTtl: 0, clock: systemClock });
    expect(driver.address).toBe('redis a:7/0');
    await driver.close();
  });
});
