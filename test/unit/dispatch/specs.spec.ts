import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { defineJob } from '../../../lib/job/define-job.js';
import { jobSpec } from '../../../lib/job/job-spec.js';
import {
  InvalidDelayError,
  InvalidJobError,
  InvalidOptionError,
  InvalidQueueNameError,
  JobIdConflictError,
  UnknownJobError,
} from '../../../lib/queue.errors.js';
import { BulkJob, EmailJob, ManagerScene, PictureJob, PosterJob } from './manager-scene.js';

const Ship = defineJob<{ order: string }>('ship-spec', { queue: 'orders' });

let scene: ManagerScene;

beforeEach(() => void (scene = new ManagerScene()));
afterEach(() => scene.close());

const bodies = async (queue?: string) => (await scene.claim(queue)).map(({ id, body }) => [id, body]);

describe('a spec', () => {
  it('is pushed in each form, with its options', async () => {
    const { manager } = scene;
    const ids = [
      await manager.push(jobSpec(EmailJob, { to: 'ada' }, { id: 'a', maxTries: 2 })),
      await manager.push(jobSpec(Ship, { order: '1' }, 'emails')),
      await manager.push(jobSpec('by-name', 5, { queue: 'emails' })),
      await manager.push(jobSpec(new PictureJob('a.png'), 'emails')),
    ];
    expect(await bodies('emails')).toEqual([
      ['a', 'hEmailJob\t{"m":2}\n{"to":"ada"}'],
      [ids[1], 'hship-spec\n{"order":"1"}'],
      [ids[2], 'hby-name\n5'],
      [ids[3], 'iPictureJob\n{"path":"a.png","width":640}'],
    ]);
  });

  it('beats the last argument of the call, option by option', async () => {
    const { manager } = scene;
    const own = { queue: 'own', maxTries: 2, retryDelay: undefined };
    await manager.push(jobSpec(BulkJob, 1, own), { queue: 'call', maxTries: 5, retryDelay: 7 });
    await manager.push(jobSpec(BulkJob, 2, 'own'), 'call');
    await manager.push(jobSpec(BulkJob, 3, { id: 'c' }), { unique: true, queue: 'own' });
    await manager.push(jobSpec(BulkJob, 4), { queue: 'own', id: 'd' });
    await manager.later(jobSpec(BulkJob, 5, { queue: 'own', id: 'e' }), '1h', { id: 'of-the-call', maxTries: 9 });
    expect((await bodies('own')).map(([, body]) => body)).toEqual([
      'hBulkJob\t{"m":2,"r":7}\n1',
      'hBulkJob\n2',
      'hBulkJob\n3',
      'hBulkJob\n4',
    ]);
    await scene.clock.advance(3600);
    expect(await bodies('own')).toEqual([['e', 'hBulkJob\t{"m":9,"w":3600}\n5']]);
  });

  it('is pushed in a list with instances, each with its own options, and keeps the order of the results', async () => {
    const { manager } = scene;
    const results = await manager.dispatchMany(
      [
        jobSpec(EmailJob, { to: 'ada' }, { id: 'a' }),
        jobSpec(BulkJob, 1, { delay: 5, queue: 'images' }),
        new PosterJob('b.png'),
        jobSpec(Ship, { order: '1' }),
        jobSpec(EmailJob, { to: 'ada' }, { id: 'a' }),
        jobSpec(EmailJob, { to: 'bob' }, { maxTries: 1 }),
      ],
      { maxTries: 4 },
    );
    expect(results.map(({ outcome }) => outcome)).toEqual([
      'queued',
      'delayed',
      'queued',
      'queued',
      'duplicate',
      'queued',
    ]);
    const ids = results.map(({ id }) => id);
    expect(await bodies('emails')).toEqual([
      ['a', 'hEmailJob\t{"m":4}\n{"to":"ada"}'],
      [ids[5], 'hEmailJob\t{"m":1}\n{"to":"bob"}'],
    ]);
    expect(await bodies('posters')).toEqual([[ids[2], 'iPosterJob\t{"m":4}\n{"path":"b.png","width":640}']]);
    expect(await bodies('orders')).toEqual([[ids[3], 'hship-spec\t{"m":4}\n{"order":"1"}']]);
    expect(await manager.counts('images')).toMatchObject({ delayed: 1 });
    expect(ids[4]).toBe('a');
  });

  it('with an id of another job does not keep the others from being stored', async () => {
    const { manager } = scene;
    await manager.push(BulkJob, 1, { id: 'taken', queue: 'emails' });
    await manager.push(BulkJob, 1, { id: 'elsewhere' });
    const specs = ['a', 'taken', 'elsewhere', 'b'].map((id) => jobSpec(EmailJob, { to: id }, { id }));
    const pushing = manager.pushMany([...specs, jobSpec(BulkJob, 2, { queue: 'images' })]);
    await expect(pushing).rejects.toThrow(JobIdConflictError);
    await expect(pushing).rejects.toMatchObject({
      ids: ['taken', 'elsewhere'],
      allIds: ['a', 'taken', 'elsewhere', 'b', expect.any(String)],
    });
    expect((await bodies('emails')).map(([id]) => id)).toEqual(['taken', 'a', 'b']);
    expect(await manager.counts('images')).toMatchObject({ ready: 1 });
  });

  it.each<[string, () => Promise<unknown>, new (...args: never[]) => Error, string]>([
    [
      'option',
      () => scene.manager.push(jobSpec(BulkJob, 1, { maxTries: 0 })),
      InvalidOptionError,
      '"push options.maxT',
    ],
    [
      'option in a list',
      () => scene.manager.pushMany([jobSpec(BulkJob, 1), jobSpec(BulkJob, 1, { maxTrys: 1 } as never)]),
      InvalidOptionError,
      'Option "options of jobs[1].maxTrys": expected no option of this name (did you mean "maxTries"?)',
    ],
    ['queue', () => scene.manager.pushMany([jobSpec(BulkJob, 1, 'a b')]), InvalidQueueNameError, 'a b'],
    [
      'delay beside later()',
      () => scene.manager.later(jobSpec(BulkJob, 1, { delay: 1 }), 5),
      InvalidOptionError,
      'delay',
    ],
    ['delay', () => scene.manager.later(jobSpec(BulkJob, 1), 'soon' as never), InvalidDelayError, 'soon'],
    [
      'options of the call',
      () => scene.manager.push(jobSpec(BulkJob, 1, 'a'), 5 as never),
      InvalidOptionError,
      'an object',
    ],
    ['own options', () => scene.manager.push(jobSpec(BulkJob, 1, 5 as never), 'a'), InvalidOptionError, 'an object'],
    [
      'id of the call',
      () => scene.manager.pushMany([jobSpec(BulkJob, 1)], { id: 'a' } as never),
      InvalidOptionError,
      '"push options.id"',
    ],
    ['name', () => scene.manager.pushMany([jobSpec('unheard-of', 1)]), UnknownJobError, '"unheard-of"'],
    ['class', () => scene.manager.push(jobSpec(Date as never, 1)), InvalidJobError, 'Not a job'],
    ['job', () => scene.manager.push(jobSpec(undefined as never)), InvalidJobError, 'a circular import?'],
    ['carrier', () => scene.manager.push(jobSpec(PictureJob as never, {})), InvalidJobError, 'push an instance'],
  ])('with a wrong %s is refused, and nothing is stored', async (_, push, type, message) => {
    await expect(push()).rejects.toThrow(type);
    await expect(push()).rejects.toThrow(message);
    expect(await scene.manager.queues()).toEqual([]);
  });
});

describe('dispatch()', () => {
  it('tells what became of a push', async () => {
    const { manager } = scene;
    expect(await manager.dispatch(BulkJob, 1)).toEqual({ id: expect.stringMatching(/^\w{20}$/), outcome: 'queued' });
    expect(await manager.dispatch(BulkJob, 1, { delay: 5, id: 'a' })).toEqual({ id: 'a', outcome: 'delayed' });
    expect(await manager.dispatch(BulkJob, 1, { id: 'a' })).toEqual({ id: 'a', outcome: 'duplicate' });
    expect(await manager.dispatch(new PictureJob('a'))).toMatchObject({ outcome: 'queued' });
    expect(await manager.dispatchMany(BulkJob, [1, 2])).toMatchObject([{ outcome: 'queued' }, { outcome: 'queued' }]);
  });

  it('counts a push as queued if a driver tells nothing', async () => {
    jest.spyOn(scene.driver, 'push').mockResolvedValue(undefined);
    expect(await scene.manager.dispatch(BulkJob, 1, { id: 'a' })).toEqual({ id: 'a', outcome: 'queued' });
    expect(await scene.manager.dispatchMany(BulkJob, [1], { delay: 1 })).toMatchObject([{ outcome: 'delayed' }]);
  });
});
