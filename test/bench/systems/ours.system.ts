import 'reflect-metadata';
import { Injectable, Module, type DynamicModule, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Job, QueueManager, QueueModule, Worker, type JobHandler, type WorkerOptions } from 'nestjs-job-queue';
import type { Payload } from '../subject/payload.js';
import type { JobWorker, Producer, System, SystemSettings, WorkerSettings } from './system.interface.js';

const QUEUE = 'bench';

/** A service that a job uses. */
@Injectable()
class Work {
  do: () => void | Promise<void> = () => undefined;
}

@Job({ queue: QUEUE })
class EmptyJob implements JobHandler<Payload> {
  constructor(private readonly work: Work) {}

  async handle(): Promise<void> {
    return this.work.do();
  }
}

@Module({ providers: [Work, EmptyJob] })
class BenchModule {}

/** This library, in a Nest application without HTTP. */
const ours: System = {
  async openProducer(settings): Promise<Producer> {
    const application = await boot(settings, false);
    const queue = application.get(QueueManager);
    return {
      push: async (data) => queue.push(EmptyJob, data),
      pushMany: async (list) => queue.pushMany(EmptyJob, list),
      close: async () => application.close(),
    };
  },

  async openWorker(settings: WorkerSettings): Promise<JobWorker> {
    const { concurrency, onJob } = settings;
    const application = await boot(settings, { enabled: false, queues: [QUEUE], concurrency });
    application.get(Work).do = onJob;
    const worker = application.get(Worker);
    return {
      start: () => worker.start(),
      stop: async () => {
        await worker.stop();
        await application.close();
      },
    };
  },
};

export default ours;

function boot(settings: SystemSettings, worker: WorkerOptions | false): Promise<INestApplicationContext> {
  const { host, port, retention } = settings;
  const root: DynamicModule = {
    module: BenchModule,
    imports: [
      QueueModule.forRoot({
        driver: 'redis',
        redis: { host, port },
        statusTtl: retention === 'none' ? 0 : '24h',
        worker,
      }),
    ],
  };
  return NestFactory.createApplicationContext(root, { logger: false });
}
