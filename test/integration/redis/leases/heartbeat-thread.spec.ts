import { afterAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import type { QueueRedisOptions } from '../../../../lib/queue.options.js';
import { claim } from '../../../contract/scene.js';
import { RedisDrivers } from '../../../support/redis-drivers.js';
import { startRedis } from '../../../support/redis-server.js';
import { startRedisTls } from '../../../support/redis-tls.js';
import { TcpProxy } from '../../../support/tcp-proxy.js';
import { together } from '../../../support/together.js';
import type { ConsumerOrders } from './blocked-consumer.js';
import { ConsumerProcess } from './consumer-process.js';

/** Each test starts a process, which compiles the library first; in milliseconds. */
const LIMIT = 60_000;

/** The event loop of a process is blocked for longer than its lease, while another consumer polls to recover its jobs. */
describe('the lease of a consumer that blocks its event loop', () => {
  const drivers = new RedisDrivers(afterAll);

  type Kind = QueueRedisOptions & { readonly orders?: Partial<ConsumerOrders> };

  /** The kinds of connections, each with a function that starts a server and returns the option `redis` for it. */
  const KINDS: Readonly<Record<string, () => Promise<Kind>>> = {
    async 'a user, a password and another database'() {
      const { host, port, url } = drivers.keep(await startRedis());
      await drivers.client(url).acl('SETUSER', 'ada', 'on', '>pässword', '~*', '+@all');
      return { host, port, username: 'ada', password: 'pässword', database: 3 };
    },
    'TLS and a password, at 127.0.0.1': () => startTls('127.0.0.1'),
    'TLS and a password, at localhost': () => startTls('localhost'),
    async 'a Unix socket'() {
      const { dir } = drivers.keep(await startRedis({ config: ['--unixsocket', 'redis.sock'] }));
      return { path: join(dir, 'redis.sock') };
    },
    async 'a prefix, and a function that gives the password'() {
      const { host, port, url } = drivers.keep(await startRedis());
      await drivers.client(url).acl('SETUSER', 'ada', 'on', '>secret', '~shop:*', '&*', '+@all');
      return {
        host,
        port,
        username: 'ada',
        password: 'secret',
        orders: { prefix: 'shop:', asksForPassword: true },
      };
    },
  };

  async function startTls(host: string): Promise<QueueRedisOptions> {
    const { url, tlsPort, ca } = drivers.keep(await startRedisTls());
    await drivers.client(url).config('SET', 'requirepass', 'secret');
    return { host, port: tlsPort, tls: { ca }, password: 'secret' };
  }

  describe('on other connections', () => {
    const tests = Object.entries(KINDS).map(([kind, start]) => [
      `is prolonged with ${kind}`,
      async () => {
        const { orders, ...redis } = await start();
        await (await ConsumerProcess.start(drivers, redis, orders)).expectToKeepItsJobs();
      },
    ]);
    together(Object.fromEntries(tests) as Record<string, () => Promise<void>>, LIMIT);
  });

  describe('in other conditions', () => {
    together(
      {
        async 'is prolonged by a thread'() {
          const { host, port } = drivers.keep(await startRedis());
          // The shortest lease that there is.
          const consumer = await ConsumerProcess.start(drivers, { host, port }, { lease: 1, block: 1.8 });
          await consumer.expectToKeepItsJobs();
        },
        async 'is prolonged although the server is slow'() {
          const { host, tlsPort, ca } = drivers.keep(await startRedisTls());
          const proxy = drivers.keep(await TcpProxy.start({ host, port: tlsPort }));
          const consumer = await ConsumerProcess.start(drivers, { host: proxy.host, port: proxy.port, tls: { ca } });
          // The thread waits a third of a second at first, and the greeting of TLS alone takes 0.4 s.
          proxy.delay(200);
          await consumer.expectToKeepItsJobs();
        },
        async 'runs out after ten leases, because the process may hang for ever'() {
          const { host, port } = drivers.keep(await startRedis());
          const consumer = await ConsumerProcess.start(drivers, { host, port }, { lease: 0.4, block: 6 });
          const startedAt = Date.now();
          consumer.block();
          const { taken, settled } = await consumer.watch();
          expect(taken).toEqual(['of-mail']);
          expect(settled).toMatchObject({ lost: true, refused: ['of-mail'] });
          expect(Date.now() - startedAt).toBeGreaterThan(5_500);
        },
      },
      LIMIT,
    );
  });

  it('opens no other connection while the event loop runs', async () => {
    const server = drivers.keep(await startRedis());
    const driver = await drivers.connect({ redis: { host: server.host, port: server.port } });
    await driver.push('mail', [{ id: 'a', body: '', delay: 0 }], false);
    await claim(driver.consume('mail', { lease: 1, onLost: () => undefined }));
    const client = drivers.client(server.url);
    const pause = driver.listen(['nothing']);
    await pause.wait(100);
    const connections = async (): Promise<number> =>
      Number(/total_connections_received:(\d+)/.exec(await client.info('stats'))![1]);
    const before = await connections();
    await pause.wait(1_500);
    expect(await connections()).toBe(before);
  });
});
