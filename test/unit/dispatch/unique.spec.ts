import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { DispatchResult } from 'nestjs-job-queue';
import { defineJob } from '../../../lib/job/define-job.js';
import { jobSpec } from '../../../lib/job/job-spec.js';
import { InvalidOptionError } from '../../../lib/queue.errors.js';
import { BulkJob, EmailJob, ManagerScene, PictureJob } from './manager-scene.js';

interface Report {
  readonly of: string;
  readonly at?: number;
}

const Plain = defineJob<Report>('unique-plain', { queue: 'reports', unique: true });
const Keyed = defineJob<Report>('unique-keyed', { queue: 'reports', unique: { key: ({ of }) => of, for: '1m' } });

let scene: ManagerScene;
beforeEach(() => void (scene = new ManagerScene()));
afterEach(() => scene.close());

const outcomes = (results: readonly DispatchResult[]) => results.map(({ outcome }) => outcome);

describe('a unique job', () => {
  test('is pushed once for the same data, and its id is told again', async () => {
    const { manager } = scene;
    const first = await manager.dispatch(Plain, { of: 'a', at: 1 });
    expect(first.outcome).toBe('queued');
    expect(await manager.dispatch(Plain, { at: 1, of: 'a' })).toEqual({ id: first.id, outcome: 'duplicate' });
    expect(await manager.push(Plain, { of: 'a', at: 1 })).toBe(first.id);
    expect((await manager.dispatch(Plain, { of: 'a', at: 2 })).outcome).toBe('queued');
    expect(await scene.claim('reports')).toHaveLength(2);
  });

  test('has the key that its class makes of the data', async () => {
    const { manager } = scene;
    const { id } = await manager.dispatch(Keyed, { of: 'a', at: 1 });
    expect(await manager.dispatch(Keyed, { of: 'a', at: 2 })).toEqual({ id, outcome: 'duplicate' });
    expect((await manager.dispatch(Keyed, { of: 'b', at: 2 })).outcome).toBe('queued');
  });

  test('has the key that its push gives, whatever its class makes', async () => {
    const { manager } = scene;
    const { id } = await manager.dispatch(Keyed, { of: 'a' }, { unique: { key: 'b' } });
    expect((await manager.dispatch(Keyed, { of: 'a' })).outcome).toBe('queued');
    expect(await manager.dispatch(Keyed, { of: 'b' })).toEqual({ id, outcome: 'duplicate' });
    const [job] = await scene.claim('reports', 1);
    expect(job).toMatchObject({ id });
  });

  test('may be made unique by its push alone', async () => {
    const { manager } = scene;
    const { id } = await manager.dispatch(EmailJob, { to: 'ada' }, { unique: true });
    expect(await manager.dispatch(EmailJob, { to: 'ada' }, { unique: { until: 'start' } })).toEqual({
      id,
      outcome: 'duplicate',
    });
    expect((await manager.dispatch(EmailJob, { to: 'ada' })).outcome).toBe('queued');
  });

  test('differs by the name of the job and by the queue', async () => {
    const { manager } = scene;
    const unique = { key: 'same' };
    expect((await manager.dispatch(EmailJob, { to: 'ada' }, { queue: 'q', unique })).outcome).toBe('queued');
    expect((await manager.dispatch(BulkJob, 1, { queue: 'q', unique })).outcome).toBe('queued');
    expect((await manager.dispatch(BulkJob, 1, { queue: 'other', unique })).outcome).toBe('queued');
    expect((await manager.dispatch(BulkJob, 1, { queue: 'q', unique })).outcome).toBe('duplicate');
  });

  test('is one job of a pushMany(), whose results name it', async () => {
    const results = await scene.manager.dispatchMany(Plain, [{ of: 'a' }, { of: 'b' }, { of: 'a' }]);
    expect(outcomes(results)).toEqual(['queued', 'queued', 'duplicate']);
    expect(results[2]!.id).toBe(results[0]!.id);
    const mixed = await scene.manager.dispatchMany([
      jobSpec(BulkJob, 1),
      jobSpec(BulkJob, 1, { unique: true }),
      jobSpec(BulkJob, 1, { id: 'x', unique: { key: 'k' } }),
      jobSpec(BulkJob, 1, { id: 'y', unique: { key: 'k' }, queue: 'other' }),
      jobSpec(BulkJob, 1, { id: 'z', unique: { key: 'k' }, delay: 5 }),
      jobSpec(BulkJob, 1, { unique: true }),
    ]);
    expect(outcomes(mixed)).toEqual(['queued', 'queued', 'queued', 'queued', 'duplicate', 'duplicate']);
    expect(mixed[4]!.id).toBe('x');
  });

  test('with an id is the job of this id alone: its class does not make it unique', async () => {
    const { manager } = scene;
    await manager.dispatch(Keyed, { of: 'a' });
    expect(await manager.dispatch(Keyed, { of: 'a' }, { id: 'order-7', unique: true })).toEqual({
      id: 'order-7',
      outcome: 'queued',
    });
    expect((await manager.dispatch(Keyed, { of: 'c' }, { id: 'order-7', unique: true })).outcome).toBe('duplicate');
    expect((await manager.dispatch(Keyed, { of: 'a' }, { id: 'order-8' })).outcome).toBe('duplicate');
  });

  test('that carries its data makes the key of itself', async () => {
    const { manager } = scene;
    const { id } = await manager.dispatch(new PictureJob('a.png'), { unique: true });
    expect(await manager.dispatch(new PictureJob('a.png', 640), { unique: true })).toEqual({
      id,
      outcome: 'duplicate',
    });
    expect((await manager.dispatch(new PictureJob('a.png', 320), { unique: true })).outcome).toBe('queued');
  });

  test('emits no event for a duplicate', async () => {
    const ids: (string | undefined)[] = [];
    scene.events.on('pushed', ({ id }) => void ids.push(id));
    const id = await scene.manager.push(Plain, { of: 'a' });
    await scene.manager.push(Plain, { of: 'a' });
    await scene.manager.pushMany(Plain, [{ of: 'a' }]);
    expect(ids).toEqual([id]);
  });

  test('waits for its time with later(), and is one job there', async () => {
    const id = await scene.manager.later(Plain, { of: 'a' }, '5m');
    expect(await scene.manager.later(Plain, { of: 'a' }, '1m')).toBe(id);
    expect(await scene.manager.counts('reports')).toMatchObject({ delayed: 1 });
  });

  test.each<[unknown, string]>([
    [false, '"push options.unique": expected true, or an object'],
    [1, 'got 1'],
    ['key', 'expected true, or an object with key, until or for, got "key"'],
    [['key'], 'expected true, or an object'],
    [{ key: '' }, '"push options.unique.key": expected a string of 1 to 256 characters'],
    [{ key: 'x'.repeat(257) }, '"push options.unique.key"'],
    [{ key: 'a\tb' }, '"push options.unique.key"'],
    [{ key: 5 }, 'got 5'],
    [{ key: () => 'a' }, '"push options.unique.key"'],
    [{ until: 'stop' }, '"push options.unique.until": expected "end" or "start", got "stop"'],
    [{ for: 0 }, '"push options.unique.for"'],
    [{ for: 'soon' }, '"push options.unique.for"'],
    [{ keys: 'a' }, 'did you mean "key"?'],
  ])('is refused with the option %j, and nothing is stored', async (unique, message) => {
    for (const push of [
      () => scene.manager.push(BulkJob, 1, { unique } as object),
      () => scene.manager.later(BulkJob, 1, 5, { unique } as object),
      () => scene.manager.pushMany(BulkJob, [1], { unique } as object),
    ]) {
      await expect(push()).rejects.toThrow(InvalidOptionError);
      await expect(push()).rejects.toThrow(message);
    }
    if (typeof (unique as { key?: unknown }).key !== 'function') {
      expect(() => defineJob('unique-wrong', { unique: unique as true })).toThrow(InvalidOptionError);
    }
    expect(await scene.manager.queues()).toEqual([]);
  });

  test('is refused if its key cannot be made, and so are all others of the call', async () => {
    const Broken = defineJob<Report>('unique-broken', { unique: { key: ({ of }) => of.toLowerCase() } });
    const wrong = {} as Report;
    await expect(scene.manager.push(Broken, wrong)).rejects.toThrow(InvalidOptionError);
    await expect(scene.manager.pushMany(Broken, [{ of: 'a' }, wrong])).rejects.toThrow('of job unique-broken');
    expect(await scene.manager.queues()).toEqual([]);
  });
});
