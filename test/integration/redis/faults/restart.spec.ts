import { beforeEach, describe, expect, it } from '@jest/globals';
import type { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';
import { claim, claimOne, complete, fail, idsOf, retry, settle } from '../../../contract/scene.js';
import { within } from '../../../support/deadline.js';
import { eventually } from '../../../support/eventually.js';
import { RedisDrivers } from '../../../support/redis-drivers.js';
import { startRedis, type TestRedis } from '../../../support/redis-server.js';

/** Redis is killed and comes back with its data, while a consumer and a listener are open. */
describe('a restart of Redis', () => {
  const drivers = new RedisDrivers();
  let server: TestRedis;
  let driver: RedisDriver;
  const push = (...ids: string[]): Promise<unknown> =>
    driver.push(
      'mail',
      ids.map((id) => ({ id, body: id, delay: 0 })),
      false,
    );
  const consume = (lease = 30) => driver.consume('mail', { lease, onLost: () => undefined });

  beforeEach(async () => {
    server = drivers.keep(await startRedis({ config: ['--appendonly', 'yes', '--appendfsync', 'always'] }));
    driver = await drivers.connect({ redis: { host: server.host, port: server.port } });
  });

  it('keeps waiting jobs, claimed jobs and statuses', async () => {
    await push('a', 'b', 'c', 'd', 'e');
    const consumer = consume();
    const [a, b, c, d] = await claim(consumer, 4);
    await settle(consumer, fail(a!), retry(b!, { delay: 60 }));
    server.kill('SIGKILL');
    await server.restart();
    expect(await settle(consumer, complete(c!))).toMatchObject({ lost: false, refused: [], more: true });
    expect((await settle(consumer, complete(d!))).refused).toEqual([]);
    expect(await driver.counts('mail')).toEqual({ ready: 1, blocked: 0, delayed: 1, reserved: 0, failed: 1 });
    for (const [id, state] of [
      ['a', 'failed'],
      ['b', 'retrying'],
      ['c', 'completed'],
      ['e', 'queued'],
    ]) {
      expect(await driver.getStatus(id!)).toMatchObject({ state });
    }
    const [e] = await claim(consumer);
    expect(e!.fence).toBeGreaterThan(d!.fence);
  });

  it('carries out once a poll that was under way', async () => {
    await push('a', 'b', 'c');
    const consumer = consume();
    const a = await claimOne(consumer);
    server.kill('SIGKILL');
    const poll = consumer.poll({ settlements: [complete(a)], limit: 1, recovered: false });
    await server.restart();
    expect(await poll).toMatchObject({ lost: false, refused: [], jobs: [{ id: 'b' }] });
    expect(idsOf(await claim(consumer))).toEqual(['c']);
  });

  it('leaves a listener waiting, and a later push wakes it', async () => {
    const listener = driver.listen(['mail']);
    const waiting = listener.wait(60_000);
    server.kill('SIGKILL');
    await server.restart();
    await eventually(() => push('a').then(() => true));
    expect(await within(waiting, 5_000, 'the wait')).toBe('mail');
  });

  it('wakes a listener for a job that was pushed before', async () => {
    const listener = driver.listen(['mail']);
    await push('a');
    server.kill('SIGKILL');
    await server.restart();
    expect(await within(listener.wait(60_000), 5_000, 'the wait')).toBe('mail');
  });

  it('that lasts longer than a lease lets each consumer prolong its lease before any job is recovered', async () => {
    await push('a', 'b');
    const lost: string[] = [];
    const consumers = [1, 2].map(() => driver.consume('mail', { lease: 1, onLost: () => lost.push('lost') }));
    const others = await drivers.connect({ redis: { host: server.host, port: server.port } });
    const other = others.consume('mail', { lease: 1, onLost: () => lost.push('lost') });
    const [a, b] = [await claimOne(consumers[0]!), await claimOne(other)];
    const pause = driver.listen(['nothing']);
    server.kill('SIGKILL');
    await pause.wait(1_500);
    await server.restart();
    // The first consumer that connects looks for lost consumers again and again, while the others still connect.
    for (let looks = 0; looks < 30; looks++) {
      expect((await consumers[1]!.poll({ settlements: [], limit: 5, recovered: true })).jobs).toEqual([]);
      await pause.wait(100);
    }
    expect((await settle(consumers[0]!, complete(a))).refused).toEqual([]);
    expect((await settle(other, complete(b))).refused).toEqual([]);
    expect(lost).toEqual([]);
  });
});
