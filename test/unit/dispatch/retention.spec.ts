import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { defineJob } from '../../../lib/job/define-job.js';
import { jobSpec } from '../../../lib/job/job-spec.js';
import { InvalidOptionError } from '../../../lib/queue.errors.js';
import { BulkJob, ManagerScene, PictureJob } from './manager-scene.js';

const Ship = defineJob<{ order: string }>('ship-kept', { retention: { completed: '1h' } });
const retention = { completed: '90s', failed: '2d' } as const;
const STORED = '"e":{"completed":90,"failed":172800}';

let scene: ManagerScene;

beforeEach(() => void (scene = new ManagerScene()));
afterEach(() => scene.close());

const bodies = async () => (await scene.claim()).map(({ body }) => body);

describe('the retention of a push', () => {
  it('is stored with the job, whatever way it is pushed', async () => {
    const { manager } = scene;
    await manager.push(BulkJob, 1, { retention });
    await manager.push(Ship, { order: '2' }, { retention });
    await manager.push('by-name', 3, { queue: 'default', retention });
    await manager.push(new PictureJob('4.png'), { retention });
    await manager.push(jobSpec(BulkJob, 5, { retention }), { retention: { failed: 0 } });
    await manager.pushMany(BulkJob, [6], { retention });
    await manager.pushMany([jobSpec(BulkJob, 7, { retention }), jobSpec(BulkJob, 8)]);
    expect(await bodies()).toEqual([
      `hBulkJob\t{${STORED}}\n1`,
      `hship-kept\t{${STORED}}\n{"order":"2"}`,
      `hby-name\t{${STORED}}\n3`,
      `iPictureJob\t{${STORED}}\n{"path":"4.png","width":640}`,
      `hBulkJob\t{${STORED}}\n5`,
      `hBulkJob\t{${STORED}}\n6`,
      `hBulkJob\t{${STORED}}\n7`,
      'hBulkJob\n8',
    ]);
    await manager.later(BulkJob, 9, '1h', { retention });
    await scene.clock.advance(3_600);
    expect(await bodies()).toEqual([`hBulkJob\t{${STORED},"w":3600}\n9`]);
  });

  it('has one part, or both', async () => {
    await scene.manager.push(BulkJob, 1, { retention: { failed: 0 } });
    expect(await bodies()).toEqual(['hBulkJob\t{"e":{"failed":0}}\n1']);
  });

  it('that says nothing stores nothing: neither do a class and a definition that have one', async () => {
    await scene.manager.push(BulkJob, 1, { retention: undefined });
    await scene.manager.push(BulkJob, 2, { retention: {} });
    await scene.manager.push(Ship, { order: '3' });
    expect(await bodies()).toEqual(['hBulkJob\n1', 'hBulkJob\n2', 'hship-kept\n{"order":"3"}']);
  });

  it('counts for a job that is popped', async () => {
    const { manager } = scene;
    for (const job of ['a', 'b']) await manager.push(BulkJob, job, { id: job, retention: { failed: 0 } });
    await (await manager.pop())?.fail(new Error('no luck'));
    await (await manager.pop())?.complete();
    expect(await manager.getJobStatus('a')).toBeNull();
    expect(await manager.getJobStatus('b')).toMatchObject({ status: 'completed' });
    expect((await manager.counts()).failed).toBe(0);
  });

  it('is told with the job', async () => {
    const id = await scene.manager.push(BulkJob, 1, { retention });
    expect((await scene.manager.getJob(id))?.options).toEqual({ retention: { completed: 90, failed: 172_800 } });
  });

  it.each([
    [5, '"push options.retention": expected'],
    [{ completed: -1 }, '"push options.retention.completed": expected'],
    [{ failed: 'a week' }, '"push options.retention.failed": expected'],
    [{ maxFailed: 5 }, '"push options.retention.maxFailed": expected'],
  ])('%j is refused, and nothing is stored', async (wrong, message) => {
    const { manager } = scene;
    const pushing = manager.push(BulkJob, 1, { retention: wrong as never });
    await expect(pushing).rejects.toThrow(InvalidOptionError);
    await expect(pushing).rejects.toThrow(message);
    await expect(manager.pushMany([jobSpec(BulkJob, 1, { retention: wrong as never })])).rejects.toThrow('jobs[0]');
    expect(await manager.queues()).toEqual([]);
  });
});
