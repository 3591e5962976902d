import { afterEach, describe, expect, test } from '@jest/globals';
import { Inject, Injectable, UseGuards, type CanActivate } from '@nestjs/common';
import { InvalidJobError, Job, QueueModule, Worker, type JobClass, type JobInterface } from 'nestjs-job-queue';
import { closeQueueApps, startQueueApp, type QueueApp } from './queue-app.js';

afterEach(closeQueueApps);

@Injectable()
class Mailer {}

@Injectable()
class MailerGuard implements CanActivate {
  constructor(readonly mailer: Mailer) {}
  canActivate(): boolean {
    return true;
  }
}

@Job()
class ConstructorJob {
  constructor(readonly mailer: Mailer) {}
  handle(): void {}
}

@Job()
class PropertyJob {
  @Inject() readonly mailer!: Mailer;
  handle(_data: string): void {}
}

@Job()
class CarrierJob implements JobInterface {
  @Inject('MAILER') private readonly mailer!: Mailer;
  constructor(readonly to: string) {}
  handle(): void {
    void this.mailer;
  }
}

@Job()
@UseGuards(MailerGuard)
class GuardedJob {
  handle(): void {}
}

class Range {
  from = 0;
}

@Job()
class RangeJob implements JobInterface {
  constructor(readonly range: Range) {}
  handle(): void {}
}

/** Starts an application with the worker off. */
async function startIdle(...jobClasses: JobClass[]): Promise<QueueApp> {
  return startQueueApp({ imports: [QueueModule.forFeature(jobClasses)] }, { worker: false });
}

const ways: [string, (worker: Worker) => unknown][] = [
  ['start()', (worker) => worker.start()],
  ['run()', (worker) => worker.run({ stopWhenEmpty: true })],
  ['runOnce()', (worker) => worker.runOnce()],
];

describe('a worker that is started by hand refuses a job class whose dependency has no provider', () => {
  const classes: [string, JobClass, RegExp][] = [
    ['in its constructor', ConstructorJob, /^Job class ConstructorJob: parameter 0 of its constructor needs Mailer, /],
    [
      'in a property',
      PropertyJob,
      /^Job class PropertyJob: property "mailer" needs Mailer, which is no provider of Root/,
    ],
    ['in a property beside its data', CarrierJob, /^Job class CarrierJob: property "mailer" needs "MAILER", /],
    ['in its guard', GuardedJob, /^Job class GuardedJob, its MailerGuard: parameter 0 of its constructor needs Mailer/],
  ];
  test.each(classes)('%s', async (_, jobClass, message) => {
    const { app } = await startIdle(jobClass);
    const worker = app.get(Worker);
    for (const [, begin] of ways) {
      const begun = (async () => begin(worker))();
      await expect(begun).rejects.toThrow(InvalidJobError);
      await expect(begun).rejects.toThrow(message);
      expect(worker.isRunning).toBe(false);
    }
  });
});

test.each(ways)(
  'a worker that is started by %s takes an undeclared class in a constructor for data',
  async (_, begin) => {
    const { app, queue } = await startIdle(RangeJob);
    const id = await queue.push(new RangeJob(new Range()));
    await begin(app.get(Worker));
    await app.get(Worker).stop();
    expect(await queue.getJobStatus(id)).toMatchObject({ status: 'completed' });
  },
);
