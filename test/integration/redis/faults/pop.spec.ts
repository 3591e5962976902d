import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { Test } from '@nestjs/testing';
import { Job, QueueConnectionError, QueueManager, QueueModule, UnknownOutcomeError } from 'nestjs-job-queue';
import { eventually } from '../../../support/eventually.js';
import { startRedis, type TestRedis } from '../../../support/redis-server.js';

/** Seconds. */
const DEADLINE = 0.4;
/** How much later a busy machine may tell it, in milliseconds. */
const DELAY = 1_500;

@Job()
class PlainJob {
  handle(_data: number): void {}
}

describe('while the server is paused', () => {
  let server: TestRedis;
  let app: TestingModule;
  let queue: QueueManager;

  beforeEach(async () => {
    server = await startRedis();
    const redis = { host: server.host, port: server.port, requestDeadline: DEADLINE };
    app = await Test.createTestingModule({
      imports: [QueueModule.forRoot({ driver: 'redis', redis, worker: false, logger: false })],
      providers: [PlainJob],
    }).compile();
    await app.init();
    queue = app.get(QueueManager);
  });
  afterEach(async () => {
    server.kill('SIGCONT');
    await app.close();
    await server.stop();
  });

  const inTime = async (asked: Promise<unknown>): Promise<unknown> => {
    const startedAt = Date.now();
    const failure = await asked.catch((error: unknown) => error);
    expect(Date.now() - startedAt).toBeLessThan(DEADLINE * 1000 + DELAY);
    return failure;
  };

  it('pop() rejects at the deadline, and the job keeps its place', async () => {
    const ids = await queue.pushMany(PlainJob, [1, 2, 3]);
    server.kill('SIGSTOP');
    expect(await inTime(queue.pop())).toBeInstanceOf(QueueConnectionError);
    server.kill('SIGCONT');
    await eventually(async () => expect(await queue.counts()).toMatchObject({ ready: 3, reserved: 0 }));
    for (const id of ids) expect(await queue.pop()).toMatchObject({ id, attempt: 1 });
  });

  it('complete() rejects at the deadline, and the job is completed when the server goes on', async () => {
    const id = await queue.push(PlainJob, 1);
    const job = (await queue.pop())!;
    server.kill('SIGSTOP');
    const failure = await inTime(job.complete());
    expect(failure).toBeInstanceOf(UnknownOutcomeError);
    expect(failure).toMatchObject({ jobId: id });
    server.kill('SIGCONT');
    await eventually(async () => expect(await queue.getJobStatus(id)).toMatchObject({ status: 'completed' }));
  });
});
