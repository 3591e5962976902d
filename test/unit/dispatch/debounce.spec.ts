import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { defineJob } from '../../../lib/job/define-job.js';
import { jobSpec } from '../../../lib/job/job-spec.js';
import { InvalidOptionError } from '../../../lib/queue.errors.js';
import { BulkJob, ManagerScene } from './manager-scene.js';

interface Changes {
  readonly of: string;
  readonly fields: readonly string[];
}

const Plain = defineJob<Changes>('debounced-plain', { queue: 'index', debounce: { key: ({ of }) => of, wait: '10s' } });
const Merged = defineJob<Changes>('debounced-merged', {
  queue: 'index',
  debounce: {
    key: ({ of }) => of,
    wait: 10,
    maxWait: '1m',
    merge: (waiting, pushed) => ({ of: pushed.of, fields: [...waiting.fields, ...pushed.fields] }),
  },
});
const Unique = defineJob<Changes>('debounced-unique', { queue: 'index', unique: true });

let scene: ManagerScene;
beforeEach(() => void (scene = new ManagerScene()));
afterEach(() => scene.close());

const dataOf = async () => {
  await scene.clock.advance(10);
  return (await scene.claim('index')).map(({ id, body }) => [id, JSON.parse(body.split('\n')[1]!)] as const);
};

describe('a debounced job', () => {
  test('is delayed, and replaced by the next push of its key', async () => {
    const { manager } = scene;
    const first = await manager.dispatch(Plain, { of: 'a', fields: ['x'] });
    expect(first.outcome).toBe('delayed');
    expect(await manager.dispatch(Plain, { of: 'a', fields: ['y'] })).toEqual({ id: first.id, outcome: 'replaced' });
    expect(await manager.push(Plain, { of: 'a', fields: ['z'] })).toBe(first.id);
    expect(await dataOf()).toEqual([[first.id, { of: 'a', fields: ['z'] }]]);
  });

  test('is merged with the one that waits, also by pushMany()', async () => {
    const { manager } = scene;
    const { id } = await manager.dispatch(Merged, { of: 'a', fields: ['1'] });
    const results = await manager.dispatchMany([
      jobSpec(Merged, { of: 'a', fields: ['2'] }),
      jobSpec(BulkJob, 5),
      jobSpec(Merged, { of: 'b', fields: ['3'] }),
      jobSpec(Merged, { of: 'a', fields: ['4'] }),
    ]);
    expect(results.map(({ outcome }) => outcome)).toEqual(['replaced', 'queued', 'delayed', 'replaced']);
    expect(results[3]!.id).toBe(id);
    expect(new Map(await dataOf())).toEqual(
      new Map([
        [id, { of: 'a', fields: ['1', '2', '4'] }],
        [results[2]!.id, { of: 'b', fields: ['3'] }],
      ]),
    );
  });

  test('is merged again if the one that waits has changed meanwhile', async () => {
    let calls = 0;
    scene = new ManagerScene({}, (driver) =>
      Object.assign(Object.create(driver) as typeof driver, {
        readDebounced: async (queue: string, key: string) => {
          const read = await driver.readDebounced(queue, key);
          // Somebody else pushes between the look and the push.
          if (calls++ === 1) await driver.push('index', [rival(key)], true);
          return read;
        },
      }),
    );
    const rival = (key: string) => ({
      id: 'rival',
      isGenerated: true as const,
      body: 'hdebounced-merged\n{"of":"a","fields":["rival"]}',
      delay: 10,
      traits: { debounce: { key } },
    });
    const id = await scene.manager.push(Merged, { of: 'a', fields: ['1'] });
    expect(await scene.manager.dispatch(Merged, { of: 'a', fields: ['2'] })).toEqual({ id, outcome: 'replaced' });
    expect(calls).toBe(3);
    expect(await dataOf()).toEqual([[id, { of: 'a', fields: ['rival', '2'] }]]);
  });

  test('emits the event pushed with its id each time', async () => {
    const ids: (string | undefined)[] = [];
    scene.events.on('pushed', ({ id }) => void ids.push(id));
    const id = await scene.manager.push(Plain, { of: 'a', fields: [] });
    await scene.manager.push(Plain, { of: 'a', fields: [] });
    await scene.manager.pushMany(Plain, [{ of: 'a', fields: [] }]);
    expect(ids).toEqual([id, id, id]);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['delay', () => scene.manager.push(Plain, { of: 'a', fields: [] }, { delay: 5 })],
    ['delay', () => scene.manager.later(Plain, { of: 'a', fields: [] }, 5)],
    ['id', () => scene.manager.push(Plain, { of: 'a', fields: [] }, { id: 'a' })],
    ['unique', () => scene.manager.push(Plain, { of: 'a', fields: [] }, { unique: true })],
    ['unique', () => scene.manager.push(BulkJob, 1, { unique: true, debounce: { key: 'a', wait: 1 } })],
    ['debounce', () => scene.manager.push(Unique, { of: 'a', fields: [] }, { debounce: { key: 'a', wait: 1 } })],
    ['debounce.key', () => scene.manager.push(BulkJob, 1, { debounce: { wait: 1 } })],
    ['debounce.wait', () => scene.manager.push(BulkJob, 1, { debounce: { key: 'a' } })],
    ['push options.debounce.wait', () => scene.manager.push(BulkJob, 1, { debounce: { key: 'a', wait: 0 } })],
    ['push options.debounce', () => scene.manager.push(BulkJob, 1, { debounce: true as never })],
    ['push options.debounce.merge', () => scene.manager.push(BulkJob, 1, { debounce: { merge: () => 1 } as never })],
    ['debounce.key', () => scene.manager.push(Plain, { fields: [] } as never)],
  ])('is refused with a wrong option (%s), and nothing is stored', async (option, push) => {
    await expect(push()).rejects.toThrow(InvalidOptionError);
    await expect(push()).rejects.toMatchObject({ option });
    expect(await scene.manager.queues()).toEqual([]);
  });

  test('is refused by defineJob() without a key or a time, or beside unique', () => {
    const define = (options: object) => () => defineJob('debounced-wrong', options);
    expect(define({ debounce: { wait: 1 } })).toThrow('debounce.key');
    expect(define({ debounce: { key: 'a' } })).toThrow('debounce.wait');
    expect(define({ debounce: { key: 'a', wait: 1, merge: 5 } })).toThrow('debounce.merge');
    expect(define({ debounce: { key: 'a', wait: 1 }, unique: true })).toThrow('none beside "debounce"');
  });

  test('rejects a push whose data cannot be merged, and leaves the job that waits', async () => {
    const cause = new Error('no way');
    const Broken = defineJob<number>('debounced-broken', {
      queue: 'index',
      debounce: {
        key: 'all',
        wait: 10,
        merge: () => {
          throw cause;
        },
      },
    });
    const id = await scene.manager.push(Broken, 1);
    await expect(scene.manager.push(Broken, 2)).rejects.toMatchObject({ option: 'debounce.merge', cause });
    expect(await dataOf()).toEqual([[id, 1]]);
  });
});
