import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Redis } from 'ioredis';
import type { QueueRedisOptions } from '../../../../lib/queue.options.js';
import { closeClient } from '../../../support/close-client.js';
import { eventually } from '../../../support/eventually.js';
import { startRedisCluster } from '../../../support/redis-cluster.js';
import { RedisDrivers } from '../../../support/redis-drivers.js';
import { startRedisSentinel } from '../../../support/redis-sentinel.js';
import { RecordingLogger } from '../../../support/recording-logger.js';
import { startRedis, type TestRedis } from '../../../support/redis-server.js';
import { expectJourney } from './journey.js';

jest.setTimeout(60_000);

/** Passwords that are valid for a while, as the clouds give them. */
describe('a password that changes while the application runs', () => {
  const drivers = new RedisDrivers();
  let valid: string;

  beforeEach(() => {
    valid = 'first';
  });

  /** Makes another password valid, and closes the connections of the user. */
  async function renew(servers: readonly TestRedis[], password: string): Promise<void> {
    valid = password;
    for (const { url } of servers) {
      const admin = drivers.client(url);
      await admin.acl('SETUSER', 'app', 'on', 'resetpass', `>${password}`, '~*', '&*', '+@all');
      await admin.client('KILL', 'USER', 'app');
    }
  }

  /** The kinds of connections, each with a function that starts servers and returns them, and the option `redis`. */
  const KINDS: Readonly<Record<string, () => Promise<{ servers: readonly TestRedis[]; redis: QueueRedisOptions }>>> = {
    async 'a single server'() {
      const server = drivers.keep(await startRedis());
      return { servers: [server], redis: { host: server.host, port: server.port } };
    },
    async Sentinel() {
      const group = drivers.keep(await startRedisSentinel());
      return { servers: [group.master], redis: { sentinels: [...group.sentinels], name: group.name } };
    },
    async 'a cluster'() {
      const cluster = drivers.keep(await startRedisCluster());
      return { servers: cluster.nodes, redis: { cluster: [...cluster.startupNodes] } };
    },
  };

  it.each(Object.entries(KINDS))('comes from a function at each attempt to connect, with %s', async (_kind, start) => {
    const { servers, redis } = await start();
    await renew(servers, 'first');
    const password = jest.fn(async () => valid);
    const driver = await drivers.connect({ redis: { ...redis, username: 'app', password } });
    await expectJourney(driver);
    const waiting = driver.listen(['later']).wait(60_000);
    await renew(servers, 'second');
    await eventually(() => driver.push('later', [{ id: 'b', body: 'b', delay: 0 }], false).then(() => true), {
      timeout: 20_000,
    });
    expect(await waiting).toBe('later');
  });

  it('is asked for again when the function fails, and the start waits for it', async () => {
    const server = drivers.keep(await startRedis());
    await renew([server], 'first');
    let calls = 0;
    const password = (): string => {
      if (++calls < 3) throw new Error('the vault is closed');
      return valid;
    };
    const redis = { host: server.host, port: server.port, username: 'app', password };
    const driver = await drivers.connect({ redis });
    await driver.ping();
    expect(calls).toBe(3);
  });

  it.each([
    ['fails', () => Promise.reject(new Error('the vault is closed')), 'the vault is closed'],
    ['returns no text', () => 7 as unknown as string, 'redis.password() has to return a string that is not empty'],
  ])('stops the start with its reason if the function %s', async (_, password, reason) => {
    const { host, port } = drivers.keep(await startRedis());
    const driver = drivers.create({ redis: { host, port, password, connectDeadline: 0.5 } });
    await expect(driver.connect()).rejects.toThrow(reason);
  });

  it('of a shared client is used by its duplicate', async () => {
    const server = drivers.keep(await startRedis());
    await renew([server], 'first');
    const client = new Redis({ port: server.port, username: 'app', password: 'first', maxRetriesPerRequest: null });
    client.on('error', () => undefined);
    try {
      const driver = await drivers.connect({ redis: { client } });
      const waiting = driver.listen(['later']).wait(60_000);
      await eventually(async () => expect(await drivers.client(server.url).client('LIST')).toMatch(/cmd=bzpopmin/));
      client.options.password = 'second';
      await renew([server], 'second');
      await eventually(async () => expect(await drivers.client(server.url).client('LIST')).toMatch(/cmd=bzpopmin/));
      await driver.push('later', [{ id: 'b', body: 'b', delay: 0 }], false);
      expect(await waiting).toBe('later');
    } finally {
      closeClient(client);
    }
  });
});

describe('the connection for the blocking wait', () => {
  const drivers = new RedisDrivers();

  it('is warned of once if it alone is refused, and told of when it works again', async () => {
    const server = drivers.keep(await startRedis());
    const admin = drivers.client(server.url);
    await admin.acl('SETUSER', 'app', 'on', '>secret', '~*', '+@all', '-@blocking');
    const logger = new RecordingLogger();
    const redis = { host: server.host, port: server.port, username: 'app', password: 'secret' };
    const driver = await drivers.connect({ redis, logger });
    const waiting = driver.listen(['mail']).wait(60_000);
    const refusals = (): string[] => logger.of('warn').filter((text) => text.includes('cannot wait'));
    await eventually(() => expect(refusals()).toHaveLength(1), { timeout: 10_000 });
    expect(refusals()[0]).toMatch(/workers cannot wait for jobs \(NOPERM.*\); they look for jobs every 5 s$/);
    await admin.acl('SETUSER', 'app', '+@all');
    await eventually(async () => expect(await admin.client('LIST')).toMatch(/cmd=bzpopmin/));
    await driver.push('mail', [{ id: 'a', body: '', delay: 0 }], false);
    expect(await waiting).toBe('mail');
    await eventually(() => expect(logger.of('log')).toEqual([expect.stringMatching(/workers wait for jobs again$/)]));
    expect(refusals()).toHaveLength(1);
  });
});
