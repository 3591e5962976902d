import { beforeEach, describe, expect, it } from '@jest/globals';
import { Gauge } from '../../support/gauge.js';
import { WorkerScene } from './scene.js';
import { bothStages } from './stage.js';

describe.each(bothStages())('the status of a job on %s', (_name, stage) => {
  const scene = new WorkerScene(stage);
  let gauge: Gauge;

  beforeEach(() => {
    gauge = new Gauge();
  });

  it('changes from queued to processing to completed', async () => {
    scene.define({ Gauged: { handle: () => gauge.run() } });
    const id = await scene.push('Gauged');
    expect(await scene.status(id)).toMatchObject({ state: 'queued', attempt: 0, queue: 'default' });
    const run = (await scene.worker()).run({ stopWhenEmpty: true });
    await gauge.runs(1);
    expect(await scene.status(id)).toMatchObject({ state: 'processing', attempt: 1 });
    gauge.end();
    await run;
    const status = await scene.status(id);
    expect(status).toMatchObject({ state: 'completed', attempt: 1 });
    expect(status).not.toHaveProperty('error');
  });

  it('is retrying with the error between two attempts', async () => {
    scene.define({
      Unlucky: {
        handle: async (_data, { attempt }) => {
          await gauge.run();
          throw new Error(`no luck the ${attempt}. time`);
        },
        options: { maxTries: 2, retryDelay: 3600 },
      },
    });
    const id = await scene.push('Unlucky');
    const worker = await scene.worker();
    const first = worker.run({ stopWhenEmpty: true });
    await gauge.runs(1);
    gauge.end();
    await first;
    expect(await scene.status(id)).toMatchObject({ state: 'retrying', attempt: 1, error: 'no luck the 1. time' });
    expect(await scene.driver.counts('default')).toMatchObject({ delayed: 1, failed: 0 });
  });

  it('is processing without the error in the next attempt, and failed after the last one', async () => {
    scene.define({
      Unlucky: {
        handle: async (_data, { attempt }) => {
          await gauge.run();
          throw new Error(`no luck the ${attempt}. time`);
        },
        options: { maxTries: 2, retryDelay: 0 },
      },
    });
    const id = await scene.push('Unlucky');
    const run = (await scene.worker()).run({ stopWhenEmpty: true });
    await gauge.runs(1);
    gauge.end();
    await gauge.hasStarted(2);
    const status = await scene.status(id);
    expect(status).toMatchObject({ state: 'processing', attempt: 2 });
    expect(status).not.toHaveProperty('error');
    gauge.end();
    await run;
    expect(await scene.status(id)).toMatchObject({ state: 'failed', attempt: 2, error: 'no luck the 2. time' });
    expect(await scene.driver.counts('default')).toMatchObject({ delayed: 0, failed: 1 });
  });

  it('is failed with the error that the handler passed to fail()', async () => {
    scene.define({ GivesUp: { handle: (_data, job) => job.fail(new Error('hopeless')) } });
    const id = await scene.push('GivesUp');
    await (await scene.worker()).run({ stopWhenEmpty: true });
    expect(await scene.status(id)).toMatchObject({ state: 'failed', attempt: 1, error: 'hopeless' });
  });

  it('is delayed without a counted attempt after the handler released the job', async () => {
    scene.define({ Waits: { handle: (_data, job) => job.release('1h') } });
    const id = await scene.push('Waits');
    await (await scene.worker()).run({ stopWhenEmpty: true });
    expect(await scene.status(id)).toMatchObject({ state: 'delayed', attempt: 0 });
  });

  it('does not contain the data of the job', async () => {
    scene.define({
      Unlucky: {
        handle: (data) => Promise.reject(Object.assign(new Error('no luck'), { data })),
        options: { maxTries: 1 },
      },
    });
    const id = await scene.push('Unlucky', { to: 'ada@example.org' });
    await (await scene.worker()).run({ stopWhenEmpty: true });
    expect(JSON.stringify(await scene.status(id))).not.toContain('ada');
  });
});
