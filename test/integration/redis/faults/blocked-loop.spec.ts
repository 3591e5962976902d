import { describe, expect, it } from '@jest/globals';
import { block } from '../../../support/block.js';
import { newJob } from '../../../support/jobs.js';
import { RedisDrivers } from '../../../support/redis-drivers.js';
import { useRedis } from '../../../support/use-redis.js';

/** Longer than each deadline below, in milliseconds. */
const LONG = 1_500;
const QUEUE = 'default';

describe('after the event loop was blocked', () => {
  const redis = useRedis();
  const drivers = new RedisDrivers();
  const connect = () => drivers.connect({ redis: { url: redis.url, requestDeadline: 0.5 } });

  it('a push and a read whose answers have arrived resolve, and each job is stored once', async () => {
    const driver = await connect();
    await driver.push(QUEUE, [newJob('Job', 0)], false);
    const answers = Promise.all([driver.push(QUEUE, [newJob('Job', 1)], false), driver.counts(QUEUE), driver.ping()]);
    // The block begins when the commands are on their way, and before their answers are read.
    setImmediate(() => block(LONG));
    await answers;
    expect(await driver.counts(QUEUE)).toMatchObject({ ready: 2 });
  });

  it('the start succeeds, although each block is longer than connectDeadline', async () => {
    const driver = drivers.create({ redis: { url: redis.url, connectDeadline: 0.5 } });
    const connecting = driver.connect();
    // The first block begins before the connection is open, the second one while the server greets or is checked.
    for (const _ of [1, 2]) await new Promise<void>((resolve) => void setImmediate(() => resolve(block(600))));
    await connecting;
    await driver.ping();
  });

  it('a healthy connection is kept', async () => {
    const warnings: string[] = [];
    const logger = { warn: (line: string) => void warnings.push(line), log: () => undefined };
    const driver = await drivers.connect({ redis: { url: redis.url }, logger });
    const answer = driver.counts(QUEUE);
    setImmediate(() => block(6_000));
    await answer;
    await driver.ping();
    expect(warnings).toEqual([]);
  });
});
