import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Cluster, Redis } from 'ioredis';
import { QueueConnectionError } from '../../../../lib/queue.errors.js';
import { closeClient } from '../../../support/close-client.js';
import { eventually } from '../../../support/eventually.js';
import { startRedisCluster, type TestRedisCluster } from '../../../support/redis-cluster.js';
import { RedisDrivers } from '../../../support/redis-drivers.js';
import { startRedis, type TestRedis } from '../../../support/redis-server.js';
import { expectJourney } from './journey.js';

describe("the application's own client", () => {
  const drivers = new RedisDrivers();
  const clients: (Redis | Cluster)[] = [];
  let server: TestRedis;
  let cluster: TestRedisCluster;

  beforeAll(async () => {
    server = await startRedis();
    cluster = await startRedisCluster();
  }, 120_000);
  afterEach(() => clients.splice(0).forEach((client) => closeClient(client)));
  afterAll(async () => {
    await server.stop();
    await cluster.stop();
  });

  function single(options = {}): Redis {
    const client = new Redis(server.url, { connectionName: 'application', ...options });
    clients.push(client);
    return client;
  }
  function clustered(): Cluster {
    const client = new Cluster([...cluster.startupNodes], { redisOptions: { connectionName: 'application' } });
    clients.push(client);
    return client;
  }

  describe.each([
    ['Redis', single],
    ['Cluster', clustered],
  ] as const)('a %s', (_, make) => {
    it('carries the commands, and is not closed with the driver', async () => {
      const client = make();
      await client.ping();
      const listeners = (): unknown => client.eventNames().map((event) => [event, client.listenerCount(event)]);
      const before = listeners();
      const driver = await drivers.connect({ redis: { client } });
      await expectJourney(driver);
      await driver.close();
      expect(client.status).toBe('ready');
      expect(await client.set('mine', 'still')).toBe('OK');
      expect(listeners()).toEqual(before);
    });

    it('has a duplicate for blocking waits, which is closed with the driver', async () => {
      const client = make();
      const driver = await drivers.connect({ redis: { client } });
      const listener = driver.listen(['woken']);
      const waiting = listener.wait(60_000);
      // The client serves other commands during the wait.
      expect(await client.set('free', '1')).toBe('OK');
      await driver.push('woken', [{ id: 'a', body: '', delay: 0 }], false);
      expect(await waiting).toBe('woken');
      const again = listener.wait(60_000);
      await driver.close();
      expect(await again).toBeNull();
      expect(client.status).toBe('ready');
    });
  });

  it('is connected by the driver if it connects lazily', async () => {
    const client = single({ lazyConnect: true });
    await expectJourney(await drivers.connect({ redis: { client } }), 'lazy');
  });

  it('gets one more connection for blocking waits, and only that is closed with the driver', async () => {
    const client = single();
    const driver = await drivers.connect({ redis: { client } });
    const waiting = driver.listen(['named']).wait(60_000);
    const list = async (): Promise<string> => String(await client.client('LIST'));
    await eventually(async () => expect(await list()).toMatch(/name=queue:waiting .*cmd=bzpopmin/));
    await driver.close();
    await waiting;
    await eventually(async () => expect(await list()).not.toContain('queue:waiting'));
    expect(await list()).toContain('name=application');
  });

  it('waits longer than the timeout for commands of the client', async () => {
    const client = single({ commandTimeout: 100 });
    const driver = await drivers.connect({ redis: { client } });
    const listener = driver.listen(['patient']);
    expect(await listener.wait(400)).toBeNull();
    await driver.push('patient', [{ id: 'b', body: 'b', delay: 0 }], false);
    expect(await listener.wait(5_000)).toBe('patient');
  });

  it('is not connected again after the application has closed it', async () => {
    const client = single();
    const driver = await drivers.connect({ redis: { client } });
    const consumer = driver.consume('closed', { lease: 30, onLost: () => undefined });
    await client.quit();
    await expect(driver.ping()).rejects.toBeInstanceOf(QueueConnectionError);
    await expect(driver.ping()).rejects.toThrow('Redis of the shared client cannot be reached: it was closed');
    await expect(consumer.poll({ settlements: [], limit: 1, recovered: false })).rejects.toBeInstanceOf(
      QueueConnectionError,
    );
    expect(client.status).toBe('end');
  });
});
