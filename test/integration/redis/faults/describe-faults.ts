import { beforeEach, expect, it } from '@jest/globals';
import type { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';
import type { ScriptChange } from '../../../support/faulty-driver.js';
import { RedisDrivers } from '../../../support/redis-drivers.js';
import { RedisTime } from '../../../support/redis-time.js';
import { useRedis } from '../../../support/use-redis.js';

const RUNS = 20;
/** The most runs in which a deliberate fault has to show. */
const MUTANT_RUNS = 60;
/** Milliseconds. */
const TIMEOUT = 240_000;

/** A deliberate fault in a script. */
export interface Mutant extends ScriptChange {
  readonly fault: string;
  /** It shows where each due job is pushed in steps: see {@link ToldEnds.observing}. */
  readonly inSteps?: boolean;
}

export interface FaultRuns {
  readonly runs: number;
  readonly seed?: number;
  readonly change?: ScriptChange;
  readonly inSteps?: boolean;
}

/** Runs random cases while processes die between any two scripts. Rejects if a promise is not kept. @param connect makes a driver whose scripts read `time` */
export type RunCases = (connect: () => Promise<RedisDriver>, time: RedisTime, runs: FaultRuns) => Promise<void>;

/** Declares the test that a promise is kept, and for each deliberate fault one that the first test would find it. */
export function describeFaults(
  run: RunCases,
  {
    promise,
    not,
    mutants,
    ...options
  }: {
    /** The title of the test. */
    readonly promise: string;
    /** The title of the others is this, and the fault. */
    readonly not: string;
    readonly mutants: readonly Mutant[];
    readonly statusTtl?: number;
  },
): void {
  const redis = useRedis();
  const drivers = new RedisDrivers();
  let time: RedisTime;

  beforeEach(async () => {
    time = await RedisTime.start(redis.client);
  });

  const connect = (): Promise<RedisDriver> =>
    drivers.connect({ redis: { url: redis.url }, scriptTime: time.script, clock: time.clock, ...options });

  it(promise, async () => run(connect, time, { runs: RUNS }), TIMEOUT);

  it.each(mutants)(
    `${not} if $fault`,
    async (change) => {
      const error = await run(connect, time, { runs: MUTANT_RUNS, seed: 5, change, inSteps: change.inSteps }).catch(
        (each: Error) => each,
      );
      expect(error).toMatchObject({ message: expect.stringContaining('Property failed') });
      // A fault whose place is not there any more would fail each run.
      expect(String((error as Error).cause)).not.toContain('does not contain once');
    },
    TIMEOUT,
  );
}
