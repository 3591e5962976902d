import { describe, expect, test } from '@jest/globals';
import {
  CLOCK,
  encrypt,
  InvalidScheduleError,
  Job,
  jobSpec,
  QueueManager,
  QueueModule,
  QueueSchedules,
  Schedule,
  Worker,
  type JobContext,
  type JobInterface,
  type PushMiddleware,
  type QueueModuleOptions,
  type ScheduleOptions,
} from 'nestjs-job-queue';
import { fakeQueue, QueueTestingModule } from 'nestjs-job-queue/testing';
import { Test } from '@nestjs/testing';
import { FakeClock } from '../../support/fake-clock.js';
import { buildQueueApp, initQueueApp, useSeen, type QueueApp } from './queue-app.js';

const seen = useSeen();
const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 1);

@Job()
class ReportJob {
  handle(tenant: string | undefined, job: JobContext): void {
    const { schedule = '', scheduledFor = '' } = job.metadata;
    seen.push([schedule, tenant, (Date.parse(scheduledFor) - START) / 1000]);
  }
}

@Job()
class StuckJob {
  handle(): void {
    throw new Error('no luck');
  }
}

@Job()
class CarrierJob implements JobInterface {
  constructor(readonly page: number) {}
  handle(): void {
    seen.push(`page ${this.page}`);
  }
}

@Job({ unique: true })
class UniqueJob {
  handle(): void {
    seen.push('unique');
  }
}

@Schedule({ every: '10m' })
@Schedule('0 2 * * *', { name: 'nightly', timeZone: 'Europe/Berlin', data: { full: true } })
@Job('declared')
class DeclaredJob {
  handle(data: { full: boolean } | undefined): void {
    seen.push(data?.full ? 'full' : 'quick');
  }
}

class Stamp implements PushMiddleware {
  async push(push: Parameters<PushMiddleware['push']>[0], next: () => ReturnType<PushMiddleware['push']>) {
    push.metadata['stamped'] = 'yes';
    return next();
  }
}

class Scene {
  constructor(
    readonly app: QueueApp,
    readonly clock: FakeClock,
  ) {}

  static async start(providers: (new (...args: never[]) => object)[], options?: QueueModuleOptions): Promise<Scene> {
    const clock = new FakeClock(START);
    const imports = [QueueModule.forFeature([CarrierJob])];
    const builder = buildQueueApp({ providers, imports }, options).overrideProvider(CLOCK).useValue(clock);
    return new Scene(await initQueueApp(await builder.compile()), clock);
  }

  get schedules(): QueueSchedules {
    return this.app.app.get(QueueSchedules);
  }

  /** Moves the clock, and runs the jobs that are due then. */
  async travel(seconds: number): Promise<unknown[]> {
    await this.clock.advance(seconds);
    await this.app.run();
    return seen.splice(0);
  }
}

const start = (...providers: (new (...args: never[]) => object)[]) =>
  Scene.start(providers.length > 0 ? providers : [ReportJob, StuckJob, UniqueJob]);
const report = jobSpec(ReportJob, 'acme');
const seconds = (dates: readonly Date[]): number[] => dates.map((date) => (date.getTime() - START) / 1000);

describe('a schedule that is set at run time', () => {
  test('runs its job at each of its times', async () => {
    const scene = await start();
    const info = await scene.schedules.set('report', { every: '1m', job: report });
    expect(info).toEqual({
      name: 'report',
      every: 60,
      catchUp: 'last',
      overlap: true,
      jitter: 0,
      job: { name: 'ReportJob', queue: 'default' },
      paused: false,
      next: new Date(START + MINUTE),
      runs: 0,
      createdAt: new Date(START),
    });
    expect(await scene.travel(59)).toEqual([]);
    expect(await scene.travel(1)).toEqual([['report', 'acme', 60]]);
    expect(await scene.travel(60)).toEqual([['report', 'acme', 120]]);
    expect(await scene.schedules.get('report')).toMatchObject({
      runs: 2,
      last: { time: new Date(START + 2 * MINUTE), id: expect.stringMatching(/^\w{20}$/) },
      next: new Date(START + 3 * MINUTE),
    });
  });

  test('runs while a worker works in the background, on the clock of the application', async () => {
    const scene = await start();
    scene.app.app.get(Worker).start();
    await scene.schedules.set('report', { cron: '*/5 * * * *', job: report });
    await scene.clock.advance(16 * 60);
    expect(seen).toEqual([300, 600, 900].map((time) => ['report', 'acme', time]));
    await scene.schedules.set('fast', { every: 1, job: jobSpec(ReportJob, undefined), limit: 2 });
    seen.length = 0;
    await scene.clock.advance(10);
    expect(seen).toEqual([961, 962].map((time) => ['fast', undefined, time]));
    await scene.app.app.get(Worker).stop();
    expect(scene.clock.pending).toBe(0);
  });

  test('is worked off by a run that ends when the queues are empty', async () => {
    const scene = await start();
    await scene.schedules.set('report', { every: '1m', job: report });
    await scene.clock.advance(60);
    expect(await scene.app.app.get(Worker).run({ stopWhenEmpty: true })).toBe('empty');
    expect(seen).toEqual([['report', 'acme', 60]]);
  });

  test('is read, listed and removed', async () => {
    const { schedules, travel } = await start().then((scene) =>
      Object.assign(scene, { travel: scene.travel.bind(scene) }),
    );
    const at = { startAt: new Date(START + 5_000), endAt: new Date(START + 60 * MINUTE), limit: 7 };
    await schedules.set('b', { cron: '@hourly', timeZone: 'Asia/Kolkata', job: new CarrierJob(7), ...at });
    await schedules.set('a', {
      every: 30,
      job: jobSpec(StuckJob, undefined, { queue: 'slow' }),
      overlap: false,
      jitter: '5s',
    });
    const list = await schedules.list();
    expect(list.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(list[0]).toMatchObject({ every: 30, overlap: false, jitter: 5, job: { name: 'StuckJob', queue: 'slow' } });
    expect(list[1]).toMatchObject({ cron: '@hourly', timeZone: 'Asia/Kolkata', ...at });
    expect(list[1]!.next).toEqual(new Date(START + 30 * MINUTE));
    expect(await schedules.remove('a')).toBe(true);
    expect(await schedules.remove('a')).toBe(false);
    expect(await schedules.get('a')).toBeNull();
    expect(await travel(60)).toEqual([]);
  });

  test('keeps its next time when it is set again with the same rule, and begins anew with another one', async () => {
    const scene = await start();
    const every = (job = report, more: Partial<ScheduleOptions> = {}) =>
      scene.schedules.set('report', { every: '10m', job, ...more } as ScheduleOptions);
    await every();
    await scene.travel(599);
    expect(await every(jobSpec(ReportJob, 'other'))).toMatchObject({ next: new Date(START + 10 * MINUTE) });
    expect(await scene.travel(1)).toEqual([['report', 'other', 600]]);
    // It counts from when it was first set.
    expect(await every(report, { every: '4m' })).toMatchObject({ next: new Date(START + 12 * MINUTE), runs: 0 });
    expect(await every(report, { every: undefined, cron: '30 0 * * *' })).toMatchObject({
      next: new Date(START + 30 * MINUTE),
    });
  });

  test('ends after its limit, and with endAt; what has ended stays to be read', async () => {
    const scene = await start();
    await scene.schedules.set('twice', { every: 60, limit: 2, job: report });
    await scene.schedules.set('short', { every: 60, endAt: new Date(START + MINUTE), job: report });
    expect(await scene.travel(60)).toHaveLength(2);
    expect(await scene.travel(60)).toEqual([['twice', 'acme', 120]]);
    expect(await scene.travel(3600)).toEqual([]);
    expect(await scene.schedules.get('twice')).toMatchObject({ runs: 2 });
    for (const name of ['twice', 'short']) {
      expect((await scene.schedules.get(name))!.next).toBeUndefined();
      expect(await scene.schedules.next(name, 3)).toEqual([]);
    }
    await scene.schedules.set('twice', { every: 60, limit: 2, job: report });
    expect(await scene.travel(60)).toEqual([]);
    await scene.schedules.set('twice', { every: 60, limit: 3, job: report });
    expect(await scene.travel(60)).toHaveLength(1);
  });

  test('tells its next times', async () => {
    const { schedules } = await start();
    await schedules.set('a', { every: 60, limit: 3, job: report });
    expect(seconds(await schedules.next('a'))).toEqual([60]);
    expect(seconds(await schedules.next('a', 5))).toEqual([60, 120, 180]);
    await schedules.set('b', { cron: '0 12 * * 1-5', job: report });
    const days = (await schedules.next('b', 3)).map((date) => date.toISOString());
    expect(days).toEqual(['2026-01-01T12:00:00.000Z', '2026-01-02T12:00:00.000Z', '2026-01-05T12:00:00.000Z']);
    await expect(schedules.next('a', 0)).rejects.toThrow('the count of next(): expected a whole number from 1 to 1000');
    await expect(schedules.next('none')).rejects.toThrow(InvalidScheduleError);
  });

  test('has each job later by its jitter, always by the same time', async () => {
    const scene = await start();
    await scene.schedules.set('report', { every: '1h', jitter: '10m', job: report });
    await scene.travel(3600);
    const { last } = (await scene.schedules.get('report'))!;
    expect(await scene.app.queue.getJobStatus(last!.id)).toMatchObject({ status: 'delayed' });
    expect(await scene.travel(600)).toEqual([['report', 'acme', 3600]]);
  });

  test('pushes no unique job twice', async () => {
    const scene = await start();
    await scene.schedules.set('unique', { every: 1, catchUp: 'all', job: jobSpec(UniqueJob) });
    expect(await scene.travel(5)).toEqual(['unique']);
  });

  test('has encrypted data, which each of its jobs can read', async () => {
    const keys = { a: Buffer.alloc(32, 1) };
    const scene = await Scene.start([ReportJob], { codecs: [encrypt({ keys, current: 'a' })] });
    await scene.schedules.set('report', { every: 60, job: report });
    expect(await scene.travel(60)).toEqual([['report', 'acme', 60]]);
    await scene.schedules.runNow('report');
    expect(await scene.travel(60)).toEqual([
      ['report', 'acme', 60],
      ['report', 'acme', 120],
    ]);
  });

  test('takes what push middleware adds, once for all', async () => {
    const clock = new FakeClock(START);
    const app = await buildQueueApp({ providers: [ReportJob, Stamp] }, { middleware: [Stamp] })
      .overrideProvider(CLOCK)
      .useValue(clock)
      .compile();
    const scene = new Scene(await initQueueApp(app), clock);
    await scene.schedules.set('report', { every: 1, job: jobSpec(ReportJob, 'acme', { metadata: { own: 'x' } }) });
    await clock.advance(1);
    await scene.travel(0);
    const { last } = (await scene.schedules.get('report'))!;
    const details = await scene.app.queue.getJob(last!.id);
    expect(details!.metadata).toEqual({
      own: 'x',
      stamped: 'yes',
      schedule: 'report',
      scheduledFor: '2026-01-01T00:00:01.000Z',
    });
  });
});

describe('missed occurrences', () => {
  const cases = [
    ['none', true, [120]],
    ['none', false, [120]],
    ['last', true, [120]],
    ['last', false, [120]],
    ['all', true, [30, 60, 90, 120]],
    ['all', false, [30]],
  ] as const;
  test.each(cases)('are made up for: %s, with overlap %s', async (catchUp, overlap, times) => {
    const scene = await start();
    await scene.schedules.set('report', { every: 30, catchUp, overlap, job: report });
    expect(await scene.travel(121)).toEqual(times.map((time) => ['report', 'acme', time]));
    expect(await scene.travel(29)).toEqual([['report', 'acme', 150]]);
  });

  test.each([
    ['none', true, []],
    ['none', false, []],
    ['last', true, [120]],
    ['last', false, [120]],
    ['all', true, [30, 60, 90, 120]],
    ['all', false, [30]],
  ] as const)('are made up for long after them: %s, with overlap %s', async (catchUp, overlap, times) => {
    const scene = await start();
    await scene.schedules.set('report', { every: 30, catchUp, overlap, job: report });
    expect(await scene.travel(140)).toEqual(times.map((time) => ['report', 'acme', time]));
  });

  test('are skipped while the last job lives, and go on when it has ended', async () => {
    const scene = await start();
    const slow = jobSpec(StuckJob, undefined, { maxTries: 2, retryDelay: 100, retryJitter: 0 });
    for (const overlap of [false, true]) await scene.schedules.set(`${overlap}`, { every: 30, overlap, job: slow });
    const runs = async () => (await scene.schedules.list()).map((each) => each.runs);
    await scene.travel(30);
    expect(await runs()).toEqual([1, 1]);
    await scene.travel(30);
    await scene.travel(30);
    expect(await runs()).toEqual([1, 3]);
    await scene.travel(45);
    await scene.travel(15);
    expect(await runs()).toEqual([2, 5]);
  });
});

describe('a paused schedule', () => {
  test('does nothing, and makes up for nothing', async () => {
    const scene = await start();
    await scene.schedules.set('report', { every: 60, catchUp: 'all', job: report });
    expect(await scene.schedules.pause('report')).toBe(true);
    expect(await scene.schedules.pause('report')).toBe(true);
    expect(await scene.schedules.get('report')).toMatchObject({ paused: true });
    expect(await scene.schedules.next('report', 2)).toEqual([]);
    expect(await scene.travel(150)).toEqual([]);
    await scene.schedules.set('report', { every: 60, catchUp: 'all', job: report });
    expect(await scene.schedules.resume('report')).toBe(true);
    expect(await scene.travel(29)).toEqual([]);
    expect(await scene.travel(1)).toEqual([['report', 'acme', 180]]);
    expect(await scene.schedules.pause('none')).toBe(false);
    expect(await scene.schedules.resume('none')).toBe(false);
  });

  test('is set as such, and resumed by set', async () => {
    const scene = await start();
    const set = (paused?: boolean) =>
      scene.schedules.set('report', { every: 60, job: report, ...(paused !== undefined && { paused }) });
    expect(await set(true)).toMatchObject({ paused: true });
    expect(await scene.travel(90)).toEqual([]);
    expect(await set()).toMatchObject({ paused: true });
    expect(await set(false)).toMatchObject({ paused: false, next: new Date(START + 2 * MINUTE) });
  });

  test('runs its job at once by runNow, without an occurrence', async () => {
    const scene = await start();
    await scene.schedules.set('report', { every: 60, job: report, paused: true, limit: 1 });
    const id = await scene.schedules.runNow('report');
    expect(await scene.app.queue.getJobStatus(id)).toMatchObject({ status: 'queued' });
    expect(await scene.travel(0)).toEqual([['report', 'acme', 0]]);
    expect(await scene.schedules.get('report')).toMatchObject({ runs: 0 });
    await expect(scene.schedules.runNow('none')).rejects.toThrow('Schedule "none": expected one that is set');
  });
});

test('a test that lets time pass runs schedules at their times, declared ones too', async () => {
  const providers = [ReportJob, DeclaredJob];
  const imports = [QueueTestingModule.forRoot()];
  const app = await Test.createTestingModule({ imports, providers }).compile();
  await app.init();
  const fake = fakeQueue(app);
  await app.get(QueueSchedules).set('report', { every: '25m', job: report });
  const began = Date.now();
  await fake.travel('1h');
  expect(seen.filter((each) => each === 'quick')).toHaveLength(6);
  expect(seen.filter((each) => Array.isArray(each))).toHaveLength(2);
  // It goes from one time to the next, however far they are apart.
  await fake.travel('30d');
  expect(Date.now() - began).toBeLessThan(30_000);
  const id = await app.get(QueueManager).later(ReportJob, 'acme', '30m');
  expect(await fake.settled(id)).toMatchObject({ status: 'completed' });
  await app.close();
}, 60_000);

describe('what cannot be set', () => {
  test.each([
    [{}, 'cron'],
    [{ cron: '' }, 'Option "cron": expected a string that is not empty'],
    [{ cron: '* * * *' }, 'Option "cron": expected a cron expression'],
    [{ cron: '2027-01-01T00:00:00Z' }, 'a date is no cron expression'],
    [{ cron: '0 0 31 2 *' }, 'expected an expression that occurs, got "0 0 31 2 * (never)"'],
    [{ cron: '0 0 * * *', timeZone: 'Mars/Base' }, 'Option "timeZone": expected the name of a time zone'],
    [{ cron: '0 0 * * *', every: 5 }, 'Option "every": expected none beside "cron"'],
    [{ every: 5, timeZone: 'UTC' }, 'Option "timeZone": expected none beside "every"'],
    [{ every: 0.05 }, 'Option "every": expected seconds'],
    [{ every: 'often' }, 'Option "every"'],
    [{ every: 5, catchUp: 'some' }, 'Option "catchUp": expected "none" or "last" or "all"'],
    [{ every: 5, overlap: 1 }, 'Option "overlap"'],
    [{ every: 5, jitter: '2d' }, 'Option "jitter"'],
    [{ every: 5, limit: 0 }, 'Option "limit"'],
    [{ every: 5, startAt: 'now' }, 'Option "startAt": expected a Date'],
    [
      { every: 5, startAt: new Date(5), endAt: new Date(4) },
      'Option "endAt": expected a time that is not before startAt',
    ],
    [{ every: 5, paused: 'no' }, 'Option "paused"'],
    [{ every: 5, name: 'x' }, 'Option "name": expected no option of this name'],
    [{ every: 5, job: undefined }, 'Option "job": expected a jobSpec()'],
    [{ every: 5, job: jobSpec(ReportJob, 'a', { id: 'own' }) }, 'job.id: expected none'],
    [{ every: 5, job: jobSpec(ReportJob, 'a', { delay: 5 }) }, 'job.delay: expected none'],
    [{ every: 5, job: jobSpec(ReportJob, 'a', { debounce: { key: 'a', wait: 1 } }) }, 'job.debounce: expected none'],
    [{ every: 5, job: jobSpec(ReportJob, 'a', { metadata: { a: 'x'.repeat(4_050) } }) }, 'job.metadata: expected'],
  ])('%j', async (options, message) => {
    const { schedules } = await start();
    const setting = schedules.set('bad', { job: report, ...options } as ScheduleOptions);
    await expect(setting).rejects.toThrow(message);
    await expect(setting).rejects.toMatchObject({ code: 'ERR_INVALID_SCHEDULE' });
    expect(await schedules.list()).toEqual([]);
  });

  test.each(['', 'a\nb', 'x'.repeat(257), 5])('the name %j', async (name) => {
    const { schedules } = await start();
    await expect(schedules.set(name as string, { every: 5, job: report })).rejects.toThrow('The name of a schedule');
    await expect(schedules.get(name as string)).rejects.toThrow(InvalidScheduleError);
  });

  test('an unknown job', async () => {
    const { schedules } = await start();
    const setting = schedules.set('bad', { every: 5, job: jobSpec('nothing', 1) });
    await expect(setting).rejects.toMatchObject({ code: 'ERR_UNKNOWN_JOB' });
  });
});

describe('a declared schedule', () => {
  test('is set at the start, and runs', async () => {
    const scene = await start(DeclaredJob);
    const [first, second] = await scene.schedules.list();
    expect(first).toMatchObject({ name: 'declared', every: 600, application: 'nestjs-job-queue' });
    expect(second).toMatchObject({ name: 'nightly', cron: '0 2 * * *', timeZone: 'Europe/Berlin' });
    expect(second!.next).toEqual(new Date('2026-01-01T01:00:00Z'));
    expect(await scene.travel(600)).toEqual(['quick']);
    expect(await scene.travel(3000)).toEqual(['quick', 'full']);
  });

  test('is neither removed nor set by hand, but paused', async () => {
    const { schedules } = await start(DeclaredJob, ReportJob);
    await expect(schedules.remove('nightly')).rejects.toThrow(
      'expected one that no @Schedule() declares, to remove it',
    );
    await expect(schedules.set('nightly', { every: 5, job: report })).rejects.toMatchObject({
      code: 'ERR_INVALID_SCHEDULE',
    });
    expect(await schedules.pause('nightly')).toBe(true);
    expect(await schedules.get('nightly')).toMatchObject({ paused: true, cron: '0 2 * * *' });
  });

  test('is not told in a process whose application has none', async () => {
    const scene = await start(ReportJob);
    expect(await scene.schedules.list()).toEqual([]);
    expect(scene.clock.pending).toBe(0);
  });

  const declare = (name: string, ...schedules: ((target: never) => void)[]) => {
    const made = { [name]: class {} }[name] as new () => object;
    Object.assign(made.prototype, { handle() {} });
    Job(name)(made as never);
    for (const schedule of schedules.toReversed()) schedule(made as never);
    return made;
  };

  test.each([
    [
      'a bad expression',
      [Schedule('60 * * * *')],
      '@Schedule() of class Bad: Option "cron": expected a cron expression',
    ],
    ['a bad time zone', [Schedule('0 * * * *', { timeZone: 'Mars/Base' })], 'Option "timeZone"'],
    ['an expression that never occurs', [Schedule('0 0 30 2 *')], 'expected an expression that occurs'],
    [
      'a second one without a name',
      [Schedule({ every: 5 }), Schedule({ every: 7 })],
      'Schedule "Bad": expected one @Schedule() of this name',
    ],
    [
      'an unknown option',
      [Schedule({ every: 5, limit: 5 } as never)],
      'Option "limit": expected no option of this name',
    ],
    ['no rule', [Schedule({} as never)], 'Option "cron"'],
    ['options that are none', [Schedule('0 * * * *', 5 as never)], 'Option "options": expected an object'],
  ])('stops the start with %s', async (_, schedules, message) => {
    const bad = declare('Bad', ...(schedules as ((target: never) => void)[]));
    const builder = buildQueueApp({ providers: [bad] });
    const app = await builder.compile();
    const starting = app.init();
    await expect(starting).rejects.toThrow(message);
    await expect(starting).rejects.toMatchObject({ code: 'ERR_INVALID_SCHEDULE' });
  });

  test('stops the start if two classes declare the same name', async () => {
    const [a, b] = ['A', 'B'].map((name) => declare(name, Schedule({ every: 5, name: 'same' })));
    const app = await buildQueueApp({ providers: [a!, b!] }).compile();
    await expect(app.init()).rejects.toThrow('got several: class A, class B');
  });

  test('stops the start if its class carries its data', async () => {
    const carrier = class Carrier {
      constructor(readonly text: string) {}
      handle(): void {}
    };
    Job()(carrier as never);
    Reflect.defineMetadata('design:paramtypes', [String], carrier);
    Schedule({ every: 5 })(carrier);
    const app = await buildQueueApp({ imports: [QueueModule.forFeature([carrier])] }).compile();
    await expect(app.init()).rejects.toMatchObject({ code: 'ERR_INVALID_JOB' });
  });
});
