import { expect, it } from '@jest/globals';
import { setImmediate } from 'node:timers/promises';
import { numbered } from '../../../contract/scene.js';
import { deferred } from '../../../support/deferred.js';
import { RedisDrivers } from '../../../support/redis-drivers.js';
import { useRedis } from '../../../support/use-redis.js';

const REQUEST = { settlements: [], limit: 2, recovered: false };

const redis = useRedis();
const drivers = new RedisDrivers();

it('jobs arrive in the order of their fencing tokens, also if the answer to an earlier poll comes later', async () => {
  const driver = await drivers.connect({ redis: { host: redis.host, port: redis.port, db: redis.database } });
  await driver.push(
    'mail',
    numbered(6).map((id) => ({ id, body: '', delay: 0 })),
    false,
  );
  const consumer = driver.consume('mail', { lease: 30, onLost: () => undefined });
  const fences = (await consumer.poll(REQUEST)).jobs.map(({ fence }) => fence);

  const { commands } = driver['toolkit'];
  const run = commands.run.bind(commands);
  const answers: Promise<unknown>[] = [];
  const late = deferred();
  commands.run = async (...args: Parameters<typeof run>) => {
    const isFirst = answers.push(run(...args)) === 1;
    const answer = await answers.at(isFirst ? 0 : -1);
    if (isFirst) await late.promise;
    return answer;
  };
  const polls = Array.from({ length: 2 }, async () => {
    const { jobs } = await consumer.poll(REQUEST);
    fences.push(...jobs.map(({ fence }) => fence));
  });
  await setImmediate();
  expect(answers).toHaveLength(2);
  await Promise.all(answers);
  await setImmediate();
  expect(fences).toHaveLength(2);
  late.resolve();
  await Promise.all(polls);
  expect(fences).toHaveLength(6);
  expect(fences).toEqual(fences.toSorted((a, b) => a - b));
});
