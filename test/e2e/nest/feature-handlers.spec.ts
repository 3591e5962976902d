import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Inject, Injectable, Module, Optional, Scope } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { InvalidJobError, Job, JobContext, QueueModule, type JobClass } from 'nestjs-job-queue';
import { closeQueueApps, startQueueApp } from './queue-app.js';

const seen: unknown[] = [];
let made = 0;

beforeEach(() => {
  seen.splice(0);
  made = 0;
});
afterEach(closeQueueApps);

@Injectable()
class Mailer {
  readonly word: string = 'mailer';
}

@Job()
class SendEmailJob {
  @Inject('word') private readonly property!: string;
  private readonly number = ++made;

  constructor(
    private readonly mailer: Mailer,
    @Inject('word') private readonly parameter: string,
    @Optional() @Inject('nowhere') private readonly nothing?: string,
  ) {}

  handle(to: string): void {
    seen.push([to, this.mailer.word, this.parameter, this.property, this.nothing, this.number]);
  }
}

@Module({
  imports: [QueueModule.forFeature([SendEmailJob])],
  providers: [Mailer, { provide: 'word', useValue: 'of the importing module' }],
})
class MailModule {}

test('a handler class in forFeature() is made once, when the application starts', async () => {
  const app = await startQueueApp({ imports: [MailModule] });
  expect(made).toBe(1);

  await app.queue.pushMany(SendEmailJob, ['ada', 'bob']);
  await app.run();

  const word = 'of the importing module';
  expect(seen).toEqual([
    ['ada', 'mailer', word, word, undefined, 1],
    ['bob', 'mailer', word, word, undefined, 1],
  ]);
});

test('a handler class with a request-scoped dependency is made for each attempt', async () => {
  @Injectable({ scope: Scope.REQUEST })
  class Tenant {
    constructor(@Inject(REQUEST) readonly context: JobContext) {}
  }
  @Job()
  class ScopedJob {
    private readonly number = ++made;
    constructor(private readonly tenant: Tenant) {}
    handle(_: unknown, job: JobContext): void {
      seen.push([this.number, this.tenant.context === job]);
    }
  }
  const app = await startQueueApp({ imports: [QueueModule.forFeature([ScopedJob])], providers: [Tenant] });
  await app.queue.pushMany(ScopedJob, [1, 2]);
  await app.run();
  expect(seen).toEqual([
    [1, true],
    [2, true],
  ]);
});

test('a process that only dispatches starts without the dependencies of a handler class', async () => {
  const app = await startQueueApp(
    { imports: [QueueModule.forFeature([SendEmailJob])] },
    { worker: { enabled: false } },
  );
  const id = await app.queue.push(SendEmailJob, 'ada');
  expect(await app.queue.getJobStatus(id)).toMatchObject({ status: 'queued' });
  expect(made).toBe(0);
});

test('a process that runs jobs does not start without the dependencies of a handler class', async () => {
  const start = startQueueApp({ imports: [QueueModule.forFeature([SendEmailJob])] });
  await expect(start).rejects.toThrow(
    'Job class SendEmailJob: parameter 0 of its constructor needs Mailer, which is no provider of RootTestModule',
  );
});

test('push(Class, data) refuses a class that takes its data in its constructor', async () => {
  class Picture {
    path = 'a.png';
  }
  @Job()
  class TextJob {
    constructor(readonly text: string) {}
    handle(): void {}
  }
  @Job()
  class PictureJob {
    constructor(readonly picture: Picture) {}
    handle(): void {
      seen.push(this.picture);
    }
  }
  const app = await startQueueApp({ imports: [QueueModule.forFeature([TextJob, PictureJob])] });
  for (const type of [TextJob, PictureJob] as JobClass<{ handle(): void }>[]) {
    await expect(app.queue.push(type, 'data' as never)).rejects.toThrow(InvalidJobError);
    await expect(app.queue.push(type, 'data' as never)).rejects.toThrow(
      /takes its data in its constructor: push an instance/,
    );
    await expect(app.queue.pushMany(type, ['data' as never])).rejects.toThrow(InvalidJobError);
    await expect(app.queue.later(type, 'data' as never, 5)).rejects.toThrow(InvalidJobError);
  }
  await app.queue.push(new PictureJob(new Picture()));
  await app.run();
  expect(seen).toEqual([{ path: 'a.png' }]);
});

test('push(instance) refuses an instance of a class that takes its dependencies in its constructor', async () => {
  const app = await startQueueApp({ imports: [MailModule] });
  const instance = new SendEmailJob(new Mailer(), '');
  await expect(app.queue.push(instance as never)).rejects.toThrow(/takes its dependencies in its constructor/);
});

test('a class that takes data and dependencies in its constructor stops the start', async () => {
  @Job()
  class MixedJob {
    constructor(
      readonly path: string,
      @Inject(Mailer) readonly mailer: Mailer,
    ) {}
    handle(): void {}
  }
  const start = startQueueApp({ imports: [QueueModule.forFeature([MixedJob])], providers: [Mailer] });
  await expect(start).rejects.toThrow(/MixedJob takes both data and dependencies in its constructor/);
});

test('a class in the features of two modules is registered once, with the providers of the first module', async () => {
  @Module({
    imports: [QueueModule.forFeature([SendEmailJob])],
    providers: [Mailer, { provide: 'word', useValue: 'second' }],
  })
  class SecondModule {}
  const app = await startQueueApp({ imports: [MailModule, SecondModule] });
  await app.queue.push(SendEmailJob, 'ada');
  await app.run();
  expect(seen).toEqual([['ada', 'mailer', 'of the importing module', 'of the importing module', undefined, 1]]);
});
