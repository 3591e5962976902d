import { beforeEach, describe, expect, it } from '@jest/globals';
import { STOP_REASON, type BatchKey, type NewBatch } from '../../lib/drivers/queue-batches.interface.js';
import type { ClaimedJob } from '../../lib/drivers/queue-driver.interface.js';
import type { FlowCallback, FlowJob, StoredFlow } from '../../lib/drivers/queue-flows.interface.js';
import { memberId } from '../../lib/job/flow-ref.js';
import { nextJobId } from '../../lib/job/job-id.js';
import { eventually } from '../support/eventually.js';
import type { DriverHarness } from './driver-harness.js';
import { complete, idsOf, QUEUE, release, retry, Scene, STATUS_TTL, type TestConsumer } from './scene.js';

const RETENTION = 1_000;
const REF = 'bOne';
const CREATED = Date.UTC(2026, 0);

/** Tests batches. */
export function describeBatches(harness: DriverHarness): void {
  describe.each([
    ['kept', STATUS_TTL],
    ['not kept', 0],
  ])('batches, while ended jobs are %s', (_, statusTtl) => {
    const scene = new Scene(harness, statusTtl);
    let consumer: TestConsumer;

    const key: BatchKey = { ref: REF, createdAt: CREATED };
    const idOf = (node: number, queue = QUEUE): string => memberId(REF, CREATED, queue, node);
    const job = (node: number, wish: Partial<FlowJob> = {}): FlowJob => {
      const queue = wish.queue ?? QUEUE;
      return { id: idOf(node, queue), queue, body: `hJob\n${node}`, delay: 0, ...wish };
    };
    const jobs = (from: number, to: number): FlowJob[] =>
      Array.from({ length: to - from }, (__, index) => job(from + index));
    const callbacks = (...names: FlowCallback[]): Partial<Record<FlowCallback, FlowJob>> =>
      Object.fromEntries(names.map((name) => [name, { id: name, queue: QUEUE, body: 'hJob\n', delay: 0 }]));
    const open = (wish: Partial<NewBatch> = {}) =>
      scene.driver.batches.open({
        ref: REF,
        createdAt: CREATED,
        retention: RETENTION,
        allowFailures: false,
        callbacks: callbacks('catch', 'then', 'finally'),
        ...wish,
      });
    const feed = (first: number, members: readonly FlowJob[], pushed = 0) =>
      scene.driver.batches.feed(key, first, members, pushed);
    const seal = () => scene.driver.batches.seal({ ...key, callbackQueue: QUEUE });
    /** Dispatches a batch of so many members. */
    const batch = async (count: number, wish: Partial<NewBatch> = {}): Promise<void> => {
      await open(wish);
      if (count > 0) await feed(0, jobs(0, count));
      expect(await seal()).toBe(count);
    };
    const read = async (): Promise<StoredFlow> => {
      // The notes are handed over first.
      await consumer.poll();
      await scene.driver.flows.settled();
      return (await scene.driver.flows.read(REF))!;
    };
    const counts = async () => {
      const { total, completed, failed, cancelled, finishedAt } = await read();
      return [total, completed, failed, cancelled, finishedAt === undefined ? 'runs' : 'ended'];
    };
    const claimAll = async (): Promise<readonly ClaimedJob[]> => {
      await consumer.poll();
      await scene.driver.flows.settled();
      return consumer.claim();
    };
    const claimIds = async (): Promise<string[]> => idsOf(await claimAll()).toSorted();
    const bodies = (claimed: readonly ClaimedJob[]): string[] => claimed.map(({ body }) => body.split('\n')[1]!);
    const completeAll = async (claimed: readonly ClaimedJob[]): Promise<void> => {
      if (claimed.length > 0) await consumer.settle(...claimed.map((each) => complete(each)));
    };

    beforeEach(() => {
      consumer = scene.consume();
    });

    it('push all members at once, and then and finally when all have completed', async () => {
      await batch(3, { name: 'import' });
      const [first, ...others] = await claimAll();
      expect(idsOf([first!, ...others])).toEqual([idOf(0), idOf(1), idOf(2)]);
      await completeAll(others);
      expect(await claimIds()).toEqual([]);
      expect(await counts()).toEqual([3, 2, 0, 0, 'runs']);
      expect(await scene.driver.flows.nodes(REF)).toBeNull();
      await consumer.settle(retry(first!));
      const [again] = await claimAll();
      await consumer.settle(release(again!, { position: 'front' }));
      await completeAll(await claimAll());
      expect(await read()).toEqual({
        name: 'import',
        createdAt: CREATED,
        finishedAt: expect.any(Number),
        total: 3,
        completed: 3,
        failed: 0,
        cancelled: 0,
        failedIds: [],
      });
      expect(await claimIds()).toEqual(['finally', 'then']);
    });

    it('push members into their own queues, with their own delays, priorities and groups', async () => {
      await open();
      await feed(0, [
        job(0, { queue: 'other' }),
        job(1, { traits: { priority: 5 } }),
        job(2, { delay: 60 }),
        job(3, { queue: 'third', traits: { group: 'g' } }),
        job(4),
      ]);
      await seal();
      expect(bodies(await claimAll()).toSorted()).toEqual(['1', '4']);
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ delayed: 1 });
      expect(idsOf(await scene.consume({ queue: 'other' }).claim())).toEqual([idOf(0, 'other')]);
      expect(idsOf(await scene.consume({ queue: 'third' }).claim())).toEqual([idOf(3, 'third')]);
      expect(await scene.driver.queues()).toEqual([QUEUE, 'other', 'third'].toSorted());
    });

    it('without a member call then and finally', async () => {
      await batch(0);
      expect(await claimIds()).toEqual(['finally', 'then']);
      expect(await counts()).toEqual([0, 0, 0, 0, 'ended']);
      expect(await seal()).toBe(0);
      expect(await claimIds()).toEqual([]);
    });

    it('call neither then nor finally before they are sealed', async () => {
      await open();
      await feed(0, jobs(0, 2));
      await completeAll(await claimAll());
      expect(await claimIds()).toEqual([]);
      expect(await counts()).toEqual([2, 2, 0, 0, 'runs']);
      await feed(2, jobs(2, 3));
      expect(await seal()).toBe(3);
      expect(await counts()).toEqual([3, 2, 0, 0, 'runs']);
      await completeAll(await claimAll());
      expect(await claimIds()).toEqual(['finally', 'then']);
    });

    it('count a member that is fed again once, and push it once', async () => {
      expect(await open()).toEqual({ createdAt: CREATED, isSealed: false, total: 0 });
      await feed(0, jobs(0, 3));
      const [first] = await consumer.claim(1);
      await consumer.complete(first!);
      expect(await open({ createdAt: CREATED + 5 })).toEqual({ createdAt: CREATED, isSealed: false, total: 3 });
      await feed(0, jobs(0, 2));
      await feed(1, jobs(1, 5));
      await feed(0, jobs(0, 5), 5);
      await feed(0, jobs(0, 5));
      expect(bodies(await claimAll())).toEqual(['1', '2', '3', '4']);
      expect(await seal()).toBe(5);
      expect(await seal()).toBe(5);
      expect(await counts()).toEqual([5, 1, 0, 0, 'runs']);
      expect(await open()).toEqual({ createdAt: CREATED, isSealed: true, total: 5 });
    });

    it('are fed parts in any order', async () => {
      await open();
      await feed(4, jobs(4, 6));
      await feed(0, jobs(0, 4));
      expect(await seal()).toBe(6);
      await completeAll(await claimAll());
      expect(await counts()).toEqual([6, 6, 0, 0, 'ended']);
    });

    it('at the first failure call catch, and cancel the members that have not started', async () => {
      await batch(6);
      const [failing, running, retried] = await consumer.claim(3);
      await consumer.settle(retry(retried!));
      await consumer.fail(failing!);
      // Another process may cancel them, in the background.
      await eventually(async () => expect(await counts()).toEqual([6, 0, 1, 3, 'runs']));
      const claimed = await claimAll();
      expect(idsOf(claimed).toSorted()).toEqual(['catch', retried!.id].toSorted());
      if (statusTtl > 0) {
        expect(await scene.driver.getStatus(idOf(4))).toMatchObject({ state: 'cancelled', error: STOP_REASON });
      }
      await consumer.fail(claimed.find(({ id }) => id === retried!.id)!);
      await consumer.complete(running!);
      expect(await counts()).toEqual([6, 1, 2, 3, 'ended']);
      expect((await read()).failedIds.toSorted()).toEqual([failing!.id, retried!.id].toSorted());
      expect(await claimIds()).toEqual(['finally']);
    });

    it('go on after failures if they allow that', async () => {
      await batch(3, { allowFailures: true });
      const [first, second] = await consumer.claim(2);
      await consumer.fail(first!);
      await consumer.fail(second!);
      expect(await counts()).toEqual([3, 0, 2, 0, 'runs']);
      const claimed = await claimAll();
      expect(idsOf(claimed).toSorted()).toEqual(['catch', idOf(2)].toSorted());
      await completeAll(claimed);
      expect(await counts()).toEqual([3, 1, 2, 0, 'ended']);
      expect(await claimIds()).toEqual(['finally']);
    });

    it('put back the failed members, and those that a failure has cancelled, as often as it takes', async () => {
      await batch(4);
      const [failing] = await consumer.claim(1);
      await consumer.fail(failing!);
      await eventually(async () => expect(await counts()).toEqual([4, 0, 1, 3, 'ended']));
      expect(await claimIds()).toEqual(['catch', 'finally']);
      const isKept = statusTtl > 0;
      expect(await scene.driver.batches.retry(REF)).toBe(isKept ? 4 : 3);
      expect(await counts()).toEqual([4, 0, isKept ? 0 : 1, 0, 'runs']);
      const again = await claimAll();
      expect(bodies(again).toSorted()).toEqual(isKept ? ['0', '1', '2', '3'] : ['1', '2', '3']);
      expect(idsOf(again)).toContain(nextJobId(idOf(1)));
      if (!isKept) return;
      await consumer.settle(retry(again[1]!));
      await consumer.fail(again[0]!);
      await completeAll(again.slice(2));
      const [last] = await claimAll();
      await consumer.fail(last!);
      expect(await counts()).toEqual([4, 2, 2, 0, 'ended']);
      expect(await scene.driver.batches.retry(REF)).toBe(2);
      await completeAll(await claimAll());
      expect(await claimIds()).toEqual(['then']);
      expect(await counts()).toEqual([4, 4, 0, 0, 'ended']);
      expect(await scene.driver.batches.retry(REF)).toBe(0);
      expect(await scene.driver.batches.retry('bOther')).toBe(0);
    });

    it('cancel and put back the same members again and again', async () => {
      await batch(3);
      for (let round = 0; round < 3; round++) {
        const [one] = await consumer.claim(1);
        await consumer.fail(one!);
        // A member that was put back has started before.
        for (const claimed of round > 0 ? await claimAll() : []) await consumer.fail(claimed);
        await eventually(async () => expect(await counts()).toEqual([3, 0, round + 1, 2 - round, 'ended']));
        if (round === 0) expect(await claimIds()).toEqual(['catch', 'finally']);
        expect(await scene.driver.batches.retry(REF)).toBe(statusTtl > 0 ? 3 : 2);
        if (statusTtl === 0) return;
      }
      const claimed = await claimAll();
      expect(bodies(claimed).toSorted()).toEqual(['0', '1', '2']);
      await completeAll(claimed);
      expect(await counts()).toEqual([3, 3, 0, 0, 'ended']);
      expect(await claimIds()).toEqual(['then']);
    });

    it('keep the priorities and groups of members that are cancelled and put back', async () => {
      await open();
      const other = scene.consume({ queue: 'other' });
      const inGroup = (node: number, group: string) => job(node, { traits: { group, priority: 3 } });
      await feed(0, [job(0, { queue: 'other' }), inGroup(1, 'g'), inGroup(2, 'g'), inGroup(3, 'h')]);
      await feed(4, [job(4, { queue: 'third', delay: 60 })]);
      await seal();
      await other.fail(await other.claimOne());
      await other.poll();
      // The process of the other consumer cancels them, in the background.
      await eventually(async () => expect(await counts()).toEqual([5, 0, 1, 4, 'ended']));
      await consumer.complete(await consumer.claimOne());
      await consumer.complete(await consumer.claimOne());
      expect(await scene.driver.batches.retry(REF)).toBe(statusTtl > 0 ? 5 : 4);
      const turns: string[] = [];
      for (let i = 0; i < 3; i++) turns.push(...bodies(await consumer.claim(1)));
      expect(turns).toEqual(['1', '3', '2']);
      expect(bodies(await scene.consume({ queue: 'third' }).claim())).toEqual(['4']);
    });

    it('hold the members that are fed after a failure', async () => {
      await open();
      await feed(0, jobs(0, 2));
      const [failing, running] = await consumer.claim(2);
      await consumer.fail(failing!);
      await consumer.poll();
      await scene.driver.flows.settled();
      await feed(2, jobs(2, 5));
      expect(await seal()).toBe(5);
      expect(await counts()).toEqual([5, 0, 1, 3, 'runs']);
      expect(await claimIds()).toEqual(['catch']);
      expect(await scene.driver.batches.retry(REF)).toBe(statusTtl > 0 ? 4 : 3);
      await consumer.complete(running!);
      const claimed = await claimAll();
      expect(claimed).toHaveLength(statusTtl > 0 ? 4 : 3);
      await completeAll(claimed);
      expect(await counts()).toEqual([5, statusTtl > 0 ? 5 : 4, statusTtl > 0 ? 0 : 1, 0, 'ended']);
    });

    it.each<[string, (id: string) => Promise<unknown>]>([
      ['cancelled', (id) => scene.driver.cancellations.cancelSome(QUEUE, [id], Infinity)],
      ['cleared', () => scene.driver.clear(QUEUE)],
      ['removed', (id) => scene.driver.mending.remove(QUEUE, [id])],
    ])('do not take a member that was %s for a failed one', async (_how, end) => {
      await batch(2);
      const [first] = await consumer.claim(1);
      await end(idOf(1));
      await consumer.complete(first!);
      expect(await counts()).toEqual([2, 1, 0, 1, 'ended']);
      expect(await claimIds()).toEqual(['finally']);
      expect(await scene.driver.batches.retry(REF)).toBe(0);
    });

    it('take a member that was not started in time for a failed one', async () => {
      await batch(2);
      const [first] = await consumer.claim(1);
      await consumer.settle({
        kind: 'cancel',
        id: first!.id,
        fence: first!.fence,
        hasRun: false,
        error: 'expired',
        hasExpired: true,
      });
      expect(await counts()).toEqual([2, 0, 1, 1, 'ended']);
      expect(await claimIds()).toEqual(['catch', 'finally']);
    });

    it('are cancelled: waiting members end, running ones are told, finally is called', async () => {
      await batch(3);
      const [running] = await consumer.claim(1);
      expect(await scene.driver.flows.cancel(REF, 'no more')).toBe(true);
      const { cancelled } = await consumer.poll();
      expect(cancelled).toMatchObject([{ id: running!.id, reason: 'no more' }]);
      expect(await counts()).toEqual([3, 0, 0, 2, 'runs']);
      expect(await scene.driver.batches.add(REF, [job(90)])).toBeNull();
      await consumer.settle({ kind: 'cancel', id: running!.id, fence: running!.fence, hasRun: true });
      expect(await counts()).toEqual([3, 0, 0, 3, 'ended']);
      expect(await claimIds()).toEqual(['finally']);
      expect(await scene.driver.flows.cancel(REF)).toBe(false);
      expect(await scene.driver.flows.cancel('bOther')).toBe(false);
      expect(await scene.driver.batches.retry(REF)).toBe(0);
    });

    it('cancel the members that are fed later', async () => {
      await open();
      await feed(0, jobs(0, 2));
      await scene.driver.flows.cancel(REF);
      await feed(2, jobs(2, 4));
      expect(await counts()).toEqual([4, 0, 0, 4, 'runs']);
      expect(await seal()).toBe(4);
      expect(await counts()).toEqual([4, 0, 0, 4, 'ended']);
      expect(await claimIds()).toEqual(['finally']);
    });

    it('take more members while something of them can run', async () => {
      await batch(1);
      const [first] = await consumer.claim(1);
      expect(
        await scene.driver.batches.add(REF, [
          { ...job(0), id: 'x1' },
          { ...job(0), id: 'x2', queue: 'other' },
        ]),
      ).toBe(3);
      await consumer.complete(first!);
      expect(await counts()).toEqual([3, 1, 0, 0, 'runs']);
      const [x1] = await claimAll();
      expect(x1).toMatchObject({ id: 'x1' });
      const other = scene.consume({ queue: 'other' });
      await other.complete(await other.claimOne());
      await other.poll();
      expect(await claimIds()).toEqual([]);
      await consumer.fail(x1!);
      expect(await counts()).toEqual([3, 2, 1, 0, 'ended']);
      expect(await claimIds()).toEqual(['catch', 'finally']);
      expect(await scene.driver.batches.add(REF, [{ ...job(0), id: 'x3' }])).toBeNull();
      expect(await scene.driver.batches.add('bOther', [{ ...job(0), id: 'x3' }])).toBeNull();
    });

    it('take more members before they are sealed', async () => {
      await open();
      await feed(0, jobs(0, 1));
      const [first] = await consumer.claim(1);
      expect(await scene.driver.batches.add(REF, [{ ...job(0), id: 'x1' }])).toBe(2);
      await feed(1, jobs(1, 2));
      expect(await seal()).toBe(3);
      await completeAll([first!, ...(await claimAll())]);
      expect(await counts()).toEqual([3, 3, 0, 0, 'ended']);
      expect(await claimIds()).toEqual(['finally', 'then']);
    });

    it('cancel the members that are added after a failure', async () => {
      await batch(2);
      const [failing, running] = await consumer.claim(2);
      await consumer.fail(failing!);
      expect(await claimIds()).toEqual(['catch']);
      expect(await scene.driver.batches.add(REF, [{ ...job(0), id: 'x'.repeat(20) }])).toBe(3);
      expect(await claimIds()).toEqual([]);
      await eventually(async () => expect(await counts()).toEqual([3, 0, 1, 1, 'runs']));
      await consumer.complete(running!);
      expect(await counts()).toEqual([3, 1, 1, 1, 'ended']);
      expect(await claimIds()).toEqual(['finally']);
    });

    it('go on when the worker of a member is lost', async () => {
      await batch(1);
      await scene.crashWith(1, consumer);
      const [again] = await consumer.claimRecovered();
      expect(await counts()).toEqual([1, 0, 0, 0, 'runs']);
      await consumer.complete(again!);
      expect(await claimIds()).toEqual(['finally', 'then']);
    });

    it('are kept for their time after nothing of them can run any more', async () => {
      await batch(2, { callbacks: {}, allowFailures: true });
      const [first, second] = await consumer.claim(2);
      await consumer.fail(first!);
      await scene.advance(2 * RETENTION);
      expect(await counts()).toEqual([2, 0, 1, 0, 'runs']);
      await consumer.complete(second!);
      expect(await counts()).toEqual([2, 1, 1, 0, 'ended']);
      await scene.advance(RETENTION - 10);
      expect(await scene.driver.flows.read(REF)).not.toBeNull();
      await scene.advance(20);
      expect(await scene.driver.flows.read(REF)).toBeNull();
    });

    it('that are gone are not fed, and leave a retried member alone', async () => {
      if (statusTtl === 0) return;
      await batch(1, { retention: 10 });
      const [first] = await consumer.claim(1);
      await consumer.fail(first!);
      expect(await claimIds()).toEqual(['catch', 'finally']);
      await scene.advance(20);
      await expect(feed(1, jobs(1, 2))).rejects.toMatchObject({ code: 'ERR_INVALID_FLOW' });
      await expect(seal()).rejects.toMatchObject({ code: 'ERR_INVALID_FLOW' });
      expect(await scene.driver.mending.retry(QUEUE, [first!.id])).toBe(1);
      await completeAll(await claimAll());
      expect(await scene.driver.flows.read(REF)).toBeNull();
    });

    it('stop, cancel and put back more members than one operation may', async () => {
      await open({ callbacks: {} });
      const COUNT = 1_300;
      for (let at = 0; at < COUNT; at += 500) await feed(at, jobs(at, Math.min(at + 500, COUNT)));
      expect(await seal()).toBe(COUNT);
      const [failing] = await consumer.claim(1);
      await consumer.fail(failing!);
      for (let i = 0; i < 8; i++) await read();
      await eventually(async () => expect(await counts()).toEqual([COUNT, 0, 1, COUNT - 1, 'ended']));
      expect(await scene.driver.batches.retry(REF)).toBe(statusTtl > 0 ? COUNT : COUNT - 1);
      const [next] = await consumer.claim(1);
      await consumer.complete(next!);
      expect(await scene.driver.flows.cancel(REF)).toBe(true);
      for (let i = 0; i < 8; i++) await read();
      expect(await counts()).toEqual([COUNT, 1, statusTtl > 0 ? 0 : 1, COUNT - (statusTtl > 0 ? 1 : 2), 'ended']);
      expect(await claimIds()).toEqual([]);
    });
  });
}
