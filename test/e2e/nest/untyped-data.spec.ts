import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { UsePipes, ValidationPipe } from '@nestjs/common';
import { APP_PIPE } from '@nestjs/core';
import { Job, QueueModule, type JobClass, type JobInterface } from 'nestjs-job-queue';
import { RecordingLogger } from '../../support/recording-logger.js';
import { buildQueueApp, closeQueueApps, initQueueApp, startQueueApp } from './queue-app.js';

const logger = new RecordingLogger();
beforeEach(() => logger.clear());
afterEach(closeQueueApps);

@Job()
class PlainJob {
  handle(_data: object): void {}
}
@Job()
class TypedJob {
  @UsePipes()
  handle(_data: object): void {}
}
@Job()
class CarrierJob implements JobInterface {
  constructor(readonly path: string) {}
  handle(): void {}
}

const WARNING = expect.stringMatching(
  /^Job class PlainJob has a global ValidationPipe.*put @UsePipes\(\) on handle\(\)/,
);
const globals = { logger, globalEnhancers: true };
const pipe = { provide: APP_PIPE, useClass: ValidationPipe };

describe('a global ValidationPipe that cannot know the type of the data is told of at start', () => {
  test.each([
    ['APP_PIPE, providers', { providers: [PlainJob, TypedJob, pipe] }],
    ['APP_PIPE, forFeature()', { imports: [QueueModule.forFeature([PlainJob, CarrierJob])], providers: [pipe] }],
  ])('%s', async (_, metadata) => {
    await startQueueApp(metadata, globals);
    expect(logger.of('warn')).toEqual([WARNING]);
  });

  test('useGlobalPipes()', async () => {
    const module = await buildQueueApp({ providers: [PlainJob, TypedJob] }, globals).compile();
    const app = module.createNestApplication();
    app.useGlobalPipes(new ValidationPipe());
    await initQueueApp(app);
    expect(logger.of('warn')).toEqual([WARNING]);
  });

  test('but not without globalEnhancers', async () => {
    await startQueueApp({ providers: [PlainJob, pipe] }, { logger });
    expect(logger.of('warn')).toEqual([]);
  });
});

test('push(Class, data) of a class without types at run time names emitDecoratorMetadata', async () => {
  const UntypedJob = class UntypedJob {
    constructor(readonly mailer: unknown) {}
    handle(_data: unknown): void {}
  } as JobClass<{ handle(data: unknown): void }>;
  Job()(UntypedJob);
  const { queue } = await startQueueApp({ imports: [QueueModule.forFeature([UntypedJob])] });
  await expect(queue.push(UntypedJob, 1)).rejects.toThrow(/emitDecoratorMetadata.*@Inject\(Token\).*push an instance/);
});

test('later(Class, delay) needs no data if handle() takes nothing', async () => {
  @Job()
  class NothingJob {
    handle(): void {}
  }
  const { queue } = await startQueueApp({ providers: [NothingJob, PlainJob] });
  await queue.later(NothingJob, '5m');
  expect(await queue.counts()).toMatchObject({ delayed: 1, ready: 0 });
  await expect(queue.later(PlainJob as never, 5)).rejects.toThrow(/Invalid delay/);
});
