import { describe, expect, test } from '@jest/globals';
import {
  CLOCK,
  defineJob,
  InvalidFlowError,
  Job,
  jobSpec,
  QueueAdmin,
  QueueModule,
  type JobContext,
  type JobHandlerOf,
  type JobInterface,
} from 'nestjs-job-queue';
import { FakeClock } from '../../support/fake-clock.js';
import { buildQueueApp, initQueueApp, startQueueApp, useSeen, type QueueApp } from './queue-app.js';

interface Step {
  readonly of: string;
  readonly fails?: boolean;
}

const seen = useSeen();
let isBroken = true;

@Job({ queue: 'steps' })
class StepJob {
  handle({ of, fails }: Step, job: JobContext): unknown {
    seen.push(job.previousResult === undefined ? of : `${of} after ${JSON.stringify(job.previousResult)}`);
    if (fails && isBroken) throw new Error(`${of} is broken`);
    return { made: of };
  }
}

const Alert = defineJob<{ of: string }>('alert');
@Job(Alert)
class AlertJob implements JobHandlerOf<typeof Alert> {
  async handle({ of }: { of: string }): Promise<void> {
    seen.push(`alert of ${of}`);
  }
}

@Job()
class PublishJob implements JobInterface {
  constructor(readonly page: number) {}
  handle(job: JobContext): void {
    seen.push(`published ${this.page} of ${JSON.stringify(job.previousResult)}`);
  }
}

@Job({ queue: 'orders' })
class OrderJob {
  async handle(what: string, job: JobContext): Promise<string> {
    if (what !== 'ship') return `${what} done`;
    seen.push(await Promise.all(['charge', 'pack', 'label', 'unknown'].map((name) => job.resultOf(name))));
    return what;
  }
}

@Job({ debounce: { key: 'one', wait: 1 } })
class DebouncedJob {
  handle(_of: string): void {}
}

@Job({ unique: true })
class UniqueJob {
  handle(of: string): void {
    seen.push(of);
  }
}

const METADATA = {
  imports: [QueueModule.forFeature([PublishJob])],
  providers: [StepJob, AlertJob, OrderJob, DebouncedJob, UniqueJob],
};
const start = (): Promise<QueueApp> => startQueueApp(METADATA);
/** Runs until no job is ready. */
const drain = async (app: QueueApp): Promise<void> => {
  for (let before = -1; before !== seen.length;) {
    before = seen.length;
    for (let i = 0; i < 3; i++) await app.run();
  }
};

describe('a chain', () => {
  test('runs its jobs one after the other, each in its queue', async () => {
    const app = await start();
    const { queue } = app;
    const chain = await queue.chain([
      jobSpec(StepJob, { of: 'extract' }),
      jobSpec(StepJob, { of: 'transcribe' }, { queue: 'other' }),
      new PublishJob(7),
    ]);
    expect(await queue.getChain(chain.id)).toMatchObject({ id: chain.id, state: 'running', total: 3, progress: 0 });
    expect(chain.jobIds).toHaveLength(3);
    expect(await queue.getJobStatus(chain.jobIds[0]!)).toMatchObject({ status: 'queued', queue: 'steps' });
    expect(await queue.getJobStatus(chain.jobIds[1]!)).toBeNull();
    expect(await queue.pop('other')).toBeNull();
    await app.run();
    expect(seen).toEqual(['extract']);
    const second = await queue.pop('other');
    expect(second).toMatchObject({ id: chain.jobIds[1], name: 'StepJob' });
    await second!.complete();
    expect(await queue.getChain(chain.id)).toMatchObject({ completed: 2, progress: 2 / 3 });
  });

  test('runs to its end, and tells its state', async () => {
    const app = await start();
    const steps = ['a', 'b', 'c'].map((of) => jobSpec(StepJob, { of }));
    const { id, jobIds } = await app.queue.chain([...steps, new PublishJob(7)], { name: 'video 5' });
    await drain(app);
    expect(seen).toEqual(['a', 'b after {"made":"a"}', 'c after {"made":"b"}', 'published 7 of {"made":"c"}']);
    expect(await app.queue.getChain(id)).toEqual({
      id,
      name: 'video 5',
      state: 'completed',
      total: 4,
      completed: 4,
      failed: 0,
      cancelled: 0,
      progress: 1,
      failedIds: [],
      createdAt: expect.any(Date),
      finishedAt: expect.any(Date),
    });
    expect(await app.queue.getJob(jobIds[1]!)).toMatchObject({ id: jobIds[1], chain: id, options: {} });
    expect(await app.queue.getChain('other')).toBeNull();
    expect(await app.queue.getWorkflow(id)).toBeNull();
  });

  test('stops at a failed job, tells of it once, and goes on when that is retried', async () => {
    const app = await start();
    isBroken = true;
    const steps = [{ of: 'a' }, { of: 'b', fails: true }, { of: 'c' }].map((step) => jobSpec(StepJob, step));
    const { id, jobIds } = await app.queue.chain(steps, { onFailure: jobSpec(Alert, { of: 'b' }) });
    await drain(app);
    expect(seen).toEqual(['a', 'b after {"made":"a"}', 'alert of b']);
    expect(await app.queue.getChain(id)).toMatchObject({
      state: 'failed',
      completed: 1,
      failed: 1,
      failedIds: [jobIds[1]],
    });
    isBroken = false;
    expect(await app.app.get(QueueAdmin).retry(jobIds[1]!)).toBe(1);
    await drain(app);
    expect(seen.slice(3)).toEqual(['b after {"made":"a"}', 'c after {"made":"b"}']);
    expect(await app.queue.getChain(id)).toMatchObject({ state: 'completed', failedIds: [], progress: 1 });
  });

  test('is cancelled: the job that waits ends, and no other one is pushed', async () => {
    const app = await start();
    const { id, jobIds } = await app.queue.chain(
      ['a', 'b', 'c'].map((of) => jobSpec(StepJob, { of })),
      {
        onFailure: jobSpec(Alert, { of: 'b' }),
      },
    );
    expect(await app.queue.cancelChain(id, 'not needed')).toBe(true);
    expect(await app.queue.getJobStatus(jobIds[0]!)).toMatchObject({ status: 'cancelled', error: 'not needed' });
    await drain(app);
    expect(seen).toEqual([]);
    expect(await app.queue.getChain(id)).toMatchObject({ state: 'cancelled', cancelled: 3, progress: 1 });
    expect(await app.queue.cancelChain(id)).toBe(false);
  });

  test('of an id is dispatched once', async () => {
    const app = await start();
    const dispatch = () =>
      app.queue.chain([jobSpec(StepJob, { of: 'a' }), jobSpec(StepJob, { of: 'b' })], { id: 'video/5' });
    const chain = await dispatch();
    expect(chain.id).toBe('video/5');
    expect(await dispatch()).toEqual(chain);
    await drain(app);
    expect(await dispatch()).toEqual(chain);
    await drain(app);
    expect(seen).toEqual(['a', 'b after {"made":"a"}']);
  });

  test('does not apply the keys of unique jobs', async () => {
    const app = await start();
    await app.queue.push(UniqueJob, 'x');
    await app.queue.chain([jobSpec(UniqueJob, 'x'), jobSpec(UniqueJob, 'x')]);
    await drain(app);
    expect(seen).toEqual(['x', 'x', 'x']);
  });

  test('is kept for its retention', async () => {
    const clock = new FakeClock(Date.UTC(2030, 0, 1));
    const app = await initQueueApp(await buildQueueApp(METADATA).overrideProvider(CLOCK).useValue(clock).compile());
    const [week, hour] = await Promise.all([
      app.queue.chain([jobSpec(StepJob, { of: 'a' })]),
      app.queue.chain([jobSpec(StepJob, { of: 'a' })], { retention: '1h' }),
    ]);
    await drain(app);
    await clock.advance(3_601);
    expect(await app.queue.getChain(hour.id)).toBeNull();
    await clock.advance(6 * 86_400);
    expect(await app.queue.getChain(week.id)).toMatchObject({ state: 'completed' });
    await clock.advance(86_400);
    expect(await app.queue.getChain(week.id)).toBeNull();
  });

  test.each<[string, (app: QueueApp) => Promise<unknown>, string]>([
    ['no job', ({ queue }) => queue.chain([]), 'The chain: expected at least one job, got "none"'],
    [
      'a job with an id',
      ({ queue }) => queue.chain([jobSpec(StepJob, { of: 'a' }), jobSpec(StepJob, { of: 'b' }, { id: 'b' })]),
      'jobs[1].id: expected none (its id follows from the flow), got "b"',
    ],
    [
      'a debounced job',
      ({ queue }) => queue.chain([jobSpec(DebouncedJob, 'a')]),
      'jobs[0].debounce: expected none (a job of a flow is not replaced), got ',
    ],
    [
      'a callback with an id',
      ({ queue }) =>
        queue.chain([jobSpec(StepJob, { of: 'a' })], { onFailure: jobSpec(Alert, { of: 'a' }, { id: 'x' }) }),
      'onFailure.id: expected none (its id follows from the flow), got "x"',
    ],
    [
      'too many jobs',
      ({ queue }) => queue.chain(Array.from({ length: 1_001 }, () => jobSpec(StepJob, { of: 'a' }))),
      'The chain: expected at most 1000 jobs (a batch may have more), got 1001',
    ],
    [
      'two nodes of one name',
      ({ queue }) =>
        queue.workflow('order').add('a', jobSpec(OrderJob, 'a')).add('a', jobSpec(OrderJob, 'b')).dispatch(),
      'Workflow "order": expected one node of each name, got',
    ],
    [
      'an unknown name',
      ({ queue }) =>
        queue
          .workflow('order')
          .add('a', jobSpec(OrderJob, 'a'), { after: ['b'] })
          .dispatch(),
      'Workflow "order", node "a", after: expected names of its nodes (a), got "b"',
    ],
    [
      'a cycle',
      ({ queue }) =>
        queue
          .workflow('order')
          .add('a', jobSpec(OrderJob, 'a'), { after: ['c'] })
          .add('b', jobSpec(OrderJob, 'b'), { after: ['a'] })
          .add('c', jobSpec(OrderJob, 'c'), { after: ['b'] })
          .dispatch(),
      'Workflow "order": expected nodes that do not wait for each other, got the cycle "a" after "c" after "b" after "a"',
    ],
    [
      'a node that waits for itself',
      ({ queue }) =>
        queue
          .workflow('order')
          .add('a', jobSpec(OrderJob, 'a'), { after: ['a'] })
          .dispatch(),
      'got the cycle "a" after "a"',
    ],
    [
      'no node',
      ({ queue }) => queue.workflow('order').dispatch(),
      'The workflow: expected at least one job, got "none"',
    ],
  ])('or a workflow with %s is refused before anything is written', async (_, dispatch, message) => {
    const app = await start();
    const failing = dispatch(app);
    await expect(failing).rejects.toBeInstanceOf(InvalidFlowError);
    await expect(failing).rejects.toMatchObject({
      code: 'ERR_INVALID_FLOW',
      message: expect.stringContaining(message),
    });
    expect(await app.queue.queues()).toEqual([]);
  });

  test.each<[string, (app: QueueApp) => Promise<unknown>]>([
    ['chain options.retention', ({ queue }) => queue.chain([new PublishJob(1)], { retention: 0 })],
    ['chain options.name', ({ queue }) => queue.chain([new PublishJob(1)], { name: '' })],
    ['chain options.onfailure', ({ queue }) => queue.chain([new PublishJob(1)], { onfailure: 1 } as never)],
    ['jobs', ({ queue }) => queue.chain('StepJob' as never)],
    ['name', async ({ queue }) => queue.workflow('')],
    [
      'options of node "a".after',
      async ({ queue }) => queue.workflow('w').add('a', new PublishJob(1), { after: 'b' as never }),
    ],
    ['reason', ({ queue }) => queue.cancelChain('a', 5 as never)],
  ])('refuses a wrong %s', async (option, call) => {
    const app = await start();
    await expect(call(app)).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION', option });
  });
});

describe('a workflow', () => {
  const order = ({ queue }: QueueApp, id?: string) =>
    queue
      .workflow('order', { id })
      .add('ship', jobSpec(OrderJob, 'ship'), { after: ['pack', 'label'] })
      .add('charge', jobSpec(OrderJob, 'charge'))
      .add('pack', jobSpec(OrderJob, 'pack'), { after: ['charge'] })
      .add('label', jobSpec(OrderJob, 'label'), { after: ['charge'] })
      .dispatch();

  test('runs each job after those that it waits for, with their results', async () => {
    const app = await start();
    const { id, jobIds } = await order(app);
    expect(Object.keys(jobIds)).toEqual(['ship', 'charge', 'pack', 'label']);
    expect(await app.queue.getJobStatus(jobIds['charge']!)).toMatchObject({ status: 'queued' });
    for (let i = 0; i < 4; i++) await app.run();
    expect(seen).toEqual([['charge done', 'pack done', 'label done', undefined]]);
    expect(await app.queue.getWorkflow(id)).toMatchObject({
      name: 'order',
      state: 'completed',
      total: 4,
      completed: 4,
    });
    expect(await app.queue.getJob(jobIds['ship']!)).toMatchObject({ workflow: id });
  });

  test('of an id is dispatched once, and can be cancelled', async () => {
    const app = await start();
    const first = await order(app, 'order-4711');
    expect(await order(app, 'order-4711')).toEqual(first);
    await app.run();
    expect(await app.queue.cancelWorkflow('order-4711')).toBe(true);
    for (let i = 0; i < 4; i++) await app.run();
    expect(seen).toEqual([]);
    expect(await app.queue.getWorkflow('order-4711')).toMatchObject({ state: 'cancelled', completed: 1, cancelled: 3 });
  });

  test('is asked for results by its own jobs alone', async () => {
    const app = await start();
    const errors: unknown[] = [];
    @Job()
    class LonelyJob {
      async handle(_data: unknown, job: JobContext): Promise<void> {
        await job.resultOf('charge').catch((error: unknown) => errors.push(error));
      }
    }
    const other = await startQueueApp({ providers: [LonelyJob] });
    await other.run(await other.queue.push(LonelyJob, 1));
    expect(errors).toMatchObject([{ code: 'ERR_INVALID_FLOW' }]);
    expect(await app.queue.getWorkflow('none')).toBeNull();
  });
});
