import { beforeEach, describe, expect, it } from '@jest/globals';
import type { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';
import { UnknownOutcomeError } from '../../../../lib/queue.errors.js';
import { claim, claimOne, complete, settle } from '../../../contract/scene.js';
import { within } from '../../../support/deadline.js';
import { eventually } from '../../../support/eventually.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { rawCommand } from '../../../support/raw-redis.js';
import { startRedisCluster } from '../../../support/redis-cluster.js';
import { RedisDrivers } from '../../../support/redis-drivers.js';
import { TcpProxy } from '../../../support/tcp-proxy.js';
import { useRedis } from '../../../support/use-redis.js';

/** The peer is gone without a word: it sends no FIN, no RST and no answers. */
describe('a black hole', () => {
  const redis = useRedis();
  const drivers = new RedisDrivers();
  let proxy: TcpProxy;
  let clock: FakeClock;
  let driver: RedisDriver;
  const push = (id: string): Promise<unknown> => driver.push('mail', [{ id, body: `body of ${id}`, delay: 0 }], false);
  const consume = () => driver.consume('mail', { lease: 30, onLost: () => undefined });
  /** Lets time pass, a second at a time, until a promise settles. */
  const untilDone = async <T>(promise: Promise<T>): Promise<T> => {
    let done = false;
    const watched = promise.finally(() => (done = true));
    watched.catch(() => undefined);
    await eventually(async () => {
      if (!done) await clock.advance(1);
      return done;
    });
    return watched;
  };

  beforeEach(async () => {
    proxy = drivers.keep(await TcpProxy.start(redis));
    clock = new FakeClock();
    const address = { host: proxy.host, port: proxy.port, database: redis.database };
    driver = await drivers.connect({ redis: { ...address, requestDeadline: 60 }, clock });
  });

  it('is left after an answer has been owed for five seconds, and commands are sent again', async () => {
    await push('a');
    const consumer = consume();
    await consumer.poll({ settlements: [], limit: 0, recovered: false });
    proxy.blackHole();
    const poll = claim(consumer);
    await clock.advance(4.9);
    expect(proxy.accepted).toBe(1);
    await proxy.pass();
    await clock.advance(0.1);
    expect(await within(poll, 2_000, 'the poll')).toMatchObject([{ id: 'a', attempt: 1 }]);
    expect(proxy.accepted).toBe(2);
  });

  it('is not assumed if the server is slow but goes on answering', async () => {
    const pushes = [];
    for (let i = 0; i < 12; i++) {
      pushes.push(push(`job-${i}`));
      await clock.advance(0.9);
      await pushes.at(-2);
    }
    await Promise.all(pushes);
    expect(proxy.accepted).toBe(1);
  });

  it('is not assumed if no answer is owed', async () => {
    await driver.ping();
    await clock.advance(60);
    expect(proxy.accepted).toBe(1);
  });

  it('is left also if the next connection falls into it before the greeting', async () => {
    await push('a');
    const consumer = consume();
    proxy.blackHole();
    const poll = claim(consumer);
    await clock.advance(5);
    await eventually(() => proxy.accepted >= 2);
    // The second connection stays open and silent for good.
    await proxy.pass();
    expect(await untilDone(poll)).toMatchObject([{ id: 'a' }]);
  });

  it('is left also if a poll only waits for the connection', async () => {
    await proxy.refuse();
    await expect(untilDone(driver.ping())).rejects.toThrow('cannot be reached');
    const poll = claim(consume());
    proxy.blackHole();
    await proxy.pass();
    proxy.blackHole();
    await eventually(() => proxy.open >= 1);
    await proxy.pass();
    expect(await untilDone(poll)).toEqual([]);
  });

  it('fails a ping at the timeout of the ping, long before the request deadline', async () => {
    await driver.ping(500);
    proxy.blackHole();
    const pinging = driver.ping(500);
    const failure = expect(pinging).rejects.toThrow(
      `Redis at 127.0.0.1:${proxy.port} cannot be reached (no answer in time)`,
    );
    let done = false;
    void failure.then(() => (done = true));
    await clock.advance(0.499);
    expect(done).toBe(false);
    await clock.advance(0.001);
    await failure;
  });

  it('fails a push at the deadline, and the error names the job', async () => {
    await push('a');
    proxy.blackHole();
    const pushing = push('b').catch((error: unknown) => error);
    expect(await untilDone(pushing)).toBeInstanceOf(UnknownOutcomeError);
  });

  it('is left by a listener a second after its wait should have ended', async () => {
    const other = await drivers.connect({ redis: { url: redis.url } });
    const waits = async (): Promise<string[]> =>
      [...String(await redis.client.client('LIST')).matchAll(/^id=(\d+) .*cmd=bzpopmin/gm)].map(([, id]) => id!);
    const waiting = driver.listen(['mail']).wait(60_000);
    const [dead] = await eventually(async () => {
      const ids = await waits();
      return ids.length === 1 && ids;
    });
    proxy.blackHole();
    await clock.advance(5.9);
    expect(proxy.accepted).toBe(2);
    await proxy.pass();
    await clock.advance(0.2);
    await eventually(async () => expect(await waits()).toHaveLength(2));
    // The server does not know that its old client is gone, and would wake that one.
    await redis.client.client('KILL', 'ID', dead!);
    await other.push('mail', [{ id: 'a', body: '', delay: 0 }], false);
    expect(await within(waiting, 2_000, 'the wait')).toBe('mail');
  });

  it('in front of one node of a cluster is left although the other nodes answer', async () => {
    const cluster = drivers.keep(await startRedisCluster());
    // The client reaches the node of queue "a" through the proxy.
    const slot = await rawCommand(cluster.nodes[0]!.port, 'CLUSTER', 'KEYSLOT', 'a');
    const node = cluster.nodes[Math.floor((Number(slot.slice(1)) * 3) / 16_384)]!;
    const front = drivers.keep(await TcpProxy.start(node));
    const natMap = { [`${node.host}:${node.port}`]: { host: front.host, port: front.port } };
    const options = { cluster: [...cluster.startupNodes], clusterOptions: { natMap }, requestDeadline: 60 };
    driver = await drivers.connect({ redis: options, clock });
    for (const queue of ['a', 'mail']) await driver.push(queue, [{ id: queue, body: '', delay: 0 }], false);
    const [a, mail] = ['a', 'mail'].map((queue) => driver.consume(queue, { lease: 30, onLost: () => undefined }));
    const job = await claimOne(a!);
    front.blackHole();
    const settling = settle(a!, complete(job));
    let settled = false;
    void settling.then(() => (settled = true));
    for (let second = 0; second < 5; second++) {
      await mail!.poll({ settlements: [], limit: 0, recovered: false });
      await clock.advance(1);
    }
    await front.pass();
    await eventually(async () => {
      await mail!.poll({ settlements: [], limit: 0, recovered: false });
      await clock.advance(1);
      return settled;
    });
    expect((await settling).refused).toEqual([]);
  });
});
