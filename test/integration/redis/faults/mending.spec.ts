import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ClaimedJob, QueueConsumer } from '../../../../lib/drivers/queue-driver.interface.js';
import type { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';
import type { RedisInspector } from '../../../../lib/drivers/redis/redis-inspector.js';
import { RedisMending } from '../../../../lib/drivers/redis/redis-mending.js';
import type { RedisToolkit } from '../../../../lib/drivers/redis/redis-toolkit.js';
import { JobCodec } from '../../../../lib/job/job-codec.js';
import { jsonSerializer } from '../../../../lib/job/json-serializer.js';
import { JobMender } from '../../../../lib/mending/job-mender.js';
import { systemClock } from '../../../../lib/support/clock.js';
import { claim, complete, fail, idsOf, numbered, retry, settle } from '../../../contract/scene.js';
import { eventually } from '../../../support/eventually.js';
import { FakeClock } from '../../../support/fake-clock.js';
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
    expect(await other.counts(QUEUE)).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 450, failed: 0 });
  });

  it('does not replace the data again that somebody replaced before the request is sent again', async () => {
    await other.push(QUEUE, [{ id: 'a', body: 'hMail\n"as long as the others"', delay: 60 }], false);
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

  it('does not set a priority again that somebody changed before the request is sent again', async () => {
    const body = 'hMail\n1';
    await other.push(
      QUEUE,
      ['a', 'b'].map((id) => ({ id, body, delay: 0 })),
      false,
    );
    await driver.mending.setPriority(QUEUE, 'warm', 1);
    const changed = await proxy.loseReplyAnd(
      () => driver.mending.setPriority(QUEUE, 'b', 7),
      '\r\nb\r\n',
      () => other.mending.setPriority(QUEUE, 'b', -7),
    );
    expect(changed).toBe(true);
    expect(idsOf(await claim(consume(), 2))).toEqual(['a', 'b']);
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

  it('does not empty a queue that was filled before its removal is sent again', async () => {
    const push = (id: string) => other.push(QUEUE, [{ id, body: 'hMail\n', delay: 0 }], false);
    await push('a');
    await driver.mending.obliterate('warm');
    const removed = await proxy.loseReplyAnd(
      () => driver.mending.obliterate(QUEUE),
      'queue:mail:stats:',
      () => push('b'),
    );
    expect(removed).toBe(0);
    expect(await ready()).toEqual(['b']);
    expect(await other.pauses.read(QUEUE)).toBeNull();
  });

  it('does not remove a queue later whose removal was refused', async () => {
    const consumer = consume();
    await other.push(QUEUE, [{ id: 'a', body: 'hMail\n', delay: 0 }], false);
    const [a] = await claim(consumer, 1);
    await driver.mending.obliterate('warm');
    const running = await proxy.loseReplyAnd(
      () => driver.mending.obliterate(QUEUE),
      'queue:mail:stats:',
      () => settle(consumer, retry(a!)),
    );
    expect(running).toBe(1);
    expect(await ready()).toEqual(['a']);
  });

  describe('the removal of a queue after Redis was away', () => {
    let clock: FakeClock;
    let mending: RedisMending;
    let consumer: QueueConsumer;
    let a: ClaimedJob;
    let holder: string;
    const meta = (field: string) => redis.client.hget('queue:mail:meta', field).then(Number);

    /** As after a restart: all leases have run out, and nobody has spoken for a while. */
    async function beAway(): Promise<void> {
      await redis.client.zadd('queue:mail:consumers', Date.now() - 4_500, holder);
      await redis.client.hset('queue:mail:meta', 'seen', Date.now() - 25_000, 'grace', 0, 'looked', 0);
    }

    beforeEach(async () => {
      const { toolkit } = driver.mending as unknown as { toolkit: RedisToolkit };
      clock = new FakeClock();
      mending = new RedisMending({ ...toolkit, clock }, undefined as unknown as RedisInspector);
      consumer = consume();
      await other.push(QUEUE, [{ id: 'a', body: 'hMail\n', delay: 0 }], false);
      [a] = (await claim(consumer, 1)) as [ClaimedJob];
      [holder] = (await redis.client.zrange('queue:mail:consumers', '0', '-1')) as [string];
      await beAway();
    });

    it('waits for the workers to come back, and then finds the job that runs', async () => {
      const removing = mending.obliterate(QUEUE);
      await eventually(() => clock.pending > 0);
      expect(await meta('grace')).toBeGreaterThan(Date.now() + 1_000);
      await consumer.poll({ settlements: [], limit: 0, recovered: false });
      await clock.advance(0.5);
      expect(await removing).toBe(1);
      expect((await settle(consumer, retry(a))).refused).toEqual([]);
      expect(await ready()).toEqual(['a']);
    });

    it('takes the time that a worker has begun to give, and goes on when that is over', async () => {
      await consume().poll({ settlements: [], limit: 0, recovered: false });
      const grace = await meta('grace');
      await redis.client.zadd('queue:mail:consumers', Date.now() - 4_500, holder);
      const removing = mending.obliterate(QUEUE);
      await eventually(() => clock.pending > 0);
      expect(await meta('grace')).toBe(grace);
      await redis.client.hset('queue:mail:meta', 'grace', Date.now() - 1);
      await clock.advance(0.5);
      expect(await removing).toBe(0);
    });

    it('tells of the job if the time is not over after some looks', async () => {
      let running: number | undefined;
      void mending.obliterate(QUEUE).then((count) => (running = count));
      await eventually(async () => {
        await clock.advance(0.5);
        return running !== undefined;
      });
      expect(running).toBe(1);
      // Then nobody may have been there: a later call begins anew.
      await redis.client.hset('queue:mail:meta', 'grace', 0, 'looked', Date.now() - 3_000);
      void mending.obliterate(QUEUE);
      await eventually(() => clock.pending > 0);
      expect(await meta('grace')).toBeGreaterThan(Date.now() + 1_000);
      expect(await redis.client.ttl('queue:mail:meta')).toBeGreaterThan(80_000);
    });
  });

  describe('the removal of a queue that breaks off', () => {
    const given = (ids: readonly string[], delay = 0) =>
      ids.map((id) => ({ id, body: 'hMail\n', delay, name: 'Mail', replacesEnded: true }));
    const ids = { ready: numbered(150, 'ready'), delayed: numbered(70, 'delayed'), lost: numbered(3, 'lost') };
    const all = [...ids.ready, ...ids.delayed, ...ids.lost, 'done', 'gone', 'again', 'bad'];

    /** Fills all places of the queue. */
    async function fill(): Promise<void> {
      const consumer = consume();
      await failing(['old']);
      const push = (each: readonly string[], delay?: number) => other.push(QUEUE, given(each, delay), true);
      await push(['done', 'bad', 'again', ...ids.lost]);
      const [done, bad, again] = await claim(consumer, 3);
      await consumer.note(again!.id, again!.fence, 1, {
        progress: '1',
        checkpoint: 'c',
        log: { before: 0, lines: ['line'] },
      });
      await settle(consumer, complete(done!), fail(bad!), retry(again!, { delay: 60 }));
      await claim(consumer, 3);
      const [holder] = await redis.client.zrange('queue:mail:consumers', '0', '-1');
      await redis.client.zadd('queue:mail:consumers', 1, holder!);
      await claim(consume(), 0);
      for (let at = 0; at < 150; at += 50) await push(ids.ready.slice(at, at + 50));
      await push(ids.delayed, 60);
      await push(['gone']);
      await other.cancellations.cancel('gone');
      // Stale elements, as of jobs that were cancelled in a long list.
      await redis.client.lpush('queue:mail', ids.ready[7]!, 'stale');
      await redis.client.hset('queue:mail:gone', { [ids.ready[7]!]: 1, stale: 1, '~': 2 });
      await redis.client.hdel('queue:mail:meta', 'gone');
    }

    /** Removes the queue in a process that dies after some calls. */
    async function breakOff(calls: number): Promise<void> {
      const { toolkit } = driver.mending as unknown as { toolkit: RedisToolkit };
      const { commands } = toolkit;
      let left = calls;
      const dies: typeof commands.run = (...args) =>
        left-- > 0 ? commands.run(...args) : Promise.reject(new Error('dead'));
      const dying = new RedisMending(
        { ...toolkit, commands: { run: dies } as typeof commands },
        undefined as unknown as RedisInspector,
      );
      await expect(dying.obliterate(QUEUE)).rejects.toThrow('dead');
    }

    const fields = async (key: string) => (await redis.client.hkeys(`queue:mail:${key}`)).filter((id) => id !== '~');

    /** Each job is whole: it is in one place, and nothing is left of any other. */
    async function expectWhole(): Promise<void> {
      const { client } = redis;
      const records = await fields('jobs');
      const stale = Number((await client.hget('queue:mail:gone', '~')) ?? 0);
      const waiting = [
        ...(await ready()).slice(stale),
        ...(await client.zrange('queue:mail:delayed', '0', '-1')),
        ...(await client.lrange('queue:mail:recovered', 0, -1)),
      ];
      const ended = [
        ...(await client.zrange('queue:mail:failed', '0', '-1')),
        ...(await client.lrange('queue:mail:completed', 0, -1)).map((element) => element.slice(30)),
      ];
      expect(new Set(records)).toEqual(new Set([...waiting, ...ended]));
      expect(records).toHaveLength(waiting.length + ended.length);
      for (const key of ['attempts', 'notes', 'progress', 'checkpoints', 'failures', 'logs']) {
        expect([key, (await fields(key)).filter((id) => !records.includes(id))]).toEqual([key, []]);
      }
      expect((await client.hkeys('queue:~ids')).sort()).toEqual([...waiting].sort());
      const statuses = (await client.keys('job:status:*')).map((key) => key.slice('job:status:'.length));
      expect(statuses.filter((id) => !records.includes(id))).toEqual([]);
      expect((await other.counts(QUEUE)).ready + (await other.counts(QUEUE)).delayed).toBe(waiting.length);
      expect(await client.pttl('queue:mail:meta')).toBeGreaterThan(0);
    }

    it.each([1, 2])('leaves a queue whose jobs run once, after %i calls', async (calls) => {
      await fill();
      await breakOff(calls);
      await expectWhole();
      expect((await other.counts(QUEUE)).ready).toBeGreaterThan(calls === 1 ? 0 : -1);
      await redis.client.hdel('queue:mail:meta', 'paused', 'pausedUntil');
      for (let at = 0; at < all.length; at += 100) await other.push(QUEUE, given(all.slice(at, at + 100)), true);
      const consumer = consume();
      for (const id of await redis.client.zrange('queue:mail:delayed', '0', '-1'))
        await other.mending.promote(QUEUE, id);
      const run: string[] = [];
      for (let empty = 0; empty < 2;) {
        const result = await consumer.poll({ settlements: [], limit: 100, recovered: true });
        expect(result.danglingIds).toEqual([]);
        run.push(...idsOf(result.jobs));
        empty = result.jobs.length === 0 ? empty + 1 : 0;
        await settle(consumer, ...result.jobs.map((job) => complete(job)));
      }
      expect(run.sort()).toEqual([...all].sort());
    });

    it('is ended by a call that follows', async () => {
      await fill();
      await breakOff(1);
      expect(await driver.mending.obliterate(QUEUE)).toBe(0);
      expect(await redis.client.exists('queue:mail', 'queue:mail:jobs', 'queue:mail:delayed', 'queue:~ids')).toBe(0);
      expect(await redis.client.keys('job:status:*')).toEqual([]);
    });

    it('leaves no status behind of a job whose worker was lost meanwhile', async () => {
      const consumer = consume();
      await other.push(QUEUE, given(numbered(120)), true);
      await claim(consumer, 120);
      const [holder] = await redis.client.zrange('queue:mail:consumers', '0', '-1');
      await redis.client.zadd('queue:mail:consumers', Date.now() - 60_000, holder!);
      await breakOff(1);
      await claim(consume(), 0);
      expect(await driver.mending.obliterate(QUEUE)).toBe(0);
      expect(await redis.client.keys('job:status:*')).toEqual([]);
    });
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
