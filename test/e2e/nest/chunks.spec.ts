import { describe, expect, it, test } from '@jest/globals';
import {
  type CanActivate,
  Catch,
  createParamDecorator,
  Inject,
  Injectable,
  Scope,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
  ValidationPipe,
} from '@nestjs/common';
import { APP_GUARD, ContextIdFactory, REQUEST } from '@nestjs/core';
import {
  ChunkContext,
  type ChunkHandler,
  type ChunkHandlerOf,
  type ChunkItem,
  defineJob,
  InvalidJobError,
  Job,
  type JobContext,
  QueueModule,
  Worker,
} from 'nestjs-job-queue';
import { eventually } from '../../support/eventually.js';
import { Recorder } from '../../support/recorder.js';
import { buildQueueApp, startQueueApp, useSeen } from './queue-app.js';

const seen = useSeen();

@Injectable()
class SearchIndex {
  readonly products: string[] = [];
}

@Job({ chunk: { size: 3 }, maxTries: 2 })
class IndexProducts implements ChunkHandler<string> {
  constructor(private readonly index: SearchIndex) {}

  async handleChunk(items: readonly ChunkItem<string>[], chunk: ChunkContext): Promise<void> {
    this.index.products.push(items.map(({ data }) => data).join());
    seen.push([chunk.name, chunk.queue, chunk.items === items]);
    for (const item of items) if (item.data === 'bad') item.fail(new Error('bad product'));
  }

  failed(error: Error, data: string, { attempt }: JobContext): void {
    seen.push([error.message, data, attempt]);
  }
}

test('a class with handleChunk gets its dependencies, and many jobs in one call', async () => {
  const app = await startQueueApp({ providers: [IndexProducts, SearchIndex] });
  const ids = await app.queue.pushMany(IndexProducts, ['a', 'bad', 'b', 'c']);
  const last = await app.run(ids[1]);
  expect(app.app.get(SearchIndex).products).toEqual(['a,bad,b', 'c']);
  expect(last).toMatchObject({ status: 'failed', error: 'bad product' });
  expect(seen).toEqual([
    ['IndexProducts', 'default', true],
    ['bad product', 'bad', 1],
    ['IndexProducts', 'default', true],
  ]);
});

test('a class with handleChunk in forFeature() gets the dependencies of its module', async () => {
  const app = await startQueueApp({
    imports: [QueueModule.forFeature([IndexProducts])],
    providers: [SearchIndex],
  });
  await app.queue.push(IndexProducts, 'a');
  await app.run();
  expect(app.app.get(SearchIndex).products).toEqual(['a']);
  expect(app.app.get(IndexProducts)).toBeInstanceOf(IndexProducts);
});

test('a definition may have the option, its class beats it, and a push may wait for the result of an item', async () => {
  const Rank = defineJob<string, { rank: number }>('rank', { chunk: { size: 2, wait: '5s' } });
  @Job(Rank, { chunk: { size: 10 } })
  class RankHandler implements ChunkHandlerOf<typeof Rank> {
    handleChunk(items: readonly ChunkItem<string, { rank: number }>[]): void {
      for (const [index, item] of items.entries()) item.complete({ rank: index + 1 });
      seen.push(items.length);
    }
  }
  const app = await startQueueApp({ providers: [RankHandler] });
  const waits = ['a', 'b', 'c'].map((data) => app.queue.pushAndWait(Rank, data, { timeout: '10s' }));
  await eventually(async () => expect(await app.queue.counts()).toMatchObject({ ready: 3 }));
  await app.run();
  expect(await Promise.all(waits)).toEqual([{ rank: 1 }, { rank: 2 }, { rank: 3 }]);
  expect(seen).toEqual([3]);
});

test('a chunk that waits for worker.stop() is told at once that it waits for itself', async () => {
  @Job({ chunk: { size: 3 } })
  class RestartChunk implements ChunkHandler {
    constructor(@Inject(Worker) private readonly worker: Worker) {}
    async handleChunk(): Promise<void> {
      await Promise.resolve();
      await this.worker.stop({ timeout: '50ms' });
    }
  }
  const warnings = new Recorder<unknown>();
  const logger = { log() {}, error() {}, warn: (message: unknown) => warnings.add(message) };
  const app = await startQueueApp({ providers: [RestartChunk] }, { logger });
  await app.queue.pushMany(RestartChunk, [1, 2] as never[]);
  app.app.get(Worker).start();
  const [first, ...requeued] = await warnings.has(3);
  expect(first).toMatch(/^A job stops the worker that runs it.*it waits for itself/);
  expect(requeued).toHaveLength(2);
});

describe('the request of request-scoped dependencies of a chunk', () => {
  it('is the ChunkContext, with all items; one instance serves the call', async () => {
    let made = 0;
    @Injectable({ scope: Scope.REQUEST })
    class Tenants {
      readonly number = ++made;
      readonly data: unknown[];
      constructor(@Inject(REQUEST) readonly chunk: ChunkContext<string>) {
        this.data = chunk.items.map((item) => item.data);
      }
    }
    @Job({ chunk: { size: 3 } })
    class ScopedChunk implements ChunkHandler<string> {
      constructor(private readonly tenants: Tenants) {}
      handleChunk(items: readonly ChunkItem<string>[], chunk: ChunkContext): void {
        seen.push([this.tenants.number, this.tenants.data, this.tenants.chunk === chunk, items.length]);
      }
      failed(error: Error): void {
        seen.push([this.tenants.number, error.message]);
      }
    }
    const app = await startQueueApp({ providers: [ScopedChunk, Tenants] });
    await app.queue.pushMany(ScopedChunk, ['a', 'b', 'c', 'd']);
    await app.run();
    expect(seen).toEqual([
      [1, ['a', 'b', 'c'], true, 3],
      [2, ['d'], true, 1],
    ]);
  });

  it('gives a strategy for durable providers no data of one job', async () => {
    @Injectable({ scope: Scope.REQUEST, durable: true })
    class Durable {}
    @Job({ chunk: { size: 3 } })
    class DurableChunk implements ChunkHandler<{ tenant: string }> {
      constructor(readonly durable: Durable) {}
      handleChunk(): void {}
    }
    const app = await startQueueApp({ providers: [DurableChunk, Durable] });
    ContextIdFactory.apply({
      attach(contextId, request: { data: { tenant: string } }) {
        seen.push(request instanceof ChunkContext, request.data.tenant);
        return { resolve: () => contextId, payload: {} };
      },
    });
    try {
      const id = await app.queue.push(DurableChunk, { tenant: 'a' });
      expect((await app.run(id))?.error).toContain('needs a durable provider');
      expect(seen).toEqual([]);
    } finally {
      ContextIdFactory.apply(undefined as never);
    }
  });
});

describe('the start of an application', () => {
  const refuses = async (jobClass: new (...args: never[]) => object, ...others: object[]): Promise<unknown> => {
    const app = buildQueueApp({ providers: [jobClass, ...(others as never[])] }, { globalEnhancers: true });
    return (await app.compile()).init().then(
      async (started) => started.close(),
      (error: unknown) => error,
    );
  };

  class Deny implements CanActivate {
    canActivate(): boolean {
      return false;
    }
  }
  @Catch()
  class Swallow {
    catch(): void {}
  }
  class Through {
    intercept(_context: unknown, next: { handle(): unknown }): unknown {
      return next.handle();
    }
  }
  const Whose = createParamDecorator(() => 'mine');

  @Job({ chunk: { size: 2 } })
  class Both {
    handle(): void {}
    handleChunk(): void {}
  }
  @Job({ chunk: { size: 2 } })
  class NoMethod {
    handle(): void {}
  }
  @Job()
  class NoOption {
    handleChunk(): void {}
  }
  @Job({ chunk: { size: 2 } })
  @UseGuards(Deny)
  class Guarded {
    handleChunk(): void {}
  }
  @Job({ chunk: { size: 2 } })
  class Piped {
    @UsePipes(ValidationPipe)
    handleChunk(): void {}
  }
  @Job({ chunk: { size: 2 } })
  @UseInterceptors(Through as never)
  class Intercepted {
    @UseFilters(Swallow as never)
    handleChunk(): void {}
  }
  @Job({ chunk: { size: 2 } })
  class Decorated {
    handleChunk(@Whose() _items: unknown): void {}
  }
  class Child extends Both {}
  Job({ chunk: { size: 2 } })(Child);

  it.each<[string, new () => object, string]>([
    ['both handle() and handleChunk()', Both, 'has both handle() and handleChunk()'],
    ['both, one of them inherited', Child, 'has both handle() and handleChunk()'],
    ['the option without handleChunk()', NoMethod, 'no method handleChunk()'],
    ['handleChunk() without the option', NoOption, 'no option "chunk"'],
    ['a guard', Guarded, 'has handleChunk() and guards'],
    ['a pipe', Piped, 'has handleChunk() and pipes'],
    ['an interceptor and a filter', Intercepted, 'has handleChunk() and interceptors, filters'],
    ['a parameter decorator', Decorated, 'has handleChunk() and parameter decorators'],
  ])('is refused for a class with %s', async (_what, jobClass, message) => {
    const error = await refuses(jobClass);
    expect(error).toBeInstanceOf(InvalidJobError);
    expect((error as Error).message).toContain(message);
  });

  it('is refused if global guards run for jobs', async () => {
    @Job({ chunk: { size: 2 } })
    class Plain {
      handleChunk(): void {}
    }
    expect(await refuses(Plain)).toBeUndefined();
    const error = await refuses(Plain, { provide: APP_GUARD, useClass: Deny });
    expect(error).toMatchObject({ code: 'ERR_INVALID_JOB' });
  });

  it.each<[unknown, string]>([
    [{}, 'chunk.size": expected a whole number from 1 to 1000, got undefined'],
    [{ size: 0 }, 'chunk.size": expected a whole number from 1 to 1000, got 0'],
    [{ size: 1_001 }, 'chunk.size": expected a whole number from 1 to 1000, got 1001'],
    [{ size: 2, wait: 2_000_000 }, 'chunk.wait": expected'],
    [{ size: 2, wait: '2h' }, 'chunk.wait": expected'],
    [{ size: 2, wait: -1 }, 'chunk.wait": expected'],
    [{ size: 2, waits: 1 }, 'did you mean "wait"?'],
    [100, 'chunk": expected an object, got 100'],
  ])('is refused for chunk: %j', async (chunk, message) => {
    class Wrong {
      handleChunk(): void {}
    }
    Job({ chunk: chunk as never })(Wrong);
    const error = await refuses(Wrong);
    expect(error).toMatchObject({ code: 'ERR_INVALID_OPTION' });
    expect((error as Error).message).toContain(message);
  });

  it('is refused for a class in forFeature() that takes its data in its constructor', async () => {
    @Job({ chunk: { size: 2 } })
    class Carrier {
      constructor(readonly path: string) {}
      handleChunk(): void {}
    }
    const app = await buildQueueApp({ imports: [QueueModule.forFeature([Carrier])] }).compile();
    await expect(app.init()).rejects.toThrow('takes its data in its constructor');
  });
});

test('a push of an instance, and the option in a push, are refused', async () => {
  @Job({ chunk: { size: 2 } })
  class NoData implements ChunkHandler {
    handleChunk(): void {}
  }
  const app = await startQueueApp({ providers: [NoData] });
  await expect(app.queue.push(new NoData() as never)).rejects.toMatchObject({ code: 'ERR_INVALID_JOB' });
  await expect(app.queue.push(NoData, {}, { chunk: { size: 3 } } as never)).rejects.toMatchObject({
    code: 'ERR_INVALID_OPTION',
  });
});

test('pop() takes one job of a class with handleChunk', async () => {
  const app = await startQueueApp({ providers: [IndexProducts, SearchIndex] });
  await app.queue.pushMany(IndexProducts, ['a', 'b']);
  const job = await app.queue.pop();
  expect(job?.data).toBe('a');
  await job?.complete();
  await app.run();
  expect(app.app.get(SearchIndex).products).toEqual(['b']);
});
