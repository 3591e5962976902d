import { describe, expect, it } from '@jest/globals';
import { Recorder } from '../../support/recorder.js';
import { QUEUE, WorkerScene } from './scene.js';
import { bothStages } from './stage.js';

describe.each(bothStages())('a worker on %s', (_name, stage) => {
  const scene = new WorkerScene(stage);

  it('runs jobs in the order of their pushes at concurrency 1', async () => {
    const done: number[] = [];
    scene.define({ Count: { handle: (data: number) => done.push(data) } });
    await scene.pushMany(20, 'Count');
    const worker = await scene.worker({ worker: { concurrency: 1 } });
    expect(await worker.run({ stopWhenEmpty: true })).toBe('empty');
    expect(done).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });

  it('passes each job its data and a context with the facts of the attempt', async () => {
    const seen: unknown[] = [];
    scene.define({
      Look: {
        handle: (data, { id, name, queue, attempt, maxTries, fence, pushedAt, signal }) =>
          seen.push({ data, id, name, queue, attempt, maxTries, fence, pushedAt, aborted: signal.aborted }),
      },
    });
    const id = await scene.push('Look', { to: 'ada' }, { options: { maxTries: 7 } });
    await (await scene.worker()).run({ stopWhenEmpty: true });
    expect(seen).toEqual([
      {
        data: { to: 'ada' },
        id,
        name: 'Look',
        queue: QUEUE,
        attempt: 1,
        maxTries: 7,
        fence: expect.any(Number),
        pushedAt: expect.any(Date),
        aborted: false,
      },
    ]);
  });

  it('runs the jobs of each later push until it is stopped', async () => {
    const done = new Recorder<number>();
    scene.define({ Count: { handle: (data: number) => done.add(data) } });
    const worker = await scene.worker();
    worker.start();
    for (let wave = 1; wave <= 5; wave++) {
      await scene.pushMany(10, 'Count');
      await done.has(wave * 10);
    }
    await worker.stop();
    await scene.pushMany(1, 'Count');
    expect(done.count).toBe(50);
    expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 1, reserved: 0 });
  });

  it('runs each job once if three workers share the queue', async () => {
    const done = new Recorder<number>();
    scene.define({ Count: { handle: (data: number) => done.add(data) } });
    const workers = await Promise.all([1, 2, 3].map(() => scene.worker({ worker: { concurrency: 5 } })));
    for (const worker of workers) worker.start();
    await scene.pushMany(300, 'Count');
    await done.has(300);
    await Promise.all(workers.map((worker) => worker.stop()));
    expect(done.items.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
    expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
  });

  it('sends a report of each attempt to its subscribers', async () => {
    scene.define({
      Good: {},
      Bad: {
        handle: () => {
          throw new Error('no luck');
        },
        options: { maxTries: 1 },
      },
    });
    const good = await scene.push('Good');
    const bad = await scene.push('Bad');
    const worker = await scene.worker({ worker: { concurrency: 1 } });
    const reports: unknown[] = [];
    worker.reports$.subscribe((report) => reports.push(report));
    await worker.run({ stopWhenEmpty: true });
    const facts = {
      time: expect.any(Date),
      queue: QUEUE,
      attempt: 1,
      duration: expect.any(Number),
      wait: expect.any(Number),
    };
    expect(reports).toEqual([
      { ...facts, name: 'Good', id: good, outcome: 'completed' },
      { ...facts, name: 'Bad', id: bad, outcome: 'failed', error: 'no luck' },
    ]);
  });

  it('goes on after its jobs have thrown values of any kind', async () => {
    const thrown = [new Error('an error'), 'a string', 42, null, undefined, Symbol('a symbol'), Object.create(null)];
    scene.define({
      Throw: {
        handle: (index: number) => {
          throw thrown[index - 1];
        },
        options: { maxTries: 1 },
      },
    });
    const ids = await scene.pushMany(thrown.length, 'Throw');
    expect(await (await scene.worker()).run({ stopWhenEmpty: true })).toBe('empty');
    const states = await Promise.all(ids.map(async (id) => (await scene.status(id))?.state));
    expect(states).toEqual(thrown.map(() => 'failed'));
  });

  it('refuses an option that there is not, and stays still', async () => {
    const worker = await scene.worker();
    const refused = { code: 'ERR_INVALID_OPTION' };
    await expect(worker.run({ stopWhenEmtpy: true } as never)).rejects.toMatchObject(refused);
    await expect(worker.stop({ timout: 0 } as never)).rejects.toMatchObject(refused);
    expect(await worker.run({ stopWhenEmpty: true })).toBe('empty');
  });
});
