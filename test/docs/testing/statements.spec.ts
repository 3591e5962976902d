import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Test, type TestingModule } from '@nestjs/testing';
import { Job, type JobHandler, QueueManager, QueueModule, Worker } from 'nestjs-job-queue';

@Job()
class CountJob implements JobHandler<number> {
  constructor(private readonly queue: QueueManager) {}

  async handle(left: number): Promise<void> {
    if (left > 0) await this.queue.push(CountJob, left - 1);
  }
}

/** Proves statements of the chapter on testing that no example shows. */
describe('the chapter on testing', () => {
  let app: TestingModule;

  afterEach(async () => {
    jest.useRealTimers();
    await app.close();
  });

  async function compile(worker: boolean): Promise<TestingModule> {
    app = await Test.createTestingModule({
      imports: [QueueModule.forRoot({ driver: 'array', logger: false, worker: worker ? {} : false })],
      providers: [CountJob],
    }).compile();
    return app;
  }

  it('says that a push works before init()', async () => {
    await compile(false);
    expect(await app.get(QueueManager).push(CountJob, 0)).toEqual(expect.any(String));
    await app.init();
  });

  it('says that a run works jobs that jobs push, and runOnce() works ready jobs only', async () => {
    await (await compile(false)).init();
    await app.get(QueueManager).push(CountJob, 3);
    expect(await app.get(Worker).runOnce()).toBe(1);
    expect(await app.get(Worker).run({ stopWhenEmpty: true })).toBe('empty');
    expect(await app.get(QueueManager).counts()).toMatchObject({ ready: 0 });
  });

  it('says that a worker that has nothing to do has no timer', async () => {
    jest.useFakeTimers();
    await (await compile(true)).init();
    await jest.runAllTimersAsync();
    await turn();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('says that a stopped worker leaves the jobs to the test', async () => {
    await (await compile(true)).init();
    await app.get(Worker).stop();
    await app.get(QueueManager).push(CountJob, 0);
    expect(await app.get(QueueManager).counts()).toMatchObject({ ready: 1 });
    expect(await app.get(Worker).runOnce()).toBe(1);
  });

  it('says that a popped job needs no settlement before the application closes', async () => {
    await (await compile(false)).init();
    await app.get(QueueManager).push(CountJob, 0);
    expect(await app.get(QueueManager).pop()).not.toBeNull();
  });
});
