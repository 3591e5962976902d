import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { forwardRef, Global, Inject, Injectable, Module, Optional, Scope } from '@nestjs/common';
import { ModuleRef, REQUEST } from '@nestjs/core';
import {
  InvalidJobError,
  Job,
  JobContext,
  PayloadNotSerializableError,
  QueueModule,
  type JobInterface,
} from 'nestjs-job-queue';
import { thrower } from '../../support/thrower.js';
import { closeQueueApps, startQueueApp } from './queue-app.js';

const seen: unknown[] = [];
let made = 0;

beforeEach(() => {
  seen.splice(0);
  made = 0;
});
afterEach(closeQueueApps);

@Injectable()
class ImageService {
  readonly word: string = 'service';
}

@Job()
class ResizeImageJob implements JobInterface {
  @Inject() private readonly images!: ImageService;
  size = { width: 1, height: 2 };

  constructor(
    readonly path: string,
    readonly taken: Date,
  ) {
    made++;
  }

  async handle(job: JobContext): Promise<void> {
    seen.push({
      isInstance: this instanceof ResizeImageJob,
      service: this.images.word,
      data: dataOf(this),
      job: job.name,
    });
  }
}

@Module({ imports: [QueueModule.forFeature([ResizeImageJob])], providers: [ImageService] })
class ImageModule {}

/** Returns the enumerable properties of a job. */
function dataOf(job: object): object {
  return Object.assign({}, job);
}

const TAKEN = new Date('2026-01-02T03:04:05.678Z');

test('a pushed instance is rebuilt from its data with injected properties, without a call of its constructor', async () => {
  const app = await startQueueApp({ imports: [ImageModule] });
  const job = new ResizeImageJob('a.png', TAKEN);
  job.size.width = 640;

  const id = await app.queue.push(job);
  const status = await app.run(id);

  expect(status?.status).toBe('completed');
  expect(made).toBe(1);
  expect(seen).toEqual([
    {
      isInstance: true,
      service: 'service',
      data: { path: 'a.png', taken: TAKEN, size: { width: 640, height: 2 } },
      job: 'ResizeImageJob',
    },
  ]);
});

test.each([
  ['a property that throws', 'broken', { get: thrower(new Error('not now')) }, 'not now'],
  [
    '__proto__ as data',
    '__proto__',
    { value: { toJSON: () => ({}) } },
    'has the key "__proto__", which is not allowed',
  ],
])('push() refuses an instance with %s, with the reason', async (_, key, property, reason) => {
  const app = await startQueueApp({ imports: [ImageModule] });
  const job = Object.defineProperty(new ResizeImageJob('a.png', TAKEN), key, { ...property, enumerable: true });

  const refusal = app.queue.push(job);

  await expect(refusal).rejects.toBeInstanceOf(PayloadNotSerializableError);
  await expect(refusal).rejects.toThrow(reason);
  expect(await app.queue.queues()).toEqual([]);
});

test('push() refuses an instance with private state, because the instance of an attempt would not have it', async () => {
  @Job()
  class SecretJob implements JobInterface {
    readonly #path: string;
    constructor(path: string) {
      this.#path = path;
    }
    handle(): void {
      seen.push(this.#path);
    }
  }
  const app = await startQueueApp({ imports: [QueueModule.forFeature([SecretJob])] });

  for (const pushing of [app.queue.push(new SecretJob('a.png')), app.queue.pushMany([new SecretJob('a.png')])]) {
    await expect(pushing).rejects.toMatchObject({
      code: 'ERR_PAYLOAD_NOT_SERIALIZABLE',
      jobName: 'SecretJob',
      path: 'data.#path',
    });
  }
  expect(await app.queue.queues()).toEqual([]);
});

test('push() refuses an instance if JSON would lose the content of a property', async () => {
  const app = await startQueueApp({ imports: [ImageModule] });
  const job = Object.assign(new ResizeImageJob('a.png', TAKEN), { file: new File(['a'], 'a.png') });

  await expect(app.queue.later(job, 5)).rejects.toMatchObject({
    code: 'ERR_PAYLOAD_NOT_SERIALIZABLE',
    path: 'data.file',
  });
  expect(await app.queue.queues()).toEqual([]);
});

test('push() stores an instance without data', async () => {
  @Job()
  class CleanUpJob implements JobInterface {
    handle(): void {
      seen.push('clean');
    }
  }
  const app = await startQueueApp({ imports: [QueueModule.forFeature([CleanUpJob])] });

  await app.run(await app.queue.push(new CleanUpJob()));

  expect(seen).toEqual(['clean']);
});

test('push() does not store injected properties, even if the instance has a value for them', async () => {
  const app = await startQueueApp({ imports: [ImageModule] });
  const job = new ResizeImageJob('a.png', TAKEN);
  Object.assign(job, { images: new ImageService() });

  await app.queue.push(job, 'other');
  const popped = await app.queue.pop('other');

  expect(popped?.data).toEqual({ path: 'a.png', taken: TAKEN, size: { width: 1, height: 2 } });
  await popped?.complete();
});

test('failed(), getMaxTries() and getRetryDelay() are called on the rebuilt instance', async () => {
  @Job({ maxTries: 5, retryDelay: 500 })
  class StubbornJob implements JobInterface {
    @Inject() private readonly images!: ImageService;
    constructor(readonly tries: number) {}
    handle(job: JobContext): void {
      seen.push(['handle', job.attempt, job.maxTries]);
      throw new Error('again');
    }
    failed(error: Error, job: JobContext): void {
      seen.push(['failed', error.message, this.tries, this.images.word, job.attempt]);
    }
    getMaxTries(): number {
      return this.tries;
    }
    getRetryDelay(): number {
      return 0;
    }
  }
  const app = await startQueueApp({ imports: [QueueModule.forFeature([StubbornJob])], providers: [ImageService] });
  const id = await app.queue.push(new StubbornJob(2));
  await app.run();
  expect(await app.run(id)).toMatchObject({ status: 'failed', attempt: 2 });
  expect(seen).toEqual([
    ['handle', 1, 2],
    ['handle', 2, 2],
    ['failed', 'again', 2, 'service', 2],
  ]);
});

test.each([0, 1.5, Number.NaN, 'two'])('a job whose getMaxTries() returns %p fails', async (answer) => {
  @Job()
  class OddJob implements JobInterface {
    handle(): void {
      seen.push('ran');
    }
    getMaxTries(): number {
      return answer as number;
    }
  }
  const app = await startQueueApp({ imports: [QueueModule.forFeature([OddJob])] });
  const status = await app.run(await app.queue.push(new OddJob()));
  expect(status).toMatchObject({ status: 'failed', error: expect.stringMatching(/OddJob.getMaxTries\(\)/) });
  expect(seen).toEqual([]);
});

describe('injected properties of a rebuilt instance', () => {
  test('come from the providers and the imports of the module that imports the feature', async () => {
    @Job()
    class WordsJob implements JobInterface {
      @Inject('own') private readonly own!: string;
      @Inject('imported') private readonly imported!: string;
      @Inject('passedOn') private readonly passedOn!: string;
      @Inject(ModuleRef) private readonly moduleRef!: ModuleRef;
      handle(): void {
        seen.push(this.own, this.imported, this.passedOn, this.moduleRef.get('own'));
      }
    }
    @Module({ providers: [{ provide: 'passedOn', useValue: 'passed on' }], exports: ['passedOn'] })
    class DeepModule {}
    @Module({
      imports: [DeepModule],
      providers: [
        { provide: 'imported', useValue: 'imported' },
        { provide: 'own', useValue: 'not this one' },
      ],
      exports: ['imported', DeepModule],
    })
    class ImportedModule {}
    @Module({
      imports: [ImportedModule, QueueModule.forFeature([WordsJob])],
      providers: [{ provide: 'own', useValue: 'own' }],
    })
    class WordsModule {}
    @Module({ providers: [{ provide: 'own', useValue: 'of a stranger' }], exports: ['own'] })
    class StrangeModule {}
    const app = await startQueueApp({ imports: [StrangeModule, WordsModule, ImportedModule] });
    await app.queue.push(new WordsJob());
    await app.run();
    expect(seen).toEqual(['own', 'imported', 'passed on', 'own']);
  });

  test('come from global modules', async () => {
    @Job()
    class WordsJob implements JobInterface {
      @Inject('global') private readonly global!: string;
      handle(): void {
        seen.push(this.global);
      }
    }
    @Global()
    @Module({ providers: [{ provide: 'global', useValue: 'global' }], exports: ['global'] })
    class GlobalModule {}
    const app = await startQueueApp({ imports: [GlobalModule, QueueModule.forFeature([WordsJob])] });
    await app.queue.push(new WordsJob());
    await app.run();
    expect(seen).toEqual(['global']);
  });

  test('stop the start if another module has their provider but does not export it', async () => {
    @Job()
    class WordsJob implements JobInterface {
      @Inject('hidden') private readonly hidden!: string;
      handle(): void {
        seen.push(this.hidden);
      }
    }
    @Module({ providers: [{ provide: 'hidden', useValue: 'hidden' }] })
    class HiddenModule {}
    @Module({ imports: [HiddenModule, QueueModule.forFeature([WordsJob])] })
    class WordsModule {}
    await expect(startQueueApp({ imports: [WordsModule] })).rejects.toThrow(
      'Job class WordsJob: property "hidden" needs "hidden", which is no provider of WordsModule or of what it imports',
    );
  });

  test('can be inherited, optional, and forward references', async () => {
    class BaseJob {
      @Inject() protected readonly images!: ImageService;
    }
    @Job()
    class DerivedJob extends BaseJob implements JobInterface {
      @Optional() @Inject('nowhere') private readonly nothing?: string = 'initial';
      @Inject(forwardRef(() => LaterService)) private readonly later!: unknown;
      constructor(readonly word: string) {
        super();
      }
      handle(): void {
        seen.push(this.images.word, this.nothing, (this.later as LaterService).word, dataOf(this));
      }
    }
    @Injectable()
    class LaterService {
      readonly word = 'later';
    }
    const app = await startQueueApp({
      imports: [QueueModule.forFeature([DerivedJob])],
      providers: [ImageService, LaterService],
    });
    await app.queue.push(new DerivedJob('data'));
    await app.run();
    expect(seen).toEqual(['service', undefined, 'later', { word: 'data' }]);
  });

  test('are made for each attempt if they are request-scoped or transient', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Tenant {
      readonly number = ++made;
      constructor(@Inject(REQUEST) readonly context: JobContext) {}
    }
    @Injectable()
    class Ledger {
      constructor(readonly tenant: Tenant) {}
    }
    @Injectable({ scope: Scope.TRANSIENT })
    class Counter {
      readonly number = ++made;
    }
    @Job()
    class ScopedJob implements JobInterface {
      @Inject() private readonly tenant!: Tenant;
      @Inject() private readonly ledger!: Ledger;
      @Inject() private readonly counter!: Counter;
      @Inject(REQUEST) private readonly request!: JobContext;
      handle(job: JobContext): void {
        seen.push(this.tenant.context === job, this.ledger.tenant === this.tenant, this.request === job);
        seen.push(this.tenant.number, this.counter.number);
        throw new Error('no');
      }
      failed(_: Error, job: JobContext): void {
        seen.push(this.tenant.context === job);
      }
    }
    const app = await startQueueApp({
      imports: [QueueModule.forFeature([ScopedJob])],
      providers: [Tenant, Ledger, Counter],
    });
    made = 0;
    await app.queue.push(new ScopedJob());
    await app.run();
    await app.queue.push(new ScopedJob());
    await app.run();
    expect(seen.filter((value) => value === true)).toHaveLength(8);
    expect(new Set(seen.filter((value) => typeof value === 'number')).size).toBe(4);
  });

  test('stop the start of a process that runs jobs if they are missing', async () => {
    const metadata = { imports: [QueueModule.forFeature([ResizeImageJob])] };
    const start = startQueueApp(metadata);
    await expect(start).rejects.toThrow(InvalidJobError);
    await expect(start).rejects.toThrow(
      'Job class ResizeImageJob: property "images" needs ImageService, which is no provider of RootTestModule or of what it imports',
    );

    const app = await startQueueApp(metadata, { worker: false });
    await app.queue.push(new ResizeImageJob('a.png', TAKEN));
    expect(await app.queue.counts()).toMatchObject({ ready: 1 });
  });
});

describe('a job class in providers', () => {
  @Job()
  class PlainJob {
    @Inject() private readonly images!: ImageService;
    handle(): void {
      seen.push([this.images.word, dataOf(this)]);
    }
    text = '';
  }

  test('can be pushed as an instance if its constructor has no parameters', async () => {
    const app = await startQueueApp({ providers: [ImageService, PlainJob] });
    const job = new PlainJob();
    job.text = 'data';
    await app.queue.push(job);
    await app.run();
    expect(seen).toEqual([['service', { text: 'data' }]]);
  });

  test('is registered once if forFeature() names it too', async () => {
    const app = await startQueueApp({
      imports: [QueueModule.forFeature([PlainJob])],
      providers: [ImageService, PlainJob],
    });
    await app.queue.push(new PlainJob());
    await app.queue.push(PlainJob);
    await app.run();
    expect(seen).toHaveLength(2);
  });

  test('cannot be pushed as an instance if its constructor takes dependencies', async () => {
    @Job()
    class DependingJob {
      constructor(readonly images: ImageService) {}
      handle(data: string): void {
        seen.push(data);
      }
    }
    const app = await startQueueApp({ providers: [ImageService, DependingJob] });
    const instance = new DependingJob(new ImageService());
    const push = app.queue.push(instance as never);
    await expect(push).rejects.toThrow(InvalidJobError);
    await expect(push).rejects.toThrow(/push\(DependingJob, data\)/);
    await expect(app.queue.pushMany([instance as never])).rejects.toThrow(InvalidJobError);
    expect(await app.queue.counts()).toMatchObject({ ready: 0 });
  });
});

describe('stored data of an instance', () => {
  async function runStored(data: unknown): Promise<unknown> {
    const serializer = {
      serialize: () => JSON.stringify(data),
      deserialize: (text: string): unknown => JSON.parse(text),
    };
    const app = await startQueueApp({ imports: [ImageModule] }, { serializer });
    return app.run(await app.queue.push(new ResizeImageJob('a.png', TAKEN)));
  }

  test('cannot replace methods, injected properties or the prototype', async () => {
    const data = JSON.parse(
      '{"path":"b.png","handle":"x","toString":1,"constructor":{},"images":{"word":"fake"},"__proto__":{"polluted":true}}',
    ) as object;
    expect(await runStored(data)).toMatchObject({ status: 'completed' });
    expect(seen).toMatchObject([{ isInstance: true, service: 'service', data: { path: 'b.png' } }]);
    expect(Object.keys((seen[0] as { data: object }).data)).toEqual(['path']);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test.each([null, 5, 'text', [[1]]])('fails the job if it is not an object but %j', async (data) => {
    expect(await runStored(data)).toMatchObject({
      status: 'failed',
      error: expect.stringMatching(/ResizeImageJob carries its data.*object is expected/),
    });
  });
});

test('forFeature() refuses values that are not job classes', async () => {
  class UndecoratedJob {}
  for (const given of [undefined, [undefined], [UndecoratedJob], ['ResizeImageJob'], ResizeImageJob]) {
    await expect(startQueueApp({ imports: [QueueModule.forFeature(given as never)] })).rejects.toThrow(
      /QueueModule.forFeature\(\) expects a list of classes/,
    );
  }
});
