import { describe, expect, it } from '@jest/globals';
import { QueueEvents } from '../../../../lib/events/queue-events.js';
import type { JobContext } from '../../../../lib/job/job-context.js';
import { UnrecoverableError } from '../../../../lib/queue.errors.js';
import { RecordingLogger } from '../../../support/recording-logger.js';
import { newJob } from '../../../support/jobs.js';
import { QUEUE, WorkerScene } from '../scene.js';
import { ArrayStage, bothStages } from '../stage.js';
import { Calls, upTo, type Items } from './calls.js';

describe.each(bothStages())('the items of a chunk on %s', (_name, stage) => {
  const scene = new WorkerScene(stage);
  const states = async (ids: readonly string[]) => Promise.all(ids.map(async (id) => (await scene.status(id))?.state));

  it('are settled each as it was decided, and completed without a decision', async () => {
    const failed: unknown[] = [];
    const calls = new Calls();
    const handle = ([a, b, c, d]: Items): void => {
      a!.fail(new Error('bad'));
      b!.retry(new Error('later'));
      c!.release(60);
      d!.complete();
    };
    const onFailed = (error: Error, data: unknown, { attempt }: JobContext) =>
      failed.push([error.message, data, attempt]);
    scene.define({ Index: calls.job({}, { handle, failed: onFailed, retryDelay: 30 }) });
    const ids = await scene.pushMany(5, 'Index');
    await (await scene.worker()).runOnce();
    expect(await states(ids)).toEqual(['failed', 'retrying', 'delayed', 'completed', 'completed']);
    expect(await scene.status(ids[1]!)).toMatchObject({ attempt: 1, error: 'later' });
    expect(await scene.status(ids[2]!)).toMatchObject({ attempt: 0 });
    expect(failed).toEqual([['bad', 1, 1]]);
    expect(calls.sizes).toEqual([5]);
  });

  it('that were not decided fail an attempt if the call rejects, each with its own tries', async () => {
    const failed: unknown[] = [];
    const handle = (items: Items): never => {
      items[0]!.complete();
      items[1]!.fail(new Error('bad'));
      items[2]!.release(60);
      throw new Error('no database');
    };
    const onFailed = (error: Error, data: unknown) => failed.push([error.message, data]);
    scene.define({ Index: new Calls().job({}, { handle, failed: onFailed, maxTries: 2 }) });
    const ids = await scene.pushMany(4, 'Index');
    ids.push(await scene.push('Index', 5, { options: { maxTries: 1 } }));
    await (await scene.worker()).runOnce();
    expect(await states(ids)).toEqual(['completed', 'failed', 'delayed', 'retrying', 'failed']);
    expect(await scene.status(ids[3]!)).toMatchObject({ attempt: 1, error: 'no database' });
    expect(new Map(failed as [string, number][])).toEqual(
      new Map([
        ['bad', 2],
        ['no database', 5],
      ]),
    );
  });

  it('are settled by the last decision, also by one of their context', async () => {
    const handle = ([a, b, c, d, e]: Items): never => {
      a!.fail(new Error('bad'));
      a!.complete();
      b!.retry(new Error('later'));
      b!.job.fail(new Error('bad'));
      c!.job.fail(new Error('bad'));
      c!.retry(new Error('later'));
      d!.complete();
      d!.job.release(60);
      e!.release(60);
      e!.fail(new Error('bad'));
      throw new Error('no database');
    };
    scene.define({ Index: new Calls().job({}, { handle }) });
    const ids = await scene.pushMany(5, 'Index');
    await (await scene.worker()).runOnce();
    expect(await states(ids)).toEqual(['completed', 'failed', 'retrying', 'delayed', 'failed']);
    expect(await scene.status(ids[2]!)).toMatchObject({ error: 'later' });
  });

  it('fail for good by an UnrecoverableError, of the call or of a decision', async () => {
    const calls = new Calls();
    const handle = (items: Items): void => {
      if (items.length === 1) throw new UnrecoverableError('no use');
      items[0]!.retry(new UnrecoverableError('no use'));
    };
    scene.define({ Index: calls.job({ size: 2 }, { handle }) });
    const ids = await scene.pushMany(3, 'Index');
    await (await scene.worker()).runOnce();
    expect(calls.sizes).toEqual([2, 1]);
    expect(await states(ids)).toEqual(['failed', 'completed', 'failed']);
  });

  it('keep their own result', async () => {
    const handle = (items: Items): string => {
      items[0]!.complete({ rank: 1 });
      return 'not the result of an item';
    };
    scene.define({ Index: new Calls().job({}, { handle }) });
    const options = { keepResult: true } as const;
    const ids = [await scene.push('Index', 1, { options }), await scene.push('Index', 2, { options })];
    await (await scene.worker()).runOnce();
    expect((await scene.status(ids[0]!))?.result).toBe('{"rank":1}');
    expect((await scene.status(ids[1]!))?.result).toBeUndefined();
  });

  it('fail alone if their data is not readable, and the others run', async () => {
    const calls = new Calls();
    scene.define({ Index: calls.job() });
    const ids = await scene.pushMany(2, 'Index');
    const good = newJob('Index', 3);
    await scene.driver.push(QUEUE, [{ ...good, id: 'bad', body: good.body.replace(/\n.*$/, '\n{') }, good], false);
    await (await scene.worker()).runOnce();
    expect(calls.made.items).toEqual([[1, 2, 3]]);
    expect(await states([...ids, 'bad', good.id])).toEqual(['completed', 'completed', 'failed', 'completed']);
    expect((await scene.status('bad'))?.error).toContain('cannot be read');
  });

  it('have a context of their own: id, attempt, progress, tags of the push', async () => {
    const seen: unknown[] = [];
    const handle = async (items: Items): Promise<void> => {
      for (const { job, data } of items) {
        seen.push([job.id, job.name, job.queue, job.attempt, job.maxTries, job.data === data]);
        await job.progress(50 + (data as number));
      }
    };
    scene.define({ Index: new Calls().job({}, { handle, maxTries: 4 }) });
    const ids = [await scene.push('Index', 1), await scene.push('Index', 2, { options: { maxTries: 9 } })];
    await (await scene.worker()).runOnce();
    expect(seen).toEqual([
      [ids[0], 'Index', QUEUE, 1, 4, true],
      [ids[1], 'Index', QUEUE, 1, 9, true],
    ]);
    expect((await scene.status(ids[1]!))?.progress).toBe('52');
  });

  it('are told of by events and reports each, and the stack of their common error is logged once', async () => {
    const events = new QueueEvents(new RecordingLogger());
    const heard: string[] = [];
    for (const type of ['started', 'completed', 'retrying'] as const)
      events.on(type, ({ id }) => heard.push(`${type} ${id}`));
    const handle = (items: Items): never => {
      items[0]!.complete();
      throw new Error('no database');
    };
    scene.define({ Index: new Calls().job({}, { handle }) });
    const [a, b, c] = await scene.pushMany(3, 'Index');
    const worker = await scene.worker({ events });
    const reports: string[] = [];
    worker.reports$.subscribe(({ id, outcome }) => reports.push(`${outcome} ${id}`));
    expect(await worker.runOnce()).toBe(3);
    const ends = [`completed ${a}`, `retrying ${b}`, `retrying ${c}`];
    expect(heard).toEqual([`started ${a}`, `started ${b}`, `started ${c}`, ...ends]);
    expect(reports).toEqual(ends);
    const lines = scene.logger.of('warn').map(String);
    expect(lines.filter((line) => line.includes('no database\n'))).toHaveLength(2);
    expect(lines.filter((line) => line.includes('settling.spec'))).toHaveLength(1);
  });
});

describe('the time of a chunk', () => {
  const stage = new ArrayStage();
  const scene = new WorkerScene(stage);
  const state = async (id: string) => (await scene.status(id))?.state;

  it('is limited by one timeout, which fails an attempt of each item and aborts all signals', async () => {
    const calls = new Calls();
    scene.define({ Index: calls.job({}, { held: true, timeout: 5, maxTries: 2 }) });
    const ids = await scene.pushMany(3, 'Index');
    const worker = await scene.worker();
    worker.start();
    await stage.pass(4.9);
    const { signal } = calls.context!;
    expect(signal.aborted).toBe(false);
    await stage.pass(0.1);
    expect(signal.reason).toMatchObject({ code: 'ERR_JOB_TIMEOUT' });
    expect(calls.items.map(({ job }) => (job.signal.reason as { jobId: string }).jobId)).toEqual(ids);
    for (const id of ids) expect(await state(id)).toBe('retrying');
    calls.gauge.endAll();
    await worker.stop();
  });

  it('is limited by the timeout of a push for that item alone', async () => {
    const calls = new Calls();
    scene.define({ Index: calls.job({}, { held: true, timeout: 5 }) });
    const slow = await scene.push('Index', 1);
    const quick = await scene.push('Index', 2, { options: { timeout: 1 } });
    const worker = await scene.worker();
    worker.start();
    await stage.pass(1);
    expect([await state(slow), await state(quick)]).toEqual(['processing', 'retrying']);
    calls.gauge.endAll();
    await worker.stop();
    expect([await state(slow), await state(quick)]).toEqual(['completed', 'retrying']);
  });

  it('begins without items that have expired while they were collected', async () => {
    const calls = new Calls();
    scene.define({ Index: calls.job({ wait: 2 }) });
    const late = await scene.push('Index', 1, { options: { expiresIn: 1 } });
    await scene.pushMany(2, 'Index');
    const worker = await scene.worker();
    worker.start();
    await stage.pass(2);
    expect(calls.made.items).toEqual([upTo(2)]);
    expect(await scene.status(late)).toMatchObject({ state: 'cancelled', error: 'expired' });
    await worker.stop();
  });

  it('is the run time of each item in the reports', async () => {
    const calls = new Calls();
    scene.define({ Index: calls.job({}, { held: true }) });
    await scene.pushMany(3, 'Index');
    const worker = await scene.worker();
    const durations: number[] = [];
    worker.reports$.subscribe(({ duration }) => durations.push(duration));
    worker.start();
    await calls.gauge.runs(1);
    await stage.pass(1.5);
    calls.gauge.endAll();
    await worker.stop();
    expect(durations).toEqual([1_500, 1_500, 1_500]);
    expect(calls.all).toEqual(upTo(3));
  });
});
