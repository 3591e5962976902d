import { beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:net';
import {
  AuthenticationError,
  QueueClosedError,
  QueueConnectionError,
  UnsupportedServerError,
} from '../../../../lib/queue.errors.js';
import { within } from '../../../support/deadline.js';
import { eventually } from '../../../support/eventually.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { freePort } from '../../../support/free-port.js';
import { RedisDrivers } from '../../../support/redis-drivers.js';
import { startRedis } from '../../../support/redis-server.js';
import { TcpProxy } from '../../../support/tcp-proxy.js';
import { useRedis } from '../../../support/use-redis.js';
import { expectJourney } from '../connections/journey.js';

describe('at boot', () => {
  const redis = useRedis();
  const drivers = new RedisDrivers();
  let proxy: TcpProxy;
  const address = () => ({ host: proxy.host, port: proxy.port, database: redis.database });

  beforeEach(async () => {
    proxy = drivers.keep(await TcpProxy.start(redis));
  });

  describe('"fail"', () => {
    it('fails at the deadline with a message that names host, port and reason', async () => {
      await proxy.refuse();
      const startedAt = Date.now();
      const failure = await drivers
        .create({ redis: { ...address(), connectDeadline: 0.3 } })
        .connect()
        .catch((error: unknown) => error);
      expect(Date.now() - startedAt).toBeLessThan(800);
      expect(failure).toBeInstanceOf(QueueConnectionError);
      expect((failure as Error).message).toBe(
        `Redis at 127.0.0.1:${proxy.port} cannot be reached within 0.3 s (connect ECONNREFUSED 127.0.0.1:${proxy.port})`,
      );
    });

    it('fails at the deadline if the server accepts the connection and says nothing', async () => {
      proxy.blackHole();
      const connecting = drivers.create({ redis: { ...address(), connectDeadline: 0.3 } }).connect();
      await expect(within(connecting, 800, 'boot')).rejects.toThrow(`${proxy.port} cannot be reached within 0.3 s`);
    });

    it('fails at the deadline if the server falls silent after the greeting', async () => {
      const connecting = drivers
        .create({ redis: { ...address(), connectDeadline: 0.5, enableReadyCheck: false } })
        .connect();
      const silenced = proxy.loseReplyTo('server').then(() => proxy.blackHole());
      await expect(within(connecting, 1_000, 'boot')).rejects.toThrow(`${proxy.port} cannot be reached`);
      await silenced;
    });

    it('succeeds if the server comes up before the deadline', async () => {
      await proxy.refuse();
      const driver = drivers.create({ redis: { ...address(), connectDeadline: 5 } });
      const connecting = driver.connect();
      await proxy.pass();
      await connecting;
      await expectJourney(driver);
    });
  });

  describe('"wait"', () => {
    it('waits as long as it takes, and logs that after one second and then every ten seconds', async () => {
      await proxy.refuse();
      const clock = new FakeClock();
      const warnings: string[] = [];
      const logger = { warn: (message: string) => void warnings.push(message), log: () => undefined };
      const driver = drivers.create({ redis: { ...address(), whenAway: 'wait' }, clock, logger });
      let connected = false;
      const connecting = driver.connect().then(() => (connected = true));
      await clock.advance(0.9);
      expect(warnings).toEqual([]);
      await eventually(async () => {
        await clock.advance(0.1);
        expect(warnings).toHaveLength(1);
      });
      await eventually(async () => {
        await clock.advance(10);
        expect(warnings.at(-1)).toBe(
          `Redis at 127.0.0.1:${proxy.port} cannot be reached (connect ECONNREFUSED 127.0.0.1:${proxy.port}); waiting for it`,
        );
      });
      const { length } = warnings;
      await clock.advance(50);
      expect(warnings).toHaveLength(length + 5);
      expect(connected).toBe(false);
      await proxy.pass();
      await connecting;
      await clock.advance(60);
      expect(warnings).toHaveLength(length + 5);
      expect(await driver.queues()).toEqual([]);
    });

    it('waits for a server that falls silent after the greeting', async () => {
      const redisOptions = { ...address(), whenAway: 'wait' as const, requestDeadline: 0.2, enableReadyCheck: false };
      const driver = drivers.create({ redis: redisOptions });
      const connecting = driver.connect();
      await proxy.loseReplyTo('server');
      await proxy.refuse();
      await proxy.pass();
      await connecting;
      await expectJourney(driver);
    });

    it('ends when the driver is closed', async () => {
      await proxy.refuse();
      const driver = drivers.create({ redis: { ...address(), whenAway: 'wait' } });
      const connecting = expect(driver.connect()).rejects.toBeInstanceOf(QueueClosedError);
      await driver.close();
      await within(connecting, 300, 'connect');
    });
  });

  it('refuses a server that is too old, and names its version, whether it waits or not', async () => {
    const old = drivers.keep(await startOldServer());
    for (const whenAway of ['fail', 'wait'] as const) {
      const failure = drivers.create({ redis: { host: '127.0.0.1', port: old.port, whenAway } }).connect();
      await expect(failure).rejects.toBeInstanceOf(UnsupportedServerError);
      await expect(failure).rejects.toThrow(`Redis at 127.0.0.1:${old.port} runs Redis 6.2.14: this library needs`);
    }
  });

  it('fails at once if the password is missing or wrong', async () => {
    const server = drivers.keep(await startRedis({ config: ['--requirepass', 'right'] }));
    for (const password of [undefined, 'wrong']) {
      const driver = drivers.create({ redis: { host: server.host, port: server.port, password, connectDeadline: 60 } });
      const failure = within(driver.connect(), 2_000, 'boot');
      await expect(failure).rejects.toBeInstanceOf(AuthenticationError);
      await expect(failure).rejects.toThrow(`Redis at 127.0.0.1:${server.port} refuses these credentials`);
    }
    await expectJourney(await drivers.connect({ redis: { host: server.host, port: server.port, password: 'right' } }));
  });

  it('treats a server with too many clients as a server that is away', async () => {
    const server = drivers.keep(await startRedis());
    const client = drivers.client(server.url);
    await client.config('SET', 'maxclients', '1');
    const driver = drivers.create({ redis: { host: server.host, port: server.port, connectDeadline: 0.4 } });
    // It says so and closes the connection, and the client learns one or the other first.
    await expect(driver.connect()).rejects.toThrow(
      /cannot be reached within 0.4 s \((ERR max number of clients reached|.*(EPIPE|ECONNRESET))\)/,
    );
    const connecting = drivers.connect({ redis: { host: server.host, port: server.port } });
    await client.config('SET', 'maxclients', '100');
    await expectJourney(await connecting);
  });
});

/** Answers as Redis 6.2 would, as far as it is asked. */
async function startOldServer(): Promise<{ port: number; stop(): Promise<void> }> {
  const port = await freePort();
  const info = '# Server\r\nredis_version:6.2.14\r\nloading:0\r\n';
  const server: Server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data: Buffer) => {
      for (const [, command] of data.toString().matchAll(/\*\d+\r\n\$\d+\r\n(\w+)/g)) {
        if (command!.toLowerCase() === 'info') socket.write(`$${info.length}\r\n${info}\r\n`);
        else if (command!.toLowerCase() === 'hello') socket.write('-NOPROTO unsupported protocol version\r\n');
        else socket.write('+OK\r\n');
      }
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });
  return { port, stop: () => new Promise((resolve) => void server.close(() => resolve())) };
}
