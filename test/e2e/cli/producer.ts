import { afterEach, beforeEach } from '@jest/globals';
import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { QueueManager, QueueModule } from 'nestjs-job-queue';
import type { UsedRedis } from '../../support/use-redis.js';
import { BlockJob, BrokenJob, Greeter, GreetJob, HoldJob, PoisonJob, SloppyJob } from './fixture/jobs.js';

/** Gives each test an application without a worker that pushes the jobs of the fixture. */
export function useProducer(redis: UsedRedis): { readonly queue: QueueManager } {
  let context: INestApplicationContext | undefined;
  beforeEach(async () => {
    @Module({
      imports: [QueueModule.forRoot({ driver: 'redis', redis: { url: redis.url }, worker: false })],
      providers: [Greeter, GreetJob, BlockJob, BrokenJob, HoldJob, PoisonJob, SloppyJob],
    })
    class ProducerModule {}
    context = await NestFactory.createApplicationContext(ProducerModule, { logger: false });
  });
  afterEach(async () => {
    await context?.close();
  });
  return {
    get queue() {
      return context!.get(QueueManager);
    },
  };
}
