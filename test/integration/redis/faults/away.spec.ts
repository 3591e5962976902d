import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import type { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';
import { QueueClosedError, QueueConnectionError, UnknownOutcomeError } from '../../../../lib/queue.errors.js';
import { claim, claimOne, complete, idsOf, IDLE, settle } from '../../../contract/scene.js';
import { within } from '../../../support/deadline.js';
import { eventually } from '../../../support/eventually.js';
import { RedisDrivers } from '../../../support/redis-drivers.js';
import { TcpProxy } from '../../../support/tcp-proxy.js';
import { useRedis } from '../../../support/use-redis.js';

/** Seconds. */
const DEADLINE = 0.4;

describe('while Redis is away', () => {
  const redis = useRedis();
  const drivers = new RedisDrivers();
  let proxy: TcpProxy;
  let driver: RedisDriver;
  const push = (id: string): Promise<unknown> => driver.push('mail', [{ id, body: `body of ${id}`, delay: 0 }], false);
  const consume = () => driver.consume('mail', { lease: 30, onLost: () => undefined });
  /** Resolves when the driver has noticed it. */
  const goAway = async (): Promise<void> => {
    await proxy.refuse();
    await expect(driver.ping()).rejects.toBeInstanceOf(QueueConnectionError);
  };

  beforeEach(async () => {
    proxy = drivers.keep(await TcpProxy.start(redis));
    const address = { host: proxy.host, port: proxy.port, database: redis.database };
    driver = await drivers.connect({ redis: { ...address, requestDeadline: DEADLINE } });
  });

  it('a push fails at the deadline, and is not stored later', async () => {
    await push('before');
    await goAway();
    const startedAt = Date.now();
    const failure = await push('lost').catch((error: unknown) => error);
    expect(Date.now() - startedAt).toBeLessThan(DEADLINE * 1000 + 300);
    expect(failure).toBeInstanceOf(QueueConnectionError);
    expect((failure as Error).message).toBe(
      `Redis at 127.0.0.1:${proxy.port} cannot be reached within ${DEADLINE} s (connect ECONNREFUSED 127.0.0.1:${proxy.port})`,
    );
    await proxy.pass();
    await eventually(() => push('after').then(() => true));
    // A push after which nothing came back in time may be stored, and is sent again here.
    expect(new Set(await redis.client.lrange('queue:mail', 0, -1))).toEqual(new Set(['before', 'after']));
  });

  it('a ping fails at the timeout of the ping', async () => {
    await goAway();
    const startedAt = Date.now();
    await expect(driver.ping(50)).rejects.toThrow(`Redis at 127.0.0.1:${proxy.port} cannot be reached within 0.05 s`);
    expect(Date.now() - startedAt).toBeLessThan(DEADLINE * 1000);
  });

  it('the first push to a queue fails at the deadline as well', async () => {
    await goAway();
    await expect(push('first')).rejects.toBeInstanceOf(QueueConnectionError);
    await proxy.pass();
    await eventually(() => driver.ping().then(() => true));
    expect(await redis.client.keys('queue*')).toEqual([]);
  });

  it('a push without an answer may be stored, and the error names the job', async () => {
    await push('before');
    proxy.dropReplies();
    const failure = await push('perhaps').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UnknownOutcomeError);
    expect(failure).toMatchObject({ jobId: 'perhaps', jobIds: ['perhaps'] });
    expect(await redis.client.llen('queue:mail')).toBe(2);
    // And it is stored once, whatever is sent again.
    proxy.cut();
    await proxy.pass();
    await eventually(() => driver.ping().then(() => true));
    expect(await redis.client.llen('queue:mail')).toBe(2);
  });

  it('questions fail at the deadline', async () => {
    await goAway();
    const questions = [
      () => driver.ping(),
      () => driver.getStatus('a'),
      () => driver.setStatus('a', 'completed'),
      () => driver.counts('mail'),
      () => driver.clear('mail'),
      () => driver.queues(),
    ];
    const startedAt = Date.now();
    await Promise.all(questions.map((ask) => expect(ask()).rejects.toBeInstanceOf(QueueConnectionError)));
    expect(Date.now() - startedAt).toBeLessThan(DEADLINE * 1000 + 500);
  });

  it('many pushes at once fail at the deadline, and leave no listeners on the client', async () => {
    await push('before');
    await goAway();
    const { client } = (driver as unknown as { connection: { client: Redis } }).connection;
    const before = client.listenerCount('ready') + client.listenerCount('error') + client.listenerCount('end');
    const failures = Array.from({ length: 50 }, (_, i) => push(`job-${i}`).catch((error: unknown) => error));
    // Node warns of a leak where there are more than ten of a kind.
    expect(client.listenerCount('ready') + client.listenerCount('error') + client.listenerCount('end')).toBe(before);
    for (const failure of failures) expect(await failure).toBeInstanceOf(QueueConnectionError);
    await proxy.pass();
    await eventually(() => driver.ping().then(() => true));
    expect(await redis.client.llen('queue:mail')).toBe(1);
  });

  it('a poll waits, and then settles and claims when Redis is back', async () => {
    for (const id of ['a', 'b']) await push(id);
    const consumer = consume();
    const a = await claimOne(consumer);
    await goAway();
    const poll = consumer.poll({ settlements: [complete(a)], limit: 1, recovered: false });
    await expect(driver.ping()).rejects.toBeInstanceOf(QueueConnectionError);
    await proxy.pass();
    expect(await poll).toMatchObject({ lost: false, refused: [], jobs: [{ id: 'b' }] });
  });

  it('jobs are neither lost nor doubled if Redis goes away and returns several times', async () => {
    const consumer = consume();
    const seen: string[] = [];
    for (let round = 0; round < 8; round++) {
      const id = `job-${round}`;
      await eventually(() => push(id).then(() => true));
      const poll = consumer.poll({ settlements: [], limit: 10, recovered: false });
      proxy.cut();
      const { jobs } = await poll;
      const settling = settle(consumer, ...jobs.map((job) => complete(job)));
      proxy.cut();
      expect((await settling).refused).toEqual([]);
      seen.push(...idsOf(jobs));
    }
    seen.push(...idsOf(await claim(consumer)));
    expect(seen).toEqual(Array.from({ length: 8 }, (_, round) => `job-${round}`));
  });

  describe('closing the driver', () => {
    it('ends at once, and rejects the requests that wait', async () => {
      const consumer = consume();
      await consumer.poll(IDLE);
      const listener = driver.listen(['mail']);
      const waiting = listener.wait(60_000);
      await goAway();
      const poll = expect(consumer.poll(IDLE)).rejects.toBeInstanceOf(QueueClosedError);
      const pushing = expect(push('a')).rejects.toBeInstanceOf(QueueClosedError);
      const asking = expect(driver.counts('mail')).rejects.toBeInstanceOf(QueueClosedError);
      await within(driver.close(), 300, 'closing');
      expect(await waiting).toBeNull();
      await within(Promise.all([poll, pushing, asking]), 500, 'what was asked for');
    });

    it('rejects a push that is under way, and says that its outcome is unknown', async () => {
      await push('before');
      proxy.dropReplies();
      const pushing = expect(push('perhaps')).rejects.toBeInstanceOf(UnknownOutcomeError);
      await eventually(async () => expect(await redis.client.llen('queue:mail')).toBe(2));
      await driver.close();
      await pushing;
    });

    it('rejects a poll that is under way when the connection is lost', async () => {
      await push('a');
      const consumer = consume();
      await consumer.poll(IDLE);
      proxy.dropReplies();
      const poll = expect(claim(consumer)).rejects.toBeInstanceOf(QueueClosedError);
      await eventually(async () => expect(await redis.client.llen('queue:mail')).toBe(0));
      await proxy.refuse();
      await within(driver.close(), 1_500, 'closing');
      await within(poll, 300, 'the poll');
    });
  });
});
