import { afterEach, describe, expect, test } from '@jest/globals';
import { Inject, Injectable, Module } from '@nestjs/common';
import { CLOCK, Job, type Clock } from 'nestjs-job-queue';
import { FakeClock } from '../../support/fake-clock.js';
import { buildQueueApp, closeQueueApps, initQueueApp } from './queue-app.js';

@Injectable()
class Calendar {
  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  today(): string {
    return new Date(this.clock.now()).toISOString().slice(0, 10);
  }
}

@Job()
class ReportJob {
  constructor(private readonly calendar: Calendar) {}

  handle(): void {
    days.push(this.calendar.today());
  }
}

@Module({ providers: [Calendar, ReportJob], exports: [Calendar] })
class ReportModule {}

const days: string[] = [];

afterEach(async () => {
  days.length = 0;
  await closeQueueApps();
});

describe('CLOCK', () => {
  test('is the clock of the machine, for every module that injects it', async () => {
    const { app } = await initQueueApp(await buildQueueApp({ imports: [ReportModule] }).compile());
    expect(Math.abs(app.get<Clock>(CLOCK).now() - Date.now())).toBeLessThan(1_000);
    expect(app.get(Calendar).today()).toMatch(/^\d{4}-\d\d-\d\d$/);
  });

  test('can be replaced in a test, for the application and for the queue alike', async () => {
    const clock = new FakeClock(Date.UTC(2030, 0, 31));
    const builder = buildQueueApp({ imports: [ReportModule] });
    const app = await initQueueApp(await builder.overrideProvider(CLOCK).useValue(clock).compile());
    const id = await app.queue.later(ReportJob, undefined, '1d');
    expect(await app.run(id)).toMatchObject({ status: 'delayed' });
    await clock.advance(86_400);
    expect(await app.run(id)).toMatchObject({ status: 'completed', updatedAt: new Date(Date.UTC(2030, 1, 1)) });
    expect(days).toEqual(['2030-02-01']);
  });
});
