import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { PayloadSerializer, QueueModuleOptions } from 'nestjs-job-queue';
import {
  InvalidDelayError,
  InvalidJobError,
  InvalidJobIdError,
  InvalidOptionError,
  InvalidQueueNameError,
  PayloadNotSerializableError,
  PayloadTooLargeError,
} from '../../../lib/queue.errors.js';
import { hashQueue, queueHashOf } from '../../../lib/job/job-id.js';
import { BulkJob, EmailJob, ManagerScene, PictureJob, PosterJob } from './manager-scene.js';

let scene: ManagerScene;

function stage(options?: QueueModuleOptions): ManagerScene['manager'] {
  scene = new ManagerScene(options);
  return scene.manager;
}

beforeEach(() => void stage());
afterEach(() => scene.close());

describe('push()', () => {
  test('stores a class with its data in the queue of the class', async () => {
    const id = await scene.manager.push(EmailJob, { to: 'ada' });
    expect(id).toMatch(/^[0-9A-Za-z]{20}$/);
    expect(queueHashOf(id)).toBe(hashQueue('emails'));
    expect(await scene.claim('emails')).toMatchObject([{ id, body: 'hEmailJob\n{"to":"ada"}' }]);
  });

  test('stores an instance with its properties as data in the default queue', async () => {
    const id = await scene.manager.push(new PictureJob('a.png'));
    expect(await scene.claim()).toMatchObject([{ id, body: 'iPictureJob\n{"path":"a.png","width":640}' }]);
  });

  test('stores a class without data', async () => {
    await scene.manager.push(BulkJob);
    expect(await scene.claim()).toMatchObject([{ body: 'hBulkJob\n' }]);
  });

  test('stores a job in the queue of the push options, even if the class names another queue', async () => {
    await scene.manager.push(EmailJob, { to: 'ada' }, 'a');
    await scene.manager.push(EmailJob, { to: 'ada' }, { queue: 'b' });
    await scene.manager.push(new PosterJob('a.png'), 'c');
    await scene.manager.push(new PosterJob('a.png'));
    for (const queue of ['a', 'b', 'c', 'posters']) expect(await scene.claim(queue)).toHaveLength(1);
    expect(await scene.manager.queues()).toEqual(['a', 'b', 'c', 'posters']);
  });

  test('stores a job in the default queue of the module if no queue is given', async () => {
    await stage({ default: 'main' }).push(BulkJob, 1);
    expect(await scene.claim('main')).toHaveLength(1);
  });

  test('reads options that an object of another kind inherits', async () => {
    class Patient {
      get maxTries(): number {
        return 9;
      }
    }
    await scene.manager.push(BulkJob, 1, new Patient());
    await scene.manager.push(BulkJob, 2, Object.create({ maxTries: 8 }) as object);
    expect(await scene.claim()).toMatchObject([{ body: 'hBulkJob\t{"m":9}\n1' }, { body: 'hBulkJob\t{"m":8}\n2' }]);
  });

  test('stores the options of the push with the job', async () => {
    await scene.manager.push(BulkJob, 1, { maxTries: 5, retryDelay: '1m', timeout: 0.5 });
    expect(await scene.claim()).toMatchObject([{ body: 'hBulkJob\t{"m":5,"r":60,"t":0.5}\n1' }]);
  });

  test('stores one job if two pushes have the same id', async () => {
    expect(await scene.manager.push(BulkJob, 1, { id: 'mine' })).toBe('mine');
    expect(await scene.manager.push(BulkJob, 2, { id: 'mine' })).toBe('mine');
    expect(await scene.claim()).toMatchObject([{ id: 'mine', body: 'hBulkJob\n1' }]);
  });

  test('returns ids that sort by the time of the push', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 20; i++) {
      ids.push(await scene.manager.push(BulkJob, i));
      await scene.clock.advance(0.001);
    }
    expect(ids.toSorted()).toEqual(ids);
  });
});

describe('a push with a delay', () => {
  const START = Date.UTC(2026, 0, 1);

  test.each<[string, (manager: ManagerScene['manager']) => Promise<string>]>([
    ['seconds', (manager) => manager.later(BulkJob, 1, 300)],
    ['text', (manager) => manager.later(BulkJob, 1, '5m')],
    ['a number as text', (manager) => manager.later(BulkJob, 1, '300')],
    ['a Date', (manager) => manager.later(BulkJob, 1, new Date(START + 300_000))],
    ['an instance', (manager) => manager.later(new PictureJob('a.png'), 300, { queue: 'default' })],
    ['an option of push', (manager) => manager.push(BulkJob, 1, { delay: '5 minutes' })],
    ['a Date as an option', (manager) => manager.push(BulkJob, 1, { delay: new Date(START + 300_000) })],
  ])('stores a delayed job that becomes ready in time (%s)', async (_, later) => {
    const id = await later(scene.manager);
    expect(await scene.manager.getJobStatus(id)).toMatchObject({ status: 'delayed', queue: 'default' });
    await scene.clock.advance(299.9);
    expect(await scene.claim()).toEqual([]);
    await scene.clock.advance(0.2);
    expect(await scene.claim()).toMatchObject([{ id }]);
  });

  test('stores a ready job if the delay is 0 or a Date in the past', async () => {
    await scene.manager.later(BulkJob, 1, 0);
    await scene.manager.later(BulkJob, 1, new Date(START - 1000), 'default');
    expect(await scene.claim()).toHaveLength(2);
  });

  test.each([
    Number.NaN,
    -1,
    -0.001,
    1e12,
    Infinity,
    'soon',
    '',
    '-5m',
    new Date(NaN),
    new Date(8.64e15),
    null,
    {},
    undefined,
    5n,
  ])('rejects the delay %p, and stores nothing', async (delay) => {
    const { manager } = scene;
    await expect(manager.later(BulkJob, 1, delay as never)).rejects.toThrow(InvalidDelayError);
    await expect(manager.later(new PictureJob('a'), delay as never)).rejects.toThrow(InvalidDelayError);
    if (delay !== undefined && delay !== null) {
      await expect(manager.push(BulkJob, 1, { delay: delay as never })).rejects.toThrow(InvalidDelayError);
      await expect(manager.pushMany(BulkJob, [1], { delay: delay as never })).rejects.toThrow(InvalidDelayError);
    }
    expect(await manager.queues()).toEqual([]);
  });
});

describe('a push with an invalid argument', () => {
  afterEach(async () => expect(await scene.manager.queues()).toEqual([]));

  test.each(['', 'a:b', '{a}', '-a', 'a'.repeat(65), 'ä', 'a b', 'a\n'])(
    'rejects the queue name %j, and stores nothing',
    async (queue) => {
      const { manager } = scene;
      await expect(manager.push(BulkJob, 1, queue)).rejects.toThrow(InvalidQueueNameError);
      await expect(manager.push(BulkJob, 1, { queue })).rejects.toThrow(InvalidQueueNameError);
      await expect(manager.later(BulkJob, 1, 5, queue)).rejects.toThrow(InvalidQueueNameError);
      await expect(manager.pushMany(BulkJob, [1], queue)).rejects.toThrow(InvalidQueueNameError);
      await expect(manager.pop(queue)).rejects.toThrow(InvalidQueueNameError);
      await expect(manager.counts(queue)).rejects.toThrow(InvalidQueueNameError);
      await expect(manager.clear(queue)).rejects.toThrow(InvalidQueueNameError);
    },
  );

  test.each(['', '~a', 'a'.repeat(257), 'a b', 5, null])('rejects the job id %j, and stores nothing', async (id) => {
    await expect(scene.manager.push(BulkJob, 1, { id: id as string })).rejects.toThrow(InvalidJobIdError);
    await expect(scene.manager.getJobStatus(id as string)).rejects.toThrow(InvalidJobIdError);
    await expect(scene.manager.updateJobStatus(id as string, 'queued')).rejects.toThrow(InvalidJobIdError);
  });

  test.each<[unknown, string]>([
    [{ maxTries: 0 }, '"push options.maxTries": expected a whole number from 1'],
    [{ maxTries: 1.5 }, 'got 1.5'],
    [{ maxTries: '3' }, 'got "3"'],
    [{ retryDelay: -1 }, '"push options.retryDelay"'],
    [{ timeout: 'soon' }, '"push options.timeout"'],
    [{ que: 'a' }, 'did you mean "queue"?'],
    [5, '"push options": expected an object, got 5'],
    [null, 'got null'],
    [['a'], 'got an array of 1'],
  ])('rejects the options %j, and stores nothing', async (options, message) => {
    for (const push of [
      () => scene.manager.push(BulkJob, 1, options as object),
      () => scene.manager.later(BulkJob, 1, 5, options as object),
      () => scene.manager.pushMany(BulkJob, [1], options as object),
    ]) {
      await expect(push()).rejects.toThrow(InvalidOptionError);
      await expect(push()).rejects.toThrow(message);
    }
  });

  test('rejects a second delay, an id for a bulk push, and a value in place of a list', async () => {
    const { manager } = scene;
    await expect(manager.later(BulkJob, 1, 5, { delay: 5 } as object)).rejects.toThrow(
      /"push options.delay": expected none/,
    );
    await expect(manager.pushMany(BulkJob, [1], { id: 'a' } as object)).rejects.toThrow(
      /"push options.id": expected none/,
    );
    await expect(manager.pushMany(BulkJob, 'ab' as never)).rejects.toThrow(/"dataList": expected a list, got "ab"/);
    await expect(manager.pushMany(undefined as never)).rejects.toThrow(/"jobs": expected a list/);
  });

  test('rejects a class of the wrong form of jobs', async () => {
    await expect(scene.manager.push(PictureJob, { path: 'a' } as never)).rejects.toThrow(InvalidJobError);
    await expect(scene.manager.push(new EmailJob() as never)).rejects.toThrow(InvalidJobError);
  });
});

describe('a push of data', () => {
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;

  test.each<[string, unknown, string]>([
    ['a function', { a: [1, () => 1] }, 'data.a[1] is function'],
    ['a BigInt', { n: 5n }, 'data.n is 5n'],
    ['NaN', Number.NaN, 'data is NaN'],
    ['a cycle', circular, 'contains itself'],
    ['a Map', { m: new Map() }, 'data.m is an instance of Map'],
  ])('rejects data with %s, and names the path', async (_, data, message) => {
    const push = scene.manager.push(BulkJob, data);
    await expect(push).rejects.toThrow(PayloadNotSerializableError);
    await expect(push).rejects.toThrow('The data of job BulkJob cannot be stored: ');
    await expect(push).rejects.toThrow(message);
    await expect(scene.manager.push(new PictureJob(data as string))).rejects.toThrow(PayloadNotSerializableError);
    await expect(scene.manager.pushMany(BulkJob, [1, data])).rejects.toThrow(PayloadNotSerializableError);
    expect(await scene.manager.queues()).toEqual([]);
  });

  test('compares the size of the data with maxPayloadSize in bytes', async () => {
    const manager = stage({ maxPayloadSize: 12 });
    await manager.push(BulkJob, 'ää'.repeat(2) + 'ab');
    await expect(manager.push(BulkJob, 'ää'.repeat(2) + 'abc')).rejects.toThrow(PayloadTooLargeError);
    await expect(manager.push(BulkJob, 'ä'.repeat(6))).rejects.toMatchObject({
      jobName: 'BulkJob',
      size: 14,
      limit: 12,
    });
    await expect(manager.pushMany(BulkJob, ['a', 'a'.repeat(20)])).rejects.toThrow(PayloadTooLargeError);
    expect(await scene.claim()).toHaveLength(1);
  });

  test('rejects data of more than 256 kB if maxPayloadSize is not set', async () => {
    await scene.manager.push(BulkJob, 'a'.repeat(262_142));
    await expect(scene.manager.push(BulkJob, 'a'.repeat(262_143))).rejects.toThrow(
      /takes 262145 bytes, the limit .* is 262144/,
    );
  });

  test.each<[string, PayloadSerializer['serialize'], string]>([
    [
      'throws',
      () => {
        throw new Error('no words');
      },
      'data makes the serializer throw: no words',
    ],
    ['returns no string', () => ({}) as string, 'data is made an object by the serializer, not a string'],
    ['returns a promise', (async () => '') as unknown as PayloadSerializer['serialize'], 'an instance of Promise'],
  ])('rejects if the serializer %s', async (_, serialize, message) => {
    const manager = stage({ serializer: { serialize, deserialize: () => undefined } });
    const push = manager.push(BulkJob, 1);
    await expect(push).rejects.toThrow(PayloadNotSerializableError);
    await expect(push).rejects.toThrow(message);
  });

  test('stores the text of the serializer of the module', async () => {
    const serialize = jest.fn((data: unknown) => `<${String(data)}>`);
    await stage({ serializer: { serialize, deserialize: () => undefined } }).push(BulkJob, 5);
    expect(await scene.claim()).toMatchObject([{ body: 'hBulkJob\n<5>' }]);
  });
});
