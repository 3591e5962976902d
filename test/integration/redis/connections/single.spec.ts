import { beforeAll, afterAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { createAclUser } from '../../../support/redis-acl.js';
import { RedisDrivers } from '../../../support/redis-drivers.js';
import { startRedis, type TestRedis } from '../../../support/redis-server.js';
import { expectJourney } from './journey.js';

const PASSWORD = 'p@ss:word/with?special#characters';

describe('a single server', () => {
  const drivers = new RedisDrivers();
  let server: TestRedis;

  beforeAll(async () => {
    server = await startRedis({ config: ['--unixsocket', 'redis.sock'] });
  }, 120_000);
  afterAll(() => server.stop());

  it('is reached by host and port', async () => {
    const driver = await drivers.connect({ redis: { host: server.host, port: server.port } });
    await expectJourney(driver);
    expect(await driver.queues()).toContain('mail');
  });

  it('keeps the jobs in the given database', async () => {
    const driver = await drivers.connect({ redis: { host: server.host, port: server.port, database: 5 } });
    await driver.push('five', [{ id: 'a', body: 'a', delay: 0 }], false);
    expect(await drivers.client(server.url, { db: 5 }).llen('queue:five')).toBe(1);
    expect(await drivers.client(server.url).exists('queue:five')).toBe(0);
    await expectJourney(driver, 'other');
  });

  it('is reached by a URL with user, password and database', async () => {
    await createAclUser(server, { username: 'ada', password: PASSWORD });
    const url = `redis://ada:${encodeURIComponent(PASSWORD)}@${server.host}:${server.port}/3`;
    const driver = await drivers.connect({ redis: { url } });
    await expectJourney(driver, 'by-url');
    expect(await drivers.client(server.url, { db: 3 }).smembers('queues')).toEqual(['by-url']);
    expect(await drivers.client(server.url).call('CLIENT', 'LIST')).toContain('user=ada');
  });

  it('is reached through a Unix socket, and messages name the socket', async () => {
    const path = join(server.dir, 'redis.sock');
    await expectJourney(await drivers.connect({ redis: { path, database: 2 } }), 'by-socket');
    const nowhere = drivers.create({ redis: { path: `${path}.not`, connectDeadline: 0.2 } });
    await expect(nowhere.connect()).rejects.toThrow(`${path}.not`);
  });

  it('is connected with the given options of ioredis', async () => {
    const redis = { host: server.host, port: server.port, connectionName: 'of-the-application', keepAlive: 10_000 };
    const driver = await drivers.connect({ redis });
    await expectJourney(driver, 'with-options');
    const listener = driver.listen(['with-options']);
    const waiting = listener.wait(60_000);
    await driver.push('with-options', [{ id: 'b', body: 'b', delay: 0 }], false);
    expect(await waiting).toBe('with-options');
    const list = String(await drivers.client(server.url).call('CLIENT', 'LIST'));
    expect(list.match(/name=of-the-application/g)).toHaveLength(2);
    expect(list).not.toContain('name=queue:');
  });

  it('sees a name for each connection, if the application gives none', async () => {
    const driver = await drivers.connect({ redis: { host: server.host, port: server.port } });
    await driver.listen(['named']).wait(1);
    const list = String(await drivers.client(server.url).call('CLIENT', 'LIST'));
    expect(list).toContain('name=queue:commands');
  });

  it.each([
    ['autopipelining', { enableAutoPipelining: true }],
    ['numbers as strings', { stringNumbers: true }],
    ['protocol 2', { protocol: 2 as const }],
    ['no offline queue', { enableOfflineQueue: false }],
    ['no retries', { maxRetriesPerRequest: 0, retryStrategy: () => null }],
    ['no resend', { autoResendUnfulfilledCommands: false }],
    ['a short timeout of commands', { commandTimeout: 100, socketTimeout: 100 }],
    ['no ready check', { enableReadyCheck: false }],
    ['no lazy connection', { lazyConnect: false }],
  ])('works with an option of ioredis that could harm it: %s', async (name, options) => {
    const queue = name.replaceAll(' ', '-');
    const driver = await drivers.connect({ redis: { host: server.host, port: server.port, ...options } });
    await expectJourney(driver, queue);
    expect(await driver.counts(queue)).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
    const listener = driver.listen([queue]);
    // The wait is longer than the timeouts. If the client gave it up, its wake-up could get lost.
    expect(await listener.wait(400)).toBeNull();
    await driver.push(queue, [{ id: 'b', body: 'b', delay: 0 }], false);
    expect(await listener.wait(5_000)).toBe(queue);
  });
});
