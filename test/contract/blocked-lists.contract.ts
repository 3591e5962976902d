import { describe, expect, it } from '@jest/globals';
import type { ClaimedJob, NewJob } from '../../lib/drivers/queue-driver.interface.js';
import type { StartLimits } from '../../lib/drivers/queue-limits.interface.js';
import {
  PLACES_OF_STATE,
  type ListCursor,
  type ListRequest,
  type StoredJob,
} from '../../lib/drivers/queue-lists.interface.js';
import type { ListedState } from '../../lib/job/job-status.js';
import { slices } from '../../lib/support/slices.js';
import type { DriverHarness } from './driver-harness.js';
import { groupedJobs } from './groups.contract.js';
import { QUEUE, Scene, settlement } from './scene.js';

const WAITING = ['queued', 'delayed', 'retrying', 'blocked'] as const;

/** Tests the lists of jobs that wait for a place of their group or queue. */
export function describeBlockedLists(harness: DriverHarness): void {
  const sceneWith = (limits?: StartLimits): Scene => new Scene(harness, undefined, undefined, limits);
  const pushTo = (scene: Scene, ids: string, delay = 0) =>
    scene.driver.push(QUEUE, groupedJobs(ids.split(' '), delay), true);

  /** Walks through all places of a state. */
  async function listed(scene: Scene, state: ListedState, request: Partial<ListRequest> = {}): Promise<StoredJob[]> {
    const jobs: StoredJob[] = [];
    const { order = 'oldest' } = request;
    const places = PLACES_OF_STATE[state];
    for (const place of order === 'oldest' ? places : places.toReversed()) {
      let cursor: ListCursor | undefined;
      do {
        const all = { place, states: [state], order, limit: 50, skip: 0, filter: {}, ...request, cursor };
        const page = await scene.driver.lists.page(QUEUE, all);
        jobs.push(...page.jobs);
        ({ cursor } = page);
      } while (cursor);
    }
    expect(jobs.map((job) => job.state)).toEqual(jobs.map(() => state));
    return jobs;
  }

  /** Returns the ids of the waiting jobs by their states. The lists, the totals, the counts and the jobs by their ids have to agree. */
  async function waiting(scene: Scene): Promise<Partial<Record<ListedState, string[]>>> {
    const found: Partial<Record<ListedState, string[]>> = {};
    for (const state of WAITING) {
      const jobs = await listed(scene, state);
      expect([state, await scene.driver.lists.total(QUEUE, [state])]).toEqual([state, jobs.length]);
      for (const job of jobs) expect(await scene.driver.lists.find(job.id, [QUEUE])).toEqual(job);
      if (jobs.length > 0) found[state] = jobs.map(({ id }) => id).sort();
    }
    const all = Object.values(found).flat();
    expect(new Set(all).size).toBe(all.length);
    const { ready, blocked, delayed } = await scene.driver.counts(QUEUE);
    expect({ blocked, waiting: ready + blocked + delayed }).toEqual({
      blocked: found.blocked?.length ?? 0,
      waiting: all.length,
    });
    expect(await scene.driver.lists.total(QUEUE, WAITING)).toBe(all.length);
    return found;
  }

  describe('lists of blocked jobs', () => {
    describe('of groups with a concurrency', () => {
      const scene = sceneWith({ groups: { concurrency: 1 } });

      it('have the ready jobs of full groups alone, until a place is free', async () => {
        await pushTo(scene, 'a-1 a-2 a-3 b-1 1 2');
        await pushTo(scene, 'a-4', 60);
        expect(await waiting(scene)).toEqual({ queued: ['1', '2', 'a-1', 'a-2', 'a-3', 'b-1'], delayed: ['a-4'] });
        const consumer = scene.consume();
        const [first] = await consumer.claim(2);
        expect(first!.id).toBe('a-1');
        expect(await waiting(scene)).toEqual({ queued: ['2', 'b-1'], blocked: ['a-2', 'a-3'], delayed: ['a-4'] });
        await consumer.complete(first!);
        expect(await waiting(scene)).toEqual({ queued: ['2', 'a-2', 'a-3', 'b-1'], delayed: ['a-4'] });
      });

      it('have jobs that were tried before, with their last error', async () => {
        await pushTo(scene, 'a-1 a-2 b-1');
        const consumer = scene.consume();
        const jobs = await consumer.claim(2);
        await consumer.settle(...jobs.map((job) => settlement.retry(job, { error: 'broken' })));
        expect(await waiting(scene)).toEqual({ queued: ['a-2'], retrying: ['a-1', 'b-1'] });
        await consumer.claim(1);
        expect(await waiting(scene)).toEqual({ blocked: ['a-1'], retrying: ['b-1'] });
        const [tried] = await listed(scene, 'blocked');
        expect(tried).toMatchObject({ attempt: 1, error: 'broken', failures: [{ error: 'broken' }] });
        expect(await scene.driver.getStatus('a-1')).toMatchObject({ state: 'retrying' });
      });

      it('go page by page through many groups of which few are full, in both orders', async () => {
        const others = Array.from({ length: 600 }, (_, index) => `g${index}-1`);
        for (const part of slices(others, 100)) await pushTo(scene, part.join(' '));
        await pushTo(scene, 'a-1 a-2 a-3 a-4 z-1 z-2 z-3');
        const consumer = scene.consume();
        const claimed: ClaimedJob[] = [];
        while (claimed.length < 602) claimed.push(...(await consumer.claim(100)));
        const free = claimed.filter(({ id }) => id.startsWith('g'));
        for (const part of slices(free, 100)) await consumer.settle(...part.map((job) => settlement.retry(job)));
        for (const order of ['oldest', 'newest'] as const) {
          const ids = (await listed(scene, 'blocked', { order, limit: 2 })).map(({ id }) => id);
          expect(ids.toSorted()).toEqual(['a-2', 'a-3', 'a-4', 'z-2', 'z-3']);
          const ofGroup = ids.filter((id) => id.startsWith('a'));
          expect(order === 'oldest' ? ofGroup : ofGroup.reverse()).toEqual(['a-2', 'a-3', 'a-4']);
        }
        expect(await listed(scene, 'queued')).toHaveLength(0);
        expect(await listed(scene, 'retrying')).toHaveLength(600);
      });

      it('leave out jobs that the filter does not match', async () => {
        await pushTo(scene, 'a-1 a-2 a-3');
        await scene.consume().claim(1);
        const found = await listed(scene, 'blocked', { filter: { search: 'a-3' } });
        expect(found.map(({ id }) => id)).toEqual(['a-3']);
      });
    });

    describe('of groups with a rate limit', () => {
      const scene = sceneWith({ groups: { rateLimit: { max: 1, per: 10 } } });

      it('have the ready jobs of groups whose window is full', async () => {
        await pushTo(scene, 'a-1 a-2 b-1');
        const consumer = scene.consume();
        await consumer.claim(1);
        await consumer.claim(2);
        expect(await waiting(scene)).toEqual({ blocked: ['a-2'] });
        await scene.advance(11);
        await consumer.poll();
        expect(await waiting(scene)).toEqual({ queued: ['a-2'] });
      });
    });

    describe('of ordered groups', () => {
      const scene = sceneWith({ groups: { concurrency: 1, ordered: true } });

      it('have the ready jobs of a group that a job holds back, and not that job', async () => {
        await pushTo(scene, 'a-1 a-2 a-3');
        const consumer = scene.consume();
        const [first] = await consumer.claim(1);
        await consumer.settle(settlement.retry(first!, { delay: 30 }));
        expect(await waiting(scene)).toEqual({ blocked: ['a-2', 'a-3'], retrying: ['a-1'] });
      });
    });

    describe('of a queue with a concurrency', () => {
      const scene = sceneWith({ concurrency: 2 });

      it('have all of its ready jobs while it is full, recovered ones too', async () => {
        const ranked: NewJob = {
          id: 'high',
          body: 'hhigh\t{"p":5}\n',
          delay: 0,
          isGenerated: true,
          traits: { priority: 5 },
        };
        await pushTo(scene, '1 2 3 a-1 a-2');
        await scene.driver.push(QUEUE, [ranked], true);
        await pushTo(scene, 'late', 3_600);
        const alive = scene.consume();
        const [lost] = await scene.crashWith(1, alive);
        await alive.poll();
        const before = await waiting(scene);
        expect(before).toMatchObject({ retrying: [lost!.id], delayed: ['late'] });
        expect(before.blocked).toBeUndefined();
        const jobs = await alive.claim(2);
        expect(jobs).toHaveLength(2);
        const left = [...before.queued!, lost!.id].filter((id) => jobs.every((job) => job.id !== id)).sort();
        expect(await waiting(scene)).toEqual({ blocked: left, delayed: ['late'] });
        const recovered = await scene.driver.lists.find(lost!.id, [QUEUE]);
        expect(recovered).toMatchObject({ state: 'blocked', failures: [{ attempt: 1 }], error: expect.any(String) });
        await alive.complete(jobs[0]!);
        expect((await waiting(scene)).blocked).toBeUndefined();
      });
    });

    describe('of a queue that is held back', () => {
      const scene = sceneWith();

      it('have all of its ready jobs until the end of the hold', async () => {
        await pushTo(scene, '1 2 a-1 a-2');
        const consumer = scene.consume();
        const [first] = await consumer.claim(1);
        await consumer.settle(settlement.release(first!, { delay: 20, hold: 'queue' }));
        expect((await waiting(scene)).blocked).toHaveLength(3);
        await scene.driver.limits.endHold(QUEUE);
        expect((await waiting(scene)).blocked).toBeUndefined();
      });

      it('are empty while it is paused alone', async () => {
        await pushTo(scene, '1 a-1');
        await scene.driver.pauses.pause(QUEUE, null);
        expect(await waiting(scene)).toEqual({ queued: ['1', 'a-1'] });
      });
    });
  });
}
