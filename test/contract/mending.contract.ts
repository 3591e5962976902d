import { describe, expect, it } from '@jest/globals';
import type { Settlement } from '../../lib/drivers/queue-driver.interface.js';
import type { JobState } from '../../lib/job/job-status.js';
import { PLACES_OF_STATE } from '../../lib/drivers/queue-lists.interface.js';
import type { DriverHarness } from './driver-harness.js';
import { idsOf, LEASE, numbered, QUEUE, Scene, settlement, type TestConsumer } from './scene.js';

/** Seconds. */
const KEPT = 300;

/** Tests what an operator can change of jobs. */
export function describeMending(harness: DriverHarness): void {
  describe('mending', () => {
    const scene = new Scene(harness, 600, { completed: KEPT, failed: KEPT, maxCompleted: 5, maxFailed: 1_000 });
    const mending = () => scene.driver.mending;
    const counts = () => scene.driver.counts(QUEUE);
    const stateOf = async (id: string) => (await scene.driver.getStatus(id))?.state;

    /** Pushes jobs, and lets them fail. */
    async function failing(consumer: TestConsumer, ids: readonly string[], name?: string): Promise<void> {
      const jobs = ids.map((id) => ({ id, body: `h${name ?? 'Mail'}\n{"of":"${id}"}`, delay: 0, name }));
      for (let at = 0; at < jobs.length; at += 100) {
        await scene.driver.push(QUEUE, jobs.slice(at, at + 100), name !== undefined);
        await consumer.settle(...(await consumer.claim(100)).map((job) => settlement.fail(job)));
      }
    }

    describe('the time since when a job waits', () => {
      const since = async (consumer: TestConsumer) => (await consumer.claimOne()).waitsSince;
      const now = async (): Promise<number> => (await scene.driver.stats.look(QUEUE)).now;
      const isAbout = (time: number | undefined, expected: number) => {
        expect(time).toBeGreaterThanOrEqual(expected - 1);
        expect(time).toBeLessThan(expected + 500);
      };

      it('is not told of a job that nobody changed', async () => {
        const consumer = scene.consume();
        await scene.push(['a']);
        const job = await consumer.claimOne();
        expect(job.waitsSince).toBeUndefined();
        await consumer.retry(job);
        expect((await consumer.claimOne()).waitsSince).toBeUndefined();
      });

      it('is the time when it was put back, also into another queue, and stays over a requeue', async () => {
        const consumer = scene.consume();
        await failing(consumer, ['a', 'b']);
        await scene.advance(100);
        const time = await now();
        await mending().retry(QUEUE, ['a']);
        await mending().move(QUEUE, ['b'], 'other');
        const { ready } = await scene.driver.stats.look(QUEUE);
        expect(ready).toMatchObject([{ isRetried: false }]);
        isAbout(ready[0]!.waitsSince, time);
        const job = await consumer.claimOne();
        isAbout(job.waitsSince, time);
        await consumer.settle(settlement.release(job, { position: 'front' }));
        isAbout(await since(consumer), time);
        isAbout((await scene.consume({ queue: 'other' }).claimOne()).waitsSince, time);
      });

      it('stays over a retry, a loss of its consumer, and a new time for a job that was tried', async () => {
        const alive = scene.consume();
        await failing(alive, ['a']);
        const time = await now();
        await mending().retry(QUEUE, ['a']);
        await scene.advance(10);
        await alive.retry(await alive.claimOne(), { delay: 100 });
        await mending().reschedule(QUEUE, 'a', 5);
        await scene.advance(5);
        await alive.retry(await alive.claimOne(), { delay: 100 });
        await mending().promote(QUEUE, 'a');
        const job = await alive.claimOne();
        isAbout(job.waitsSince, time);
        await alive.retry(job);
        await scene.crashWith(1, alive);
        const [recovered] = await alive.claimRecovered();
        expect(recovered).toMatchObject({ attempt: 4, crashes: 1 });
        isAbout(recovered!.waitsSince, time);
      });

      it('is the time when it was promoted, or that for which it was rescheduled', async () => {
        const consumer = scene.consume();
        await scene.push(['a', 'b', 'c'], { delay: 60 });
        await scene.advance(10);
        const time = await now();
        await mending().promote(QUEUE, 'a');
        isAbout(await since(consumer), time);
        await mending().reschedule(QUEUE, 'b', 20);
        await scene.advance(30);
        isAbout(await since(consumer), time + 20_000);
      });
    });

    describe('retry', () => {
      it('puts a failed job back as a new one, with its data', async () => {
        const consumer = scene.consume();
        await scene.driver.push(QUEUE, [{ id: 'a', body: 'hMail\t{"g":["vip"]}\n{"to":1}', delay: 0 }], false);
        await consumer.retry(await consumer.claimOne());
        await consumer.fail(await consumer.claimOne());
        expect(await counts()).toMatchObject({ ready: 0, failed: 1 });
        expect(await mending().retry(QUEUE, ['a'])).toBe(1);
        expect(await counts()).toEqual({ ready: 1, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
        expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'queued', attempt: 0, queue: QUEUE });
        expect((await scene.driver.getStatus('a'))?.error).toBeUndefined();
        const job = await consumer.claimOne();
        expect(job).toMatchObject({ id: 'a', attempt: 1, crashes: 0, body: 'hMail\t{"g":["vip"]}\n{"to":1}' });
        await consumer.complete(job);
        expect(await stateOf('a')).toBe('completed');
      });

      it('begins the crashes of a job anew', async () => {
        const consumer = scene.consume();
        await scene.push(['a']);
        await scene.crashWith(1, consumer);
        await consumer.poll();
        const [job] = await consumer.claimRecovered();
        expect(job).toMatchObject({ crashes: 1 });
        await consumer.fail(job!);
        expect(await mending().retry(QUEUE, ['a'])).toBe(1);
        expect(await consumer.claimOne()).toMatchObject({ id: 'a', attempt: 1, crashes: 0 });
      });

      it('forgets the progress and the checkpoint of a job', async () => {
        const consumer = scene.consume();
        await scene.push(['a']);
        const job = await consumer.claimOne();
        await consumer.note(job, 1, { progress: '50', checkpoint: 'page 7' });
        await consumer.fail(job);
        await mending().retry(QUEUE, ['a']);
        expect((await scene.driver.getStatus('a'))?.progress).toBeUndefined();
        expect((await consumer.claimOne()).checkpoint).toBeUndefined();
      });

      it('puts jobs to the end of the queue, in the order of the ids', async () => {
        const consumer = scene.consume();
        await failing(consumer, ['a', 'b', 'c']);
        await scene.push(['d']);
        expect(await mending().retry(QUEUE, ['c', 'a'])).toBe(2);
        expect(idsOf(await consumer.claim())).toEqual(['d', 'c', 'a']);
        expect(await stateOf('b')).toBe('failed');
      });

      it('puts back each job once, whoever else does', async () => {
        const consumer = scene.consume();
        await failing(consumer, ['a', 'b']);
        const both = await Promise.all([mending().retry(QUEUE, ['a', 'b']), mending().retry(QUEUE, ['b', 'a', 'a'])]);
        expect(both[0] + both[1]).toBe(2);
        expect(idsOf(await consumer.claim()).sort()).toEqual(['a', 'b']);
      });

      it('leaves alone what is not kept as a failed job', async () => {
        const consumer = scene.consume();
        await failing(consumer, ['old']);
        await scene.advance(KEPT + 1);
        await scene.push(['done', 'runs', 'waits']);
        await consumer.complete(await consumer.claimOne());
        await consumer.claimOne();
        await scene.push(['later'], { delay: 10 });
        expect(await mending().retry(QUEUE, ['old', 'done', 'runs', 'waits', 'later', 'nobody'])).toBe(0);
        expect(await counts()).toEqual({ ready: 1, blocked: 0, delayed: 1, reserved: 1, failed: 0 });
        expect(await mending().retry('never-pushed', ['waits'])).toBe(0);
      });

      it('takes the id of an application again', async () => {
        const consumer = scene.consume();
        await failing(consumer, ['order'], 'Mail');
        await mending().retry(QUEUE, ['order']);
        const push = (name: string) =>
          scene.driver.push(QUEUE, [{ id: 'order', body: `h${name}\n`, delay: 0, name, replacesEnded: true }], true);
        expect(await push('Mail')).toMatchObject([{ outcome: 'duplicate', id: 'order' }]);
        await expect(push('Other')).rejects.toMatchObject({ code: 'ERR_JOB_ID_CONFLICT' });
        expect(idsOf(await consumer.claim())).toEqual(['order']);
      });

      it('wakes a waiting worker', async () => {
        const consumer = scene.consume();
        await failing(consumer, ['a']);
        const listener = scene.listen();
        const waiting = listener.wait(10_000);
        await mending().retry(QUEUE, ['a']);
        expect(await waiting).toBe(QUEUE);
      });

      it('keeps the job when it fails again, and its new time counts', async () => {
        const consumer = scene.consume();
        await failing(consumer, ['a', 'b']);
        await scene.advance(KEPT - 10);
        await mending().retry(QUEUE, ['a']);
        await consumer.fail(await consumer.claimOne());
        await scene.advance(20);
        expect(await counts()).toMatchObject({ failed: 1 });
        expect(await mending().retry(QUEUE, ['a', 'b'])).toBe(1);
      });

      it('forgets that a job was to be kept for a time of its own', async () => {
        const consumer = scene.consume();
        await scene.push(['a']);
        await consumer.settle({ ...settlement.fail(await consumer.claimOne()), keep: 50 } as Settlement);
        await mending().retry(QUEUE, ['a']);
        await consumer.fail(await consumer.claimOne());
        await scene.advance(60);
        expect(await mending().retry(QUEUE, ['a'])).toBe(1);
      });

      it('puts back 1,000 jobs', async () => {
        const ids = numbered(1_000);
        const consumer = scene.consume();
        await failing(consumer, ids);
        expect(await mending().retry(QUEUE, ids)).toBe(1_000);
        expect(await counts()).toMatchObject({ ready: 1_000, failed: 0 });
        expect(idsOf(await consumer.drain())).toEqual(ids);
      });
    });

    describe('move', () => {
      const OTHER = 'other';
      const move = (ids: readonly string[], to = OTHER) => mending().move(QUEUE, ids, to);

      it('puts failed jobs into another queue as new ones, at its end, in the order of the ids', async () => {
        const consumer = scene.consume();
        await scene.push(['x'], { queue: OTHER });
        await scene.push(['a']);
        await consumer.retry(await consumer.claimOne());
        const first = await consumer.claimOne();
        await consumer.note(first, 1, { progress: '50', checkpoint: 'page 7' });
        await consumer.fail(first);
        await failing(consumer, ['b', 'c']);
        expect(await move(['c', 'a', 'c', 'nobody'])).toBe(2);
        expect(await counts()).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 1 });
        expect(await scene.driver.counts(OTHER)).toEqual({ ready: 3, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
        expect(await scene.driver.queues()).toEqual([QUEUE, OTHER]);
        const status = await scene.driver.getStatus('a');
        expect(status).toEqual({ state: 'queued', queue: OTHER, attempt: 0, updatedAt: expect.any(Number) });
        const jobs = await scene.consume({ queue: OTHER }).claim();
        expect(idsOf(jobs)).toEqual(['x', 'c', 'a']);
        expect(jobs[2]).toMatchObject({ attempt: 1, crashes: 0, body: 'body of a' });
        expect(jobs[2]!.checkpoint).toBeUndefined();
        expect(await stateOf('b')).toBe('failed');
      });

      it('keeps the time of the push, the data, the failures and the log', async () => {
        const consumer = scene.consume();
        const job = { id: 'a', body: 'hMail\n{"to":1}', delay: 0, name: 'Mail' };
        await scene.driver.push(QUEUE, [job], true);
        const claimed = await consumer.claimOne();
        await consumer.note(claimed, 1, { log: { before: 0, lines: ['page 1'] } });
        await consumer.fail(claimed);
        const before = await scene.driver.lists.find('a', [QUEUE]);
        await scene.advance(5);
        expect(await move(['a'])).toBe(1);
        expect(await scene.driver.lists.find('a', [QUEUE])).toBeNull();
        const after = await scene.driver.lists.find('a', [OTHER]);
        expect(after).toMatchObject({ state: 'queued', queue: OTHER, body: before!.body, pushedAt: before!.pushedAt });
        expect(after!.failures).toEqual(before!.failures);
        expect(after!.failures).toHaveLength(1);
        expect(after!.logs).toEqual(['page 1']);
        const other = scene.consume({ queue: OTHER });
        await other.fail(await other.claimOne());
        expect((await scene.driver.lists.find('a', [OTHER]))!.failures).toHaveLength(2);
        expect(await mending().move(OTHER, ['a'], QUEUE)).toBe(1);
        expect(await consumer.claimOne()).toMatchObject({ id: 'a', attempt: 1, pushedAt: before!.pushedAt });
      });

      it('leaves alone what is not kept as a failed job', async () => {
        const consumer = scene.consume();
        await failing(consumer, ['old']);
        await scene.advance(KEPT + 1);
        await scene.push(['done', 'runs', 'waits']);
        await consumer.complete(await consumer.claimOne());
        await consumer.claimOne();
        expect(await move(['old', 'done', 'runs', 'waits', 'nobody'])).toBe(0);
        expect(await mending().move('never-pushed', ['waits'], OTHER)).toBe(0);
        expect(await scene.driver.queues()).toEqual([QUEUE]);
        expect(await counts()).toEqual({ ready: 1, blocked: 0, delayed: 0, reserved: 1, failed: 0 });
      });

      it('lets each job go once, whoever else puts it back', async () => {
        const consumer = scene.consume();
        await failing(consumer, ['a', 'b', 'c']);
        const answers = await Promise.all([
          move(['a', 'b', 'c']),
          mending().retry(QUEUE, ['c', 'b']),
          move(['b', 'a'], 'third'),
          mending().remove(QUEUE, ['a'], ['failed']),
        ]);
        expect(answers.reduce((sum, count) => sum + count)).toBe(3);
        const places = await Promise.all([QUEUE, OTHER, 'third'].map((queue) => scene.driver.counts(queue)));
        const ready = places.reduce((sum, each) => sum + each.ready, 0);
        expect(ready).toBe(3 - answers[3]);
        expect(places.map(({ failed }) => failed)).toEqual([0, 0, 0]);
      });

      it('takes the id of an application to the other queue', async () => {
        const consumer = scene.consume();
        await failing(consumer, ['order'], 'Mail');
        expect(await move(['order'])).toBe(1);
        const push = (queue: string, name = 'Mail') =>
          scene.driver.push(queue, [{ id: 'order', body: `h${name}\n`, delay: 0, name, replacesEnded: true }], true);
        expect(await push(OTHER)).toMatchObject([{ outcome: 'duplicate', id: 'order' }]);
        await expect(push(OTHER, 'Other')).rejects.toMatchObject({ code: 'ERR_JOB_ID_CONFLICT' });
        const other = scene.consume({ queue: OTHER });
        await other.complete(await other.claimOne());
        expect(await push(OTHER)).toBeUndefined();
      });

      it('ends a job of the other queue as any job of it', async () => {
        const consumer = scene.consume();
        await failing(consumer, ['a']);
        await move(['a']);
        const other = scene.consume({ queue: OTHER });
        await other.complete(await other.claimOne());
        expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'completed', queue: OTHER, attempt: 1 });
        expect(await mending().completed(OTHER)).toEqual(['a']);
      });

      it('wakes a waiting worker of the other queue', async () => {
        const consumer = scene.consume();
        await failing(consumer, ['a']);
        const listener = scene.listen(OTHER);
        const waiting = listener.wait(10_000);
        await move(['a']);
        expect(await waiting).toBe(OTHER);
      });

      it('moves 1,000 jobs', async () => {
        const ids = numbered(1_000);
        await failing(scene.consume(), ids);
        expect(await move(ids)).toBe(1_000);
        expect(await counts()).toMatchObject({ ready: 0, failed: 0 });
        expect(idsOf(await scene.consume({ queue: OTHER }).drain())).toEqual(ids);
      });
    });

    describe('failed', () => {
      it('reads failed jobs by pages, the one that failed first at the front', async () => {
        const consumer = scene.consume();
        for (const id of numbered(5)) {
          await failing(consumer, [id]);
          await scene.advance(1);
        }
        const read: string[] = [];
        let cursor: string | undefined;
        let pages = 0;
        do {
          const page = await mending().failed(QUEUE, { limit: 2, cursor, headers: true });
          read.push(...page.jobs.map(({ id }) => id));
          for (const { header, failedAt } of page.jobs) {
            expect(header).toBe('hMail');
            expect(page.now - failedAt).toBeGreaterThanOrEqual(1_000 * (5 - read.length));
            expect(page.now - failedAt).toBeLessThan(10_000);
          }
          ({ cursor } = page);
        } while (cursor !== undefined && ++pages < 10);
        expect(read).toEqual(numbered(5));
      });

      it('goes on behind the last job of a page when others are gone', async () => {
        const consumer = scene.consume();
        await failing(consumer, numbered(6));
        const first = await mending().failed(QUEUE, { limit: 3, headers: false });
        expect(first.jobs.map(({ id }) => id)).toEqual(numbered(3));
        expect(first.jobs[0]!.header).toBeUndefined();
        await mending().remove(QUEUE, numbered(2));
        const next = await mending().failed(QUEUE, { limit: 3, cursor: first.cursor, headers: false });
        expect(next.jobs.map(({ id }) => id)).toEqual(numbered(6).slice(3));
        expect(next.cursor).toBeUndefined();
      });

      it('tells nothing of a job whose time is over, or of an empty queue', async () => {
        await failing(scene.consume(), ['a']);
        await scene.advance(KEPT + 1);
        expect(await mending().failed(QUEUE, { limit: 3, headers: true })).toMatchObject({ jobs: [] });
        expect(await mending().failed('never-pushed', { limit: 3, headers: true })).toMatchObject({ jobs: [] });
      });
    });

    describe('remove', () => {
      it('removes jobs that wait, wherever they wait', async () => {
        const consumer = scene.consume();
        await scene.push(['lost']);
        await scene.crashWith(1, consumer);
        await consumer.poll();
        await scene.push(['again', 'ready', 'stays']);
        await consumer.retry(await consumer.claimOne(), { delay: 10 });
        await scene.push(['later'], { delay: 10 });
        expect(await mending().remove(QUEUE, ['lost', 'ready', 'again', 'later', 'nobody'])).toBe(4);
        expect(await counts()).toEqual({ ready: 1, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
        for (const id of ['lost', 'ready', 'again', 'later']) expect(await scene.driver.getStatus(id)).toBeNull();
        expect(idsOf((await consumer.poll({ limit: 10, recovered: true })).jobs)).toEqual(['stays']);
      });

      it('removes what is kept of jobs that have ended', async () => {
        const consumer = scene.consume();
        await failing(consumer, ['bad', 'worse']);
        await scene.push(numbered(7));
        await consumer.drain();
        // Of the first of them only the status is kept.
        expect(await mending().remove(QUEUE, ['bad', ...numbered(7).slice(0, 6), 'bad'])).toBe(7);
        expect(await counts()).toMatchObject({ failed: 1 });
        for (const id of ['bad', ...numbered(6)]) expect(await scene.driver.getStatus(id)).toBeNull();
        expect(await stateOf(numbered(7)[6]!)).toBe('completed');
        expect(await mending().remove(QUEUE, ['bad', ...numbered(6)])).toBe(0);
      });

      it('leaves a job alone that a consumer holds', async () => {
        const consumer = scene.consume();
        await scene.push(['a', 'b']);
        const [a] = await consumer.claim(1);
        expect(await mending().remove(QUEUE, ['a', 'b'])).toBe(1);
        expect((await consumer.settle(settlement.complete(a!))).refused).toEqual([]);
        expect(await stateOf('a')).toBe('completed');
      });

      it('leaves the jobs of another queue alone', async () => {
        await scene.push(['a'], { queue: 'other', unique: true });
        await scene.push(['b']);
        const consumer = scene.consume({ queue: 'other' });
        expect(await mending().remove(QUEUE, ['a'])).toBe(0);
        await consumer.fail(await consumer.claimOne());
        expect(await mending().remove(QUEUE, ['a'])).toBe(0);
        expect(await stateOf('a')).toBe('failed');
        expect(await mending().remove('other', ['a'])).toBe(1);
      });

      it('frees the id of a job', async () => {
        const consumer = scene.consume();
        for (const end of [undefined, settlement.complete, settlement.fail]) {
          await scene.push(['order'], { unique: true });
          if (end) await consumer.settle(end(await consumer.claimOne()));
          expect(await mending().remove(QUEUE, ['order'])).toBe(1);
        }
        await scene.push(['order'], { unique: true });
        expect(await consumer.claimOne()).toMatchObject({ id: 'order', attempt: 1 });
      });

      it('removes failed jobs alone, if it is told so', async () => {
        const consumer = scene.consume();
        await failing(consumer, ['bad', 'retried']);
        await mending().retry(QUEUE, ['retried']);
        await scene.push(['waits']);
        expect(await mending().remove(QUEUE, ['bad', 'retried', 'waits'], ['failed'])).toBe(1);
        expect(idsOf(await consumer.claim())).toEqual(['retried', 'waits']);
      });

      it('removes those alone that are in some states', async () => {
        const consumer = scene.consume();
        await failing(consumer, ['bad']);
        await scene.push(['done', 'again', 'back']);
        const [done, again, back] = await consumer.claim();
        await consumer.settle(settlement.complete(done!), settlement.retry(again!), settlement.release(back!));
        await scene.push(['later'], { delay: 10 });
        await scene.push(['soon'], { delay: 1 });
        await scene.push(['gone'], { unique: true });
        await scene.driver.cancellations.cancel('gone');
        await scene.advance(2);
        // A job that is due is not delayed any more.
        await consumer.poll();
        const ids = ['bad', 'done', 'again', 'back', 'later', 'soon', 'gone'];
        const expected = { delayed: 1, failed: 1, completed: 1, cancelled: 1, retrying: 1, queued: 2, processing: 0 };
        expect((await mending().completed(QUEUE)).sort()).toEqual(['done', 'gone']);
        for (const [state, count] of Object.entries(expected)) {
          expect([state, await mending().remove(QUEUE, ids, [state as JobState])]).toEqual([state, count]);
          for (const id of ids) expect(await stateOf(id)).not.toBe(state);
        }
        expect(await mending().completed(QUEUE)).toEqual([]);
      });

      it('knows the state of a job by which it is listed', async () => {
        const consumer = scene.consume();
        await scene.push(['lost']);
        await scene.crashWith(1, consumer);
        await consumer.poll();
        await scene.push(['tried', 'later', 'new']);
        const [tried, later, fresh] = await consumer.claim();
        await consumer.settle(settlement.retry(tried!), settlement.retry(later!));
        const again = await consumer.claim(2);
        // A release is not an attempt, and takes none away.
        await consumer.settle(
          settlement.release(again.find(({ id }) => id === 'tried')!),
          settlement.release(
            again.find(({ id }) => id === 'later')!,
            { delay: 60 },
          ),
          settlement.release(fresh!),
        );
        const ids = ['lost', 'tried', 'later', 'new'];
        const expected = { queued: ['new'], delayed: [], retrying: ['later', 'lost', 'tried'] };
        for (const state of ['queued', 'delayed', 'retrying'] as const) {
          const listed: string[] = [];
          for (const place of PLACES_OF_STATE[state]) {
            const request = { place, states: [state], order: 'oldest', limit: 10, skip: 0, filter: {} } as const;
            listed.push(...(await scene.driver.lists.page(QUEUE, request)).jobs.map(({ id }) => id));
          }
          expect([state, listed.sort()]).toEqual([state, expected[state]]);
          expect([state, await mending().remove(QUEUE, ids, [state])]).toEqual([state, expected[state].length]);
        }
      });

      it('leaves the kept result of a job alone whose time is over, if states are given', async () => {
        await scene.push(['a', 'b']);
        const consumer = scene.consume();
        const [a] = await consumer.claim(1);
        await consumer.settle({ kind: 'complete', id: a!.id, fence: a!.fence, result: '5', keepFor: 10 * KEPT });
        await scene.advance(KEPT + 1);
        expect(await mending().remove(QUEUE, ['a'], ['completed'])).toBe(0);
        expect(await scene.driver.getStatus('a')).toMatchObject({ state: 'completed', result: '5' });
      });

      it('removes 1,000 jobs', async () => {
        await scene.push(numbered(1_000));
        expect(await mending().remove(QUEUE, numbered(1_000))).toBe(1_000);
        expect(await counts()).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
      });
    });

    describe('promote', () => {
      it('makes a delayed job ready now, at the end of the queue', async () => {
        await scene.push(['later', 'latest'], { delay: 60 });
        await scene.push(['a']);
        expect(await mending().promote(QUEUE, 'later')).toBe(true);
        expect(await counts()).toMatchObject({ ready: 2, delayed: 1 });
        expect(await stateOf('later')).toBe('queued');
        expect(await stateOf('latest')).toBe('delayed');
        const consumer = scene.consume();
        expect(idsOf(await consumer.claim())).toEqual(['a', 'later']);
        expect(await mending().promote(QUEUE, 'later')).toBe(false);
      });

      it('makes a job ready that waits for its next attempt, and keeps its attempts', async () => {
        const consumer = scene.consume();
        await scene.push(['a', 'b']);
        const [a, b] = await consumer.claim();
        await consumer.settle(settlement.retry(a!, { delay: 60 }), settlement.release(b!, { delay: 60 }));
        expect(await mending().promote(QUEUE, 'a')).toBe(true);
        expect(await mending().promote(QUEUE, 'b')).toBe(true);
        expect(await stateOf('a')).toBe('retrying');
        expect(await stateOf('b')).toBe('queued');
        expect(await consumer.claim()).toMatchObject([
          { id: 'a', attempt: 2 },
          { id: 'b', attempt: 1 },
        ]);
      });

      it('leaves a job alone that is not delayed', async () => {
        const consumer = scene.consume();
        await scene.push(['runs', 'ready']);
        await consumer.claim(1);
        for (const id of ['runs', 'ready', 'nobody']) expect(await mending().promote(QUEUE, id)).toBe(false);
        expect(await counts()).toMatchObject({ ready: 1, reserved: 1 });
      });
    });

    describe('reschedule', () => {
      it('delays a ready job, and changes the time of a delayed one', async () => {
        const consumer = scene.consume();
        await scene.push(['a', 'b', 'c'], { unique: true });
        await scene.push(['later'], { delay: 60, unique: true });
        expect(await mending().reschedule(QUEUE, 'b', 20)).toBe(true);
        expect(await mending().reschedule(QUEUE, 'later', 10)).toBe(true);
        expect(await stateOf('b')).toBe('delayed');
        expect(idsOf(await consumer.claim())).toEqual(['a', 'c']);
        await scene.advance(11);
        expect(idsOf(await consumer.claim())).toEqual(['later']);
        await scene.advance(10);
        expect(idsOf(await consumer.claim())).toEqual(['b']);
      });

      it('with a delay of 0 makes a delayed job ready, and lets a ready one keep its turn', async () => {
        await scene.push(['a', 'b']);
        await scene.push(['later'], { delay: 60 });
        for (const id of ['later', 'a']) expect(await mending().reschedule(QUEUE, id, 0)).toBe(true);
        expect(idsOf(await scene.consume().claim())).toEqual(['a', 'b', 'later']);
      });

      it('lets a recovered job stay one', async () => {
        const consumer = scene.consume();
        await scene.push(['a']);
        await scene.crashWith(1, consumer);
        await consumer.poll();
        expect(await mending().reschedule(QUEUE, 'a', 10)).toBe(true);
        expect(await consumer.claimRecovered()).toEqual([]);
        expect(await mending().promote(QUEUE, 'a')).toBe(true);
        expect(await consumer.claim()).toEqual([]);
        expect(await consumer.claimRecovered()).toMatchObject([{ id: 'a', crashes: 1 }]);
      });

      it('leaves a job alone that does not wait', async () => {
        const consumer = scene.consume();
        await scene.push(['done', 'bad', 'runs']);
        const [done, bad] = await consumer.claim();
        await consumer.settle(settlement.complete(done!), settlement.fail(bad!));
        for (const id of ['done', 'bad', 'runs', 'nobody']) {
          expect(await mending().reschedule(QUEUE, id, 10)).toBe(false);
        }
        expect(await counts()).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 1, failed: 1 });
      });
    });

    describe('replace', () => {
      const push = (id: string, delay = 0) =>
        scene.driver.push(QUEUE, [{ id, body: 'hMail\t{"m":2}\n{"to":1}', delay }], false);
      const replaceAll = (id: string) => mending().replace(QUEUE, id, 'hMail\t{"m":2}', 'hMail\t{"m":2}\n{"to":2}');

      it('replaces the record of a job that waits', async () => {
        await push('ready');
        await push('later', 10);
        for (const id of ['ready', 'later']) {
          expect(await mending().readWaiting(QUEUE, id)).toBe('hMail\t{"m":2}\n{"to":1}');
          expect(await replaceAll(id)).toBe(true);
        }
        await scene.advance(10);
        const jobs = await scene.consume().claim();
        expect(jobs.map(({ body }) => body)).toEqual(Array(2).fill('hMail\t{"m":2}\n{"to":2}'));
      });

      it('leaves a job alone that does not wait', async () => {
        const consumer = scene.consume();
        await push('a');
        const [job] = await consumer.claim();
        expect(await mending().readWaiting(QUEUE, 'a')).toBeNull();
        expect(await replaceAll('a')).toBe(false);
        await consumer.retry(job!);
        expect(await consumer.claimOne()).toMatchObject({ body: 'hMail\t{"m":2}\n{"to":1}', attempt: 2 });
        expect(await replaceAll('nobody')).toBe(false);
      });

      it('leaves another job alone that has the id meanwhile', async () => {
        await scene.push(['a']);
        expect(await replaceAll('a')).toBe(false);
        expect(await scene.consume().claimOne()).toMatchObject({ body: 'body of a' });
      });
    });

    describe('obliterate', () => {
      it('removes everything of a queue', async () => {
        const consumer = scene.consume();
        await failing(consumer, ['bad'], 'Mail');
        await scene.push(numbered(3), { unique: true });
        await consumer.drain();
        await scene.push(['again'], { unique: true });
        await consumer.retry(await consumer.claimOne(), { delay: 10 });
        await scene.push(numbered(250, 'ready'));
        await scene.push(['later'], { delay: 10 });
        await scene.push(['elsewhere'], { queue: 'other', unique: true });
        await scene.driver.pauses.pause(QUEUE, null);
        expect(await mending().obliterate(QUEUE)).toBe(0);
        expect(await counts()).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
        expect(await scene.driver.pauses.read(QUEUE)).toBeNull();
        expect(await scene.driver.queues()).toEqual(['other']);
        for (const id of ['bad', 'again', 'later', ...numbered(3), 'ready-000249']) {
          expect(await scene.driver.getStatus(id)).toBeNull();
        }
        expect(await scene.driver.counts('other')).toMatchObject({ ready: 1 });
        expect(await mending().obliterate(QUEUE)).toBe(0);
      });

      it('leaves a queue that can be used again', async () => {
        const consumer = scene.consume();
        await scene.push(['a', 'b'], { unique: true });
        await consumer.retry(await consumer.claimOne());
        await mending().obliterate(QUEUE);
        await scene.push(['b', 'a'], { unique: true });
        expect(await scene.driver.queues()).toEqual([QUEUE]);
        expect(await consumer.claim()).toMatchObject([
          { id: 'b', attempt: 1 },
          { id: 'a', attempt: 1 },
        ]);
      });

      it('removes the statistics', async () => {
        const consumer = scene.consume();
        const read = async () => {
          const { now } = await scene.driver.stats.look(QUEUE);
          return scene.driver.stats.read(QUEUE, 'hour', now - 86_400_000, now + 1);
        };
        await scene.push(['a']);
        await consumer.settle({ ...settlement.complete(await consumer.claimOne()), sample: 65 });
        expect(await read()).toHaveLength(1);
        await mending().obliterate(QUEUE);
        expect(await read()).toEqual([]);
      });

      it('does nothing while a consumer holds a job', async () => {
        const consumer = scene.consume();
        await scene.push(['a', 'b', 'c']);
        const held = await consumer.claim(2);
        expect(await mending().obliterate(QUEUE)).toBe(2);
        expect(await counts()).toEqual({ ready: 1, blocked: 0, delayed: 0, reserved: 2, failed: 0 });
        expect((await consumer.settle(...held.map((job) => settlement.complete(job)))).refused).toEqual([]);
        expect(idsOf(await consumer.claim())).toEqual(['c']);
      });

      it('removes the jobs of a worker that is lost', async () => {
        const consumer = scene.consume();
        await scene.push(['a', 'b']);
        const [job] = await consumer.claim(1);
        await scene.stall(consumer);
        await scene.advance(LEASE + 3);
        const told: { running?: number } = {};
        void mending()
          .obliterate(QUEUE)
          .then((count) => (told.running = count));
        // A storage to which nobody spoke for so long may have been away: it gives workers the time to come back.
        while (told.running === undefined) await scene.advance(0.5);
        expect(told.running).toBe(0);
        expect(await counts()).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
        expect(await consumer.settle(settlement.complete(job!))).toMatchObject({ lost: true, refused: ['a'] });
      });
    });

    describe('queuesOf', () => {
      it('finds the queue of each job that lives, or that is kept', async () => {
        const consumer = scene.consume();
        await failing(consumer, ['bad'], 'Mail');
        await scene.push(['done'], { unique: true });
        await consumer.drain();
        await scene.push(['waits'], { unique: true });
        await scene.push(['elsewhere'], { queue: 'other', unique: true });
        const found = await mending().queuesOf(['bad', 'done', 'waits', 'elsewhere', 'bad']);
        expect(Object.fromEntries(found)).toEqual({ [QUEUE]: ['bad', 'done', 'waits'], other: ['elsewhere'] });
      });
    });
  });
}
