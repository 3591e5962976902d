import { beforeEach, describe, expect, it } from '@jest/globals';
import type { QueueConsumer } from '../../../../lib/drivers/queue-driver.interface.js';
import type { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';
import { QueueClosedError } from '../../../../lib/queue.errors.js';
import { claim, claimOne, complete, idsOf, numbered } from '../../../contract/scene.js';
import { within } from '../../../support/deadline.js';
import { eventually } from '../../../support/eventually.js';
import { RedisDrivers } from '../../../support/redis-drivers.js';
import { TcpProxy } from '../../../support/tcp-proxy.js';
import { useRedis } from '../../../support/use-redis.js';

/** A poll that was sent may be carried out at any time until it is answered, also after its consumer was closed. */
describe('a poll that is answered after its consumer was closed', () => {
  const redis = useRedis();
  const drivers = new RedisDrivers();
  let proxy: TcpProxy;
  let driver: RedisDriver;
  let consumer: QueueConsumer;
  const consume = (from = driver): QueueConsumer => from.consume('mail', { lease: 30, onLost: () => undefined });
  const push = (...ids: string[]): Promise<unknown> =>
    driver.push(
      'mail',
      ids.map((id) => ({ id, body: '', delay: 0 })),
      false,
    );
  /** Another consumer gets the jobs at once, in their order, and no job counts a crash. */
  const expectGivenBack = async (...ids: string[]): Promise<void> => {
    await eventually(async () => expect(await redis.client.zcard('queue:mail:consumers')).toBe(0));
    const other = await drivers.connect({ redis: { url: redis.url } });
    const jobs = await claim(consume(other));
    expect(idsOf(jobs)).toEqual(ids);
    expect(jobs.every(({ attempt, crashes }) => attempt === 1 && crashes === 0)).toBe(true);
    expect(await redis.client.keys('queue:mail:polls:*')).toHaveLength(1);
  };

  beforeEach(async () => {
    proxy = drivers.keep(await TcpProxy.start(redis));
    driver = await drivers.connect({ redis: { host: proxy.host, port: proxy.port, database: redis.database } });
    consumer = consume();
  });

  it.each([
    ['its first one', 0],
    ['a later one', 1],
  ])('requeues the jobs if Redis was away (%s)', async (_, claimed) => {
    await push('a', 'b', 'c');
    const before = await claim(consumer, claimed);
    await proxy.refuse();
    const poll = consumer.poll({ settlements: before.map((job) => complete(job)), limit: 10, recovered: false });
    const refused = expect(poll).rejects.toBeInstanceOf(QueueClosedError);
    await within(consumer.close(), 1_500, 'closing');
    await proxy.pass();
    await refused;
    await expectGivenBack(...['a', 'b', 'c'].slice(claimed));
  });

  it('requeues the jobs if only the answer was delayed', async () => {
    await push('a', 'b', 'c');
    await claim(consumer, 0);
    proxy.dropReplies();
    const refused = expect(claim(consumer)).rejects.toBeInstanceOf(QueueClosedError);
    await eventually(async () => expect(await redis.client.llen('queue:mail')).toBe(0));
    const closing = consumer.close();
    await proxy.pass();
    proxy.cut();
    await within(closing, 2_000, 'closing');
    await refused;
    await expectGivenBack('a', 'b', 'c');
  });

  it.each([
    ['a few', 4, 2],
    ['more than one poll may requeue', 400, 200],
  ])('requeues the jobs of two polls in their order (%s)', async (_, count, limit) => {
    const ids = numbered(count);
    await push(...ids);
    await claim(consumer, 0);
    proxy.dropReplies();
    const refused = [claim(consumer, limit), claim(consumer, limit)].map((each) =>
      expect(each).rejects.toBeInstanceOf(QueueClosedError),
    );
    await eventually(async () => expect(await redis.client.llen('queue:mail')).toBe(0));
    const closing = consumer.close();
    await proxy.pass();
    proxy.cut();
    await within(closing, 2_000, 'closing');
    await Promise.all(refused);
    await eventually(async () => expect(await redis.client.zcard('queue:mail:consumers')).toBe(0));
    expect(await redis.client.lrange('queue:mail', 0, -1)).toEqual(ids);
  });

  it('requeues the jobs before the driver is closed', async () => {
    await push('a', 'b');
    await claim(consumer, 0);
    proxy.delay(50);
    const refused = expect(claim(consumer)).rejects.toBeInstanceOf(QueueClosedError);
    await within(driver.close(), 1_500, 'closing');
    await refused;
    await expectGivenBack('a', 'b');
  });

  it('carries out its settlements', async () => {
    await push('a');
    const job = await claimOne(consumer);
    await proxy.refuse();
    const poll = consumer.poll({ settlements: [complete(job)], limit: 0, recovered: false });
    const refused = expect(poll).rejects.toBeInstanceOf(QueueClosedError);
    await consumer.close();
    await proxy.pass();
    await refused;
    await eventually(async () => expect(await driver.getStatus('a')).toMatchObject({ state: 'completed' }));
    await eventually(async () => expect(await redis.client.zcard('queue:mail:consumers')).toBe(0));
  });
});
