import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Global, Inject, Injectable, Module } from '@nestjs/common';
import {
  DuplicateJobError,
  InvalidJobError,
  InvalidOptionError,
  InvalidQueueNameError,
  Job,
  JobRegistry,
  type JobHandler,
} from 'nestjs-job-queue';
import { buildQueueApp, closeQueueApps, initQueueApp, startQueueApp } from './queue-app.js';

const seen: unknown[] = [];

@Injectable()
class Mailer {
  readonly sender: string = 'mailer';
}

@Job({ queue: 'emails' })
class SendEmailJob implements JobHandler<string, void> {
  constructor(@Inject(Mailer) readonly mailer: Mailer) {}

  handle(to: string): void {
    seen.push(`${this.mailer.sender} -> ${to}`);
  }
}

beforeEach(() => void seen.splice(0));
afterEach(closeQueueApps);

describe('job classes in providers', () => {
  test('are found in every module, with the dependencies of their module', async () => {
    @Job('first')
    class FirstJob {
      constructor(@Inject('word') private readonly word: string) {}
      handle(): void {
        seen.push(this.word);
      }
    }
    @Job('second')
    class SecondJob extends FirstJob {}
    @Module({ providers: [{ provide: 'word', useValue: 'of the first module' }, FirstJob] })
    class FirstModule {}
    @Module({ providers: [{ provide: 'word', useValue: 'of the second module' }, SecondJob] })
    class SecondModule {}
    const app = await startQueueApp({ imports: [FirstModule, SecondModule] });

    await app.queue.push(FirstJob);
    await app.queue.push(SecondJob);
    await app.run();

    expect(seen).toEqual(['of the first module', 'of the second module']);
  });

  test('are named by their class or by their @Job() options', async () => {
    @Job()
    class PlainJob {
      handle(): void {}
    }
    @Job({ name: 'renamed', queue: 'b' })
    class RenamedJob {
      handle(): void {}
    }
    @Job('short')
    class ShortJob {
      handle(): void {}
    }
    const { app } = await startQueueApp({ providers: [PlainJob, RenamedJob, ShortJob, Mailer, SendEmailJob] });

    const registry = app.get(JobRegistry);
    expect(registry.names()).toEqual(['PlainJob', 'SendEmailJob', 'renamed', 'short']);
    expect(registry.queues()).toEqual(['b', 'emails']);
    expect(registry.find('renamed')?.jobClass).toBe(RenamedJob);
    expect(registry.find('RenamedJob')).toBeUndefined();
  });

  test('are registered once if two modules provide the same class, with the provider of the first module', async () => {
    @Module({ providers: [{ provide: Mailer, useValue: { sender: 'one' } }, SendEmailJob] })
    class OneModule {}
    @Module({ providers: [{ provide: Mailer, useValue: { sender: 'two' } }, SendEmailJob] })
    class TwoModule {}
    const app = await startQueueApp({ imports: [OneModule, TwoModule] });

    await app.queue.push(SendEmailJob, 'ada');
    await app.queue.push(SendEmailJob, 'bob');
    await app.run();

    expect(seen).toEqual(['one -> ada', 'one -> bob']);
  });

  test('are found in a global module', async () => {
    @Global()
    @Module({ providers: [Mailer, SendEmailJob], exports: [SendEmailJob] })
    class GlobalModule {}
    const app = await startQueueApp({ imports: [GlobalModule] });
    await app.queue.push(SendEmailJob, 'ada');
    await app.run();
    expect(seen).toEqual(['mailer -> ada']);
  });
});

describe('custom providers of a job class', () => {
  class LoudEmailJob extends SendEmailJob {
    override handle(to: string): void {
      seen.push(`LOUD ${to}`);
    }
  }

  test.each([
    ['useClass', [Mailer, { provide: SendEmailJob, useClass: LoudEmailJob }], 'LOUD ada'],
    ['useClass under another token', [Mailer, { provide: 'job', useClass: SendEmailJob }], 'mailer -> ada'],
    ['useExisting', [Mailer, LoudEmailJob, { provide: SendEmailJob, useExisting: LoudEmailJob }], 'LOUD ada'],
    ['an alias beside it', [Mailer, { provide: 'alias', useExisting: SendEmailJob }, SendEmailJob], 'mailer -> ada'],
    ['useValue', [{ provide: SendEmailJob, useValue: new LoudEmailJob(new Mailer()) }], 'LOUD ada'],
    ['useFactory', [{ provide: SendEmailJob, useFactory: () => new LoudEmailJob(new Mailer()) }], 'LOUD ada'],
    [
      'useFactory under another token',
      [{ provide: 'job', useFactory: async () => new SendEmailJob(new Mailer()) }],
      'mailer -> ada',
    ],
  ])('runs the provider made with %s', async (_, providers, expected) => {
    const app = await startQueueApp({ providers });
    await app.queue.push(SendEmailJob, 'ada');
    await app.run();
    expect(seen).toEqual([expected]);
  });

  test('runs the override of a test', async () => {
    const handle = (to: string): unknown => seen.push(`fake ${to}`);
    const module = await buildQueueApp({ providers: [Mailer, SendEmailJob] })
      .overrideProvider(SendEmailJob)
      .useValue({ handle })
      .compile();
    const app = await initQueueApp(module);
    await app.queue.push(SendEmailJob, 'ada');
    await app.run();
    expect(seen).toEqual(['fake ada']);
  });
});

describe('the start of an application', () => {
  test('fails if two classes have the same name', async () => {
    @Job('same')
    class OneJob {
      handle(): void {}
    }
    @Job('same')
    class OtherJob {
      handle(): void {}
    }
    @Module({ providers: [OtherJob] })
    class OtherModule {}
    const start = startQueueApp({ imports: [OtherModule], providers: [OneJob] });
    await expect(start).rejects.toThrow(DuplicateJobError);
    await expect(start).rejects.toThrow(/"same": OneJob \(RootTestModule\) and OtherJob \(OtherModule\)/);
  });

  test('fails if a job class has no handle()', async () => {
    @Job()
    class EmptyJob {}
    const start = startQueueApp({ providers: [EmptyJob] });
    await expect(start).rejects.toThrow(InvalidJobError);
    await expect(start).rejects.toThrow('Job class EmptyJob is decorated with @Job() but has no method handle()');
  });

  test.each(['a:b', '', '-a', 'a'.repeat(65), 'a b', 7])(
    'fails if the queue name of a job class is %j',
    async (queue) => {
      @Job({ queue: queue as string })
      class BadJob {
        handle(): void {}
      }
      const start = startQueueApp({ providers: [BadJob] });
      await expect(start).rejects.toThrow(InvalidQueueNameError);
      await expect(start).rejects.toThrow(/of job class BadJob/);
    },
  );

  test.each([
    [{ maxTries: 0 }, /"@Job\(\) of BadJob.maxTries": expected a whole number from 1/],
    [{ retryDelay: -1 }, /retryDelay/],
    [{ timeout: 'soon' }, /timeout.*"soon"/],
    [{ maxTrys: 3 }, /maxTrys.*did you mean "maxTries"/],
    [[], /expected an object, got an array/],
  ])('fails if the options of a job class are %j', async (options, message) => {
    @Job(options as object)
    class BadJob {
      handle(): void {}
    }
    const start = startQueueApp({ providers: [BadJob] });
    await expect(start).rejects.toThrow(InvalidOptionError);
    await expect(start).rejects.toThrow(message);
  });

  test.each(['', 'a\nb', 'x'.repeat(201), 5])('fails if the name of a job class is %j', async (name) => {
    @Job({ name: name as string })
    class BadJob {
      handle(): void {}
    }
    await expect(startQueueApp({ providers: [BadJob] })).rejects.toThrow(/Invalid name of job class BadJob/);
  });
});

describe('push() of a value that is not a registered job', () => {
  test('is refused with the reason', async () => {
    class UndecoratedJob {
      handle(): void {}
    }
    class SubclassJob extends SendEmailJob {}
    @Job()
    class ForgottenJob {
      handle(): void {}
    }
    const { queue, app } = await startQueueApp({ providers: [Mailer, SendEmailJob] });

    await expect(queue.push(UndecoratedJob)).rejects.toThrow(/Not a job.*class UndecoratedJob/);
    await expect(queue.push(SubclassJob, 'ada')).rejects.toThrow(/Not a job.*class SubclassJob/);
    await expect(queue.push(ForgottenJob)).rejects.toThrow(/ForgottenJob is not registered/);
    for (const nothing of [undefined, null, 5, {}, Object.create(null)]) {
      await expect(queue.push(nothing as never)).rejects.toThrow(InvalidJobError);
    }
    expect(app.get(JobRegistry).names()).toEqual(['SendEmailJob']);
  });
});
