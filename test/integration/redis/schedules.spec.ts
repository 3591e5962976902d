import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext, Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { RedisDriver } from '../../../lib/drivers/redis/redis.driver.js';
import { Job, jobSpec, QueueModule, QueueSchedules, Schedule } from '../../../lib/index.js';
import { ScheduleRunner } from '../../../lib/schedules/schedule-runner.js';
import { StoredSchedules } from '../../../lib/schedules/stored-schedules.js';
import { createQueueLogger } from '../../../lib/support/queue-logger.js';
import { claim, idsOf } from '../../contract/scene.js';
import { eventually } from '../../support/eventually.js';
import { FakeClock } from '../../support/fake-clock.js';
import { ScriptFaults } from '../../support/faulty-driver.js';
import { RedisDrivers } from '../../support/redis-drivers.js';
import { RedisTime } from '../../support/redis-time.js';
import { useRedis } from '../../support/use-redis.js';

const QUEUE = 'mail';
const QUIET = createQueueLogger(false, '');
const TEXT = { catchUp: 'last', overlap: true, jitter: 0, queue: QUEUE, body: 'hJob\n' } as const;

describe('schedules in Redis', () => {
  // Before the drivers are closed.
  afterEach(() => ScriptFaults.end());

  const redis = useRedis();
  const drivers = new RedisDrivers();
  const runners: ScheduleRunner[] = [];
  let time: RedisTime;
  /** Of the workers alone: drivers have timers of their own. */
  let clock: FakeClock;
  let driver: RedisDriver;

  const connect = (): Promise<RedisDriver> =>
    drivers.connect({ redis: { url: redis.url }, scriptTime: time.script, clock: time.clock, statusTtl: 600 });
  const set = (name: string, every: number, more = {}) =>
    new StoredSchedules(driver).set(name, { ...TEXT, every, ...more }, undefined);
  const run = (own: RedisDriver): ScheduleRunner => {
    const runner = new ScheduleRunner(own, clock, QUIET);
    runners.push(runner);
    runner.start();
    return runner;
  };
  /** Lets time pass everywhere. */
  const advance = async (seconds: number, ...own: readonly RedisDriver[]): Promise<void> => {
    for (let left = seconds; left > 0; left -= 0.5) {
      await time.advance(Math.min(left, 0.5), ...own);
      await clock.advance(Math.min(left, 0.5));
    }
    await Promise.all(own.map((each) => each.ping()));
  };
  const commands = async (): Promise<number> => {
    const stats = await redis.client.info('commandstats');
    return [...stats.matchAll(/cmdstat_evalsha:calls=(\d+)/g)].reduce((sum, [, calls]) => sum + Number(calls), 0);
  };
  /** Waits until a worker would learn of an earlier schedule: then it looks once more. */
  const subscribed = (): Promise<void> =>
    eventually(async () => {
      const [, count] = (await redis.client.pubsub('NUMSUB', 'queue:~schedules:earlier')) as [string, number];
      expect(count).toBe(1);
    });
  const jobs = async (): Promise<string[]> => {
    const consumer = driver.consume(QUEUE, { lease: 30, onLost: () => undefined });
    const ids = idsOf(await claim(consumer));
    await consumer.close();
    return ids;
  };

  beforeEach(async () => {
    time = await RedisTime.start(redis.client);
    clock = new FakeClock();
    driver = await connect();
  });

  afterEach(() => {
    for (const runner of runners.splice(0)) runner.stop();
  });

  it.each(['change schedule', 'push-scheduled', 'forget scheduled'])(
    'are taken up within two seconds if their process was killed (before %s)',
    async (last) => {
      await set('a', 60_000);
      const killed = await connect();
      const faults = new ScriptFaults(killed, (script) => (script === last ? 'die before' : 'none'));
      const alive = await connect();
      await advance(60, driver);
      run(killed);
      await faults.death;
      run(alive);
      await alive.ping();
      for (let i = 0; i < 4; i++) {
        await advance(0.5, alive);
        await alive.schedules.settled();
      }
      await eventually(async () => expect(await driver.counts(QUEUE)).toMatchObject({ ready: 1 }));
      expect(await jobs()).toHaveLength(1);
      const { next } = await driver.schedules.take(10);
      expect(next).toBe(time.clock.now() - 2_000 + 60_000);
    },
  );

  it('are fired by one of many workers, whose clocks differ', async () => {
    await set('a', 1_000, { catchUp: 'all' });
    for (let i = 0; i < 4; i++) run(await connect());
    for (let second = 0; second < 5; second++) await advance(1, driver);
    await eventually(async () => expect(await driver.counts(QUEUE)).toMatchObject({ ready: 5 }));
    expect(new Set(await jobs()).size).toBe(5);
  });

  it('cost an idle worker nothing, however many they are', async () => {
    const { schedules } = driver;
    const now = time.clock.now();
    const state = JSON.stringify([1, 'x', now, 0, 0, now + 86_400_000]);
    const text = JSON.stringify({ ...TEXT, every: 86_400_000 });
    const names = Array.from({ length: 10_000 }, (_, i) => `schedule ${i}`);
    for (let i = 0; i < names.length; i += 500) {
      await Promise.all(
        names
          .slice(i, i + 500)
          .map((name) => schedules.change({ name, expected: null, to: { state, text, next: now + 86_400_000 } })),
      );
    }
    const worker = await connect();
    run(worker);
    await subscribed();
    await worker.ping();
    await eventually(() => expect(clock.pending).toBe(1));
    await worker.ping();
    await redis.client.config('RESETSTAT');
    await advance(59, worker);
    expect(await commands()).toBe(0);
    await advance(61, worker);
    // A look each minute makes up for a call that got lost.
    expect(await commands()).toBe(2);
  }, 60_000);

  it('let a worker without schedules rest, and call it when one is set', async () => {
    const worker = await connect();
    run(worker);
    await subscribed();
    await worker.ping();
    await eventually(() => expect(clock.pending).toBe(0));
    await redis.client.config('RESETSTAT');
    await advance(300, worker);
    expect(await commands()).toBe(0);
    await set('a', 5_000);
    await eventually(() => expect(clock.pending).toBe(1));
    await advance(5, worker);
    await eventually(async () => expect(await driver.counts(QUEUE)).toMatchObject({ ready: 1 }));
  });

  it('are left alone if nobody can read them, and told of once', async () => {
    const now = time.clock.now();
    const errors: string[] = [];
    await driver.schedules.change({ name: 'bad', expected: null, to: { state: 'no JSON', text: '{}', next: now } });
    const state = JSON.stringify([1, 'x', now, 0, 0, now]);
    await driver.schedules.change({
      name: 'new',
      expected: null,
      to: { state, text: JSON.stringify({ ...TEXT, cron: 'H * * * *' }), next: now },
    });
    await set('good', 1_000);
    const logger = { ...QUIET, error: (message: string) => void errors.push(message) };
    const runner = new ScheduleRunner(driver, time.clock, logger);
    for (let second = 0; second < 3; second++) {
      await advance(1, driver);
      await runner.runOnce();
    }
    expect(errors.toSorted()).toEqual([
      expect.stringContaining('Schedule "bad" cannot be fired'),
      expect.stringContaining('Schedule "new" cannot be fired'),
    ]);
    expect(await driver.counts(QUEUE)).toMatchObject({ ready: 3 });
    expect((await driver.schedules.readAll()).map(({ name }) => name).toSorted()).toEqual(['bad', 'good', 'new']);
  });
});

describe('declared schedules of several processes', () => {
  const redis = useRedis();
  const apps = new Set<INestApplicationContext>();

  afterEach(async () => {
    for (const app of apps) await app.close();
    apps.clear();
  });

  const declare = (name: string, ...schedules: ((target: never) => void)[]): Type => {
    const made = { [name]: class {} }[name] as Type;
    Object.assign(made.prototype as object, { handle() {} });
    Job(name)(made as never);
    for (const schedule of schedules) schedule(made as never);
    return made;
  };
  const start = async (providers: Type[], application = 'shop'): Promise<INestApplicationContext> => {
    const options = { driver: 'redis', redis: { url: redis.url }, worker: false, logger: false, application } as const;
    const app = await Test.createTestingModule({ imports: [QueueModule.forRoot(options)], providers }).compile();
    apps.add(app);
    await app.init();
    return app;
  };
  const stop = async (app: INestApplicationContext): Promise<void> => {
    apps.delete(app);
    await app.close();
  };

  it('follow a rolling deploy, and stay paused', async () => {
    const old = [declare('a', Schedule({ every: '1h' })), declare('b', Schedule('0 2 * * *'))];
    const renewed = [declare('a', Schedule({ every: '2h' })), declare('c', Schedule('@daily'))];
    const observer = await start([], 'observer');
    const schedules = observer.get(QueueSchedules);
    const all = async () =>
      (await schedules.list()).map(
        ({ name, every, cron, paused }) => `${name} ${every ?? cron}${paused ? ' paused' : ''}`,
      );
    const one = await start(old);
    const two = await start(old);
    await schedules.set('own', { every: 5, job: jobSpec('any', 1, { queue: 'any' }) });
    expect(await all()).toEqual(['a 3600', 'b 0 2 * * *', 'own 5']);
    await schedules.pause('a');
    const before = await schedules.get('b');
    const three = await start(renewed);
    expect(await all()).toEqual(['a 7200 paused', 'b 0 2 * * *', 'c @daily', 'own 5']);
    await stop(one);
    expect(await schedules.get('b')).toEqual(before);
    const four = await start(renewed);
    await stop(two);
    expect(await all()).toEqual(['a 7200 paused', 'c @daily', 'own 5']);
    await stop(three);
    await stop(four);
    expect(await all()).toEqual(['a 7200 paused', 'c @daily', 'own 5']);
    // A process that declares none removes the others, once it is the only one.
    const five = await start(renewed);
    const six = await start([]);
    expect(await all()).toEqual(['a 7200 paused', 'c @daily', 'own 5']);
    await stop(five);
    expect(await all()).toEqual(['own 5']);
    await stop(six);
  });

  it('are set once by many processes that start together', async () => {
    const types = Array.from({ length: 20 }, (_, i) => declare(`job-${i}`, Schedule({ every: '1h' })));
    const [first] = await Promise.all(Array.from({ length: 4 }, () => start(types)));
    const list = await first!.get(QueueSchedules).list();
    expect(list).toHaveLength(20);
    expect(new Set(list.map(({ application }) => application))).toEqual(new Set(['shop']));
  });

  it('have a name for one application that runs', async () => {
    const type = declare('same', Schedule({ every: '1h' }));
    const shop = await start([type]);
    await expect(start([type], 'blog')).rejects.toThrow(
      'Schedule "same": expected a name that no other application declares, got one of application shop',
    );
    await stop(shop);
    const blog = await start([type], 'blog');
    expect(await blog.get(QueueSchedules).get('same')).toMatchObject({ application: 'blog' });
  });
});
