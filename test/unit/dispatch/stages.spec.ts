import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { jobSpec } from '../../../lib/job/job-spec.js';
import { QueueConnectionError } from '../../../lib/queue.errors.js';
import type { JobEvent } from '../../../lib/events/queue-event.interface.js';
import type { DispatchResult, DispatchStage, PendingPush } from '../../../lib/middleware/dispatch-stage.js';
import { BulkJob, EmailJob, ManagerScene, PictureJob } from './manager-scene.js';

let scene: ManagerScene;

afterEach(() => scene.close());

function open(...stages: DispatchStage[]): ManagerScene {
  scene = new ManagerScene({ maxPayloadSize: 100 }, undefined, stages);
  return scene;
}

const NONE: DispatchResult = { id: 'none', outcome: 'duplicate' };

/** Calls `next` in a later turn, as a stage does that asks a database. */
const slow: DispatchStage = async (push, next) => {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  return next(push);
};

describe('a push with dispatch stages', () => {
  it('shows the checked push to the stages, in their order, before it is encoded', async () => {
    const seen: [string, PendingPush][] = [];
    const stage =
      (name: string): DispatchStage =>
      (push, next) => {
        seen.push([name, push]);
        return next({ ...push, data: [push.data, name] });
      };
    const { manager } = open(stage('a'), stage('b'));
    const id = await manager.push(EmailJob, { to: 'ada' }, { maxTries: 2 });
    const push = { id, unique: false, form: 'handler', queue: 'emails', delay: 0, options: { maxTries: 2 } };
    expect(seen).toEqual([
      ['a', expect.objectContaining({ ...push, name: 'EmailJob', data: { to: 'ada' } })],
      ['b', expect.objectContaining({ ...push, name: 'EmailJob', data: [{ to: 'ada' }, 'a'] })],
    ]);
    expect(await scene.claim('emails')).toMatchObject([{ body: 'hEmailJob\t{"m":2}\n[[{"to":"ada"},"a"],"b"]' }]);
  });

  it('runs the stages for instances and for delayed jobs', async () => {
    const names: string[] = [];
    const { manager } = open((push, next) => (names.push(`${push.form} ${push.name} ${push.delay}`), next(push)));
    await manager.push(new PictureJob('a.png'));
    await manager.later(BulkJob, 1, '5s');
    expect(names).toEqual(['instance PictureJob 0', 'handler BulkJob 5']);
  });

  it('stores nothing if a stage does not call next', async () => {
    const { manager } = open(async () => ({ id: 'an earlier job', outcome: 'replaced' }));
    expect(await manager.push(BulkJob, 1)).toBe('an earlier job');
    expect(await manager.dispatch(BulkJob, 1)).toEqual({ id: 'an earlier job', outcome: 'replaced' });
    expect(await manager.counts()).toMatchObject({ ready: 0 });
  });

  it('rejects with the error of a stage, and stores nothing', async () => {
    const error = new Error('not allowed');
    const { manager } = open(async () => Promise.reject(error));
    await expect(manager.push(BulkJob, 1)).rejects.toBe(error);
    expect(await manager.counts()).toMatchObject({ ready: 0 });
  });

  it('lets a stage see the error of the storage', async () => {
    const caught: unknown[] = [];
    const { manager, driver } = open((push, next) => next(push).catch((error: unknown) => (caught.push(error), NONE)));
    const error = new QueueConnectionError('Away');
    jest.spyOn(driver, 'push').mockRejectedValue(error);
    expect(await manager.push(BulkJob, 1)).toBe('none');
    expect(caught).toEqual([error]);
  });
});

describe('a bulk push with dispatch stages', () => {
  it('sends each job through the stages, and stores them together in their order', async () => {
    const uneven: DispatchStage = (push, next) => (push.data === 2 ? slow(push, next) : next(push));
    const { manager, driver } = open(uneven, slow);
    const push = jest.spyOn(driver, 'push');
    const ids = await manager.pushMany(BulkJob, [1, 2, 3]);
    expect(push).toHaveBeenCalledTimes(1);
    const claimed = await scene.claim();
    expect(claimed.map(({ id }) => id)).toEqual(ids);
    expect(claimed.map(({ body }) => body)).toEqual(['hBulkJob\n1', 'hBulkJob\n2', 'hBulkJob\n3']);
  });

  it('leaves out the jobs whose stage does not call next', async () => {
    const { manager } = open(slow, async (push, next) => (push.data === 2 ? NONE : next(push)));
    const ids = await manager.pushMany(BulkJob, [1, 2, 3]);
    expect(ids[1]).toBe('none');
    expect((await scene.claim()).map(({ id }) => id)).toEqual([ids[0], ids[2]]);
  });

  it('stores nothing if a stage rejects before it calls next, however late', async () => {
    const error = new Error('not allowed');
    const refusing: DispatchStage = (push, next) =>
      push.data === 2 ? slow(push, () => Promise.reject(error)) : next(push);
    const { manager } = open(refusing);
    await expect(manager.pushMany(BulkJob, [1, 2, 3])).rejects.toBe(error);
    expect(await manager.counts()).toMatchObject({ ready: 0 });
  });

  it('stores nothing if a job cannot be encoded', async () => {
    const { manager } = open(slow);
    await expect(manager.pushMany(BulkJob, [1, 'x'.repeat(200)])).rejects.toThrow(/takes 202 bytes/);
    expect(await manager.counts()).toMatchObject({ ready: 0 });
  });

  it('rejects with the error of the storage', async () => {
    const { manager, driver } = open(slow);
    jest.spyOn(driver, 'push').mockRejectedValue(new QueueConnectionError('Away'));
    await expect(manager.pushMany(BulkJob, [1, 2])).rejects.toThrow(QueueConnectionError);
  });

  it('stores a job once if its stage calls next twice', async () => {
    const { manager } = open(async (push, next) => {
      const [first] = await Promise.all([next(push), next(push)]);
      return first;
    });
    const results = await manager.dispatchMany(BulkJob, [1, 2]);
    expect(results.map(({ outcome }) => outcome)).toEqual(['queued', 'queued']);
    expect(await manager.counts()).toMatchObject({ ready: 2 });
  });

  it('resolves for an empty list', async () => {
    expect(await open(slow).manager.pushMany(BulkJob, [])).toEqual([]);
  });
});

describe('the event pushed', () => {
  it('is not emitted for a duplicate', async () => {
    const { manager, events } = open();
    const heard: string[] = [];
    events.on('pushed', ({ id }) => heard.push(id));
    const specs = [jobSpec(BulkJob, 1, { id: 'a' }), jobSpec(BulkJob, 1, { id: 'b' })];
    await manager.push(specs[0]!);
    await manager.push(specs[0]!);
    await manager.pushMany(specs);
    expect(heard).toEqual(['a', 'b']);
  });

  it('is emitted for each stored job, once it is stored', async () => {
    const { manager, events, driver, clock } = open();
    const heard: JobEvent[] = [];
    events.on('pushed', (event) => heard.push(event));
    const id = await manager.push(EmailJob, { to: 'ada' });
    const ids = await manager.pushMany(BulkJob, [1, 2]);
    const time = new Date(clock.now());
    expect(heard).toEqual([
      { time, queue: 'emails', id, name: 'EmailJob', attempt: 0 },
      ...ids.map((each) => ({ time, queue: 'default', id: each, name: 'BulkJob', attempt: 0 })),
    ]);
    jest.spyOn(driver, 'push').mockRejectedValue(new QueueConnectionError('Away'));
    await expect(manager.push(BulkJob, 1)).rejects.toThrow(QueueConnectionError);
    expect(heard).toHaveLength(3);
  });
});
