import { describe, expect, test } from '@jest/globals';
import {
  CLOCK,
  defineJob,
  Job,
  QueueAdmin,
  QueueModule,
  type JobHandlerOf,
  type QueueModuleOptions,
} from 'nestjs-job-queue';
import { FakeClock } from '../../support/fake-clock.js';
import { buildQueueApp, initQueueApp, useSeen, type QueueApp } from './queue-app.js';

interface Report {
  readonly of: string;
  readonly at?: number;
}

const seen = useSeen();

@Job({ queue: 'default', unique: { key: ({ of }: Report) => of } })
class ReportJob {
  handle({ of, at }: Report): void {
    seen.push(`${of}@${at}`);
    if (of === 'bad') throw new Error('no luck');
  }
}

const Daily = defineJob<Report>('daily-report', { unique: { key: ({ of }) => of, for: '1d' } });

@Job(Daily)
class DailyJob implements JobHandlerOf<typeof Daily> {
  handle({ of, at }: Report): void {
    seen.push(`${of}@${at}`);
  }
}

@Job({ unique: { key: (job: PageJob) => job.address } })
class PageJob {
  constructor(
    readonly path: string,
    readonly version: number,
  ) {}

  get address(): string {
    return `page of ${this.path}`;
  }

  handle(): void {
    seen.push(`${this.address}, ${this.version}`);
  }
}

describe('a unique job', () => {
  const clock = new FakeClock(Date.UTC(2030, 0, 1));
  const start = async (options: QueueModuleOptions = {}): Promise<QueueApp> => {
    const builder = buildQueueApp(
      { imports: [QueueModule.forFeature([PageJob])], providers: [ReportJob, DailyJob] },
      options,
    );
    return initQueueApp(await builder.overrideProvider(CLOCK).useValue(clock).compile());
  };

  test('runs once, and can be pushed again when it has ended', async () => {
    const app = await start();
    const id = await app.queue.push(ReportJob, { of: 'sales', at: 1 });
    expect(await app.queue.dispatch(ReportJob, { of: 'sales', at: 2 })).toEqual({ id, outcome: 'duplicate' });
    await app.queue.push(ReportJob, { of: 'stock', at: 3 });
    await app.run();
    expect(seen).toEqual(['sales@1', 'stock@3']);
    expect((await app.queue.dispatch(ReportJob, { of: 'sales', at: 4 })).outcome).toBe('queued');
    await app.run();
    expect(seen).toEqual(['sales@1', 'stock@3', 'sales@4']);
  });

  test('keeps its key between its attempts, and until it has failed for good', async () => {
    const app = await start({ jobs: { maxTries: 2, retryDelay: 60, retryJitter: 0 } });
    const id = await app.queue.push(ReportJob, { of: 'bad', at: 1 });
    expect(await app.run(id)).toMatchObject({ status: 'retrying' });
    expect(await app.queue.dispatch(ReportJob, { of: 'bad', at: 2 })).toEqual({ id, outcome: 'duplicate' });
    await clock.advance(60);
    expect(await app.run(id)).toMatchObject({ status: 'failed' });
    const next = await app.queue.push(ReportJob, { of: 'bad', at: 3 });
    expect(next).not.toBe(id);
    const admin = app.app.get(QueueAdmin);
    expect(await admin.retryAll('default')).toBe(0);
    expect(await app.queue.cancel(next)).toBe('cancelled');
    expect(await admin.retryAll('default')).toBe(1);
    expect(await app.queue.push(ReportJob, { of: 'bad', at: 4 })).toBe(id);
  });

  test('of a throttle runs once in its time, and tells how it went', async () => {
    const app = await start();
    const id = await app.queue.push(Daily, { of: 'sales', at: 1 });
    await app.run();
    const again = await app.queue.dispatch(Daily, { of: 'sales', at: 2 });
    expect(again).toEqual({ id, outcome: 'duplicate' });
    expect(await app.queue.getJobStatus(again.id)).toMatchObject({ status: 'completed' });
    await clock.advance(86_400);
    expect((await app.queue.dispatch(Daily, { of: 'sales', at: 3 })).outcome).toBe('queued');
    await app.run();
    expect(seen).toEqual(['sales@1', 'sales@3']);
  });

  test('that carries its data makes its key with its own methods', async () => {
    const app = await start();
    const id = await app.queue.push(new PageJob('home', 1));
    expect(await app.queue.dispatch(new PageJob('home', 2))).toEqual({ id, outcome: 'duplicate' });
    await app.queue.push(new PageJob('about', 1));
    await app.run();
    expect(seen).toEqual(['page of home, 1', 'page of about, 1']);
  });

  test('lets a caller wait for the job that is there', async () => {
    const app = await start();
    const id = await app.queue.push(ReportJob, { of: 'sales', at: 1 });
    const waiting = app.queue.pushAndWait(ReportJob, { of: 'sales', at: 2 }, { timeout: '1m' });
    const waits = expect(waiting).resolves.toBeUndefined();
    await new Promise<void>((resolve) => void setImmediate(resolve));
    expect(await app.run(id)).toMatchObject({ status: 'completed' });
    await waits;
    expect(seen).toEqual(['sales@1']);
  });
});
