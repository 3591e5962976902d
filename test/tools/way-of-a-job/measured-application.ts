import 'reflect-metadata';
import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Redis } from 'ioredis';
import { Job, QueueManager, QueueModule, Worker, type JobHandler } from '../../../lib/index.js';
import { parseInfo } from '../../bench/server/info.js';
import { closeClient } from '../../support/close-client.js';
import { within } from '../../support/deadline.js';
import { deferred } from '../../support/deferred.js';
import { startRedis, type TestRedis } from '../../support/redis-server.js';

const QUEUE = 'default';
/** How long to wait for a job, in milliseconds. */
const TIMEOUT = 10_000;

let onHandled = (): void => undefined;

@Job()
class PlainJob implements JobHandler<{ n: number }> {
  handle(): void {
    onHandled();
  }
}

@Module({ providers: [PlainJob] })
class PlainModule {}

/**
 * Runs an application with one plain job and one queue on a private Redis server. All other options have their defaults.
 * Uses only public names of the library, so that no change inside the library breaks it.
 */
export class MeasuredApplication {
  private constructor(
    private readonly server: TestRedis,
    private readonly application: INestApplicationContext,
    private readonly observer: Redis,
    private readonly manager: QueueManager,
    private readonly worker: Worker,
  ) {}

  static async open(): Promise<MeasuredApplication> {
    const server = await startRedis();
    const { host, port } = server;
    const worker = { enabled: false, queues: [QUEUE] };
    const module = QueueModule.forRoot({ driver: 'redis', redis: { host, port }, default: QUEUE, worker });
    const root = { module: PlainModule, imports: [module] };
    const application = await NestFactory.createApplicationContext(root, { logger: false });
    const observer = new Redis({ host, port });
    return new MeasuredApplication(
      server,
      application,
      observer,
      application.get(QueueManager),
      application.get(Worker),
    );
  }

  startWorker(): void {
    this.worker.start();
  }

  async stopWorker(): Promise<void> {
    await this.worker.stop();
  }

  async push(): Promise<void> {
    await this.manager.push(PlainJob, { n: 1 } as never);
  }

  /** Pushes a job and waits until its handler is called. Its settlement is still on its way then. */
  async pushAndHandle(): Promise<void> {
    const handled = deferred();
    onHandled = handled.resolve;
    await this.push();
    await within(handled.promise, TIMEOUT, 'the job');
  }

  /** Returns true while the worker waits for a job. Asks the server, because a call of the library would be counted. */
  async isWorkerWaiting(): Promise<boolean> {
    return Number(parseInfo(await this.observer.info('clients'))['blocked_clients']) > 0;
  }

  async close(): Promise<void> {
    await this.application.close();
    closeClient(this.observer);
    await this.server.stop();
  }
}
