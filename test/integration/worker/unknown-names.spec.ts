import { describe, expect, it } from '@jest/globals';
import { quiet } from '../../support/quiet.js';
import { recordOf } from '../../support/jobs.js';
import { QUEUE, WorkerScene } from './scene.js';
import { ArrayStage, bothStages } from './stage.js';

const DAY = 86_400;

describe.each(bothStages())('a job on %s with an unknown name', (_name, stage) => {
  const scene = new WorkerScene(stage);

  it('is released for a worker of another version, without a counted attempt', async () => {
    const id = await scene.push('Stranger');
    await (await scene.worker()).run({ stopWhenEmpty: true });
    expect(await scene.status(id)).toMatchObject({ state: 'delayed', attempt: 0 });
    expect(scene.logger.of('warn')).toEqual([expect.stringContaining('"Stranger"')]);
  });

  it('is failed at once if its record cannot be read, and only then', async () => {
    await scene.driver.push(QUEUE, [{ id: 'nonsense', body: 'what is this', delay: 0 }], false);
    await scene.driver.push(QUEUE, [{ id: 'proto', body: recordOf('__proto__'), delay: 0 }], false);
    await scene.driver.push(QUEUE, [{ id: 'constructor', body: recordOf('constructor'), delay: 0 }], false);
    await (await scene.worker()).run({ stopWhenEmpty: true });
    expect(await scene.status('nonsense')).toMatchObject({
      state: 'failed',
      error: expect.stringContaining('cannot be read'),
    });
    expect(await scene.status('proto')).toMatchObject({ state: 'delayed' });
    expect(await scene.status('constructor')).toMatchObject({ state: 'delayed' });
  });
});

describe('a job whose name no worker knows yet', () => {
  const stage = new ArrayStage();
  const scene = new WorkerScene(stage);

  it('is run by the first worker that knows its name', async () => {
    const done: string[] = [];
    const id = await scene.push('Stranger');
    const old = await scene.worker();
    old.start();
    await stage.clock.advance(10);
    await old.stop();
    scene.define({ Stranger: { handle: (_data, { attempt }) => done.push(`attempt ${attempt}`) } });
    (await scene.worker()).start();
    await stage.clock.advance(20);
    expect(done).toEqual(['attempt 1']);
    expect(await scene.status(id)).toMatchObject({ state: 'completed', attempt: 1 });
  });

  it('fails after a day, with fewer than 300 attempts and one warning', async () => {
    let attempts = 0;
    const id = await scene.push('Stranger');
    const worker = await scene.worker();
    worker.reports$.subscribe(({ outcome }) => {
      attempts++;
      expect(outcome).toBe(stage.clock.now() - start < DAY * 1000 ? 'unknown' : 'failed');
    });
    const start = stage.clock.now();
    worker.start();
    // Steps of five minutes: the worker polls 17,280 times a day by itself.
    for (let at = 0; at < DAY + 300; at += 300) await stage.clock.advance(300);
    expect(attempts).toBeLessThan(300);
    expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, delayed: 0, reserved: 0, failed: 1 });
    expect(await scene.status(id)).toMatchObject({ state: 'failed', error: expect.stringContaining('"Stranger"') });
    expect(scene.logger.of('warn')).toHaveLength(1);
    expect(scene.logger.of('error')).toHaveLength(1);
    await quiet();
  });
});
