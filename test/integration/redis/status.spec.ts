import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ClaimedJob, Settlement, StoredStatus } from '../../../lib/drivers/queue-driver.interface.js';
import type { RedisDriver } from '../../../lib/drivers/redis/redis.driver.js';
import { createJobId } from '../../../lib/job/job-id.js';
import { StorageCorruptError } from '../../../lib/queue.errors.js';
import { claimOne, complete, release, retry, settle } from '../../contract/scene.js';
import { RedisDrivers } from '../../support/redis-drivers.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { useRedis } from '../../support/use-redis.js';

/** An id that an application gave, and that has the shape of a generated one. */
const LOOKALIKE = 'order000000000000042';

describe('the status of a job', () => {
  const redis = useRedis();
  const drivers = new RedisDrivers();
  let driver: RedisDriver;
  const push = (queue: string, id: string, { unique = false, delay = 0, to = driver } = {}): Promise<unknown> =>
    to.push(queue, [{ id, body: '', delay }], unique);
  const pushTo = async (queue: string): Promise<string> => {
    const id = createJobId(Date.now(), queue);
    await push(queue, id);
    return id;
  };
  const fillQueues = async (count: number): Promise<void> => {
    await Promise.all(Array.from({ length: count }, (_, i) => pushTo(`queue-${i}`)));
  };
  /** Counts the commands of the server while something runs, those of scripts included. */
  const countCommands = async (run: () => Promise<unknown>): Promise<number> => {
    await redis.client.config('RESETSTAT');
    await run();
    const stats = await redis.client.info('commandstats');
    const calls = [...stats.matchAll(/^cmdstat_(?!config|info)\S+:calls=(\d+)/gm)];
    return calls.reduce((sum, [, count]) => sum + Number(count), 0);
  };

  beforeEach(async () => {
    driver = await drivers.connect({ redis: { url: redis.url } });
  });

  it('is found with as many commands if there are fifty queues as if there is one', async () => {
    const id = await pushTo('mail');
    await driver.getStatus(id);
    const withOne = await countCommands(() => driver.getStatus(id));
    await fillQueues(50);
    expect(await driver.queues()).toHaveLength(51);
    expect(await driver.getStatus(id)).toMatchObject({ state: 'queued', queue: 'mail' });
    expect(await countCommands(() => driver.getStatus(id))).toBe(withOne);
    expect(withOne).toBeLessThan(12);
  });

  it('that names another queue keeps a failed job from being put back, however that came', async () => {
    const job = { id: 'order', body: 'hOrder\n{}', delay: 0, name: 'Order' };
    const fail = async (queue: string) => {
      const consumer = driver.consume(queue, { lease: 30, onLost: () => undefined });
      const { id, fence } = await claimOne(consumer);
      await settle(consumer, { kind: 'fail', id, fence, error: 'no luck' });
      await consumer.close();
    };
    await driver.push('mail', [job], true);
    await fail('mail');
    // As an earlier version left it that wrote the status anew.
    await redis.client.del('job:status:order');
    await driver.push('other', [job], true);
    expect(await driver.mending.retry('mail', ['order'])).toBe(0);
    expect(await driver.mending.move('mail', ['order'], 'third')).toBe(0);
    await redis.client.del('job:status:order');
    expect(await driver.mending.retry('mail', ['order'])).toBe(0);
    await fail('other');
    expect(await driver.mending.retry('mail', ['order'])).toBe(0);
    expect(await driver.counts('mail')).toMatchObject({ ready: 0, failed: 1 });
    expect(await driver.mending.retry('other', ['order'])).toBe(1);
  });

  it('is found if another process pushed the job to a queue that this process does not know', async () => {
    await pushTo('mail');
    await driver.queues();
    const other = await drivers.connect({ redis: { url: redis.url } });
    const id = createJobId(Date.now(), 'new');
    await push('new', id, { to: other });
    expect(await driver.getStatus(id)).toMatchObject({ state: 'queued', queue: 'new' });
  });

  it('is found in each state of a job with a generated id', async () => {
    await fillQueues(50);
    const id = createJobId(Date.now(), 'mail');
    await push('mail', id, { delay: 0.001 });
    expect(await driver.getStatus(id)).toMatchObject({ state: 'delayed', queue: 'mail' });
    const consumer = driver.consume('mail', { lease: 30, onLost: () => undefined });
    const job = await claimOne(consumer);
    expect(await driver.getStatus(id)).toMatchObject({ state: 'processing', queue: 'mail', attempt: 1 });
    await settle(consumer, retry(job));
    expect(await driver.getStatus(id)).toMatchObject({ state: 'retrying', queue: 'mail', attempt: 1 });
    await settle(consumer, release(await claimOne(consumer)));
    expect(await driver.getStatus(id)).toMatchObject({ state: 'queued', queue: 'mail', attempt: 1 });
    await driver.setStatus(id, 'cancelled');
    expect(await driver.getStatus(id)).toMatchObject({ state: 'cancelled', queue: 'mail', attempt: 1 });
    await redis.client.del(`job:status:${id}`);
    expect(await driver.getStatus(id)).toMatchObject({ state: 'retrying', queue: 'mail', attempt: 1 });
    expect(await driver.clear('mail')).toBe(1);
    expect(await driver.getStatus(id)).toBeNull();
  });

  it('is found after the kept status of a waiting job has expired, for ids of both kinds', async () => {
    await fillQueues(50);
    for (const id of ['order-42', LOOKALIKE]) {
      await push('mail', id, { unique: true });
      await driver.setStatus(id, 'cancelled');
      await redis.client.del(`job:status:${id}`);
      expect(await driver.getStatus(id)).toMatchObject({ state: 'queued', queue: 'mail' });
    }
  });

  it('is found without kept statuses, for ids of both kinds', async () => {
    const keepsNone = await drivers.connect({ redis: { url: redis.url }, statusTtl: 0 });
    await fillQueues(50);
    for (const id of ['order-42', createJobId(Date.now(), 'mail')]) {
      await push('mail', id, { unique: true, to: keepsNone });
      expect(await keepsNone.getStatus(id)).toMatchObject({ state: 'queued', queue: 'mail' });
    }
  });

  it('is looked for with as many commands if there are 250 queues as if there is one, for an unknown generated id', async () => {
    await pushTo('mail');
    const unknown = createJobId(Date.now(), 'mail');
    const find = async (): Promise<void> => expect(await driver.getStatus(unknown)).toBeNull();
    await find();
    const withOne = await countCommands(find);
    await fillQueues(250);
    await find();
    expect(await countCommands(find)).toBeLessThanOrEqual(withOne + 2);
  });

  it.each([
    ['with its status', async () => undefined],
    ['after its status has expired', async () => void (await redis.client.del('job:status:order-42'))],
  ])('is found with as many commands in 250 queues as in one, for a given id: %s', async (_, expire) => {
    await push('mail', 'order-42', { unique: true });
    await expire();
    const find = async (): Promise<void> =>
      expect(await driver.getStatus('order-42')).toMatchObject({ state: 'queued', queue: 'mail' });
    await find();
    const withOne = await countCommands(find);
    await fillQueues(250);
    expect(await countCommands(find)).toBe(withOne);
  });

  it('is found in its queue if the given ids lack the id, or name a queue that has no such job', async () => {
    await fillQueues(3);
    await push('mail', 'order-42', { unique: true });
    await redis.client.del('job:status:order-42');
    for (const owner of [undefined, 'queue-1 Job', 'nonsense']) {
      if (owner === undefined) await redis.client.del('queue:~ids');
      else await redis.client.hset('queue:~ids', 'order-42', owner);
      expect(await driver.getStatus('order-42')).toMatchObject({ state: 'queued', queue: 'mail' });
    }
  });

  it('is looked for in a hundred queues with one call', async () => {
    await fillQueues(250);
    await redis.client.config('RESETSTAT');
    expect(await driver.getStatus('order-42')).toBeNull();
    const stats = await redis.client.info('commandstats');
    expect(stats).toContain('cmdstat_evalsha:calls=3,');
    expect(stats).toContain('cmdstat_get:calls=2,');
    expect(stats).toContain('cmdstat_smembers:calls=1,');
  });

  it('is found although another queue cannot be read', async () => {
    await fillQueues(3);
    await push('mail', 'order-42');
    await redis.client.del('queue:queue-1:jobs');
    await redis.client.set('queue:queue-1:jobs', 'foreign');
    expect(await driver.getStatus('order-42')).toMatchObject({ state: 'queued', queue: 'mail' });
  });

  it('fails if the queue that may have the job cannot be read, and names that queue', async () => {
    await fillQueues(3);
    await redis.client.del('queue:queue-1:jobs');
    await redis.client.set('queue:queue-1:jobs', 'foreign');
    const asking = driver.getStatus('order-42');
    await expect(asking).rejects.toBeInstanceOf(StorageCorruptError);
    await expect(asking).rejects.toMatchObject({ queue: 'queue-1' });
  });

  /** Lets something happen after the kept status of a job was read for the first time, before the queue is searched. */
  const statusWhile = async (id: string, happen: () => Promise<unknown>): Promise<StoredStatus | null> => {
    const proxy = drivers.keep(await TcpProxy.start(redis));
    const slow = await drivers.connect({ redis: { host: proxy.host, port: proxy.port, database: redis.database } });
    const monitor = await drivers.client(redis.url).monitor();
    const asked = new Promise<void>((resolve) => {
      monitor.on('monitor', (_time: string, args: string[]) => {
        if (args[0] === 'get' && args[1] === `job:status:${id}`) resolve();
      });
    });
    proxy.delay(100);
    const status = slow.getStatus(id);
    await asked;
    monitor.disconnect();
    await happen();
    return status;
  };
  const settleNext = async (settlementOf: (job: ClaimedJob) => Settlement): Promise<void> => {
    const consumer = driver.consume('mail', { lease: 30, onLost: () => undefined });
    await settle(consumer, settlementOf(await claimOne(consumer)));
  };

  it.each(['order-42', createJobId(Date.now(), 'mail')])(
    'is found if the job starts and ends between two requests of the search: %s',
    async (id) => {
      await push('mail', id);
      expect(await statusWhile(id, () => settleNext(complete))).toMatchObject({ state: 'completed' });
    },
  );

  it.each(['order-42', createJobId(Date.now(), 'mail')])(
    'tells the error of an attempt that fails between two requests of the search: %s',
    async (id) => {
      await push('mail', id);
      const found = await statusWhile(id, () => settleNext((job) => retry(job, { delay: 600, error: 'no route' })));
      expect(found).toMatchObject({ state: 'retrying', attempt: 1, error: 'no route' });
    },
  );

  it('is null if the job is unknown', async () => {
    await pushTo('mail');
    for (const id of ['unknown', createJobId(Date.now(), 'mail'), createJobId(Date.now(), 'another')]) {
      expect(await driver.getStatus(id)).toBeNull();
    }
  });
});
