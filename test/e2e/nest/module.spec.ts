import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import {
  Controller,
  Get,
  Inject,
  Injectable,
  Module,
  type DynamicModule,
  type ModuleMetadata,
  type OnModuleInit,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import {
  InvalidOptionError,
  Job,
  QUEUE_DRIVER,
  QueueConnectionError,
  QueueFactory,
  QueueManager,
  QueueModule,
  RESOLVED_QUEUE_OPTIONS,
  Worker,
  type JobContext,
  type QueueDriver,
  type QueueModuleOptions,
  type QueueOptionsFactory,
  type ResolvedQueueOptions,
} from 'nestjs-job-queue';
import { closeQueueApps, initQueueApp, QueueApp, TEST_OPTIONS } from './queue-app.js';

const seen: unknown[] = [];

beforeEach(() => void seen.splice(0));
afterEach(async () => {
  await closeQueueApps();
  jest.restoreAllMocks();
});

@Job({ queue: 'words' })
class WordJob {
  handle(word: string, job: JobContext): void {
    seen.push([word, job.attempt]);
  }
}

async function start(...imports: NonNullable<ModuleMetadata['imports']>): Promise<QueueApp> {
  return initQueueApp(await Test.createTestingModule({ imports }).compile());
}

function optionsOf(app: QueueApp): ResolvedQueueOptions {
  return app.app.get<ResolvedQueueOptions>(RESOLVED_QUEUE_OPTIONS);
}

describe('options of the module', () => {
  @Injectable()
  class OptionsFactory implements QueueOptionsFactory {
    constructor(@Inject('word') private readonly word: string) {}
    async createQueueOptions(): Promise<QueueModuleOptions> {
      return { ...TEST_OPTIONS, default: this.word };
    }
  }
  @Module({
    providers: [{ provide: 'word', useFactory: async () => 'configured' }, OptionsFactory],
    exports: ['word', OptionsFactory],
  })
  class ConfigModule {}

  test.each<[string, () => DynamicModule]>([
    ['forRoot()', () => QueueModule.forRoot({ ...TEST_OPTIONS, default: 'configured' })],
    [
      'useFactory',
      () =>
        QueueModule.forRootAsync({
          imports: [ConfigModule],
          inject: ['word'],
          useFactory: (word: string) => ({ ...TEST_OPTIONS, default: word }),
        }),
    ],
    [
      'an asynchronous useFactory',
      () =>
        QueueModule.forRootAsync({
          imports: [ConfigModule],
          inject: ['word'],
          useFactory: async (word: string) => ({ ...TEST_OPTIONS, default: word }),
        }),
    ],
    ['useClass', () => QueueModule.forRootAsync({ imports: [ConfigModule], useClass: OptionsFactory })],
    ['useExisting', () => QueueModule.forRootAsync({ imports: [ConfigModule], useExisting: OptionsFactory })],
  ])('come from %s', async (_, queueModule) => {
    const app = await start(queueModule());
    expect(optionsOf(app)).toMatchObject({ driver: 'array', default: 'configured' });
  });

  test('come from the environment', async () => {
    jest.replaceProperty(process, 'env', { ...process.env, QUEUE_DRIVER: 'array', QUEUE_DEFAULT: 'from-env' });
    expect(optionsOf(await start(QueueModule.forRoot()))).toMatchObject({ driver: 'array', default: 'from-env' });
    expect(optionsOf(await start(QueueModule))).toMatchObject({ driver: 'array', default: 'from-env' });
  });

  test('stop the start if they are invalid', async () => {
    const wrong = { driver: 'array', worker: { concurency: 3 } } as QueueModuleOptions;
    await expect(start(QueueModule.forRoot(wrong))).rejects.toThrow(InvalidOptionError);
    await expect(start(QueueModule.forRootAsync({ useFactory: async () => wrong }))).rejects.toThrow(
      /"worker.concurency".*did you mean "concurrency"/,
    );
  });
});

describe('a QueueModule that is imported more than once', () => {
  test('makes one manager, one worker and one driver', async () => {
    const shared = QueueModule.forRoot({ ...TEST_OPTIONS, jobs: { maxTries: 2 } });
    @Module({ imports: [shared] })
    class SharedModule {}
    @Module({ imports: [QueueModule.forRoot({ ...TEST_OPTIONS, jobs: { maxTries: 2 } }), QueueModule] })
    class AgainModule {
      constructor(
        readonly queue: QueueManager,
        readonly worker: Worker,
        @Inject(QUEUE_DRIVER) readonly driver: QueueDriver,
      ) {}
    }
    const create = jest.spyOn(QueueFactory.prototype, 'createDriver');
    const { app } = await start(shared, SharedModule, AgainModule, QueueModule.forFeature([WordJob]));
    const again = app.get(AgainModule);
    expect(app.get(QueueManager, { each: true })).toEqual([again.queue]);
    expect(app.get(Worker, { each: true })).toEqual([again.worker]);
    expect(app.get(QUEUE_DRIVER, { each: true })).toEqual([again.driver]);
    expect(create).toHaveBeenCalledTimes(1);
  });

  test('refuses different options', async () => {
    const one = QueueModule.forRoot({ ...TEST_OPTIONS, worker: { queues: ['a'] } });
    const other = QueueModule.forRoot({ ...TEST_OPTIONS, worker: { queues: ['b'] } });
    await expect(start(one, other)).rejects.toThrow(
      'Option "worker": expected the same in every QueueModule.forRoot() of the application',
    );
  });

  test('makes a manager and a driver for each application of a process', async () => {
    const module = QueueModule.forRoot(TEST_OPTIONS);
    const one = await start(module);
    const two = await start(module);
    expect(one.queue).not.toBe(two.queue);
    expect(one.app.get(QUEUE_DRIVER)).not.toBe(two.app.get(QUEUE_DRIVER));
  });
});

describe('start and shutdown of the module', () => {
  test('let modules push in onModuleInit and onApplicationShutdown, and close the driver last', async () => {
    @Module({ providers: [WordJob] })
    class EagerModule implements OnModuleInit {
      constructor(private readonly queue: QueueManager) {}
      async onModuleInit(): Promise<void> {
        await this.queue.push(WordJob, 'early');
      }
      async onApplicationShutdown(): Promise<void> {
        await this.queue.push(WordJob, 'late');
        seen.push('late push');
      }
    }
    const module = await Test.createTestingModule({
      imports: [EagerModule, QueueModule.forRoot(TEST_OPTIONS)],
    }).compile();
    const driver = module.get<QueueDriver>(QUEUE_DRIVER);
    const connect = jest.spyOn(driver, 'connect');
    const close = jest.spyOn(driver, 'close').mockImplementation(async () => void seen.push('driver closed'));
    const app = await initQueueApp(module);
    await app.run();
    expect(connect).toHaveBeenCalledTimes(1);
    expect(seen.splice(0)).toEqual([['early', 1]]);

    await closeQueueApps();
    expect(seen).toEqual(['late push', 'driver closed']);
    close.mockRestore();
    await driver.close();
  });

  test('requeue reserved jobs when the application is closed', async () => {
    const app = await start(QueueModule.forRoot(TEST_OPTIONS), QueueModule.forFeature([WordJob]));
    const driver = app.app.get<QueueDriver>(QUEUE_DRIVER);
    const close = jest.spyOn(driver, 'close').mockResolvedValue();
    const ids = await app.queue.pushMany(WordJob, ['a', 'b', 'c']);
    await app.queue.pop('words');
    const popped = await app.queue.pop('words');

    await closeQueueApps();

    expect(await driver.counts('words')).toMatchObject({ ready: 3, reserved: 0 });
    const consumer = driver.consume('words', { lease: 30, onLost() {} });
    const { jobs } = await consumer.poll({ settlements: [], limit: 3, recovered: false });
    expect(jobs.map(({ id, attempt }) => [id, attempt])).toEqual(ids.map((id) => [id, 1]));
    await expect(popped?.complete()).rejects.toMatchObject({ code: 'ERR_SETTLED' });
    await expect(app.queue.pop('words')).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    close.mockRestore();
    await driver.close();
  });

  test('connect nothing and close the driver if a job class is invalid', async () => {
    @Job()
    class EmptyJob {}
    @Module({ providers: [EmptyJob], imports: [QueueModule.forRoot(TEST_OPTIONS)] })
    class BrokenModule {}
    const module = await Test.createTestingModule({ imports: [BrokenModule] }).compile();
    const driver = module.get<QueueDriver>(QUEUE_DRIVER);
    const connect = jest.spyOn(driver, 'connect');
    const close = jest.spyOn(driver, 'close');
    await expect(module.init()).rejects.toThrow(/no method handle/);
    expect(connect).not.toHaveBeenCalled();
    expect(close).toHaveBeenCalledTimes(1);
  });

  test('close the driver if the storage cannot be reached', async () => {
    const module = await Test.createTestingModule({ imports: [QueueModule.forRoot(TEST_OPTIONS)] }).compile();
    const driver = module.get<QueueDriver>(QUEUE_DRIVER);
    jest.spyOn(driver, 'connect').mockRejectedValue(new QueueConnectionError('It is away'));
    const close = jest.spyOn(driver, 'close');
    await expect(module.init()).rejects.toThrow(QueueConnectionError);
    expect(close).toHaveBeenCalledTimes(1);
  });
});

describe('a queue in an application', () => {
  @Controller()
  class WordController {
    constructor(private readonly queue: QueueManager) {}
    @Get('push')
    async push(): Promise<{ id: string }> {
      return { id: await this.queue.push(WordJob, 'from a controller') };
    }
  }
  @Module({ imports: [QueueModule.forRoot(TEST_OPTIONS)], providers: [WordJob], controllers: [WordController] })
  class WordModule {}

  test.each([
    ['Express', () => new ExpressAdapter()],
    ['Fastify', () => new FastifyAdapter()],
  ])('runs jobs on %s', async (_, adapter) => {
    const server = await NestFactory.create(WordModule, adapter() as ExpressAdapter, {
      logger: false,
      abortOnError: false,
    });
    const app = await initQueueApp(server);
    await server.listen(0, '127.0.0.1');
    const response = await fetch(`${await server.getUrl()}/push`);
    const { id } = (await response.json()) as { id: string };
    expect(await app.run(id)).toMatchObject({ status: 'completed', queue: 'words' });
    expect(seen).toEqual([['from a controller', 1]]);
  });

  test('runs jobs without a server', async () => {
    const context = await NestFactory.createApplicationContext(WordModule, { logger: false, abortOnError: false });
    const app = await initQueueApp(context);
    expect(await app.run(await app.queue.push(WordJob, 'alone'))).toMatchObject({ status: 'completed' });
  });

  test('starts its worker with the application only if the worker is enabled', async () => {
    for (const worker of [undefined, false, { enabled: false }] as const) {
      const module = await Test.createTestingModule({
        imports: [QueueModule.forRoot({ ...TEST_OPTIONS, worker })],
        providers: [WordJob],
      }).compile();
      await module.init();
      expect(module.get(Worker).isRunning).toBe(worker === undefined);
      await module.close();
      expect(module.get(Worker).isRunning).toBe(false);
    }
  });
});
