import { beforeEach, describe, expect, it } from '@jest/globals';
import type { FlowCallback, FlowJob, FlowNode, NewFlow, StoredFlow } from '../../lib/drivers/queue-flows.interface.js';
import type { ClaimedJob } from '../../lib/drivers/queue-driver.interface.js';
import { eventually } from '../support/eventually.js';
import type { DriverHarness } from './driver-harness.js';
import { complete, idsOf, LEASE, QUEUE, release, retry, Scene, STATUS_TTL, type TestConsumer } from './scene.js';

const RETENTION = 1_000;

/** Tests chains and workflows. */
export function describeFlows(harness: DriverHarness): void {
  describe.each([
    ['kept', STATUS_TTL],
    ['not kept', 0],
  ])('flows, while ended jobs are %s', (_, statusTtl) => {
    const scene = new Scene(harness, statusTtl);
    let consumer: TestConsumer;

    const job = (id: string, wish: Partial<FlowNode> = {}): FlowNode => {
      return { id, queue: QUEUE, body: `hJob\n"${id}"`, delay: 0, ...wish };
    };
    const create = (nodes: readonly FlowNode[], wish: Partial<NewFlow> = {}) =>
      scene.driver.flows.create({ ref: 'cOne', createdAt: 1_000, retention: RETENTION, nodes, ...wish });
    const chain = (ids: string, wish?: Partial<NewFlow>) =>
      create(
        ids.split('').map((id) => job(id)),
        wish,
      );
    const callbacks = (...names: FlowCallback[]): Partial<Record<FlowCallback, FlowJob>> =>
      Object.fromEntries(names.map((name) => [name, job(name)]));
    /** A workflow: for each node those that have to complete before. */
    const workflow = (graph: Readonly<Record<string, string>>, wish?: Partial<NewFlow>) => {
      const names = Object.keys(graph);
      const nodes = names.map((name) =>
        job(name, { name, after: graph[name]!.split('').map((other) => names.indexOf(other)) }),
      );
      return create(nodes, { ref: 'wOne', ...wish });
    };
    const read = async (ref = 'cOne'): Promise<StoredFlow> => (await scene.driver.flows.read(ref))!;
    const counts = async (ref?: string) => {
      const { completed, failed, cancelled, finishedAt } = await read(ref);
      return { completed, failed, cancelled, isFinished: finishedAt !== undefined };
    };
    const claim = async (from = consumer): Promise<ClaimedJob> => from.claimOne();
    const claimIds = async (from = consumer): Promise<string[]> => idsOf(await from.claim()).toSorted();
    /** Runs a job to its end. */
    const run = async (id: string, end: 'complete' | 'fail' = 'complete', result?: string): Promise<void> => {
      const claimed = await claim();
      expect(claimed.id).toBe(id);
      if (end === 'fail') await consumer.fail(claimed);
      else await consumer.settle(complete(claimed, result === undefined ? {} : { result, isOnlyTold: true }));
    };
    const expectNone = async (): Promise<void> => expect(await claimIds()).toEqual([]);

    beforeEach(() => {
      consumer = scene.consume();
    });

    it('push the next job once the one before it has completed', async () => {
      expect(await chain('abc')).toEqual({ isNew: true, createdAt: 1_000 });
      const a = await claim();
      await expectNone();
      await consumer.settle(retry(a));
      const again = await claim();
      expect(again).toMatchObject({ id: 'a', attempt: 2 });
      await consumer.settle(release(again, { position: 'front' }));
      expect(await counts()).toEqual({ completed: 0, failed: 0, cancelled: 0, isFinished: false });
      await run('a');
      expect(await counts()).toEqual({ completed: 1, failed: 0, cancelled: 0, isFinished: false });
      await run('b');
      await run('c');
      await expectNone();
      expect(await read()).toEqual({
        createdAt: 1_000,
        finishedAt: expect.any(Number),
        total: 3,
        completed: 3,
        failed: 0,
        cancelled: 0,
        failedIds: [],
      });
    });

    it('push the next job into its own queue, with its own delay, priority and group', async () => {
      await create([
        job('a'),
        job('b', { queue: 'other', delay: 60 }),
        job('c', { traits: { priority: 5 } }),
        job('d', { traits: { group: 'g' } }),
        job('e', { queue: 'third' }),
      ]);
      await scene.push(['x', 'y']);
      const other = scene.consume({ queue: 'other' });
      await run('a');
      expect(await scene.driver.counts('other')).toMatchObject({ ready: 0, delayed: 1 });
      await scene.advance(60);
      await other.complete(await claim(other));
      await run('c');
      // The side of groups and the others take turns.
      const [first, second] = await consumer.claim(2);
      expect(idsOf([first!, second!]).toSorted()).toEqual(['d', 'x']);
      await consumer.settle(complete(first!), complete(second!));
      expect(await scene.driver.queues()).toEqual([QUEUE, 'other', 'third'].toSorted());
      await scene.consume({ queue: 'third' }).drain();
      expect(await counts()).toMatchObject({ completed: 5, isFinished: true });
    });

    it('give the result of a job to the next one of its chain', async () => {
      await create([job('a'), job('b', { body: 'hJob\t{"m":5}\n7' }), job('c')]);
      await run('a', 'complete', '{"n":"\\n\\"ä😀"}');
      const b = await claim();
      expect(b.body).toBe(`hJob\t{"m":5,"v":${JSON.stringify('{"n":"\\n\\"ä😀"}')}}\n7`);
      await consumer.settle(retry(b));
      await run('b', 'complete', '1');
      expect((await claim()).body).toBe('hJob\t{"v":"1"}\n"c"');
    });

    it('stop when a job has failed for good, push the callback of that once, and go on when it is retried', async () => {
      await chain('abc', { callbacks: callbacks('catch', 'then', 'finally') });
      await run('a');
      await run('b', 'fail');
      expect(await claimIds()).toEqual(['catch', 'finally']);
      expect(await read()).toMatchObject({
        completed: 1,
        failed: 1,
        cancelled: 0,
        failedIds: ['b'],
        finishedAt: expect.any(Number),
      });
      if (statusTtl === 0) return;
      expect(await scene.driver.mending.retry(QUEUE, ['b'])).toBe(1);
      await run('b', 'fail');
      expect(await counts()).toMatchObject({ failed: 1, isFinished: true });
      await scene.driver.mending.retry(QUEUE, ['b']);
      await consumer.poll();
      expect(await read()).toMatchObject({ completed: 1, failed: 0, failedIds: [] });
      expect((await read()).finishedAt).toBeUndefined();
      await run('b');
      await run('c');
      await run('then');
      await expectNone();
      expect(await counts()).toEqual({ completed: 3, failed: 0, cancelled: 0, isFinished: true });
    });

    it('go on when a failed job is retried in another queue', async () => {
      if (statusTtl === 0) return;
      await chain('ab');
      await run('a', 'fail');
      expect(await scene.driver.mending.move(QUEUE, ['a'], 'other')).toBe(1);
      const other = scene.consume({ queue: 'other' });
      await other.poll();
      expect(await counts()).toEqual({ completed: 0, failed: 0, cancelled: 0, isFinished: false });
      await other.complete(await claim(other));
      await run('b');
      expect(await counts()).toMatchObject({ completed: 2, isFinished: true });
    });

    it.each<[string, (id: string) => Promise<unknown>]>([
      ['cancelled while it waits', (id) => scene.driver.cancellations.cancelSome(QUEUE, [id], Infinity)],
      [
        'cancelled while it runs',
        async (id) => {
          const { fence } = await claim();
          await scene.driver.cancellations.cancelSome(QUEUE, [id], Infinity);
          await consumer.settle({ kind: 'cancel', id, fence, hasRun: true, error: 'expired' });
        },
      ],
      ['cleared', () => scene.driver.clear(QUEUE)],
      ['removed', (id) => scene.driver.mending.remove(QUEUE, [id])],
      ['removed with its queue', () => scene.driver.mending.obliterate(QUEUE)],
    ])('cancel what depends on a job that was %s', async (_how, end) => {
      await chain('abc', { callbacks: callbacks('catch', 'then', 'finally') });
      await run('a');
      await end('b');
      await consumer.poll();
      expect(await counts()).toEqual({ completed: 1, failed: 0, cancelled: 2, isFinished: true });
      expect(await claimIds()).toEqual(['finally']);
    });

    it('take a job that was not started in time for a failed one', async () => {
      await chain('ab', { callbacks: callbacks('catch') });
      const { id, fence } = await claim();
      await consumer.settle({ kind: 'cancel', id, fence, hasRun: false, error: 'expired', hasExpired: true });
      expect(await counts()).toEqual({ completed: 0, failed: 1, cancelled: 0, isFinished: true });
      await run('catch');
      await expectNone();
    });

    it('go on when the worker of a job is lost', async () => {
      await chain('ab');
      await scene.crashWith(1, consumer);
      const [a] = await consumer.claimRecovered();
      expect(await counts()).toMatchObject({ completed: 0, failed: 0, isFinished: false });
      await consumer.complete(a!);
      await run('b');
    });

    it('are not told the end of a job by a worker that has lost it', async () => {
      await chain('ab');
      const lost = scene.consume();
      const a = await claim(lost);
      await scene.outlive(lost, consumer);
      await lost.complete(a);
      await expectNone();
      expect(await counts()).toMatchObject({ completed: 0 });
      const [again] = await consumer.claimRecovered();
      await consumer.complete(again!);
      expect(await counts()).toMatchObject({ completed: 1 });
    });

    it('are stored once', async () => {
      await chain('abc', { name: 'first' });
      expect(await chain('xyz', { name: 'second', createdAt: 5_000 })).toEqual({ isNew: false, createdAt: 1_000 });
      expect(await read()).toMatchObject({ name: 'first', total: 3 });
      await run('a');
      expect(await chain('abc')).toMatchObject({ isNew: false });
      await run('b');
      await run('c');
      await expectNone();
      expect(await chain('abc')).toMatchObject({ isNew: false });
      await expectNone();
    });

    it('are cancelled: what waits ends, what runs is told, nothing more is pushed but the last callback', async () => {
      await workflow({ a: '', b: '', c: '', d: 'abc', e: 'd' }, { callbacks: callbacks('catch', 'then', 'finally') });
      const a = await claim();
      expect(a.id).toBe('a');
      await run('b');
      expect(await scene.driver.flows.cancel('wOne', 'no more')).toBe(true);
      expect(await consumer.poll()).toMatchObject({ cancelled: [{ id: 'a', reason: 'no more' }] });
      expect(await counts('wOne')).toEqual({ completed: 1, failed: 0, cancelled: 3, isFinished: false });
      await expectNone();
      await consumer.settle({ kind: 'cancel', id: 'a', fence: a.fence, hasRun: true });
      expect(await counts('wOne')).toEqual({ completed: 1, failed: 0, cancelled: 4, isFinished: true });
      expect(await claimIds()).toEqual(['finally']);
      expect(await scene.driver.flows.cancel('wOne')).toBe(false);
      expect(await scene.driver.flows.cancel('wOther')).toBe(false);
    });

    it('push each node of a workflow once, after all that it waits for have completed', async () => {
      await workflow({ a: '', b: 'a', c: 'a', d: 'bc', e: 'd', f: 'a' }, { callbacks: callbacks('then', 'finally') });
      await run('a');
      const [b, c, f] = (await consumer.claim()).toSorted((one, two) => one.id.localeCompare(two.id));
      expect(idsOf([b!, c!, f!])).toEqual(['b', 'c', 'f']);
      await consumer.complete(c!);
      await expectNone();
      await consumer.settle(complete(f!), complete(b!));
      await run('d');
      await run('e');
      expect(await claimIds()).toEqual(['finally', 'then']);
      expect(await counts('wOne')).toMatchObject({ completed: 6, isFinished: true });
    });

    it('stop in a workflow what depends on a failed job, and nothing else', async () => {
      await workflow({ a: '', b: '', c: 'a', d: 'b', e: 'cd' }, { callbacks: callbacks('catch', 'finally') });
      const [a, b] = await consumer.claim();
      await consumer.fail(a!);
      expect(await claimIds()).toEqual(['catch']);
      expect(await counts('wOne')).toMatchObject({ failed: 1, isFinished: false });
      await consumer.complete(b!);
      await run('d');
      expect(await counts('wOne')).toEqual({ completed: 2, failed: 1, cancelled: 0, isFinished: true });
      expect(await claimIds()).toEqual(['finally']);
      if (statusTtl === 0) return;
      await scene.driver.mending.retry(QUEUE, ['a']);
      await run('a');
      await run('c');
      await run('e');
      await expectNone();
      expect(await counts('wOne')).toMatchObject({ completed: 5, isFinished: true });
    });

    it('cancel in a workflow what depends on a cancelled job, and nothing else', async () => {
      await workflow({ a: '', b: '', c: 'a', d: 'b', e: 'cd' });
      await scene.driver.cancellations.cancelSome(QUEUE, ['a'], Infinity);
      await run('b');
      await run('d');
      expect(await counts('wOne')).toEqual({ completed: 2, failed: 0, cancelled: 3, isFinished: true });
      await expectNone();
    });

    it('keep the results of a workflow by the names of its nodes', async () => {
      await workflow({ a: '', b: 'a' });
      const result = (name: string, ref = 'wOne') => scene.driver.flows.readResult(ref, name);
      expect(await result('a')).toBeNull();
      await run('a', 'complete', '"ä"');
      expect(await result('a')).toBe('"ä"');
      await run('b');
      expect([await result('b'), await result('x'), await result('a', 'wOther')]).toEqual([null, null, null]);
      await scene.advance(RETENTION - 10);
      expect(await result('a')).toBe('"ä"');
    });

    it('are kept for their time after nothing of them can run any more', async () => {
      await chain('ab');
      await run('a');
      await scene.advance(2 * RETENTION);
      expect(await counts()).toMatchObject({ completed: 1, isFinished: false });
      await run('b', 'fail');
      await scene.advance(RETENTION - 10);
      expect(await counts()).toMatchObject({ failed: 1, isFinished: true });
      await scene.advance(20);
      expect(await scene.driver.flows.read('cOne')).toBeNull();
    });

    it('that are gone leave a retried job alone', async () => {
      if (statusTtl === 0) return;
      await chain('ab', { retention: 10 });
      await run('a', 'fail');
      await scene.advance(20);
      expect(await scene.driver.mending.retry(QUEUE, ['a'])).toBe(1);
      await run('a');
      await expectNone();
      expect(await scene.driver.flows.read('cOne')).toBeNull();
    });

    it('tell many flows at once', async () => {
      const refs = Array.from({ length: 350 }, (__, index) => `cMany${index}`);
      for (const ref of refs) await create([job(`${ref}-1`), job(`${ref}-2`)], { ref });
      const first = await consumer.claim(300);
      await consumer.settle(...first.map((each) => complete(each)));
      const ids = idsOf(await consumer.drain(300));
      expect(ids).toHaveLength(400);
      expect(new Set(ids).size).toBe(400);
      for (const ref of refs) expect(await counts(ref)).toMatchObject({ completed: 2, isFinished: true });
    });

    it('push more jobs than one operation may', async () => {
      const names = Array.from({ length: 250 }, (__, index) => `n${index}`);
      const nodes = [job('root', { name: 'root' }), ...names.map((name) => job(name, { name, after: [0] }))];
      await create([...nodes, job('last', { name: 'last', after: names.map((__, index) => index + 1) })], {
        ref: 'wOne',
      });
      await run('root');
      expect(await consumer.drain(100)).toHaveLength(251);
      expect(await counts('wOne')).toMatchObject({ completed: 252, isFinished: true });
    });

    it('are taken up by another consumer if nobody tells them', async () => {
      await chain('ab');
      await consumer.complete(await claim());
      await scene.advance(LEASE / 3);
      expect(await claimIds(scene.consume())).toEqual(['b']);
    });

    it('tell their nodes, with their states and jobs', async () => {
      const nodes = async (ref: string) => {
        const found = await scene.driver.flows.nodes(ref);
        return found?.map(({ state, name = '', after, job: own }) =>
          [name, state, after.join(','), own?.id, own?.queue, own?.name ?? ''].join(' ').trim(),
        );
      };
      expect(await scene.driver.flows.nodes('cOne')).toBeNull();
      await chain('ab');
      expect(await nodes('cOne')).toEqual([`pushed  a ${QUEUE}`, `waiting 0 b ${QUEUE} Job`]);
      await run('a');
      await run('b', 'fail');
      expect(await nodes('cOne')).toEqual([`completed  a ${QUEUE}`, `failed 0 b ${QUEUE}`]);
      await workflow({ p: '', q: 'p', r: 'p', s: 'qr' });
      await run('p');
      expect(await nodes('wOne')).toEqual([
        `p completed  p ${QUEUE}`,
        `q pushed 0 q ${QUEUE}`,
        `r pushed 0 r ${QUEUE}`,
        `s waiting 1,2 s ${QUEUE} Job`,
      ]);
      await scene.driver.cancellations.cancel('q');
      await eventually(async () => {
        await consumer.poll();
        expect((await nodes('wOne'))!.at(-1)).toBe(`s cancelled 1,2 s ${QUEUE} Job`);
      });
    });

    it('tell all of a thousand nodes', async () => {
      const ids = Array.from({ length: 1_000 }, (__, i) => `n${i}`);
      await create(ids.map((id) => job(id)));
      const nodes = (await scene.driver.flows.nodes('cOne'))!;
      expect(nodes.map(({ job: own }) => own?.id)).toEqual(ids);
    });
  });
}
