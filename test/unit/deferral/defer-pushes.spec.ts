import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { jobSpec } from '../../../lib/job/job-spec.js';
import { QueueConnectionError } from '../../../lib/queue.errors.js';
import { BulkJob, EmailJob, ManagerScene, PictureJob } from '../dispatch/manager-scene.js';

let scene: ManagerScene;

afterEach(() => scene.close());

function open(...args: ConstructorParameters<typeof ManagerScene>): ManagerScene {
  scene = new ManagerScene(...args);
  return scene;
}

const bodies = async (queue?: string): Promise<string[]> => (await scene.claim(queue)).map(({ body }) => body);

describe('deferPushes()', () => {
  it('stores the pushes of its callback together, in their order, when it has resolved', async () => {
    const { manager, driver, events } = open();
    const push = jest.spyOn(driver, 'push');
    const heard: string[] = [];
    events.on('pushed', ({ id }) => heard.push(id));
    const [result, ids] = await manager.deferPushes(async () => {
      const first = await manager.dispatch(BulkJob, 1);
      const others = await manager.dispatchMany(BulkJob, [2, 3]);
      const last = await manager.dispatch(new PictureJob('a.png'));
      const all = [first, ...others, last];
      expect(all.map(({ outcome }) => outcome)).toEqual(['deferred', 'deferred', 'deferred', 'deferred']);
      await Promise.resolve();
      expect(await manager.counts()).toMatchObject({ ready: 0 });
      expect(heard).toEqual([]);
      return ['result', all.map(({ id }) => id)] as const;
    });
    expect(result).toBe('result');
    expect(push).toHaveBeenCalledTimes(1);
    expect(heard).toEqual(ids);
    const claimed = await scene.claim();
    expect(claimed.map(({ id }) => id)).toEqual(ids);
    expect(claimed.map(({ body }) => body.split('\n')[1])).toEqual(['1', '2', '3', '{"path":"a.png","width":640}']);
  });

  it('drops them if its callback rejects or throws, also those that come late', async () => {
    const { manager } = open();
    let late: Promise<string> | undefined;
    const failing = manager.deferPushes(async () => {
      await manager.push(BulkJob, 1);
      late = new Promise<void>((resolve) => void setImmediate(resolve)).then(() => manager.push(BulkJob, 2));
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    await late;
    await expect(
      manager.deferPushes(() => {
        throw new Error('at once');
      }),
    ).rejects.toThrow('at once');
    expect(await manager.counts()).toMatchObject({ ready: 0 });
  });

  it('stores a push at once that comes after its end, and pushes outside of it', async () => {
    const { manager } = open();
    let late: Promise<unknown> | undefined;
    await manager.deferPushes(() => {
      late = new Promise<void>((resolve) => void setImmediate(resolve)).then(() => manager.dispatch(BulkJob, 'late'));
    });
    expect(await late).toMatchObject({ outcome: 'queued' });
    expect(await manager.dispatch(BulkJob, 'outside')).toMatchObject({ outcome: 'queued' });
  });

  it('keeps calls that run at the same time apart', async () => {
    const { manager } = open();
    const defer = (name: string, isGood: boolean): Promise<unknown> =>
      manager
        .deferPushes(async () => {
          await manager.push(BulkJob, `${name}1`);
          await Promise.resolve();
          await manager.push(BulkJob, `${name}2`);
          if (!isGood) throw new Error(name);
        })
        .catch(() => undefined);
    await Promise.all([defer('a', true), defer('b', false), defer('c', true)]);
    expect((await bodies()).map((body) => body.split('\n')[1])).toEqual(['"a1"', '"a2"', '"c1"', '"c2"']);
  });

  it('checks a push when it is made, and stores its data as it was then', async () => {
    const { manager } = open({ maxPayloadSize: 100 });
    await manager.deferPushes(async () => {
      const data = { text: 'before' };
      await manager.push(BulkJob, data);
      data.text = 'after';
      await expect(manager.push(BulkJob, 'x'.repeat(200))).rejects.toThrow(/takes 202 bytes/);
      await expect(manager.push(BulkJob, () => {})).rejects.toThrow(/function/);
    });
    expect(await bodies()).toEqual(['hBulkJob\n{"text":"before"}']);
  });

  it('counts a delay from the push, and the wait of a debounced job from when it is stored', async () => {
    const { manager, clock } = open();
    const ids = await manager.deferPushes(async () => {
      const delayed = await manager.later(BulkJob, 1, 10);
      const due = await manager.later(BulkJob, 2, 3);
      const debounced = await manager.push(BulkJob, 3, { debounce: { key: 'k', wait: 10 } });
      await clock.advance(4);
      return [delayed, due, debounced];
    });
    const due = async (id: string) => (await manager.getJob(id))!.availableAt?.getTime();
    const now = clock.now();
    expect(await due(ids[0]!)).toBe(now + 6_000);
    expect(await manager.getJobStatus(ids[1]!)).toMatchObject({ status: 'queued' });
    expect(await due(ids[2]!)).toBe(now + 10_000);
  });

  it('keeps the data of a job that is merged when it is stored', async () => {
    const { manager } = open();
    const merge = (waiting: number[], pushed: number[]): number[] => [...waiting, ...pushed];
    const registered = { debounce: { key: 'k', wait: 0.001, merge } };
    jest.spyOn(manager['pipeline']['parts'].registry, 'get').mockReturnValue({
      name: 'BulkJob',
      jobClass: BulkJob,
      options: registered,
      takesData: true,
    } as never);
    await manager.deferPushes(async () => {
      for (const number of [1, 2]) {
        const data = [number];
        await manager.push(BulkJob, data);
        data.push(100);
      }
    });
    await scene.clock.advance(1);
    expect(await bodies()).toEqual([expect.stringMatching(/\n\[1,2\]$/)]);
  });

  it('rejects if the jobs cannot be stored', async () => {
    const { manager, driver } = open();
    jest.spyOn(driver, 'push').mockRejectedValue(new QueueConnectionError('Away'));
    await expect(manager.deferPushes(() => manager.push(BulkJob, 1))).rejects.toThrow('Away');
  });

  it('sends nothing if nothing was pushed', async () => {
    const { manager, driver } = open();
    const push = jest.spyOn(driver, 'push');
    expect(await manager.deferPushes(() => 5)).toBe(5);
    expect(push).not.toHaveBeenCalled();
  });

  it('stores the jobs of several queues, and tells of an id of another job', async () => {
    const { manager } = open();
    await manager.push(BulkJob, 1, { id: 'taken' });
    const deferring = manager.deferPushes(async () => {
      await manager.push(EmailJob, { to: 'ada' }, { id: 'taken' });
      await manager.pushMany([jobSpec(EmailJob, { to: 'bob' }), jobSpec(BulkJob, 2)]);
    });
    await expect(deferring).rejects.toMatchObject({ code: 'ERR_JOB_ID_CONFLICT', ids: ['taken'] });
    expect(await manager.counts('emails')).toMatchObject({ ready: 1 });
    expect(await manager.counts()).toMatchObject({ ready: 2 });
  });
});

describe('a nested deferPushes()', () => {
  it('joins the outer one, and keeps the order of the pushes', async () => {
    const { manager, driver } = open();
    const push = jest.spyOn(driver, 'push');
    await manager.deferPushes(async () => {
      await manager.push(BulkJob, 1);
      await manager.deferPushes(async () => {
        await manager.push(BulkJob, 2);
      });
      expect(await manager.counts()).toMatchObject({ ready: 0 });
      await manager.push(BulkJob, 3);
    });
    expect(push).toHaveBeenCalledTimes(1);
    expect(await bodies()).toEqual(['hBulkJob\n1', 'hBulkJob\n2', 'hBulkJob\n3']);
  });

  it('drops its own pushes if it rejects and the outer one goes on, as a savepoint does', async () => {
    const { manager } = open();
    await manager.deferPushes(async () => {
      await manager.push(BulkJob, 1);
      await manager
        .deferPushes(async () => {
          await manager.push(BulkJob, 2);
          await manager.deferPushes(() => manager.push(BulkJob, 3));
          throw new Error('inner');
        })
        .catch(() => undefined);
      await manager.push(BulkJob, 4);
    });
    expect(await bodies()).toEqual(['hBulkJob\n1', 'hBulkJob\n4']);
  });

  it('is dropped with the outer one', async () => {
    const { manager } = open();
    const deferring = manager.deferPushes(async () => {
      await manager.deferPushes(() => manager.push(BulkJob, 1));
      throw new Error('outer');
    });
    await expect(deferring).rejects.toThrow('outer');
    expect(await manager.counts()).toMatchObject({ ready: 0 });
  });
});

describe('a wait for a deferred job', () => {
  it('is rejected at once: pushAndWait(), which pushes nothing, and waitFor()', async () => {
    const { manager } = open();
    await manager.deferPushes(async () => {
      const id = await manager.push(BulkJob, 1);
      const waiting = manager.waitFor(id, { timeout: 60 });
      await expect(waiting).rejects.toMatchObject({
        code: 'ERR_JOB_NOT_FOUND',
        message: expect.stringMatching(/deferred/),
      });
      const pushing = manager.pushAndWait(BulkJob, 2, { timeout: 60 });
      await expect(pushing).rejects.toMatchObject({
        code: 'ERR_JOB_NOT_FOUND',
        message: expect.stringMatching(/deferred/),
      });
    });
    expect(await bodies()).toEqual(['hBulkJob\n1']);
  });
});
