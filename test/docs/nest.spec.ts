import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable, Module, type ModuleMetadata } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { Job, type JobHandler, QueueManager, QueueModule, type QueueModuleOptions, Worker } from 'nestjs-job-queue';
import { deferred } from '../support/deferred.js';

/** Proves statements on start, stop, queues and names that no example shows. */
describe('the documents on Nest', () => {
  let app: TestingModule | undefined;

  afterEach(async () => {
    await app?.close();
    app = undefined;
  });

  async function start(parts: ModuleMetadata, options: QueueModuleOptions = {}): Promise<TestingModule> {
    const forRoot = QueueModule.forRoot({ driver: 'array', logger: false, ...options });
    app = await Test.createTestingModule({ ...parts, imports: [forRoot, ...(parts.imports ?? [])] }).compile();
    await app.init();
    return app;
  }

  it.each([
    ['onApplicationShutdown', undefined, 'job, database'],
    ['onModuleDestroy', undefined, 'database, job'],
    ['beforeApplicationShutdown', undefined, 'database, job'],
    ['beforeApplicationShutdown', 'onModuleDestroy', 'job, database'],
    ['onModuleDestroy', 'onModuleDestroy', 'job, database'],
  ] as const)(
    'name the order of the shutdown if a database closes in %s, with drainOn %p: %s',
    async (hook, drainOn, order) => {
      const ends: string[] = [];
      const started = deferred();
      const finish = deferred();

      @Injectable()
      class Database {}
      Object.assign(Database.prototype, { [hook]: () => void ends.push('database') });

      @Module({ providers: [Database] })
      class DatabaseModule {}

      @Job()
      class SlowJob implements JobHandler<void> {
        async handle(): Promise<void> {
          started.resolve();
          await finish.promise;
          ends.push('job');
        }
      }

      const application = await start(
        { imports: [DatabaseModule], providers: [SlowJob] },
        { worker: drainOn ? { drainOn } : {} },
      );
      await application.get(QueueManager).push(SlowJob, undefined);
      await started.promise;
      const closing = application.close();
      await someTurns();
      finish.resolve();
      await closing;
      expect(ends.join(', ')).toBe(order);
    },
  );

  it('say that a running job can push while the worker drains', async () => {
    const started = deferred();
    const finish = deferred();
    const pushed = deferred<string>();

    @Job({ queue: 'second' })
    class SecondJob implements JobHandler<void> {
      async handle(): Promise<void> {}
    }

    @Job({ queue: 'first' })
    class FirstJob implements JobHandler<void> {
      constructor(private readonly queue: QueueManager) {}
      async handle(): Promise<void> {
        started.resolve();
        await finish.promise;
        pushed.resolve(await this.queue.push(SecondJob, undefined));
      }
    }

    const application = await start({ providers: [FirstJob, SecondJob] });
    await application.get(QueueManager).push(FirstJob, undefined);
    await started.promise;
    const closing = application.close();
    await someTurns();
    finish.resolve();
    await closing;
    expect(await pushed.promise).toMatch(/^\w+$/);
  });

  it('name the queues that a worker works by default', async () => {
    const done: string[] = [];

    @Job({ queue: 'emails' })
    class NamedJob implements JobHandler<string> {
      async handle(queue: string): Promise<void> {
        done.push(queue);
      }
    }

    const application = await start({ providers: [NamedJob] }, { worker: false });
    const queue = application.get(QueueManager);
    for (const name of ['default', 'emails', 'bulk-emails']) await queue.push(NamedJob, name, name);
    await application.get(Worker).run({ stopWhenEmpty: true });
    expect(done.sort()).toEqual(['default', 'emails']);
  });

  it('say that a renamed class keeps its job name if @Job sets the name', async () => {
    @Job({ name: 'SendEmailJob' })
    class SendMailJob implements JobHandler<string> {
      async handle(): Promise<void> {}
    }

    const application = await start({ providers: [SendMailJob] }, { worker: false });
    await application.get(QueueManager).push(SendMailJob, 'hello' as never);
    expect((await application.get(QueueManager).pop())!.name).toBe('SendEmailJob');
  });
});

/** Long enough for all that goes on by itself, without a timer. */
async function someTurns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => void setImmediate(resolve));
}
