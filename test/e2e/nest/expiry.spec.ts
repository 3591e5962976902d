import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  CLOCK,
  defineJob,
  InvalidOptionError,
  Job,
  jobSpec,
  QueueAdmin,
  QueueManager,
  type JobHandler,
  type JobHandlerOf,
  type QueueModuleOptions,
} from 'nestjs-job-queue';
import { FakeClock } from '../../support/fake-clock.js';
import { useRedis } from '../../support/use-redis.js';
import { buildQueueApp, initQueueApp, type QueueApp, useSeen } from './queue-app.js';

const seen = useSeen();

@Job({ expiresIn: '10m' })
class CodeJob implements JobHandler<string> {
  handle(to: string): void {
    seen.push(to);
  }
  failed(error: Error): void {
    seen.push(error);
  }
  cancelled(reason?: string): void {
    seen.push(reason);
  }
}

const Defined = defineJob<string>('defined-expiry', { expiresIn: '1m' });
@Job(Defined)
class DefinedHandler extends CodeJob implements JobHandlerOf<typeof Defined> {}

const providers = [CodeJob, DefinedHandler];

describe('expiresIn, in virtual time', () => {
  let clock: FakeClock;
  let app: QueueApp;

  beforeEach(async () => {
    clock = new FakeClock();
    const builder = buildQueueApp({ providers }).overrideProvider(CLOCK).useValue(clock);
    app = await initQueueApp(await builder.compile());
  });

  it('comes from the push, then from the class or the definition, and ends jobs that were not started in time', async () => {
    const ids = await app.queue.pushMany([
      jobSpec(CodeJob, 'of the class'),
      jobSpec(CodeJob, 'of the push', { expiresIn: 30 }),
      jobSpec(CodeJob, 'later than all', { expiresIn: '1h' }),
      jobSpec(Defined, 'of the definition'),
      jobSpec('defined-expiry', 'by name'),
    ]);
    await clock.advance(600);
    for (let i = 0; i < 3; i++) await app.run();
    const states = await Promise.all(ids.map(async (id) => (await app.queue.getJobStatus(id))?.status));
    expect(states).toEqual(['cancelled', 'cancelled', 'completed', 'cancelled', 'cancelled']);
    expect(seen).toEqual(['later than all']);
    const details = await app.queue.getJob(ids[0]!);
    expect(details).toMatchObject({ state: 'cancelled', error: 'expired', options: { expiresIn: 600 }, attempt: 0 });
  });

  it('counts from when a delayed job is due, and not while it runs or waits for its next try', async () => {
    const id = await app.queue.later(CodeJob, 'due', '1d');
    await clock.advance(86_400 + 599);
    expect(await app.run(id)).toMatchObject({ status: 'completed' });
    expect(seen).toEqual(['due']);
  });

  it('lets an operator put a failed job back without an end', async () => {
    @Job({ expiresIn: '1m' })
    class FailingJob {
      handle(): void {
        if (seen.push('handle') === 1) throw new Error('no luck');
      }
    }
    const builder = buildQueueApp({ providers: [FailingJob] })
      .overrideProvider(CLOCK)
      .useValue(clock);
    const other = await initQueueApp(await builder.compile());
    const id = await other.queue.push(FailingJob);
    expect(await other.run(id)).toMatchObject({ status: 'failed' });
    await other.app.get(QueueAdmin).retry(id);
    await clock.advance(3_600);
    expect(await other.run(id)).toMatchObject({ status: 'completed' });
  });

  it('is refused beside a definition, and if it is no time', async () => {
    await expect(app.queue.push(CodeJob, 'a', { expiresIn: 0 })).rejects.toThrow(InvalidOptionError);
    expect(() => defineJob('expiry-refused', { expiresIn: -1 })).toThrow(/"defineJob\("expiry-refused"\).expiresIn"/);
    @Job(Defined, { expiresIn: '2m' } as never)
    class OwnHandler extends CodeJob {}
    await expect(
      buildQueueApp({ providers: [OwnHandler] })
        .compile()
        .then((built) => built.init()),
    ).rejects.toThrow(/expiresIn": expected none beside a definition/);
  });
});

describe('expiresIn, on Redis', () => {
  const redis = useRedis();

  it('ends a job, and tells who waits for it', async () => {
    const options: QueueModuleOptions = { driver: 'redis', redis: { url: redis.url } };
    const app = await initQueueApp(await buildQueueApp({ providers }, options).compile());
    const id = await app.queue.push(CodeJob, 'late');
    const record = (await redis.client.hget('queue:default:jobs', id))!;
    await redis.client.hset('queue:default:jobs', id, `${Number(record.slice(0, 13)) - 600_000}${record.slice(13)}`);
    const waiting = app.app.get(QueueManager).waitFor(id, { timeout: '1m' });
    const told = expect(waiting).rejects.toMatchObject({ code: 'ERR_JOB_CANCELLED', jobId: id, reason: 'expired' });
    expect(await app.run(id)).toMatchObject({ status: 'cancelled', error: 'expired', attempt: 0 });
    await told;
    expect(seen).toEqual([]);
  });
});
