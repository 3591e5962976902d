import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { JobCancellation } from '../../../lib/cancellation/job-cancellation.js';
import type { CancelAllOptions } from '../../../lib/cancellation/cancel-all-options.js';
import { BulkJob, EmailJob, ManagerScene } from '../dispatch/manager-scene.js';

describe('cancelAll()', () => {
  let scene: ManagerScene;
  let cancellation: JobCancellation;
  let ids: readonly string[];
  const states = () => Promise.all(ids.map(async (id) => (await scene.manager.getJobStatus(id))?.status));

  beforeEach(async () => {
    scene = new ManagerScene();
    cancellation = new JobCancellation(scene.driver, scene.events, scene.clock);
    const queue = { queue: 'jobs' };
    ids = [
      await scene.manager.push(BulkJob, 1, { ...queue, tags: ['a', 'b'] }),
      await scene.manager.push(BulkJob, 2, { ...queue, tags: ['b'] }),
      await scene.manager.push(EmailJob, { to: 'ada' }, { ...queue, tags: ['a'], delay: 60 }),
      await scene.manager.push(EmailJob, { to: 'a"a' }, queue),
      await scene.manager.push(BulkJob, 5, { queue: 'others', tags: ['a'] }),
    ];
  });
  afterEach(() => scene.close());

  it.each<[CancelAllOptions | undefined, number[]]>([
    [undefined, [0, 1, 2, 3]],
    [{ name: 'BulkJob' }, [0, 1]],
    [{ tag: 'a' }, [0, 2]],
    [{ name: 'EmailJob', tag: 'a' }, [2]],
    [{ name: 'Bulk' }, []],
    [{ tag: 'c' }, []],
  ])('cancels the jobs of the queue that match (%o), and tells how many', async (options, expected) => {
    expect(await cancellation.cancelAll('jobs', options)).toBe(expected.length);
    expect(await states()).toEqual(
      [0, 1, 2, 3, 4].map((index) => {
        if (expected.includes(index)) return 'cancelled';
        return index === 2 ? 'delayed' : 'queued';
      }),
    );
    expect(await cancellation.cancelAll('jobs', options)).toBe(0);
  });

  it('counts claimed jobs once, whose consumers are told', async () => {
    const [first] = await scene.claim('jobs', 1);
    expect(first?.id).toBe(ids[0]);
    expect([await cancellation.cancelAll('jobs'), await cancellation.cancelAll('jobs')]).toEqual([4, 0]);
    expect(await states()).toEqual(['processing', 'cancelled', 'cancelled', 'cancelled', 'queued']);
    expect(await scene.manager.cancel(ids[0]!)).toBe('cancelling');
  });

  it('emits an event for each job that had waited', async () => {
    await scene.claim('jobs', 1);
    const heard: string[] = [];
    scene.events.on('cancelled', ({ id, queue, name }) => heard.push(`${queue} ${name} ${id}`));
    await cancellation.cancelAll('jobs', { tag: 'b' });
    expect(heard).toEqual([`jobs BulkJob ${ids[1]}`]);
    await cancellation.cancelAll('jobs');
    expect(heard.slice(1)).toEqual([`jobs EmailJob ${ids[2]}`, `jobs EmailJob ${ids[3]}`]);
  });

  it.each([undefined, 0])(
    'tells the queue and the name also if nothing is kept of the jobs (status time: %p)',
    async (statusTtl) => {
      const other = new ManagerScene(statusTtl === undefined ? {} : { statusTtl });
      const heard: string[] = [];
      other.events.on('cancelled', ({ id, queue, name, reason }) => heard.push(`${queue} ${name} ${id} ${reason}`));
      const some = [
        await other.manager.push(BulkJob, 1, { queue: 'jobs' }),
        await other.manager.push(BulkJob, 2, { queue: 'jobs', id: 'mine', delay: 60 }),
        await other.manager.push(BulkJob, 3, { queue: 'jobs' }),
      ];
      expect(await other.manager.cancel(some[0]!, 'why')).toBe('cancelled');
      expect(await other.manager.cancel('mine')).toBe('cancelled');
      expect(await other.manager.cancel('nobody')).toBeNull();
      await new JobCancellation(other.driver, other.events, other.clock).cancelAll('jobs');
      expect(heard).toEqual([
        `jobs BulkJob ${some[0]} why`,
        'jobs BulkJob mine undefined',
        `jobs BulkJob ${some[2]} undefined`,
      ]);
      await other.close();
    },
  );

  it.each([
    ['a b', {}, 'ERR_INVALID_QUEUE_NAME'],
    ['jobs', { name: 5 }, 'ERR_INVALID_OPTION'],
    ['jobs', { tag: '' }, 'ERR_INVALID_OPTION'],
    ['jobs', { names: 'BulkJob' }, 'ERR_INVALID_OPTION'],
  ])('refuses wrong arguments before anything is cancelled (%s, %o)', async (queue, options, code) => {
    await expect(cancellation.cancelAll(queue, options as CancelAllOptions)).rejects.toMatchObject({ code });
    expect(await states()).not.toContain('cancelled');
  });
});
