import { beforeEach, describe, expect, it } from '@jest/globals';
import type { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';
import { JobCodec } from '../../../../lib/job/job-codec.js';
import { jsonSerializer } from '../../../../lib/job/json-serializer.js';
import { JobMender } from '../../../../lib/mending/job-mender.js';
import { systemClock } from '../../../../lib/support/clock.js';
import { claim, fail, idsOf, numbered, settle } from '../../../contract/scene.js';
import { RedisDrivers } from '../../../support/redis-drivers.js';
import { TcpProxy } from '../../../support/tcp-proxy.js';
import { useRedis } from '../../../support/use-redis.js';

const QUEUE = 'mail';
const codec = new JobCodec({ serializer: jsonSerializer, maxPayloadSize: 1_000 });
const menderOf = (driver: RedisDriver) => new JobMender(driver, codec, systemClock);

/** Two operators on one Redis; the network of one of them loses replies. */
describe('an operator changes jobs', () => {
  const redis = useRedis();
  const drivers = new RedisDrivers();
  let proxy: TcpProxy;
  let driver: RedisDriver;
  let other: RedisDriver;
  const consume = () => other.consume(QUEUE, { lease: 30, onLost: () => undefined });

  /** Pushes jobs, and lets them fail. */
  async function failing(ids: readonly string[]): Promise<void> {
    const consumer = consume();
    for (let at = 0; at < ids.length; at += 100) {
      const jobs = ids.slice(at, at + 100).map((id) => ({ id, body: `hMail\n"${id}"`, delay: 0 }));
      await other.push(QUEUE, jobs, false);
      await settle(consumer, ...(await claim(consumer, 100)).map((job) => fail(job)));
    }
    await consumer.close();
  }

  const ready = (): Promise<string[]> => redis.client.lrange('queue:mail', 0, -1);

  beforeEach(async () => {
    proxy = drivers.keep(await TcpProxy.start(redis));
    driver = await drivers.connect({ redis: { host: proxy.host, port: proxy.port, database: redis.database } });
    other = await drivers.connect({ redis: { url: redis.url } });
    // Loads the scripts: otherwise the lost reply would be NOSCRIPT.
    await driver.mending.retry(QUEUE, ['warm']);
    await driver.mending.remove(QUEUE, ['warm']);
  });

  it('puts a job back once, and counts it, if the answer is lost', async () => {
    await failing(['a', 'b']);
    const lost = proxy.loseReplyTo('\r\na\r\n');
    expect(await driver.mending.retry(QUEUE, ['a', 'b'])).toBe(2);
    await lost;
    expect(await ready()).toEqual(['a', 'b']);
  });

  it('does not put a job back again that failed again before the request is sent again', async () => {
    await failing(['a']);
    const consumer = consume();
    const retried = await proxy.loseReplyAnd(
      () => driver.mending.retry(QUEUE, ['a']),
      '\r\na\r\n',
      async () => settle(consumer, ...(await claim(consumer, 1)).map((job) => fail(job))),
    );
    expect(retried).toBe(1);
    expect(await ready()).toEqual([]);
    expect(await other.counts(QUEUE)).toMatchObject({ ready: 0, failed: 1 });
  });

  it('does not remove a job that was pushed before the request is sent again', async () => {
    const push = () => other.push(QUEUE, [{ id: 'order', body: 'hMail\n', delay: 0, name: 'Mail' }], true);
    await push();
    const removed = await proxy.loseReplyAnd(() => driver.mending.remove(QUEUE, ['order']), '\r\norder\r\n', push);
    expect(removed).toBe(1);
    expect(await ready()).toEqual(['order']);
  });

  it('runs each job once if two operators put all back at once, and answers are lost', async () => {
    const ids = numbered(450);
    await failing(ids);
    const lost = proxy.loseReplyTo(`\r\n${ids[150]}\r\n`);
    const counts = await Promise.all([
      menderOf(driver).retryAll(QUEUE),
      menderOf(other).retryAll(QUEUE),
      menderOf(driver).retry(ids.toReversed()),
    ]);
    await lost;
    expect(counts.reduce((sum, count) => sum + count)).toBe(450);
    const consumer = consume();
    expect(idsOf([...(await claim(consumer, 300)), ...(await claim(consumer, 300))]).sort()).toEqual(ids);
    expect(await other.counts(QUEUE)).toEqual({ ready: 0, delayed: 0, reserved: 450, failed: 0 });
  });

  it('does not replace the data again that somebody replaced before the request is sent again', async () => {
    await other.push(QUEUE, [{ id: 'a', body: 'hMail\n1', delay: 60 }], false);
    await driver.mending.replace(QUEUE, 'warm', 'hMail', '');
    const replaced = await proxy.loseReplyAnd(
      () => driver.mending.replace(QUEUE, 'a', 'hMail', 'hMail\n"mine"'),
      'mine',
      () => other.mending.replace(QUEUE, 'a', 'hMail', 'hMail\n"theirs"'),
    );
    expect(replaced).toBe(true);
    expect(await other.mending.readWaiting(QUEUE, 'a')).toBe('hMail\n"theirs"');
  });

  it('does not promote a job again that was delayed before the request is sent again', async () => {
    await other.push(QUEUE, [{ id: 'a', body: 'hMail\n1', delay: 60 }], false);
    await driver.mending.promote(QUEUE, 'warm');
    const promoted = await proxy.loseReplyAnd(
      () => driver.mending.promote(QUEUE, 'a'),
      '\r\na\r\n',
      () => other.mending.reschedule(QUEUE, 'a', 60),
    );
    expect(promoted).toBe(true);
    expect(await other.counts(QUEUE)).toMatchObject({ ready: 0, delayed: 1 });
  });

  it('removes a queue while another process claims and pushes', async () => {
    const consumer = consume();
    await other.push(
      QUEUE,
      numbered(300).map((id) => ({ id, body: 'hMail\n', delay: 0 })),
      false,
    );
    await claim(consumer, 0);
    const removing = driver.mending.obliterate(QUEUE);
    const claims = await Promise.all(Array.from({ length: 20 }, () => claim(consumer, 10)));
    const running = await removing;
    const claimed = claims.flat().length;
    // Either the claim came first, and nothing was removed, or no job was claimed.
    expect(running).toBeLessThanOrEqual(claimed);
    const { ready: left, reserved } = await other.counts(QUEUE);
    expect(left + reserved).toBe(claimed === 0 ? 0 : 300);
    expect(await redis.client.exists('queue:mail:jobs')).toBe(claimed === 0 ? 0 : 1);
  });

  it('leaves no key of a queue but those that expire within a day', async () => {
    await failing(numbered(150));
    const consumer = consume();
    await other.push(QUEUE, [{ id: 'order', body: 'hMail\n', delay: 60, name: 'Mail' }], true);
    await consumer.poll({ settlements: [], limit: 0, recovered: false });
    expect(await driver.mending.obliterate(QUEUE)).toBe(0);
    expect(await redis.client.smembers('queues')).toEqual([]);
    const keys = (await redis.client.keys('*')).filter((key) => key !== 'worker:last_processed');
    expect(keys.filter((key) => !/:(consumers|meta|polls:.*|producer:.*|call:.*)$/.test(key))).toEqual([]);
    for (const key of keys) {
      const left = await redis.client.ttl(key);
      expect([key, left > 0 && left <= 86_400]).toEqual([key, true]);
    }
    await driver.push(QUEUE, [{ id: 'new', body: 'hMail\n', delay: 0 }], false);
    expect(await driver.queues()).toEqual([QUEUE]);
  });

  it('removes the jobs of a worker whose lease has ended long ago', async () => {
    const consumer = consume();
    await other.push(QUEUE, [{ id: 'a', body: 'hMail\n', delay: 0 }], false);
    await claim(consumer, 1);
    const [dead] = await redis.client.zrange('queue:mail:consumers', '0', '-1');
    expect(await driver.mending.obliterate(QUEUE)).toBe(1);
    await redis.client.zadd('queue:mail:consumers', Date.now() - 60_000, dead!);
    expect(await driver.mending.obliterate(QUEUE)).toBe(0);
    expect(await redis.client.keys('queue:mail:c[lo][an]*')).toEqual([]);
  });

  it('finds a failed job whose status is gone', async () => {
    await failing(['a']);
    await redis.client.del('job:status:a');
    expect(await menderOf(driver).retry('a')).toBe(1);
    expect(await ready()).toEqual(['a']);
  });
});
