import { describe, expect, it } from '@jest/globals';
import { WorkerScene } from './scene.js';
import { bothStages } from './stage.js';

describe.each(bothStages())('results on %s', (_name, stage) => {
  const scene = new WorkerScene(stage);
  const work = async (options = {}) => (await scene.worker(options)).run({ stopWhenEmpty: true });

  it('are kept of jobs that were pushed with keepResult, and of no others', async () => {
    scene.define({ Add: { handle: ([a, b]: [number, number]) => ({ sum: a + b }) } });
    const kept = await scene.push('Add', [1, 2], { options: { keepResult: true } });
    const other = await scene.push('Add', [1, 2]);
    await work();
    expect(await scene.status(kept)).toMatchObject({ state: 'completed', result: '{"sum":3}' });
    expect((await scene.status(other))?.result).toBeUndefined();
  });

  it('are the last value of a generator', async () => {
    scene.define({
      Count: {
        handle: async function* () {
          yield 1;
          yield 2;
        },
      },
    });
    const id = await scene.push('Count', undefined, { options: { keepResult: 60 } });
    await work();
    expect((await scene.status(id))?.result).toBe('2');
  });

  it('that cannot be kept do not run the job again: it is completed, and its status and the log say why', async () => {
    let runs = 0;
    scene.define({ Odd: { handle: () => ({ run: ++runs, at: { call: () => 1 } }) } });
    const id = await scene.push('Odd', undefined, { options: { keepResult: true, maxTries: 3, retryDelay: 0 } });
    await work();
    expect(runs).toBe(1);
    const reason = 'The result is not kept: result.at.call is function call, which cannot be stored';
    expect(await scene.status(id)).toMatchObject({ state: 'completed', error: reason });
    expect(scene.logger.of('error')).toEqual([`Odd ${id} (queue default, attempt 1 of 3) has completed. ${reason}`]);
  });

  it('are not kept of a job that fails, or is released', async () => {
    scene.define({
      Fails: {
        handle: (_data, job) => {
          job.fail(new Error('no'));
          return 1;
        },
      },
      Waits: {
        handle: (_data, job) => {
          job.release(60);
          return 1;
        },
      },
    });
    const options = { keepResult: true } as const;
    const [failed, released] = [await scene.push('Fails', 1, { options }), await scene.push('Waits', 1, { options })];
    await work();
    expect((await scene.status(failed))?.result).toBeUndefined();
    expect((await scene.status(released))?.result).toBeUndefined();
  });

  it('of many jobs are kept, whatever they weigh', async () => {
    const text = 'x'.repeat(100_000);
    scene.define({ Long: { handle: (n: number) => n + text } });
    const ids = await Promise.all(
      Array.from({ length: 40 }, (_, n) => scene.push('Long', n, { options: { keepResult: true } })),
    );
    await work({ worker: { concurrency: 40 } });
    const results = await Promise.all(ids.map(async (id) => (await scene.status(id))?.result?.length));
    expect(new Set(results)).toEqual(new Set([text.length + 3, text.length + 4]));
  });
});
