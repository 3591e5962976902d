import { describe, expect, it } from '@jest/globals';
import type { CheckedJobRetention } from '../../../lib/job/job-retention.js';
import { QUEUE, WorkerScene } from './scene.js';
import { bothStages } from './stage.js';

describe.each(bothStages())('the retention of a job on %s', (_name, stage) => {
  const scene = new WorkerScene(stage);

  /** Pushes jobs that complete and jobs that fail, lets them run, and tells which are kept. */
  async function keptOf(pushed?: CheckedJobRetention, own?: CheckedJobRetention) {
    const options = { maxTries: 1, ...(own && { retention: own }) };
    scene.define({
      Good: { options },
      Bad: {
        handle: () => {
          throw new Error('no luck');
        },
        options,
      },
    });
    const wishes = pushed && { options: { retention: pushed } };
    const good = await scene.push('Good', 1, wishes);
    const bad = await scene.push('Bad', 1, wishes);
    await (await scene.worker()).run({ stopWhenEmpty: true });
    const [status, failedStatus] = [await scene.status(good), await scene.status(bad)];
    const { failed } = await scene.driver.counts(QUEUE);
    expect(failed).toBe(failedStatus ? 1 : 0);
    return { completed: status !== null, failed: failedStatus !== null };
  }

  it.each<[string, CheckedJobRetention | undefined, CheckedJobRetention | undefined, boolean, boolean]>([
    ['that of its queue, if nobody else says it', undefined, undefined, true, true],
    ['that of its class', undefined, { completed: 0, failed: 0 }, false, false],
    ['that of its push', { completed: 0, failed: 0 }, undefined, false, false],
    [
      'that of its push, which beats its class',
      { completed: 0, failed: 60 },
      { completed: 60, failed: 0 },
      false,
      true,
    ],
    ['that of its class where its push says nothing', { failed: 60 }, { completed: 0, failed: 0 }, false, true],
  ])('is %s', async (_title, pushed, own, completed, failed) => {
    expect(await keptOf(pushed, own)).toEqual({ completed, failed });
  });

  it('is read of a job that fails because its data cannot be read', async () => {
    scene.define({ Good: {} });
    const record = 'hGood\t{"e":{"failed":0}}\n{half';
    await scene.driver.push(QUEUE, [{ id: 'half', body: record, delay: 0 }], false);
    await (await scene.worker()).run({ stopWhenEmpty: true });
    expect(await scene.status('half')).toBeNull();
    expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, failed: 0 });
  });
});
