import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import { Test, type TestingModule, type TestingModuleBuilder } from '@nestjs/testing';
import {
  CLOCK,
  InvalidOptionError,
  Job,
  JobRegistry,
  QUEUE_DRIVER,
  QUEUE_MODULE_OPTIONS,
  QueueFactory,
  QueueManager,
  QueueModule,
  RESOLVED_QUEUE_OPTIONS,
  resolveOptions,
  Worker,
  type QueueDriver,
  type QueueModuleOptions,
  type ResolvedQueueOptions,
} from 'nestjs-job-queue';
import { freePort } from '../../support/free-port.js';
import { TEST_OPTIONS } from './queue-app.js';

@Job()
class MailJob {
  handle(): void {}
}

@Injectable()
class Mails {
  constructor(private readonly queue: QueueManager) {}

  send(): Promise<string> {
    return this.queue.push(MailJob);
  }
}

let app: TestingModule | undefined;

afterEach(async () => {
  await app?.close();
  app = undefined;
  jest.restoreAllMocks();
});

function build(
  options: QueueModuleOptions,
  providers: NonNullable<Parameters<typeof Test.createTestingModule>[0]['providers']> = [],
): TestingModuleBuilder {
  @Module({ imports: [QueueModule.forRoot(options)], providers: [MailJob, Mails, ...providers] })
  class AppModule {}
  return Test.createTestingModule({ imports: [AppModule] }).setLogger(false as never);
}

/** Options of a server that nobody has started. */
async function unreachable(): Promise<QueueModuleOptions> {
  const redis = { host: '127.0.0.1', port: await freePort(), connectDeadline: 0.2 };
  return { driver: 'redis', redis, logger: false };
}

async function close(): Promise<void> {
  const closing = app;
  app = undefined;
  await closing!.close();
}

const stub = { push: async (): Promise<string> => 'stub' };

describe('an application of a test with a stub', () => {
  it.each<[string, unknown]>([
    ['QueueManager', QueueManager],
    ['Worker', Worker],
    ['QUEUE_DRIVER', QUEUE_DRIVER],
    ['JobRegistry', JobRegistry],
    ['CLOCK', CLOCK],
  ])('for %s starts, and closes its driver', async (_name, token) => {
    const closeDriver = jest.fn<QueueDriver['close']>();
    const builder = build(TEST_OPTIONS);
    const create = jest.spyOn(QueueFactory.prototype, 'createDriver');
    const value = token === QUEUE_DRIVER ? { ...stub, close: closeDriver } : token === CLOCK ? { now: () => 0 } : stub;
    app = await builder.overrideProvider(token).useValue(value).compile();
    await app.init();
    const { value: driver } = create.mock.results[0] ?? {};
    if (driver) jest.spyOn(driver as QueueDriver, 'close').mockImplementation(closeDriver);
    await close();
    expect(closeDriver).toHaveBeenCalledTimes(1);
  });

  it.each<[string, unknown]>([
    ['without methods', {}],
    ['of null', null],
    [
      'whose methods all exist and return nothing',
      new Proxy({}, { get: (_, key) => (key === 'then' ? undefined : () => undefined) }),
    ],
  ])('of QUEUE_DRIVER %s starts no worker, and closes', async (_name, value) => {
    app = await build(TEST_OPTIONS).overrideProvider(QUEUE_DRIVER).useValue(value).compile();
    await app.init();
    expect(app.get(Worker).isRunning).toBe(false);
    await close();
  });

  it('of QueueManager by a factory needs no server, and starts no worker', async () => {
    const builder = build(await unreachable());
    app = await builder
      .overrideProvider(QueueManager)
      .useFactory({ factory: () => stub })
      .compile();
    await app.init();
    expect(await app.get(Mails).send()).toBe('stub');
    expect(app.get(Worker).isRunning).toBe(false);
    await close();
  });

  it('of QueueManager beside the queue reaches its module only, and the application closes', async () => {
    app = await build(TEST_OPTIONS, [{ provide: QueueManager, useValue: stub }]).compile();
    await app.init();
    expect(await app.get(Mails).send()).toBe('stub');
    await close();
  });

  it('that throws while it closes does not keep the driver open', async () => {
    app = await build(TEST_OPTIONS).compile();
    await app.init();
    jest.spyOn(app.get(QueueManager), 'close').mockRejectedValue(new Error('manager'));
    jest.spyOn(app.get(Worker), 'drain').mockRejectedValue(new Error('worker'));
    const closeDriver = jest.spyOn(app.get<QueueDriver>(QUEUE_DRIVER), 'close');
    await app.get(Worker).stop();
    await close().catch((error: Error) => expect(error.message).toBe('manager'));
    expect(closeDriver).toHaveBeenCalledTimes(1);
  });

  it('shows the error that stopped the start, and not that of closing', async () => {
    app = await build(TEST_OPTIONS).compile();
    const driver = app.get<QueueDriver>(QUEUE_DRIVER);
    jest.spyOn(driver, 'connect').mockRejectedValue(new Error('first'));
    jest.spyOn(driver, 'close').mockRejectedValue(new Error('second'));
    await expect(app.init()).rejects.toThrow('first');
    app = undefined;
  });
});

describe('options of a test', () => {
  const inCode: QueueModuleOptions = { driver: 'redis', logger: false };

  it.each<[string, (builder: TestingModuleBuilder) => TestingModuleBuilder]>([
    [
      'QUEUE_MODULE_OPTIONS',
      (builder) => builder.overrideProvider(QUEUE_MODULE_OPTIONS).useValue({ ...TEST_OPTIONS, worker: false }),
    ],
    [
      'RESOLVED_QUEUE_OPTIONS',
      (builder) =>
        builder.overrideProvider(RESOLVED_QUEUE_OPTIONS).useValue(resolveOptions({ ...TEST_OPTIONS, worker: false })),
    ],
    [
      'RESOLVED_QUEUE_OPTIONS by a factory',
      (builder) =>
        builder
          .overrideProvider(RESOLVED_QUEUE_OPTIONS)
          .useFactory({ factory: async () => resolveOptions({ ...TEST_OPTIONS, worker: false }) }),
    ],
  ])('replace those of forRoot() through %s', async (_name, replace) => {
    app = await replace(build(inCode)).compile();
    await app.init();
    expect(app.get<ResolvedQueueOptions>(RESOLVED_QUEUE_OPTIONS).driver).toBe('array');
    await app.get(Mails).send();
    expect(await app.get(Worker).runOnce()).toBe(1);
    await close();
  });

  it('do not hide two forRoot() that differ', async () => {
    const imports = [
      QueueModule.forRoot({ ...inCode, default: 'a' }),
      QueueModule.forRoot({ ...inCode, default: 'b' }),
    ];
    const builder = Test.createTestingModule({ imports });
    const module = await builder
      .overrideProvider(RESOLVED_QUEUE_OPTIONS)
      .useValue(resolveOptions(TEST_OPTIONS))
      .compile();
    await expect(module.init()).rejects.toThrow('Option "default": expected the same in every QueueModule.forRoot()');
  });

  it('are refused if they are not resolved', async () => {
    const builder = build(inCode).overrideProvider(RESOLVED_QUEUE_OPTIONS).useValue({ driver: 'array' });
    await expect(builder.compile()).rejects.toThrow(InvalidOptionError);
  });
});

describe('useMocker()', () => {
  it('does not mock the options that no forRoot() gives, nor the stages of a push', async () => {
    jest.replaceProperty(process, 'env', { ...process.env, QUEUE_DRIVER: 'array' });
    const builder = Test.createTestingModule({ imports: [QueueModule], providers: [MailJob, Mails] });
    app = await builder.useMocker(() => jest.fn()).compile();
    await app.init();
    expect(app.get<ResolvedQueueOptions>(RESOLVED_QUEUE_OPTIONS).driver).toBe('array');
    expect(await app.get(Mails).send()).toMatch(/^[\w-]+$/);
    await close();
  });

  it('mocks the queue of a service whose test has no queue', async () => {
    const builder = Test.createTestingModule({ providers: [Mails] });
    app = await builder.useMocker((token) => (token === QueueManager ? stub : undefined)).compile();
    await app.init();
    expect(await app.get(Mails).send()).toBe('stub');
    await close();
  });
});
