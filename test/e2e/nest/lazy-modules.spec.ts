import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Injectable, Module, type INestApplicationContext, type Type } from '@nestjs/common';
import { LazyModuleLoader, NestFactory, type ModuleRef } from '@nestjs/core';
import {
  Job,
  QUEUE_DRIVER,
  QueueManager,
  QueueModule,
  Worker,
  type QueueDriver,
  type QueueModuleOptions,
} from 'nestjs-job-queue';
import { newJob } from '../../support/jobs.js';
import { eventually } from '../../support/eventually.js';
import { Recorder } from '../../support/recorder.js';
import { useRedis } from '../../support/use-redis.js';
import { TEST_OPTIONS } from './queue-app.js';

const redis = useRedis();
let ran: Recorder<string>;
let app: INestApplicationContext | undefined;

beforeEach(() => {
  ran = new Recorder();
});
afterEach(async () => {
  await app?.close();
  app = undefined;
  jest.restoreAllMocks();
});

@Injectable()
class Printer {
  print(page: string): void {
    ran.add(page);
  }
}

@Job()
class LazyJob {
  constructor(private readonly printer: Printer) {}

  handle(page: string): void {
    this.printer.print(page);
  }
}

const slowly = async (): Promise<string> => {
  await new Promise((resolve) => void setImmediate(resolve));
  return 'made';
};

@Module({ providers: [Printer, LazyJob, { provide: 'slow', useFactory: slowly }] })
class ProvidersModule {}
@Module({ imports: [QueueModule.forFeature([LazyJob])], providers: [Printer, { provide: 'slow', useFactory: slowly }] })
class FeatureModule {}

const DRIVERS: readonly [name: string, options: () => QueueModuleOptions][] = [
  ['array', () => ({ ...TEST_OPTIONS })],
  ['redis', () => ({ ...TEST_OPTIONS, driver: 'redis', redis: { host: redis.host, port: redis.port } })],
];

async function start(imports: NonNullable<Parameters<typeof Module>[0]['imports']>): Promise<INestApplicationContext> {
  @Module({ imports })
  class AppModule {}
  app = await NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
  return app;
}

function load(type: Type): Promise<ModuleRef> {
  return app!.get(LazyModuleLoader).load(() => type, { logger: false });
}

describe.each(DRIVERS)('a lazy module with job classes, on the %s driver', (_name, options) => {
  it.each([ProvidersModule, FeatureModule])('can push and run them: %p', async (module) => {
    const queue = (await start([QueueModule.forRoot(options())])).get(QueueManager);
    await expect(queue.push(LazyJob, 'too early')).rejects.toThrow('LazyJob is not registered');
    await load(module);
    await queue.push(LazyJob, 'page 1');
    expect(await ran.has(1)).toEqual(['page 1']);
  });

  it.each([ProvidersModule, FeatureModule])('runs a stored job that the worker claims: %p', async (module) => {
    await start([QueueModule.forRoot(options())]);
    await load(module);
    // As another process pushes it: this process has not looked for the class yet.
    await app!.get<QueueDriver>(QUEUE_DRIVER).push('default', [newJob('LazyJob', 'page 2')], false);
    expect(await ran.has(1)).toEqual(['page 2']);
  });
});

describe.each(DRIVERS)('a queue that is loaded lazily, on the %s driver', (_name, options) => {
  function lazyQueue(drainOn: 'beforeApplicationShutdown' | 'onModuleDestroy' = 'beforeApplicationShutdown'): Type {
    const { worker: _, ...given } = options();
    @Module({ imports: [QueueModule.forRoot({ ...given, worker: { drainOn } })], providers: [Printer, LazyJob] })
    class LazyQueueModule {}
    return LazyQueueModule;
  }

  it.each(['beforeApplicationShutdown', 'onModuleDestroy'] as const)(
    'opens, runs jobs, and closes with the application, with drainOn: %s',
    async (drainOn) => {
      await start([]);
      const lazy = await load(lazyQueue(drainOn));
      const worker = lazy.get(Worker, { strict: false });
      await eventually(() => worker.isRunning);
      await lazy.get(QueueManager, { strict: false }).push(LazyJob, 'page 3');
      await ran.has(1);
      const close = jest.spyOn(lazy.get<QueueDriver>(QUEUE_DRIVER, { strict: false }), 'close');
      const closing = app!;
      app = undefined;
      await closing.close();
      expect(worker.isRunning).toBe(false);
      expect(close).toHaveBeenCalledTimes(1);
    },
  );

  it('takes a push as soon as it is loaded', async () => {
    await start([]);
    const lazy = await load(lazyQueue());
    await lazy.get(QueueManager, { strict: false }).push(LazyJob, 'page 4');
    expect(await ran.has(1)).toEqual(['page 4']);
  });
});
