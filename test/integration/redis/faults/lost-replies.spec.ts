import { beforeEach, describe, expect, it } from '@jest/globals';
import { connect } from 'node:net';
import type { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';
import { UnknownOutcomeError } from '../../../../lib/queue.errors.js';
import {
  claim,
  claimOne,
  complete,
  drain,
  fail,
  idsOf,
  numbered,
  release,
  retry,
  settle,
} from '../../../contract/scene.js';
import { eventually } from '../../../support/eventually.js';
import { RedisDrivers } from '../../../support/redis-drivers.js';
import { startRedis } from '../../../support/redis-server.js';
import { TcpProxy } from '../../../support/tcp-proxy.js';
import { useRedis } from '../../../support/use-redis.js';
import { countLiveJobs } from '../../../support/live-jobs.js';

/** The server has carried out a command and the answer does not arrive: ioredis sends the command again. */
describe('a lost reply', () => {
  const redis = useRedis();
  const drivers = new RedisDrivers();
  let proxy: TcpProxy;
  let driver: RedisDriver;
  const connectTo = (statusTtl?: number): Promise<RedisDriver> =>
    drivers.connect({ redis: { host: proxy.host, port: proxy.port, database: redis.database }, statusTtl });
  const push = (ids: readonly string[], unique = false, delay = 0): Promise<unknown> =>
    driver.push(
      'mail',
      ids.map((id) => ({ id, body: `body of ${id}`, delay })),
      unique,
    );
  const consume = () => driver.consume('mail', { lease: 30, onLost: () => undefined });
  /** Loads the scripts: otherwise the lost reply would be NOSCRIPT. */
  const warmUp = async (): Promise<void> => {
    await push(['warm']);
    await drain(consume());
  };

  beforeEach(async () => {
    proxy = drivers.keep(await TcpProxy.start(redis));
    driver = await connectTo();
  });

  describe.each([
    ['ids that were made', false],
    ['ids of the application', true],
  ])('to a push with %s: the push', (_, unique) => {
    it('stores each job once', async () => {
      await warmUp();
      const lost = proxy.loseReplyTo('body of a');
      await push(['a', 'b'], unique);
      await lost;
      expect(proxy.accepted).toBe(2);
      expect(await redis.client.lrange('queue:mail', 0, -1)).toEqual(['a', 'b']);
    });

    it('stores each delayed job once', async () => {
      await warmUp();
      const lost = proxy.loseReplyTo('body of a');
      await push(['a'], unique, 60);
      await lost;
      expect(await driver.counts('mail')).toMatchObject({ ready: 0, delayed: 1 });
    });

    it('stores each job once if many pushes are in flight', async () => {
      await warmUp();
      const ids = numbered(200);
      proxy.dropReplies();
      const pushes = ids.map((id) => push([id], unique));
      await eventually(async () => expect(await redis.client.llen('queue:mail')).toBe(200));
      await proxy.pass();
      proxy.cut();
      await Promise.all(pushes);
      expect(await redis.client.lrange('queue:mail', 0, -1)).toEqual(ids);
    });

    it('stores each job once if the script must be loaded first', async () => {
      const ids = numbered(50);
      await warmUp();
      await redis.client.script('FLUSH');
      await redis.client.config('RESETSTAT');
      proxy.dropReplies();
      const pushes = ids.map((id) => push([id], unique));
      await eventually(async () => expect(await redis.client.info('commandstats')).toMatch(/evalsha:calls=50,/));
      await proxy.pass();
      proxy.cut();
      await Promise.all(pushes);
      expect((await redis.client.lrange('queue:mail', 0, -1)).toSorted()).toEqual(ids);
    });

    it('stores each job once if the scripts are flushed before the push is sent again', async () => {
      await warmUp();
      await proxy.loseReplyAnd(
        () => push(['a'], unique),
        'body of a',
        () => redis.client.script('FLUSH'),
      );
      expect(await redis.client.lrange('queue:mail', 0, -1)).toEqual(['a']);
    });

    it('runs no job twice that was completed before the push is sent again, although no status is kept', async () => {
      driver = await connectTo(0);
      await warmUp();
      const runElsewhere = async (): Promise<void> => {
        const other = await drivers.connect({ redis: { url: redis.url }, statusTtl: 0 });
        const consumer = other.consume('mail', { lease: 30, onLost: () => undefined });
        await settle(consumer, complete(await claimOne(consumer)));
      };
      await proxy.loseReplyAnd(() => push(['a'], unique), 'body of a', runElsewhere);
      expect(await driver.counts('mail')).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
      expect(await countLiveJobs(redis.client, 'mail')).toBe(0);
    });
  });

  it('to a push with given ids tells what the first execution told', async () => {
    await warmUp();
    await push(['b'], true);
    const lost = proxy.loseReplyTo('body of a');
    expect(await push(['a', 'b', 'c'], true)).toEqual([{ index: 1, outcome: 'duplicate', id: 'b' }]);
    await lost;
    expect(await redis.client.lrange('queue:mail', 0, -1)).toEqual(['b', 'a', 'c']);
    const again = proxy.loseReplyTo('body of d');
    expect(await push(['d'], true)).toBeUndefined();
    await again;
  });

  it('to a push stores no second job if the network delivers the push again much later', async () => {
    await warmUp();
    const lost = proxy.loseReplyTo('body of a');
    await push(['a']);
    const sent = await lost;
    // The next pushes tell which answers have come.
    for (const id of ['b', 'c']) await push([id]);
    expect(idsOf(await drain(consume()))).toEqual(['a', 'b', 'c']);
    await sendAgain(redis.port, redis.database, sent);
    expect(await redis.client.llen('queue:mail')).toBe(0);
  });

  it('to a poll is repeated with the same jobs and no refused settlement when the poll is sent again', async () => {
    await push(['warm', 'a', 'b', 'c', 'd']);
    const consumer = consume();
    const warm = await claimOne(consumer);
    const lost = proxy.loseReplyTo('warm');
    const settlements = [complete(warm)];
    const { jobs, refused } = await consumer.poll({ settlements, limit: 3, recovered: false });
    await lost;
    expect(refused).toEqual([]);
    expect(jobs.map((job) => job.body)).toEqual(['body of a', 'body of b', 'body of c']);
    expect(jobs.map((job) => job.fence - jobs[0]!.fence)).toEqual([0, 1, 2]);
    expect(await driver.counts('mail')).toMatchObject({ ready: 1, reserved: 3 });
    expect((await settle(consumer, ...jobs.map((job) => complete(job)))).refused).toEqual([]);
  });

  it('to the first poll of a consumer is repeated with the same jobs', async () => {
    await warmUp();
    await push(['a', 'b']);
    const consumer = consume();
    const lost = proxy.loseReplyTo('evalsha');
    expect(idsOf(await claim(consumer, 1))).toEqual(['a']);
    await lost;
    expect(idsOf(await claim(consumer, 1))).toEqual(['b']);
    expect(await redis.client.zcard('queue:mail:consumers')).toBe(2);
  });

  it('to two polls in flight is repeated with the same jobs for each poll', async () => {
    await push(['warm', 'a', 'b', 'c', 'd', 'e']);
    const consumer = consume();
    const warm = await claimOne(consumer);
    proxy.dropReplies();
    const first = consumer.poll({ settlements: [complete(warm)], limit: 2, recovered: false });
    const second = consumer.poll({ settlements: [complete(warm)], limit: 2, recovered: false });
    await eventually(async () => expect(await redis.client.llen('queue:mail')).toBe(1));
    await proxy.pass();
    proxy.cut();
    expect(await first).toMatchObject({ refused: [], jobs: [{ id: 'a' }, { id: 'b' }] });
    expect(await second).toMatchObject({ refused: ['warm'], jobs: [{ id: 'c' }, { id: 'd' }] });
    const jobs = [...(await first).jobs, ...(await second).jobs];
    expect((await settle(consumer, ...jobs.map((job) => complete(job)))).refused).toEqual([]);
  });

  it('to two polls keeps the order of the polls if the scripts are flushed before they are sent again', async () => {
    await push(['warm', 'a', 'b']);
    const consumer = consume();
    const warm = await claimOne(consumer);
    await proxy.refuse();
    const first = consumer.poll({ settlements: [complete(warm)], limit: 1, recovered: false });
    const second = consumer.poll({ settlements: [], limit: 1, recovered: false });
    await redis.client.script('FLUSH');
    await proxy.pass();
    expect([idsOf((await first).jobs), idsOf((await second).jobs)]).toEqual([['a'], ['b']]);
  });

  it('to a poll is repeated with the refused settlements', async () => {
    await push(['warm', 'a']);
    const consumer = consume();
    const [warm, a] = await claim(consumer);
    await settle(consumer, complete(warm!));
    const lost = proxy.loseReplyTo('warm');
    const { refused } = await settle(consumer, complete(warm!), complete({ ...warm!, id: 'unknown' }), complete(a!));
    await lost;
    expect(refused).toEqual(['warm', 'unknown']);
  });

  it('to a poll lets each settlement count once, of each kind', async () => {
    await push(['warm', 'completed', 'failed', 'retried', 'released']);
    const consumer = consume();
    const [warm, completed, failed, retried, released] = await claim(consumer);
    await settle(consumer, complete(warm!));
    const lost = proxy.loseReplyTo('completed');
    const { refused } = await settle(
      consumer,
      complete(completed!),
      fail(failed!),
      retry(retried!),
      release(released!),
    );
    await lost;
    expect(refused).toEqual([]);
    expect(await redis.client.lrange('queue:mail', 0, -1)).toEqual(['retried', 'released']);
    expect(await redis.client.hgetall('queue:mail:attempts')).toEqual({ retried: '1:0:0', released: '0:0:0::1' });
    expect(await driver.counts('mail')).toEqual({ ready: 2, blocked: 0, delayed: 0, reserved: 0, failed: 1 });
    expect(await claim(consumer)).toMatchObject([
      { id: 'retried', attempt: 2 },
      { id: 'released', attempt: 1 },
    ]);
  });

  it('to a heartbeat changes no lease', async () => {
    const lost: string[] = [];
    const consumer = driver.consume('mail', { lease: 1, onLost: () => lost.push('lost') });
    await push(['a']);
    const job = await claimOne(consumer);
    await proxy.loseReplyTo('evalsha');
    await proxy.loseReplyTo('evalsha');
    expect((await settle(consumer, complete(job))).refused).toEqual([]);
    expect(lost).toEqual([]);
  });

  it('that is cut in its middle counts as lost', async () => {
    await push(['warm', 'a', 'b']);
    const consumer = consume();
    await claimOne(consumer);
    for (const bytes of [1, 20]) {
      const cut = proxy.cutInReply(bytes);
      expect(await claimOne(consumer)).toMatchObject({ id: bytes === 1 ? 'a' : 'b' });
      await cut;
    }
    expect(await driver.counts('mail')).toMatchObject({ ready: 0, reserved: 3 });
  });

  it('to a push leaves the outcome unknown if the server is full when the push is sent again', async () => {
    const server = drivers.keep(await startRedis());
    const own = drivers.keep(await TcpProxy.start(server));
    driver = await drivers.connect({ redis: { host: own.host, port: own.port } });
    await warmUp();
    const client = drivers.client(server.url);
    const outcome = own.loseReplyAnd(
      () => push(['a']).catch((error: unknown) => error),
      'body of a',
      () => client.config('SET', 'maxmemory', '1'),
    );
    expect(await outcome).toBeInstanceOf(UnknownOutcomeError);
    expect(await outcome).toMatchObject({ jobId: 'a', cause: { code: 'ERR_STORAGE_FULL' } });
    expect(await client.llen('queue:mail')).toBe(1);
  });
});

/** Sends to a server what was sent before, and resolves when it has been answered. */
async function sendAgain(port: number, database: number, sent: Buffer): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('error', reject);
    socket.write(`*2\r\n$6\r\nSELECT\r\n$${String(database).length}\r\n${database}\r\n`);
    socket.once('data', () => {
      socket.write(sent);
      socket.once('data', (data: Buffer) => {
        socket.destroy();
        if (data.toString().startsWith('-')) reject(new Error(data.toString()));
        else resolve();
      });
    });
  });
}
