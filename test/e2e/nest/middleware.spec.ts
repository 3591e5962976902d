import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, jest, test } from '@jest/globals';
import { Inject, Injectable, Module, Scope, UseGuards, UseInterceptors, type Type } from '@nestjs/common';
import { ContextIdFactory, REQUEST } from '@nestjs/core';
import { tap } from 'rxjs';
import {
  defineJob,
  InvalidJobError,
  InvalidOptionError,
  Job,
  JobContext,
  jobSpec,
  NotInitializedError,
  QueueManager,
  QueueModule,
  type ChunkItem,
  type DispatchResult,
  type JobMiddleware,
  type PendingPush,
  type PushMiddleware,
} from 'nestjs-job-queue';
import { buildQueueApp, initQueueApp, startQueueApp, useSeen } from './queue-app.js';

const seen = useSeen();

@Injectable()
class Words {
  say(word: unknown): void {
    seen.push(word);
  }
}

/** Makes a middleware class that notes when it begins and ends. */
function noting(name: string): Type<JobMiddleware> {
  @Injectable()
  class Noting implements JobMiddleware {
    constructor(@Inject(Words) private readonly words: Words) {}

    async handle(job: JobContext, next: () => Promise<unknown>): Promise<unknown> {
      this.words.say(`${name} before ${job.name}`);
      const result = await next();
      this.words.say(`${name} after`);
      return result;
    }
  }
  return Noting;
}

const Outer = noting('outer');
const Inner = noting('inner');
const OfClass = noting('of class');

@Job({ middleware: [OfClass], keepResult: true })
class NotedJob {
  handle(data: string): string {
    seen.push(`handle ${data}`);
    if (data === 'fail') throw new Error('no luck');
    return `result of ${data}`;
  }
  failed(error: Error): void {
    seen.push(`failed ${error.message}`);
  }
}

describe('middleware around attempts', () => {
  test('runs in its order, that of the module outside of that of the class, and passes the result on', async () => {
    const app = await startQueueApp({ providers: [Words, NotedJob] }, { middleware: [Outer, Inner] });
    expect(await app.run(await app.queue.push(NotedJob, 'a'))).toMatchObject({ result: 'result of a' });
    expect(seen).toEqual([
      'outer before NotedJob',
      'inner before NotedJob',
      'of class before NotedJob',
      'handle a',
      'of class after',
      'inner after',
      'outer after',
    ]);
  });

  test('runs outside of guards and interceptors', async () => {
    @Job({ middleware: [OfClass] })
    @UseGuards({ canActivate: () => Boolean(seen.push('guard')) })
    @UseInterceptors({
      intercept: (_, next) => (seen.push('interceptor'), next.handle().pipe(tap(() => seen.push('end')))),
    })
    class GuardedJob {
      handle(): void {
        seen.push('handle');
      }
    }
    const app = await startQueueApp({ providers: [Words, GuardedJob] });
    await app.run(await app.queue.push(GuardedJob));
    expect(seen).toEqual(['of class before GuardedJob', 'guard', 'interceptor', 'handle', 'end', 'of class after']);
  });

  test('runs around jobs that carry their data, and may be an instance', async () => {
    @Job({ middleware: [{ handle: (job: JobContext, next: () => Promise<unknown>) => (seen.push(job.data), next()) }] })
    class Carrier {
      constructor(readonly path: string) {}
      handle(): void {
        seen.push('handle');
      }
    }
    const app = await startQueueApp({ imports: [QueueModule.forFeature([Carrier])] });
    await app.run(await app.queue.push(new Carrier('a.png')));
    expect(seen).toEqual([{ path: 'a.png' }, 'handle']);
  });

  test('decides the result, and fails the attempt with its error', async () => {
    @Job({
      middleware: [{ handle: async (_: JobContext, next: () => Promise<unknown>) => [await next()] }],
      keepResult: true,
    })
    class WrappedJob {
      handle(): string {
        return 'inner';
      }
    }
    @Job({ middleware: [{ handle: () => Promise.reject(new Error('not today')) }] })
    class RefusedJob {
      handle(): void {
        seen.push('handle');
      }
    }
    const app = await startQueueApp({ providers: [WrappedJob, RefusedJob] });
    expect(await app.run(await app.queue.push(WrappedJob))).toMatchObject({ result: ['inner'] });
    expect(await app.run(await app.queue.push(RefusedJob))).toMatchObject({ status: 'failed', error: 'not today' });
    expect(seen).toEqual([]);
  });

  test('sees the error of an attempt that will be tried again, and the end of a generator', async () => {
    const catching: JobMiddleware = {
      async handle(job, next) {
        try {
          seen.push(await next());
        } catch (error) {
          seen.push([(error as Error).message, job.attempt, job.isLastTry]);
          throw error;
        }
      },
    };
    @Job({ middleware: [catching], maxTries: 2 })
    class FailingJob {
      handle(): void {
        throw new Error('no luck');
      }
    }
    @Job({ middleware: [catching] })
    class GeneratorJob {
      *handle(): Generator<string, string> {
        yield 'one';
        return 'two';
      }
    }
    const app = await startQueueApp({ providers: [FailingJob, GeneratorJob] });
    await app.run(await app.queue.push(FailingJob));
    await app.run();
    await app.run(await app.queue.push(GeneratorJob));
    expect(seen).toEqual([['no luck', 1, false], ['no luck', 2, true], 'two']);
  });

  test('runs the rest of the attempt once, however often it calls next', async () => {
    @Job({ middleware: [{ handle: (_: JobContext, next: () => Promise<unknown>) => Promise.all([next(), next()]) }] })
    class TwiceJob {
      handle(): void {
        seen.push('handle');
      }
    }
    const app = await startQueueApp({ providers: [TwiceJob] });
    await app.run(await app.queue.push(TwiceJob));
    expect(seen).toEqual(['handle']);
  });

  test('runs around failed(), also of a job without one, and its error is logged', async () => {
    const around: JobMiddleware = {
      handle: (_, next) => next(),
      async failed(error, job, next) {
        seen.push(`before ${error.message} ${job.name}`);
        await next();
        seen.push('after');
        throw new Error('too late');
      },
    };
    @Job({ middleware: [around] })
    class WithFailed {
      handle(): void {
        throw new Error('no luck');
      }
      failed(error: Error): void {
        seen.push(`failed ${error.message}`);
      }
    }
    @Job({ middleware: [around] })
    class WithoutFailed {
      handle(): void {
        throw new Error('no luck');
      }
    }
    const error = jest.fn();
    const logger = { log() {}, warn() {}, error };
    const app = await startQueueApp({ providers: [WithFailed, WithoutFailed] }, { logger });
    expect(await app.run(await app.queue.push(WithFailed))).toMatchObject({ status: 'failed', error: 'no luck' });
    expect(await app.run(await app.queue.push(WithoutFailed))).toMatchObject({ status: 'failed' });
    expect(seen).toEqual([
      'before no luck WithFailed',
      'failed no luck',
      'after',
      'before no luck WithoutFailed',
      'after',
    ]);
    expect(error).toHaveBeenCalledWith(
      expect.stringMatching(/failed\(\) of WithFailed \S+ threw: too late/),
      expect.anything(),
      'Queue',
    );
  });

  test('passes an AsyncLocalStorage that it enters to the handler, and the next job has none of it', async () => {
    const tenant = new AsyncLocalStorage<string>();
    const running: JobMiddleware = { handle: (job, next) => tenant.run(job.metadata['tenant'] ?? 'none', next) };
    const entering: JobMiddleware = { handle: (_, next) => (tenant.enterWith(`${tenant.getStore()}!`), next()) };
    @Job({ middleware: [running, entering] })
    class TenantJob {
      async handle(): Promise<void> {
        await Promise.resolve();
        seen.push(tenant.getStore());
      }
    }
    @Job()
    class ReadJob {
      handle(): void {
        seen.push(tenant.getStore());
      }
    }
    const app = await startQueueApp({ providers: [TenantJob, ReadJob] });
    await app.run(await app.queue.push(TenantJob, undefined, { metadata: { tenant: 'acme' } }));
    await app.run(await app.queue.push(ReadJob));
    expect(seen).toEqual(['acme!', undefined]);
  });

  test('runs around each item of a chunk', async () => {
    @Job({ chunk: { size: 10 }, middleware: [OfClass] })
    class ChunkJob {
      handleChunk(items: readonly ChunkItem<number>[]): void {
        seen.push(items.map(({ data }) => data));
        items[1]?.fail(new Error('second'));
      }
    }
    const app = await startQueueApp({ providers: [Words, ChunkJob] });
    const ids = await app.queue.pushMany(ChunkJob, [1, 2, 3]);
    expect(await app.run(ids[1])).toMatchObject({ status: 'failed', error: 'second' });
    const before = 'of class before ChunkJob';
    expect(seen).toEqual([before, before, before, [1, 2, 3], 'of class after', 'of class after', 'of class after']);
  });

  test('leaves the other items of a chunk alone if it refuses one', async () => {
    const refusing: JobMiddleware = {
      handle: (job, next) => (job.data === 2 ? Promise.reject(new Error('no')) : next()),
    };
    @Job({ chunk: { size: 10 }, middleware: [refusing] })
    class ChunkJob {
      handleChunk(items: readonly ChunkItem<number>[]): void {
        seen.push(items.map(({ data }) => data));
      }
    }
    const app = await startQueueApp({ providers: [ChunkJob] });
    const ids = await app.queue.pushMany(ChunkJob, [1, 2, 3]);
    expect(await app.run(ids[1])).toMatchObject({ status: 'failed', error: 'no' });
    expect(await app.run(ids[2])).toMatchObject({ status: 'completed' });
    expect(seen).toEqual([[1, 3]]);
  });
});

describe('the instance of a middleware class', () => {
  @Injectable()
  class Counting implements JobMiddleware {
    count = 0;
    handle(_: JobContext, next: () => Promise<unknown>): Promise<unknown> {
      seen.push(++this.count);
      return next();
    }
  }
  @Job()
  class FirstJob {
    handle(): void {}
  }
  @Job()
  class SecondJob {
    handle(): void {}
  }

  test('is that of the provider, also of one in a module that exports nothing', async () => {
    @Module({ providers: [Counting] })
    class HiddenModule {}
    const metadata = { imports: [HiddenModule], providers: [FirstJob, SecondJob] };
    const app = await startQueueApp(metadata, { middleware: [Counting] });
    await app.run(await app.queue.push(FirstJob));
    await app.run(await app.queue.push(SecondJob));
    expect(app.app.get(Counting, { strict: false }).count).toBe(2);
    expect(seen).toEqual([1, 2]);
  });

  test('is made once for all jobs if it is no provider', async () => {
    const app = await startQueueApp({ providers: [FirstJob, SecondJob] }, { middleware: [Counting] });
    await app.run(await app.queue.push(FirstJob));
    await app.run(await app.queue.push(SecondJob));
    expect(seen).toEqual([1, 2]);
  });

  test('can be replaced by a test', async () => {
    const building = buildQueueApp({ providers: [Counting, FirstJob] }, { middleware: [Counting] });
    const stub = { handle: (_: JobContext, next: () => Promise<unknown>) => (seen.push('stub'), next()) };
    const app = await initQueueApp(await building.overrideProvider(Counting).useValue(stub).compile());
    await app.run(await app.queue.push(FirstJob));
    expect(seen).toEqual(['stub']);
  });

  test('is made for each attempt if it is request-scoped, in the scope of the job', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Request {
      constructor(@Inject(REQUEST) readonly context: JobContext) {}
    }
    @Injectable({ scope: Scope.REQUEST })
    class Scoped implements JobMiddleware {
      constructor(readonly request: Request) {}
      handle(job: JobContext, next: () => Promise<unknown>): Promise<unknown> {
        seen.push(this.request, this.request.context === job);
        return next();
      }
      async failed(_: Error, _job: JobContext, next: () => Promise<unknown>): Promise<void> {
        seen.push(this.request);
        await next();
      }
    }
    @Job({ middleware: [Scoped] })
    class ScopedJob {
      constructor(readonly request: Request) {}
      handle(): void {
        seen.push(this.request);
        throw new Error('no luck');
      }
    }
    const app = await startQueueApp({ providers: [Request, Scoped, ScopedJob] });
    await app.run(await app.queue.push(ScopedJob));
    const [first, isOwn, ...others] = seen.splice(0);
    expect(isOwn).toBe(true);
    expect(others).toEqual([first, first]);
    expect(others.every((each) => each === first)).toBe(true);
    await app.run(await app.queue.push(ScopedJob));
    expect(seen[0]).not.toBe(first);
  });

  test('is shared by a tenant if it is durable', async () => {
    const roots = new Map<string, { id: number }>();
    ContextIdFactory.apply({
      attach(contextId, request: JobContext) {
        const tenant = request.metadata?.['tenant'] ?? 'none';
        const root = roots.get(tenant) ?? { id: Math.random() };
        roots.set(tenant, root);
        return { resolve: ({ isTreeDurable }) => (isTreeDurable ? root : contextId), payload: { tenant } };
      },
    });
    let made = 0;
    @Injectable({ scope: Scope.REQUEST, durable: true })
    class Durable implements JobMiddleware {
      readonly number = ++made;
      handle(_: JobContext, next: () => Promise<unknown>): Promise<unknown> {
        seen.push(this.number);
        return next();
      }
    }
    @Job({ middleware: [Durable] })
    class TenantJob {
      handle(): void {}
    }
    try {
      const app = await startQueueApp({ providers: [Durable, TenantJob] });
      for (const tenant of ['a', 'b', 'a']) {
        await app.run(await app.queue.push(TenantJob, undefined, { metadata: { tenant } }));
      }
      expect(seen).toEqual([1, 2, 1]);
    } finally {
      ContextIdFactory.apply({ attach: (contextId) => () => contextId });
    }
  });
});

@Injectable()
class Stamp implements PushMiddleware {
  async push(push: PendingPush, next: () => Promise<DispatchResult>): Promise<DispatchResult> {
    push.metadata['tenant'] = 'acme';
    push.tags.push(push.name);
    const result = await next();
    seen.push([result.outcome, result.id === push.id]);
    return result;
  }
}

@Job()
class LabelledJob {
  handle(_data: unknown, job: JobContext): void {
    seen.push([job.metadata, job.tags]);
  }
}

describe('middleware around pushes', () => {
  test('runs once for each job, and may add to its labels', async () => {
    const app = await startQueueApp({ providers: [LabelledJob, Stamp] }, { middleware: [Stamp] });
    await app.queue.push(LabelledJob, 1, { metadata: { own: 'x' } });
    await app.queue.pushMany(LabelledJob, [2, 3]);
    const outcome = ['queued', true];
    expect(seen.splice(0)).toEqual([outcome, outcome, outcome]);
    await app.run();
    const stamped = [{ tenant: 'acme' }, ['LabelledJob']];
    expect(seen).toEqual([[{ own: 'x', tenant: 'acme' }, ['LabelledJob']], stamped, stamped]);
  });

  test('knows the push: name, queue, data, delay, priority and group', async () => {
    const looking: PushMiddleware = {
      push(push, next) {
        const { name, queue, data, delay, priority, group, metadata, tags } = push;
        seen.push({ name, queue, data, delay, priority, group, metadata, tags });
        return next();
      },
    };
    const app = await startQueueApp({}, { middleware: [looking] });
    const options = { queue: 'mail', delay: 5, priority: 3, group: 'g', metadata: { a: 'b' }, tags: ['t'] };
    await app.queue.push(defineJob<number>('looked-at'), 7, options);
    expect(seen).toEqual([{ name: 'looked-at', data: 7, ...options }]);
  });

  test('stores nothing if it does not call next, or throws', async () => {
    const refusing: PushMiddleware = {
      async push(push, next) {
        if (push.data === 'refuse') throw new Error('not allowed');
        return push.data === 'skip' ? { id: 'another', outcome: 'duplicate' } : next();
      },
    };
    const app = await startQueueApp({ providers: [LabelledJob] }, { middleware: [refusing] });
    expect(await app.queue.push(LabelledJob, 'skip')).toBe('another');
    await expect(app.queue.push(LabelledJob, 'refuse')).rejects.toThrow('not allowed');
    await expect(app.queue.pushMany(LabelledJob, ['fine', 'refuse'])).rejects.toThrow('not allowed');
    expect(await app.queue.counts()).toMatchObject({ ready: 0 });
  });

  test('refuses labels that cannot be stored, and a result that is none, with the name of the middleware', async () => {
    class Forgetful implements PushMiddleware {
      async push(push: PendingPush, next: () => Promise<DispatchResult>): Promise<DispatchResult> {
        if (push.data === 'labels') push.metadata['big'] = 'x'.repeat(5_000);
        const result = await next();
        return push.data === 'result' ? (undefined as never) : result;
      }
    }
    const app = await startQueueApp({ providers: [LabelledJob] }, { middleware: [Forgetful] });
    await expect(app.queue.push(LabelledJob, 'labels')).rejects.toThrow(
      /"push.metadata": expected an object whose values/,
    );
    expect(await app.queue.counts()).toMatchObject({ ready: 0 });
    await expect(app.queue.push(LabelledJob, 'result')).rejects.toThrow(
      /middleware Forgetful.push\(\)": expected the result/,
    );
  });

  test('is one class with middleware around attempts, and may be request-scoped with the push as its request', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Both implements JobMiddleware, PushMiddleware {
      constructor(@Inject(REQUEST) readonly request: PendingPush | JobContext) {}
      push(push: PendingPush, next: () => Promise<DispatchResult>): Promise<DispatchResult> {
        seen.push(this.request === push);
        return next();
      }
      handle(job: JobContext, next: () => Promise<unknown>): Promise<unknown> {
        seen.push(this.request === job);
        return next();
      }
    }
    const app = await startQueueApp({ providers: [LabelledJob, Both] }, { middleware: [Both] });
    await app.queue.push(jobSpec(LabelledJob, 1));
    await app.run();
    expect(seen).toEqual([true, true, [{}, []]]);
  });

  test('refuses a push in a constructor, since its provider may not be made yet', async () => {
    @Injectable()
    class Eager {
      constructor(queue: QueueManager) {
        queue.push('some-job', 1, 'default').catch((error: unknown) => seen.push(error));
      }
    }
    await startQueueApp({ providers: [Eager, Stamp] }, { middleware: [Stamp] });
    expect(seen).toEqual([expect.any(NotInitializedError)]);
  });
});

describe('the option middleware', () => {
  class Neither {}

  test.each([
    [{ middleware: Stamp as never }, /"middleware": expected a list/],
    [
      { middleware: [undefined as never] },
      /"middleware\[0\]": expected a class, or an object, with a method handle\(\) or push\(\)/,
    ],
    [{ middleware: [Outer, Neither as never] }, /"middleware\[1\]"/],
  ])('of the module is refused if it has no such methods: %p', (options, message) => {
    expect(() => buildQueueApp({}, options)).not.toThrow();
    return expect(buildQueueApp({}, options).compile()).rejects.toThrow(message);
  });

  test.each([
    [
      [Neither],
      /"@Job\(\) of WrongJob.middleware\[0\]": expected a class, or an object, with a method handle\(\), got/,
    ],
    [[Stamp], /no method push\(\) on middleware of a job.*list it in the option "middleware" of the module/],
  ])('of a class is refused at the start: %p', async (middleware, message) => {
    @Job({ middleware: middleware as never })
    class WrongJob {
      handle(): void {}
    }
    const starting = startQueueApp({ providers: [WrongJob] });
    await expect(starting).rejects.toThrow(InvalidOptionError);
    await expect(starting).rejects.toThrow(message);
  });

  test('is none of a definition, which has no dependencies', () => {
    expect(() => defineJob('x', { middleware: [OfClass] } as never)).toThrow(
      /"defineJob\("x"\).middleware": expected no option/,
    );
  });

  test('beside a definition is that of the handler', async () => {
    const Ship = defineJob<string>('ship-in-middleware');
    @Job(Ship, { middleware: [OfClass] })
    class ShipHandler {
      handle(data: string): void {
        seen.push(data);
      }
    }
    const app = await startQueueApp({ providers: [Words, ShipHandler] });
    await app.run(await app.queue.push(Ship, 'a'));
    expect(seen).toEqual(['of class before ship-in-middleware', 'a', 'of class after']);
  });

  test.each([
    ['job', { middleware: [OfClass] }, {}],
    ['module', {}, { middleware: [OfClass] }],
  ])('stops the start if a dependency of it has no provider: of the %s', async (_, ofJob, ofModule) => {
    @Job(ofJob)
    class LackingJob {
      handle(): void {}
    }
    const starting = startQueueApp({ providers: [LackingJob] }, ofModule);
    await expect(starting).rejects.toThrow(InvalidJobError);
    await expect(starting).rejects.toThrow(/its Noting: parameter 0 of its constructor needs Words/);
  });
});
