import { afterEach, describe, expect, it } from '@jest/globals';
import { hostname } from 'node:os';
import { readWorkers } from '../../../lib/workers/worker-info.js';
import { eventually } from '../../support/eventually.js';
import { Gauge } from '../../support/gauge.js';
import { WorkerScene } from './scene.js';
import { bothStages } from './stage.js';

describe.each(bothStages())('a worker on %s', (_name, stage) => {
  const scene = new WorkerScene(stage);
  const gauge = new Gauge();
  afterEach(() => gauge.endAll());
  const read = async () => readWorkers(await scene.driver.workers.read());

  it('is listed while it runs, with its queues, its slots and its busy jobs', async () => {
    scene.define({ Gauged: { handle: () => gauge.run() } });
    const worker = await scene.worker({ worker: { concurrency: 4 } });
    expect(await read()).toEqual([]);
    worker.start();
    await eventually(async () => expect(await read()).toMatchObject([{ concurrency: 4, busy: 0 }]));
    const [told] = await read();
    expect(told).toMatchObject({ host: hostname(), pid: process.pid, version: expect.stringMatching(/^\d+\.\d+/) });
    expect(told!.queues).toContain('default');
    await scene.pushMany(2, 'Gauged');
    await gauge.runs(2);
    worker.setConcurrency(7);
    await eventually(async () => expect(await read()).toMatchObject([{ id: told!.id, concurrency: 7, busy: 2 }]));
    gauge.endAll();
    await worker.stop();
    await eventually(async () => expect(await read()).toEqual([]));
  });
});
