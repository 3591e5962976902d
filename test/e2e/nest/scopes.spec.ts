import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Inject, Injectable, Module, Scope } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { Job, JobContext, type JobHandler } from 'nestjs-job-queue';
import { closeQueueApps, startQueueApp } from './queue-app.js';

const seen: unknown[] = [];
let made = 0;

beforeEach(() => {
  seen.splice(0);
  made = 0;
});
afterEach(closeQueueApps);

@Injectable({ scope: Scope.REQUEST })
class Tenant {
  readonly number = ++made;
  constructor(@Inject(REQUEST) readonly context: JobContext) {}
}

@Injectable({ scope: Scope.TRANSIENT })
class Counter {
  readonly number = ++made;
}

test('a request-scoped job is made for each attempt, and gets the job context as REQUEST', async () => {
  @Job()
  @Injectable({ scope: Scope.REQUEST })
  class ScopedJob {
    readonly number = ++made;
    constructor(@Inject(REQUEST) private readonly request: JobContext) {}

    handle(data: string, job: JobContext): void {
      seen.push([this.number, data, this.request === job, this.request.id === job.id]);
    }
  }
  const app = await startQueueApp({ providers: [ScopedJob] });
  expect(made).toBe(0);

  await app.queue.pushMany(ScopedJob, ['a', 'b']);
  await app.run();

  expect(seen).toEqual([
    [1, 'a', true, true],
    [2, 'b', true, true],
  ]);
});

test('@Injectable({ scope }) works above and below @Job()', async () => {
  @Injectable({ scope: Scope.REQUEST })
  @Job()
  class ScopedJob {
    readonly number = ++made;
    handle(): void {
      seen.push(this.number);
    }
  }
  const app = await startQueueApp({ providers: [ScopedJob] });
  await app.queue.pushMany(ScopedJob, [1, 2] as never[]);
  await app.run();
  expect(seen).toEqual([1, 2]);
});

test('a request-scoped dependency is made once for each attempt, and failed() gets the same one', async () => {
  @Injectable()
  class Ledger {
    constructor(readonly tenant: Tenant) {}
  }
  @Job()
  class DependingJob implements JobHandler<string> {
    constructor(
      private readonly tenant: Tenant,
      private readonly ledger: Ledger,
    ) {}

    handle(data: string): void {
      seen.push([data, this.tenant.number, this.ledger.tenant === this.tenant, this.tenant.context.attempt]);
      throw new Error('no luck');
    }

    failed(error: Error, data: string, job: JobContext): void {
      seen.push([error.message, data, this.tenant.number, this.tenant.context === job]);
    }
  }
  const app = await startQueueApp({ providers: [Tenant, Ledger, DependingJob] });

  await app.queue.push(DependingJob, 'a');
  await app.run();
  await app.queue.push(DependingJob, 'b');
  await app.run();

  expect(seen).toEqual([
    ['a', 1, true, 1],
    ['no luck', 'a', 1, true],
    ['b', 2, true, 1],
    ['no luck', 'b', 2, true],
  ]);
});

test('attempts that run at the same time have request-scoped dependencies of their own', async () => {
  @Job()
  class SlowJob {
    constructor(private readonly tenant: Tenant) {}
    async handle(data: number, job: JobContext): Promise<void> {
      await new Promise(setImmediate);
      seen.push(this.tenant.context === job && this.tenant.context.id === job.id);
      seen.push(data);
    }
  }
  const app = await startQueueApp({ providers: [Tenant, SlowJob] });
  await app.queue.pushMany(SlowJob, [1, 2, 3, 4, 5]);
  await app.run();
  expect(seen).toEqual([true, 1, true, 2, true, 3, true, 4, true, 5]);
  expect(made).toBe(5);
});

test('a transient job is made for each attempt', async () => {
  @Job()
  @Injectable({ scope: Scope.TRANSIENT })
  class TransientJob {
    readonly number = ++made;
    constructor(private readonly counter: Counter) {}
    handle(): void {
      seen.push([this.number, this.counter.number]);
    }
  }
  const app = await startQueueApp({ providers: [Counter, TransientJob] });
  made = 0;
  await app.queue.pushMany(TransientJob, [1, 2] as never[]);
  await app.run();
  expect(new Set((seen as number[][]).flat()).size).toBe(4);
});

test('a static job with a transient dependency is made once', async () => {
  @Job()
  class StaticJob {
    constructor(private readonly counter: Counter) {}
    handle(): void {
      seen.push(this.counter.number);
    }
  }
  const app = await startQueueApp({ providers: [Counter, StaticJob] });
  await app.queue.pushMany(StaticJob, [1, 2] as never[]);
  await app.run();
  expect(seen[0]).toBe(seen[1]);
});

test('a request-scoped job in two modules gets the providers of the first module', async () => {
  @Job()
  @Injectable({ scope: Scope.REQUEST })
  class ScopedJob {
    constructor(
      @Inject('word') private readonly word: string,
      @Inject(REQUEST) private readonly request: JobContext,
    ) {}
    handle(): void {
      seen.push([this.word, this.request.name]);
    }
  }
  @Module({ providers: [{ provide: 'word', useValue: 'one' }, ScopedJob] })
  class OneModule {}
  @Module({ providers: [{ provide: 'word', useValue: 'two' }, ScopedJob] })
  class TwoModule {}
  const app = await startQueueApp({ imports: [OneModule, TwoModule] });
  await app.queue.pushMany(ScopedJob, [1, 2] as never[]);
  await app.run();
  expect(seen).toEqual([
    ['one', 'ScopedJob'],
    ['one', 'ScopedJob'],
  ]);
});

test('a job is made by a request-scoped factory', async () => {
  @Job()
  class FactoryJob {
    constructor(private readonly request: JobContext) {}
    handle(_: unknown, job: JobContext): void {
      seen.push(this.request === job);
    }
  }
  const provider = {
    provide: FactoryJob,
    scope: Scope.REQUEST,
    inject: [REQUEST],
    useFactory: (request: JobContext) => new FactoryJob(request),
  };
  const app = await startQueueApp({ providers: [provider] });
  await app.queue.push(FactoryJob);
  await app.run();
  expect(seen).toEqual([true]);
});

test('an error in the constructor of a request-scoped job fails the attempt', async () => {
  @Job()
  @Injectable({ scope: Scope.REQUEST })
  class BrokenJob {
    constructor() {
      throw new Error('cannot be made');
    }
    handle(): void {}
  }
  const app = await startQueueApp({ providers: [BrokenJob] });
  const id = await app.queue.push(BrokenJob);
  expect(await app.run(id)).toMatchObject({ status: 'failed', error: 'cannot be made', attempt: 1 });
});
