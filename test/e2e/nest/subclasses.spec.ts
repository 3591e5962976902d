import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { InvalidOptionError, Job, JobRegistry, QueueModule, type JobClass } from 'nestjs-job-queue';
import { RecordingLogger } from '../../support/recording-logger.js';
import { closeQueueApps, startQueueApp } from './queue-app.js';

const logger = new RecordingLogger();
beforeEach(() => logger.clear());
afterEach(closeQueueApps);

@Job({ name: 'mail', queue: 'emails', maxTries: 1, timeout: '30s' })
class MailJob {
  handle(): void {}
}
@Job({ maxTries: 4, queue: undefined })
class MiddleJob extends MailJob {}
class PlainJob extends MiddleJob {}
@Job({ retryDelay: 5 })
class LeafJob extends PlainJob {}
@Job('named')
class NamedJob extends MailJob {}

const lists: [string, (...types: JobClass[]) => Parameters<typeof startQueueApp>[0]][] = [
  ['providers', (...providers) => ({ providers })],
  ['forFeature()', (...types) => ({ imports: [QueueModule.forFeature(types)] })],
];

describe.each(lists)('a subclass of a job class in %s', (_, list) => {
  test('has the options of the classes above it, except the name, and its own first', async () => {
    const { app } = await startQueueApp(list(MailJob, MiddleJob, LeafJob, NamedJob));
    const registry = app.get(JobRegistry);
    expect(registry.names()).toEqual(['LeafJob', 'MiddleJob', 'mail', 'named']);
    expect(registry.get(MiddleJob).options).toEqual({ queue: 'emails', maxTries: 4, timeout: 30 });
    expect(registry.get(LeafJob).options).toEqual({ queue: 'emails', maxTries: 4, timeout: 30, retryDelay: 5 });
    expect(registry.get(NamedJob).options).toEqual({ queue: 'emails', maxTries: 1, timeout: 30 });
    expect(registry.get(MailJob).options).toEqual({ queue: 'emails', maxTries: 1, timeout: 30 });
  });

  test('waits in the queue of the class above it', async () => {
    const { queue } = await startQueueApp(list(LeafJob));
    await queue.push(LeafJob);
    expect(await queue.counts('emails')).toMatchObject({ ready: 1 });
  });

  test('stops the start if an option of the class above it is wrong, which is named', async () => {
    @Job({ maxTries: 0 })
    class WrongJob {}
    @Job()
    class BelowJob extends WrongJob {
      handle(): void {}
    }
    const start = startQueueApp(list(BelowJob));
    await expect(start).rejects.toThrow(InvalidOptionError);
    await expect(start).rejects.toThrow('Option "@Job() of WrongJob.maxTries"');
  });
});

describe('a subclass without @Job()', () => {
  test('is no job, and a warning at the start says so', async () => {
    const { app, queue } = await startQueueApp({ providers: [MailJob, PlainJob] }, { logger });
    expect(app.get(JobRegistry).names()).toEqual(['mail']);
    expect(logger.of('warn')).toEqual([
      expect.stringMatching(
        /^Provider PlainJob \(RootTestModule\) extends job class MiddleJob and has no @Job\(\) of its own: it is no job\. Put/,
      ),
    ]);
    for (const push of [() => queue.push(PlainJob), () => queue.push(new PlainJob())]) {
      await expect(push()).rejects.toThrow(
        /PlainJob, which extends job class MiddleJob and has no @Job\(\) of its own/,
      );
    }
  });

  test('that a decorator above @Job() makes is no job, and a warning at the start says so', async () => {
    const Wrapped = (type: JobClass): any => class WrappedJob extends (type as JobClass<object>) {}; // oxlint-disable-line typescript/no-explicit-any -- so says the type of class decorators
    @Wrapped
    @Job()
    class InnerJob {
      handle(): void {}
    }
    await startQueueApp({ providers: [InnerJob] }, { logger });
    expect(logger.of('warn')).toEqual([
      expect.stringContaining('WrappedJob (RootTestModule) extends job class InnerJob'),
    ]);
  });

  test('in the place of a job class is that job, without a warning', async () => {
    const providers = [
      { provide: MailJob, useClass: PlainJob },
      LeafJob,
      { provide: MiddleJob, useExisting: PlainJob },
      PlainJob,
    ];
    const { app } = await startQueueApp({ providers }, { logger });
    expect(app.get(JobRegistry).names()).toEqual(['LeafJob', 'MiddleJob', 'mail']);
    expect(logger.of('warn')).toEqual([]);
  });

  test('of a class that is no job gets no warning', async () => {
    @Injectable()
    class Service {}
    @Injectable()
    class OtherService extends Service {}
    await startQueueApp({ providers: [OtherService] }, { logger });
    expect(logger.of('warn')).toEqual([]);
  });
});
