import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import type { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';
import { eventually } from '../../../support/eventually.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { RecordingLogger } from '../../../support/recording-logger.js';
import { startRedisCluster } from '../../../support/redis-cluster.js';
import { RedisDrivers } from '../../../support/redis-drivers.js';
import { TcpProxy } from '../../../support/tcp-proxy.js';
import { useRedis } from '../../../support/use-redis.js';

describe('the log of lost connections', () => {
  const redis = useRedis();
  const drivers = new RedisDrivers();
  let logger: RecordingLogger;
  let clock: FakeClock;

  beforeEach(() => {
    logger = new RecordingLogger();
    clock = new FakeClock();
  });

  describe('to one server', () => {
    let proxy: TcpProxy;
    let driver: RedisDriver;
    let client: Redis;
    const lost = (reason = ''): RegExp =>
      new RegExp(`^Redis at 127.0.0.1:${proxy.port} is not connected any more${reason}; connecting again$`);
    const isBack = (): Promise<boolean> => eventually(() => client.status === 'ready');
    const cut = async (): Promise<void> => {
      const { accepted } = proxy;
      proxy.cut();
      await eventually(() => proxy.accepted > accepted);
      await isBack();
    };

    beforeEach(async () => {
      proxy = drivers.keep(await TcpProxy.start(redis));
      const address = { host: proxy.host, port: proxy.port, database: redis.database };
      driver = await drivers.connect({ redis: { ...address, requestDeadline: 60 }, clock, logger });
      ({ client } = (driver as unknown as { connection: { client: Redis } }).connection);
    });

    it('has one warning of the loss and one line of the return, however long the loss lasts', async () => {
      expect(logger.text).toBe('');
      await proxy.refuse();
      await eventually(() => expect(logger.of('warn')).toEqual([expect.stringMatching(lost())]));
      // It has tried in vain, more than once.
      const failures: Error[] = [];
      client.on('error', (error) => failures.push(error));
      await eventually(() => failures.length >= 3);
      await clock.advance(3_600);
      expect(logger.of('warn')).toHaveLength(1);
      expect(logger.of('log')).toEqual([]);
      await proxy.pass();
      await isBack();
      expect(logger.of('log')).toEqual([`Redis at 127.0.0.1:${proxy.port} is connected again`]);
      expect(logger.of('warn')).toHaveLength(1);
    });

    it('has the reason of the loss, if it is known', async () => {
      proxy.blackHole();
      const asking = driver.ping();
      await clock.advance(5);
      await proxy.pass();
      await asking;
      expect(logger.of('warn')).toEqual([expect.stringMatching(lost(' \\(no answer for 5 s\\)'))]);
    });

    it('is not flooded by a connection that is lost again and again', async () => {
      for (let time = 0; time < 10; time++) await cut();
      expect(logger.of('warn')).toHaveLength(1);
      expect(logger.of('log')).toHaveLength(1);
      await clock.advance(10);
      expect(logger.of('warn')).toHaveLength(1);
      await cut();
      expect(logger.of('warn')).toHaveLength(2);
      expect(logger.of('log')).toHaveLength(2);
    });

    it('has a loss soon after another loss, if it lasts ten seconds', async () => {
      await cut();
      await proxy.refuse();
      await eventually(() => client.status !== 'ready');
      await clock.advance(9);
      expect(logger.of('warn')).toHaveLength(1);
      await clock.advance(1);
      expect(logger.of('warn')).toHaveLength(2);
    });

    it('has nothing if the driver is closed', async () => {
      await driver.close();
      await eventually(() => client.status === 'end');
      expect(logger.text).toBe('');
    });

    it('has nothing of a connection that never was ready, because the boot reports that', async () => {
      await proxy.refuse();
      const own = new RecordingLogger();
      const options = { host: proxy.host, port: proxy.port, connectDeadline: 0.2 };
      const failing = drivers.create({ redis: options, logger: own });
      await expect(failing.connect()).rejects.toThrow('cannot be reached');
      expect(own.text).toBe('');
    });
  });

  it('has one warning and one line for each node of a cluster', async () => {
    const cluster = drivers.keep(await startRedisCluster());
    const [node] = cluster.nodes;
    const driver = await drivers.connect({ redis: { cluster: [...cluster.startupNodes] }, logger });
    const queues = Array.from({ length: 12 }, (_, i) => `queue-${i}`);
    const pushToAll = (): Promise<unknown> =>
      Promise.all(queues.map((queue) => driver.push(queue, [{ id: queue, body: '', delay: 0 }], false)));
    await pushToAll();
    expect(logger.text).toBe('');
    node!.kill('SIGKILL');
    const name = `Node 127.0.0.1:${node!.port} of the Redis Cluster`;
    await eventually(() => expect(logger.of('warn')[0]).toContain(`${name} is not connected any more`));
    await node!.restart();
    await pushToAll();
    await eventually(() => expect(logger.of('log')).toEqual([`${name} is connected again`]));
    expect(logger.of('warn')).toHaveLength(1);
  });
});
