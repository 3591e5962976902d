import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ListCursor, ListPlace, StoredJob } from '../../lib/drivers/queue-lists.interface.js';
import type { NewJob, QueueDriver } from '../../lib/drivers/queue-driver.interface.js';
import { LISTED_STATES } from '../../lib/job/job-status.js';
import type { DriverHarness } from './driver-harness.js';
import { PARTITIONS } from './partitioned.harness.js';
import { numbered, QUEUE, Scene, settlement, type TestConsumer } from './scene.js';

/** Queues whose jobs are in all of their partitions. */
export function describePartitions(harness: DriverHarness): void {
  describe(`driver ${harness.name}, a queue whose jobs are spread`, () => {
    const scene = new Scene(harness);
    let stored: readonly string[];
    let consumers: TestConsumer[];

    const driver = (): QueueDriver => scene.driver;
    const body = (header = 'hJob'): string => `${header}\n{}`;
    const push = (jobs: readonly Partial<NewJob>[], queue = QUEUE) =>
      driver().push(
        queue,
        jobs.map((job) => ({ id: '', body: body(), delay: 0, name: 'Job', ...job })),
        true,
      );
    const claimAll = async () => {
      const claimed = [];
      for (const consumer of consumers) for (const job of await consumer.claim()) claimed.push({ consumer, job });
      return claimed;
    };

    beforeEach(() => {
      stored = driver().partitions!.of(QUEUE);
      consumers = stored.map((queue) => scene.consume({ queue }));
    });

    it('stores each job in one partition, and tells the whole queue', async () => {
      await scene.push(numbered(60));
      expect(await driver().partitions!.readStored()).toEqual(stored.toSorted());
      expect(await driver().queues()).toEqual([QUEUE]);
      expect(await driver().counts(QUEUE)).toMatchObject({ ready: 60, reserved: 0 });
      expect(await driver().getStatus(numbered(60)[7]!)).toMatchObject({ queue: QUEUE });
      const jobs = await claimAll();
      expect(jobs.map(({ job }) => job.id).toSorted()).toEqual(numbered(60));
      expect(await driver().counts(QUEUE)).toMatchObject({ ready: 0, reserved: 60 });
      expect(await driver().lists.consumers(QUEUE)).toBe(1);
    });

    it('tells of each job of a push by its place in the push', async () => {
      const ids = numbered(20);
      await push(ids.filter((_, index) => index % 3 === 0).map((id) => ({ id })));
      const exceptions = await push(ids.map((id) => ({ id })));
      expect(exceptions).toEqual(
        [0, 3, 6, 9, 12, 15, 18].map((index) => ({ index, outcome: 'duplicate', id: ids[index] })),
      );
      expect(await driver().counts(QUEUE)).toMatchObject({ ready: 20 });
    });

    it('keeps the jobs of a group and of a key together', async () => {
      const groups = ['acme', 'tiny', 'sole', 'more', 'less'];
      await push(groups.flatMap((group) => numbered(4, group).map((id) => ({ id, traits: { group } }))));
      for (const consumer of consumers) {
        const ids = (await consumer.drainInTurn()).map((id) => id.split('-')[0]!);
        for (const group of new Set(ids)) expect(ids.filter((each) => each === group)).toHaveLength(4);
      }
      const unique = { key: 'k', until: 'end' } as const;
      await push([{ id: 'first', traits: { unique } }]);
      for (const id of numbered(5)) {
        expect(await push([{ id, traits: { unique } }])).toMatchObject([{ outcome: 'duplicate', id: 'first' }]);
      }
    });

    it('knows an id in another partition as that of the same job, and refuses one of another job', async () => {
      await push([{ id: 'mine', traits: { group: 'a' } }]);
      for (const group of ['b', 'c', 'd', 'e']) {
        expect(await push([{ id: 'mine', traits: { group } }])).toEqual([
          { index: 0, outcome: 'duplicate', id: 'mine' },
        ]);
      }
      await expect(push([{ id: 'mine', name: 'Other', traits: { group: 'x' } }])).rejects.toMatchObject({
        conflicts: [{ id: 'mine', asked: { queue: QUEUE, name: 'Other' }, found: { queue: QUEUE, name: 'Job' } }],
      });
    });

    it.each<[ListPlace, Partial<NewJob>]>([
      ['ready', {}],
      ['delayed', { delay: 50 }],
      ['prioritized', { body: 'hJob\t{"p":5}\n{}', traits: { priority: 5 } }],
    ])('lists what is %s in one order, and walks through it while jobs go', async (place, job) => {
      const ids = numbered(23);
      for (const id of ids) {
        await push([{ ...job, id }]);
        await scene.advance(1);
      }
      expect(await walk(place, 5)).toEqual(ids);
      expect(await walk(place, 5, 'newest')).toEqual(ids.toReversed());
      expect(await walk(place, 4, 'oldest', 9)).toEqual(ids.slice(9));
      const removed: string[] = [];
      const found = await walk(place, 3, 'oldest', 0, async (jobs) => {
        const gone = jobs.slice(0, 2).map(({ id }) => id);
        removed.push(...gone);
        for (const id of gone) await driver().mending.remove(QUEUE, [id]);
      });
      expect(found).toEqual(ids);
      expect(await walk(place, 50)).toEqual(ids.filter((id) => !removed.includes(id)));
    });

    it('lists running and ended jobs by their times, and groups one by one', async () => {
      await push(['a', 'b', 'c'].flatMap((group) => numbered(3, group).map((id) => ({ id, traits: { group } }))));
      const grouped = (await walk('grouped', 2)).map((id) => id[0]);
      expect(grouped).toHaveLength(9);
      expect(grouped.filter((group, index) => group !== grouped[index - 1])).toHaveLength(3);
      await driver().clear(QUEUE);
      await scene.push(numbered(12));
      const claimed = [];
      for (const consumer of [...consumers, ...consumers.toReversed(), ...consumers]) {
        const [job] = await consumer.claim(1);
        await scene.advance(1);
        if (job) claimed.push({ consumer, job });
      }
      const ids = claimed.map(({ job }) => job.id);
      expect(await walk('claimed', 5)).toEqual(ids);
      for (const { consumer, job } of claimed.toReversed()) {
        await consumer.settle(Number(job.id.slice(-1)) % 2 === 0 ? settlement.complete(job) : settlement.fail(job));
        await scene.advance(1);
      }
      const isEven = (id: string): boolean => Number(id.slice(-1)) % 2 === 0;
      expect(await walk('ended', 2)).toEqual(ids.filter(isEven).toReversed());
      expect(await walk('failed', 2, 'newest')).toEqual(ids.filter((id) => !isEven(id)));
      expect(await failed(2)).toEqual(ids.filter((id) => !isEven(id)).toReversed());
      expect(await driver().lists.total(QUEUE, ['failed', 'completed'])).toBe(claimed.length);
      expect(await driver().lists.find(ids[0]!, [QUEUE])).toMatchObject({ queue: QUEUE, id: ids[0] });
    });

    it('is retried, moved and emptied in whatever partition its jobs are', async () => {
      const { mending } = driver();
      const ids = numbered(16);
      await push(
        ids.map((id, index) => ({ id, body: body(`hJob\t{"q":"g${index % 3}"}`), traits: { group: `g${index % 3}` } })),
      );
      for (const { consumer, job } of await claimAll()) await consumer.fail(job);
      expect(await mending.queuesOf(ids)).toEqual(new Map([[QUEUE, ids]]));
      expect(await mending.retry(QUEUE, ids.slice(0, 4))).toBe(4);
      expect(await mending.move(QUEUE, ids.slice(4, 13), 'other')).toBe(9);
      expect(await driver().counts('other')).toMatchObject({ ready: 9 });
      for (const queue of driver().partitions!.of('other')) {
        const moved = await scene.consume({ queue }).claim();
        const own = new Set(moved.map(({ body: text }) => text.split('\n')[0]));
        // A group is in one partition there, too.
        for (const header of own) expect(moved.filter(({ body: text }) => text.startsWith(header!))).toHaveLength(3);
      }
      expect(await mending.remove(QUEUE, ids)).toBe(7);
      expect(await driver().counts(QUEUE)).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
    });

    it('is paused, held back and limited as a whole', async () => {
      const { pauses, limits } = driver();
      await scene.push(numbered(40));
      await pauses.pause(QUEUE, null);
      expect(await claimAll()).toEqual([]);
      expect(await pauses.read(QUEUE)).toEqual({ until: null });
      await pauses.resume(QUEUE);
      expect(await pauses.read(QUEUE)).toBeNull();
      await limits.hold(QUEUE, 10);
      expect(await driver().counts(QUEUE)).toMatchObject({ ready: 0, blocked: 40 });
      expect(await limits.endHold(QUEUE)).toBe(true);
      expect(await limits.endHold(QUEUE)).toBe(false);
      await limits.set(QUEUE, { concurrency: 6 });
      expect(await limits.read(QUEUE)).toMatchObject({ limits: { concurrency: 6 }, isSet: true });
      expect(await claimAll()).toHaveLength(6);
      await expect(limits.set(QUEUE, { concurrency: PARTITIONS - 1 })).rejects.toMatchObject({
        option: 'limits.concurrency',
      });
      await limits.set(QUEUE, null);
      expect(await limits.read(QUEUE)).toMatchObject({ limits: {}, isSet: false });
    });

    it('is held back as a whole by one of its jobs', async () => {
      await scene.push(numbered(20));
      const [first] = consumers;
      const job = await first!.claimOne();
      await first!.release(job, { delay: 30, hold: 'queue' });
      await driver().ping();
      expect(await claimAll()).toEqual([]);
      expect(await driver().limits.read(QUEUE)).toMatchObject({ heldUntil: expect.any(Number) });
      await scene.advance(31);
      expect(await claimAll()).toHaveLength(20);
    });

    it('adds its statistics up', async () => {
      await scene.push(numbered(12));
      const sample = 3 * 64 + 5;
      for (const { consumer, job } of await claimAll()) {
        await consumer.settle({ ...settlement.complete(job), sample });
      }
      const { now } = await driver().stats.look(QUEUE);
      const periods = await driver().stats.read(QUEUE, 'minute', now - 120_000, now + 60_000);
      expect(periods.length).toBeLessThanOrEqual(2);
      expect(periods.reduce((sum, { counters }) => sum + counters[0]!, 0)).toBe(12);
    });

    it('is cancelled by id, and page by page', async () => {
      const { cancellations } = driver();
      const ids = numbered(20);
      await scene.push(ids);
      expect(await cancellations.cancel(ids[3]!)).toBe('cancelled');
      const live: string[] = [];
      let cursor: string | undefined;
      let pushedBy: number | undefined;
      do {
        const page = await cancellations.live(QUEUE, { limit: 3, cursor, pushedBy, headers: false });
        live.push(...page.jobs.map(({ id }) => id));
        ({ cursor, pushedBy } = page);
      } while (cursor !== undefined);
      expect([...new Set(live)].toSorted()).toEqual(ids.filter((id) => id !== ids[3]));
      const { ended, told } = await cancellations.cancelSome(QUEUE, live, pushedBy);
      expect([ended.length, told]).toEqual([19, 0]);
    });

    it('runs flows from partition to partition', async () => {
      const { flows, batches } = driver();
      const nodes = numbered(6, 'node').map((id) => ({ id, queue: QUEUE, body: body(), delay: 0 }));
      await flows.create({ ref: 'cx', createdAt: 1, retention: 60, nodes });
      for (let done = 0; done < nodes.length; done++) {
        const jobs = await claimAll();
        expect(jobs.map(({ job }) => job.id)).toEqual([nodes[done]!.id]);
        await jobs[0]!.consumer.complete(jobs[0]!.job);
        await flows.settled();
      }
      expect(await flows.read('cx')).toMatchObject({ completed: 6 });
      expect((await flows.nodes('cx'))!.map(({ job }) => job!.queue)).toEqual(nodes.map(() => QUEUE));
      await batches.open({ ref: 'bx', createdAt: 1, retention: 60, allowFailures: false });
      expect(await batches.seal({ ref: 'bx', createdAt: 1 })).toBe(0);
    });

    it('tells those who wait for its jobs', async () => {
      const ends: string[] = [];
      for (const id of numbered(8)) {
        const traits = { group: id };
        const terms = { timeout: 60_000, pushedTo: QUEUE, isGiven: true, traits };
        const wait = await driver().waits.open(id, terms, { ended: ({ state }) => ends.push(state), failed: () => {} });
        await push([{ id, traits, ticket: wait.ticket }]);
        wait.arrived();
      }
      for (const { consumer, job } of await claimAll()) await consumer.complete(job);
      for (let turn = 0; ends.length < 8 && turn < 200; turn++) await driver().ping();
      expect(ends).toEqual(numbered(8).map(() => 'completed'));
    });

    it('is removed as a whole, unless a job runs', async () => {
      await scene.push(numbered(20));
      const last = consumers.at(-1)!;
      const job = await last.claimOne();
      expect(await driver().mending.obliterate(QUEUE)).toBe(1);
      expect(await driver().counts(QUEUE)).toMatchObject({ ready: 19, reserved: 1 });
      await last.complete(job);
      expect(await driver().mending.obliterate(QUEUE)).toBe(0);
      expect(await driver().queues()).toEqual([]);
    });

    async function walk(
      place: ListPlace,
      limit: number,
      order: 'oldest' | 'newest' = 'oldest',
      toSkip = 0,
      onPage: (jobs: readonly StoredJob[]) => Promise<void> = async () => {},
    ): Promise<string[]> {
      const found: string[] = [];
      let [cursor, skip]: [ListCursor | undefined, number] = [undefined, toSkip];
      do {
        const request = { place, states: LISTED_STATES, order, limit, skip, cursor, filter: {} };
        const page = await driver().lists.page(QUEUE, request);
        found.push(...page.jobs.map(({ id }) => id));
        expect(page.jobs.every(({ queue }) => queue === QUEUE)).toBe(true);
        ({ cursor } = page);
        skip -= page.skipped;
        await onPage(page.jobs);
      } while (cursor);
      return found;
    }

    async function failed(limit: number): Promise<string[]> {
      const found: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await driver().mending.failed(QUEUE, { limit, cursor, headers: true });
        found.push(...page.jobs.map(({ id }) => id));
        ({ cursor } = page);
      } while (cursor !== undefined);
      return found;
    }
  });
}
