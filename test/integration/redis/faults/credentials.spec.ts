import { beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import type { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';
import { AuthenticationError } from '../../../../lib/queue.errors.js';
import { claimOne, complete, settle } from '../../../contract/scene.js';
import { eventually } from '../../../support/eventually.js';
import { RedisDrivers } from '../../../support/redis-drivers.js';
import { startRedis, type TestRedis } from '../../../support/redis-server.js';

/** The password is changed on the server while the application runs, and its connections are cut. */
describe('credentials that are refused later on', () => {
  const drivers = new RedisDrivers();
  let server: TestRedis;
  let admin: Redis;
  let driver: RedisDriver;
  const setPassword = async (password: string): Promise<void> => {
    await admin.acl('SETUSER', 'worker', 'resetpass', `>${password}`);
    await admin.client('KILL', 'USER', 'worker');
  };

  beforeEach(async () => {
    server = drivers.keep(await startRedis());
    admin = drivers.client(server.url);
    await admin.acl('SETUSER', 'worker', 'on', '>right', '~*', '+@all');
    const user = { username: 'worker', password: 'right' };
    driver = await drivers.connect({ redis: { host: server.host, port: server.port, ...user, requestDeadline: 0.5 } });
    await driver.push('mail', [{ id: 'a', body: 'a', delay: 0 }], false);
  });

  it('fail pushes and questions at the deadline', async () => {
    await setPassword('another');
    await eventually(() => expect(driver.ping()).rejects.toBeInstanceOf(AuthenticationError));
    const pushing = driver.push('mail', [{ id: 'b', body: 'b', delay: 0 }], false);
    await expect(pushing).rejects.toBeInstanceOf(AuthenticationError);
    await expect(pushing).rejects.toThrow(/refuses these credentials \(WRONGPASS/);
    await setPassword('right');
    await eventually(() => driver.ping().then(() => true));
    expect(await admin.lrange('queue:mail', 0, -1)).toEqual(['a']);
  });

  it('keep a poll waiting until they are right again', async () => {
    const consumer = driver.consume('mail', { lease: 30, onLost: () => undefined });
    const job = await claimOne(consumer);
    await setPassword('another');
    await eventually(() => expect(driver.ping()).rejects.toBeInstanceOf(AuthenticationError));
    const settling = settle(consumer, complete(job));
    await expect(driver.ping()).rejects.toBeInstanceOf(AuthenticationError);
    await setPassword('right');
    expect(await settling).toMatchObject({ lost: false, refused: [] });
  });

  it('keep a listener waiting until they are right again, and a push wakes it then', async () => {
    const waiting = driver.listen(['later']).wait(60_000);
    await eventually(async () =>
      expect(await admin.client('LIST')).toMatch(/user=worker.*cmd=bzpopmin|cmd=bzpopmin.*user=worker/),
    );
    await setPassword('another');
    await eventually(() => expect(driver.ping()).rejects.toBeInstanceOf(AuthenticationError));
    await setPassword('right');
    await eventually(() => driver.push('later', [{ id: 'b', body: 'b', delay: 0 }], false).then(() => true));
    expect(await waiting).toBe('later');
  });
});
