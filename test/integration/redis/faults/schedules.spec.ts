import { beforeEach, describe, expect, it } from '@jest/globals';
import type { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';
import type { ScriptChange } from '../../../support/faulty-driver.js';
import { RedisDrivers } from '../../../support/redis-drivers.js';
import { RedisTime } from '../../../support/redis-time.js';
import { useRedis } from '../../../support/use-redis.js';
import { runSchedules } from './schedule-faults.js';

const RUNS = 20;
/** The most runs in which a deliberate fault has to show. */
const MUTANT_RUNS = 60;

interface Mutant extends ScriptChange {
  readonly fault: string;
}

/** Deliberate faults. */
const MUTANTS: readonly Mutant[] = [
  {
    fault: 'a change does not record its jobs',
    script: 'change schedule',
    find: "redis.call('HSET', outbox, ARGV[i], ARGV[i + 1])",
    replace: '',
  },
  {
    fault: 'a taken schedule is due no more',
    script: 'take schedules',
    find: "redis.call('ZADD', due, string.format('%.0f', now + claim), member)",
    replace: "redis.call('ZREM', due, member)",
  },
  {
    fault: 'a job that is there is pushed again',
    script: 'push-scheduled',
    find: "  if redis.call('HEXISTS', jobs, ARGV[i]) == 1 or",
    replace: '  if false and',
  },
  {
    fault: 'the id of an ended job is not known',
    script: 'poll',
    find: 'S.mayStayKnown = S.hasTraits and',
    replace: 'S.mayStayKnown = false and',
  },
];

describe('schedules, while processes die between any two scripts, and scripts arrive twice', () => {
  const redis = useRedis();
  const drivers = new RedisDrivers();
  let time: RedisTime;

  beforeEach(async () => {
    time = await RedisTime.start(redis.client);
  });

  /** Keeps no statuses: the ids of ended jobs are known all the same. */
  const connect = (): Promise<RedisDriver> =>
    drivers.connect({ redis: { url: redis.url }, scriptTime: time.script, clock: time.clock, statusTtl: 0 });

  it('have one job for each occurrence', async () => {
    await runSchedules(connect, time, { runs: RUNS });
  }, 240_000);

  it.each(MUTANTS)(
    'have not if $fault',
    async (change) => {
      await expect(runSchedules(connect, time, { runs: MUTANT_RUNS, seed: 5, change })).rejects.toThrow(
        'Property failed',
      );
    },
    240_000,
  );
});
