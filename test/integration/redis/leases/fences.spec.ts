import { beforeEach, describe, expect, it } from '@jest/globals';
import type { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';
import { claim, numbered } from '../../../contract/scene.js';
import { RedisDrivers } from '../../../support/redis-drivers.js';
import { startRedis } from '../../../support/redis-server.js';
import { RedisTime } from '../../../support/redis-time.js';

describe('fencing tokens', () => {
  const drivers = new RedisDrivers();
  let time: RedisTime;
  let options: { redis: { host: string; port: number }; scriptTime: string };
  let restart: () => Promise<void>;
  const connect = (): Promise<RedisDriver> => drivers.connect(options);
  const fencesOf = async (driver: RedisDriver, count: number): Promise<number[]> => {
    const jobs = await claim(driver.consume('mail', { lease: 30, onLost: () => undefined }), count);
    expect(jobs).toHaveLength(count);
    return jobs.map((job) => job.fence);
  };

  beforeEach(async () => {
    const server = drivers.keep(await startRedis({ config: ['--appendonly', 'yes', '--appendfsync', 'always'] }));
    time = await RedisTime.start(drivers.client(server.url));
    options = { redis: { host: server.host, port: server.port }, scriptTime: time.script };
    restart = () => server.restart();
    const driver = await connect();
    await driver.push(
      'mail',
      numbered(400).map((id) => ({ id, body: '', delay: 0 })),
      false,
    );
  });

  it('grow across consumers, restarts of Redis and a clock that stands still or jumps back', async () => {
    const fences = await fencesOf(await connect(), 50);
    fences.push(...(await fencesOf(await connect(), 3)));
    await restart();
    fences.push(...(await fencesOf(await connect(), 50)));
    await time.set(time.clock.now() - 3_600_000);
    fences.push(...(await fencesOf(await connect(), 50)));
    await restart();
    await time.set(time.clock.now() + 10_000);
    fences.push(...(await fencesOf(await connect(), 1)));
    expect(fences).toEqual([...new Set(fences)].toSorted((a, b) => a - b));
    expect(fences.at(-1)).toBe((time.clock.now() + 10_000) * 1000);
  });

  it('grow after their stored value is lost, if the clock advances', async () => {
    const driver = await connect();
    const fences = await fencesOf(driver, 10);
    await drivers.client(`redis://${options.redis.host}:${options.redis.port}`).del('queue:mail:meta');
    await time.set(time.clock.now() + 20);
    fences.push(...(await fencesOf(driver, 10)));
    expect(fences).toEqual([...new Set(fences)].toSorted((a, b) => a - b));
  });

  it('do not exceed the time of the server, however many are issued', async () => {
    const driver = await connect();
    const fences = await fencesOf(driver, 390);
    await drivers.client(`redis://${options.redis.host}:${options.redis.port}`).del('queue:mail:meta');
    await time.set(time.clock.now() + 1);
    fences.push(...(await fencesOf(driver, 10)));
    expect(fences).toEqual([...new Set(fences)].toSorted((a, b) => a - b));
  });
});
