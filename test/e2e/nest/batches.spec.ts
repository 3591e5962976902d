import { describe, expect, test } from '@jest/globals';
import {
  CLOCK,
  InvalidFlowError,
  Job,
  jobSpec,
  QueueAdmin,
  QueueModule,
  Worker,
  type BatchOptions,
  type JobContext,
  type JobInterface,
} from 'nestjs-job-queue';
import { FakeClock } from '../../support/fake-clock.js';
import { buildQueueApp, initQueueApp, startQueueApp, useSeen, type QueueApp } from './queue-app.js';

const seen = useSeen();
let broken = new Set<number>();

@Job({ queue: 'rows', maxTries: 1 })
class RowJob {
  handle(row: number, job: JobContext): void {
    if (broken.has(row)) throw new Error(`row ${row} is broken`);
    seen.push(`${row}${job.batch ? '' : ' alone'}`);
  }
}

@Job({ queue: 'rows' })
class NoteJob {
  handle(text: string, job: JobContext): void {
    seen.push(job.batch === undefined ? text : `${text} in a batch`);
  }
}

@Job({ queue: 'rows' })
class SplitJob implements JobInterface {
  constructor(readonly rows: number) {}
  async handle(job: JobContext): Promise<void> {
    const rows = Array.from({ length: this.rows }, (_, row) => jobSpec(RowJob, row));
    seen.push(`${await job.batch!.add(rows)} in all`);
    await job.batch!.add([]);
  }
}

@Job({ debounce: { key: 'one', wait: 1 } })
class DebouncedJob {
  handle(_of: string): void {}
}

@Job({ queue: 'rows', unique: true })
class UniqueJob {
  handle(of: string): void {
    seen.push(of);
  }
}

const METADATA = {
  imports: [QueueModule.forFeature([SplitJob])],
  providers: [RowJob, NoteJob, DebouncedJob, UniqueJob],
};
const start = (): Promise<QueueApp> => {
  broken = new Set();
  return startQueueApp(METADATA);
};
const drain = async (app: QueueApp): Promise<void> => {
  for (let before = -1; before !== seen.length;) {
    before = seen.length;
    for (let i = 0; i < 3; i++) await app.run();
  }
};
/** What the jobs did, from a place on. */
const sorted = (from = 0): string[] => seen.slice(from).map(String).toSorted();
const rows = (...numbers: number[]) => numbers.map((row) => jobSpec(RowJob, row));
const callbacks: Pick<BatchOptions, 'then' | 'catch' | 'finally'> = {
  then: jobSpec(NoteJob, 'then'),
  catch: jobSpec(NoteJob, 'catch'),
  finally: jobSpec(NoteJob, 'finally'),
};

describe('a batch', () => {
  test('runs its jobs, then its callbacks, and tells its state', async () => {
    const app = await start();
    const { queue } = app;
    const batch = await queue.batch(rows(1, 2, 3), { name: 'import', ...callbacks });
    expect(batch).toEqual({ id: expect.any(String), total: 3 });
    expect(await queue.getBatch(batch.id)).toMatchObject({ state: 'running', total: 3, progress: 0 });
    await drain(app);
    expect(sorted()).toEqual(['1', '2', '3', 'finally', 'then']);
    expect(await queue.getBatch(batch.id)).toEqual({
      id: batch.id,
      name: 'import',
      state: 'completed',
      total: 3,
      completed: 3,
      failed: 0,
      cancelled: 0,
      progress: 1,
      failedIds: [],
      createdAt: expect.any(Date),
      finishedAt: expect.any(Date),
    });
    expect(await queue.getBatch('other')).toBeNull();
    expect(await queue.getChain(batch.id)).toBeNull();
  });

  test('without a job is finished at once', async () => {
    const app = await start();
    const { id } = await app.queue.batch([], callbacks);
    await drain(app);
    expect(sorted()).toEqual(['finally', 'then']);
    expect(await app.queue.getBatch(id)).toMatchObject({ state: 'completed', total: 0, progress: 1 });
  });

  test('is stopped by its first failure, and put back', async () => {
    const app = await start();
    const { queue } = app;
    broken = new Set([1]);
    const { id } = await queue.batch(rows(1, 2, 3), callbacks);
    const first = (await queue.pop('rows'))!;
    await first.fail(new Error('broken'));
    await drain(app);
    expect(sorted()).toEqual(['catch', 'finally']);
    const stopped = (await queue.getBatch(id))!;
    expect(stopped).toMatchObject({ state: 'failed', failed: 1, cancelled: 2, progress: 1, failedIds: [first.id] });
    expect(await queue.retryBatch(id)).toBe(3);
    expect((await queue.getBatch(id))!.finishedAt).toBeUndefined();
    broken = new Set();
    await drain(app);
    expect(sorted(2)).toEqual(['1', '2', '3', 'then']);
    expect(await queue.getBatch(id)).toMatchObject({ state: 'completed', completed: 3, failedIds: [] });
    expect(await queue.retryBatch(id)).toBe(0);
  });

  test('goes on after failures if it allows them', async () => {
    const app = await start();
    broken = new Set([1, 2]);
    const { id } = await app.queue.batch(rows(1, 2, 3), { allowFailures: true, ...callbacks });
    await drain(app);
    expect(sorted()).toEqual(['3', 'catch', 'finally']);
    expect(await app.queue.getBatch(id)).toMatchObject({ state: 'failed', completed: 1, failed: 2, cancelled: 0 });
    broken = new Set();
    expect(await app.app.get(QueueAdmin).retryAll('rows')).toBe(2);
    await drain(app);
    expect(sorted(3)).toEqual(['1', '2', 'then']);
  });

  test('is cancelled', async () => {
    const app = await start();
    const { id } = await app.queue.batch(rows(1, 2), callbacks);
    expect(await app.queue.cancelBatch(id, 'not needed')).toBe(true);
    await drain(app);
    expect(seen).toEqual(['finally']);
    expect(await app.queue.getBatch(id)).toMatchObject({ state: 'cancelled', cancelled: 2, progress: 1 });
    expect(await app.queue.cancelBatch(id)).toBe(false);
  });

  test('gets more jobs, also from its own jobs', async () => {
    const app = await start();
    const { queue } = app;
    const { id } = await queue.batch([new SplitJob(2)], callbacks);
    expect(await queue.addToBatch(id, rows(7))).toEqual({ id, total: 2 });
    expect(await queue.addToBatch(id, [])).toEqual({ id, total: 2 });
    await drain(app);
    expect(sorted()).toEqual(['0', '1', '4 in all', '7', 'finally', 'then']);
    for (const more of [rows(1), []]) {
      const adding = queue.addToBatch('other', more);
      await expect(adding).rejects.toBeInstanceOf(InvalidFlowError);
    }
    await expect(queue.addToBatch(id, rows(1))).rejects.toMatchObject({
      code: 'ERR_INVALID_FLOW',
      message: `Batch ${id}: expected one of which something can run, got none`,
    });
  });

  test('is known by its jobs, and by no other job', async () => {
    const app = await start();
    await app.queue.push(RowJob, 1);
    const { id } = await app.queue.batch(rows(2));
    await drain(app);
    expect(seen).toEqual(['1 alone', '2']);
    const [job] = (await app.app.get(QueueAdmin).jobs('rows', 'completed')).jobs;
    expect(job).toMatchObject({ batch: id, options: {} });
  });

  test.each<[string, (all: readonly ReturnType<typeof jobSpec>[]) => Iterable<never> | AsyncIterable<never>]>([
    ['an iterable', (all) => new Set(all) as unknown as Iterable<never>],
    [
      'an async iterable',
      async function* (all) {
        for (const job of all) yield job as never;
      },
    ],
  ])('takes its jobs from %s', async (_, from) => {
    const app = await start();
    const numbers = Array.from({ length: 2_500 }, (__, row) => row);
    const batch = await app.queue.batch(from(rows(...numbers)), callbacks);
    expect(batch.total).toBe(2_500);
    expect(await app.queue.counts('rows')).toMatchObject({ ready: 2_500 });
    await app.app.get(Worker).run({ stopWhenEmpty: true });
    expect(new Set(seen).size).toBe(2_502);
    expect(await app.queue.getBatch(batch.id)).toMatchObject({ state: 'completed', completed: 2_500 });
  });

  test('reads an iterable as it dispatches, and seals the batch at its end', async () => {
    const app = await start();
    const { queue } = app;
    let most = 0;
    async function* source() {
      for (let row = 0; row < 12_000; row++) {
        if (row % 1_000 === 0) most = Math.max(most, row - (await queue.counts('rows')).ready);
        yield jobSpec(RowJob, row);
      }
      expect(await queue.getBatch('big')).toMatchObject({ state: 'running' });
    }
    expect(await queue.batch(source(), { id: 'big' })).toEqual({ id: 'big', total: 12_000 });
    expect(most).toBeLessThanOrEqual(5_000);
  });

  test('of an id goes on where it was when its source broke', async () => {
    const app = await start();
    const { queue } = app;
    let breaksAt = 1_500;
    function* source() {
      for (let row = 0; row < 2_000; row++) {
        if (row === breaksAt) throw new RangeError('the table is locked');
        yield jobSpec(RowJob, row);
      }
    }
    await expect(queue.batch(source(), { id: 'import', ...callbacks })).rejects.toThrow('the table is locked');
    expect(await queue.getBatch('import')).toMatchObject({ state: 'running', total: 1_000 });
    breaksAt = Infinity;
    expect(await queue.batch(source(), { id: 'import', ...callbacks })).toEqual({ id: 'import', total: 2_000 });
    expect(await queue.batch(source(), { id: 'import', ...callbacks })).toEqual({ id: 'import', total: 2_000 });
    expect(await queue.counts('rows')).toMatchObject({ ready: 2_000 });
  });

  test('without an id is cancelled when its source breaks', async () => {
    const app = await start();
    const { queue } = app;
    const source = async function* () {
      for (let row = 0; row < 1_200; row++) yield jobSpec(RowJob, row);
      throw new RangeError('the table is locked');
    };
    await expect(queue.batch(source(), callbacks)).rejects.toThrow('the table is locked');
    await drain(app);
    expect(seen).toEqual(['finally']);
  });

  test('does not apply the keys of unique jobs', async () => {
    const app = await start();
    await app.queue.push(UniqueJob, 'x');
    await app.queue.batch([jobSpec(UniqueJob, 'x'), jobSpec(UniqueJob, 'x')]);
    await drain(app);
    expect(seen).toEqual(['x', 'x', 'x']);
  });

  test('is kept for its retention', async () => {
    const clock = new FakeClock(Date.UTC(2030, 0, 1));
    broken = new Set();
    const app = await initQueueApp(await buildQueueApp(METADATA).overrideProvider(CLOCK).useValue(clock).compile());
    const week = await app.queue.batch(rows(1));
    const hour = await app.queue.batch(rows(2), { retention: '1h' });
    await drain(app);
    await clock.advance(3_601);
    expect(await app.queue.getBatch(hour.id)).toBeNull();
    await clock.advance(6 * 86_400);
    expect(await app.queue.getBatch(week.id)).toMatchObject({ state: 'completed' });
    await clock.advance(86_400);
    expect(await app.queue.getBatch(week.id)).toBeNull();
  });

  test.each<[string, (app: QueueApp) => Promise<unknown>, string]>([
    [
      'a job with an id',
      ({ queue }) => queue.batch([...rows(1), jobSpec(RowJob, 2, { id: 'b' })]),
      'jobs[1].id: expected none (its id follows from the flow), got "b"',
    ],
    [
      'a debounced job',
      ({ queue }) => queue.batch([jobSpec(DebouncedJob, 'a')]),
      'jobs[0].debounce: expected none (a job of a flow is not replaced), got ',
    ],
    [
      'a callback with an id',
      ({ queue }) => queue.batch(rows(1), { then: jobSpec(NoteJob, 'x', { id: 'x' }) }),
      'batch options.then.id: expected none (its id follows from the flow), got "x"',
    ],
  ])('with %s is refused before anything is written', async (_, dispatch, message) => {
    const app = await start();
    await expect(dispatch(app)).rejects.toMatchObject({
      code: 'ERR_INVALID_FLOW',
      message: expect.stringContaining(message),
    });
    expect(await app.queue.queues()).toEqual([]);
  });

  test.each<[string, (app: QueueApp) => Promise<unknown>]>([
    ['batch options.retention', ({ queue }) => queue.batch(rows(1), { retention: 0 })],
    ['batch options.name', ({ queue }) => queue.batch(rows(1), { name: '' })],
    ['batch options.allowFailures', ({ queue }) => queue.batch(rows(1), { allowFailures: 1 as never })],
    ['batch options.catches', ({ queue }) => queue.batch(rows(1), { catches: 1 } as never)],
    ['jobs', ({ queue }) => queue.batch('RowJob' as never)],
    ['jobs', ({ queue }) => queue.addToBatch('a', 5 as never)],
    ['reason', ({ queue }) => queue.cancelBatch('a', 5 as never)],
  ])('refuses a wrong %s', async (option, call) => {
    const app = await start();
    await expect(call(app)).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION', option });
  });

  test('names the wrong job of an iterable by its number, and stays open with an id', async () => {
    const app = await start();
    function* source() {
      yield* rows(...Array.from({ length: 1_500 }, (_, row) => row));
      yield jobSpec(RowJob, 1, { priority: 'high' as never });
    }
    await expect(app.queue.batch(source(), { id: 'rows' })).rejects.toMatchObject({
      code: 'ERR_INVALID_OPTION',
      option: 'options of jobs[1500].priority',
    });
    expect(await app.queue.getBatch('rows')).toMatchObject({ state: 'running', total: 1_000 });
  });
});
