import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  CLOCK,
  defineJob,
  InvalidOptionError,
  Job,
  QueueAdmin,
  type JobContext,
  type JobHandler,
  type JobHandlerOf,
  type JobStatus,
  type QueueModuleOptions,
} from 'nestjs-job-queue';
import { FakeClock } from '../../support/fake-clock.js';
import { useRedis } from '../../support/use-redis.js';
import { buildQueueApp, initQueueApp, type QueueApp, useSeen } from './queue-app.js';

/** The number of each attempt, and whether it said that it was the last one. */
const seen = useSeen();

class Calling implements JobHandler<void> {
  handle(_: void, { attempt, isLastTry }: JobContext): void {
    seen.push(isLastTry ? `${attempt}, the last` : attempt);
    throw new Error('no answer');
  }
  failed(error: Error): void {
    seen.push(error.message);
  }
}

@Job({ maxTries: Infinity, retryFor: '1h', backoff: 'fixed', retryDelay: '10m' })
class CallJob extends Calling {}

@Job({ backoff: ['10m'] })
class PlainJob extends Calling {}

const Defined = defineJob('defined-retry-for', { maxTries: Infinity, retryFor: '30m', backoff: ['10m'] });
@Job(Defined)
class DefinedHandler extends Calling implements JobHandlerOf<typeof Defined> {}

const providers = [CallJob, PlainJob, DefinedHandler];
const jobs = { retryJitter: 0 };

describe('retryFor, in virtual time', () => {
  let clock: FakeClock;
  const start = async (options: QueueModuleOptions = {}): Promise<QueueApp> => {
    const builder = buildQueueApp({ providers }, { jobs, ...options })
      .overrideProvider(CLOCK)
      .useValue(clock);
    return initQueueApp(await builder.compile());
  };
  /** Runs a job until it ends, every ten minutes. */
  async function runToEnd(app: QueueApp, id: string): Promise<JobStatus | undefined> {
    for (let looks = 0; looks < 30; looks++) {
      const status = await app.run(id);
      if (status?.status === 'failed') return status;
      await clock.advance(600);
    }
    return undefined;
  }

  beforeEach(() => void (clock = new FakeClock()));

  it('lets a job be tried as long as its next try begins in time, and an operator lets it begin anew', async () => {
    const app = await start();
    const id = await app.queue.later(CallJob, undefined, '5h');
    await clock.advance(5 * 3_600);
    expect(await runToEnd(app, id)).toMatchObject({ status: 'failed', error: 'no answer', attempt: 7 });
    const run = [1, 2, 3, 4, 5, 6, '7, the last', 'no answer'];
    expect(seen.splice(0)).toEqual(run);
    await clock.advance(86_400);
    expect(await app.app.get(QueueAdmin).retry(id)).toBe(1);
    expect(await runToEnd(app, id)).toMatchObject({ status: 'failed', attempt: 7 });
    expect(seen).toEqual(run);
  });

  it.each<[string, QueueModuleOptions['jobs'], (app: QueueApp) => Promise<string>, number]>([
    ['push', jobs, ({ queue }) => queue.push(CallJob, undefined, { retryFor: '20m' }), 3],
    ['definition', jobs, ({ queue }) => queue.push(Defined), 4],
    ['definition, by name', jobs, ({ queue }) => queue.push('defined-retry-for'), 4],
    [
      'class, with endless tries of the push',
      jobs,
      ({ queue }) => queue.push(CallJob, undefined, { maxTries: Infinity }),
      7,
    ],
    ['module', { ...jobs, maxTries: Infinity, retryFor: '40m' }, ({ queue }) => queue.push(PlainJob), 5],
    [
      'module, with endless tries of the push',
      { ...jobs, retryFor: '10m' },
      ({ queue }) => queue.push(PlainJob, undefined, { maxTries: Infinity }),
      2,
    ],
    [
      'push, while the number of tries ends first',
      jobs,
      ({ queue }) => queue.push(PlainJob, undefined, { retryFor: '9h' }),
      3,
    ],
  ])('is that of the %s', async (_, given, push, attempts) => {
    const app = await start({ jobs: given });
    const id = await push(app);
    expect((await app.queue.getJob(id))?.options.retryFor).toBeGreaterThan(0);
    expect(await runToEnd(app, id)).toMatchObject({ status: 'failed', attempt: attempts });
  });

  it('is needed for endless tries: else the start or the push is refused, and nothing is written', async () => {
    @Job({ maxTries: Infinity })
    class EndlessJob extends Calling {}
    const build = (options: QueueModuleOptions['jobs']) =>
      buildQueueApp({ providers: [EndlessJob] }, { jobs: options }).compile();
    await expect(build({}).then((app) => app.init())).rejects.toThrow(
      /"maxTries of job class EndlessJob": expected .* or Infinity beside "retryFor", got Infinity/,
    );
    await initQueueApp(await build({ retryFor: '1h' }));
    const app = await start();
    await expect(app.queue.push(PlainJob, undefined, { maxTries: Infinity })).rejects.toThrow(
      /"push options.maxTries": expected .* or Infinity beside "retryFor", got Infinity/,
    );
    const Endless = defineJob('endless', { maxTries: Infinity });
    await expect(app.queue.push(Endless)).rejects.toThrow(InvalidOptionError);
    await app.queue.push(Endless, undefined, { retryFor: '1h' });
    expect(await app.queue.counts()).toMatchObject({ ready: 1 });
  });
});

describe('retryFor, on Redis', () => {
  const redis = useRedis();

  it('ends a job with endless tries, and an operator lets it begin anew', async () => {
    const options: QueueModuleOptions = { driver: 'redis', redis: { url: redis.url }, jobs };
    const app = await initQueueApp(await buildQueueApp({ providers }, options).compile());
    const id = await app.queue.push(CallJob, undefined, { retryFor: '0.3s', retryDelay: 0 });
    const toEnd = async (): Promise<number> => {
      while ((await app.run(id))?.status !== 'failed') expect(seen.length).toBeLessThan(10_000);
      return seen.splice(0).length;
    };
    expect(await toEnd()).toBeGreaterThan(0);
    expect(await app.app.get(QueueAdmin).retry(id)).toBe(1);
    expect(await toEnd()).toBeGreaterThan(1);
    const details = await app.queue.getJob(id);
    expect(details?.maxTries).toBe(Infinity);
    expect(details?.options).toMatchObject({ retryFor: 0.3 });
  });
});
