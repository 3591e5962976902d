import { expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { FakeClock } from '../../support/fake-clock.js';
import { passTime, SCRIPT_TIME, setClock } from '../../support/redis-clock.js';
import { RedisDrivers } from '../../support/redis-drivers.js';
import { useRedis } from '../../support/use-redis.js';

const redis = useRedis();
const drivers = new RedisDrivers();

it('a worker that gives no sign is forgotten after 35 seconds, and nothing is left of the last one', async () => {
  const start = Date.UTC(2026, 0, 1);
  await setClock(redis.client, start);
  const connect = () => drivers.connect({ redis: { url: redis.url }, clock: new FakeClock(), scriptTime: SCRIPT_TIME });
  const [silent, other] = [await connect(), await connect()];
  const read = async () => (await other.workers.read()).map(({ id }) => id).toSorted();
  silent.workers.join('silent', () => 'x');
  await eventually(async () => expect(await read()).toEqual(['silent']));
  await passTime(redis.client, 34_000, start + 34_000);
  const joined = other.workers.join('other', () => 'y');
  await eventually(async () => expect(await read()).toEqual(['other', 'silent']));
  await passTime(redis.client, 2_000, start + 36_000);
  expect(await read()).toEqual(['other']);
  joined.changed();
  await eventually(async () => expect(await redis.client.hkeys('queue:~workers:signs')).toEqual(['other']));
  expect(await read()).toEqual(['other']);
  await passTime(redis.client, 36_000, start + 72_000);
  expect(await redis.client.keys('queue:~workers*')).toEqual([]);
});
