import { afterEach, expect, test } from '@jest/globals';
import { Inject, Injectable } from '@nestjs/common';
import { Job, QueueManager, Worker } from 'nestjs-job-queue';
import { Recorder } from '../../support/recorder.js';
import { buildQueueApp, closeQueueApps } from './queue-app.js';

afterEach(closeQueueApps);

@Injectable()
class Application {
  close: () => Promise<void> = async () => undefined;
}

test.each<[string, (application: Application, worker: Worker) => Promise<void>]>([
  ['worker.stop()', async (_, worker) => worker.stop()],
  ['app.close()', async (application) => application.close()],
])('a job that waits for %s is told at once that it waits for itself', async (_, stop) => {
  @Job()
  class RestartJob {
    constructor(
      private readonly application: Application,
      @Inject(Worker) private readonly worker: Worker,
    ) {}
    async handle(): Promise<void> {
      await Promise.resolve();
      await stop(this.application, this.worker);
    }
  }
  const warnings = new Recorder<unknown>();
  const logger = { log() {}, error() {}, warn: (message: unknown) => warnings.add(message) };
  const options = { logger, worker: { shutdownTimeout: 0.05 } };
  const app = await buildQueueApp({ providers: [Application, RestartJob] }, options).compile();
  await app.init();
  const closed = new Recorder<true>();
  app.get(Application).close = () => app.close().then(() => closed.add(true));
  await app.get(QueueManager).push(RestartJob);
  const [first, second] = await warnings.has(2);
  expect(first).toMatch(/^A job stops the worker that runs it.*it waits for itself.*without await/);
  expect(second).toMatch(/^RestartJob \S+ did not end in time and is requeued. A job that waits for worker.stop\(\)/);
  await app.close();
});
