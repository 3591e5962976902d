import { beforeEach, describe, expect, it } from '@jest/globals';
import type { BatchKey } from '../../lib/drivers/queue-batches.interface.js';
import type { FlowCallback, FlowJob, FlowNode, NewFlow } from '../../lib/drivers/queue-flows.interface.js';
import type { FlowEnd, StorageObserver } from '../../lib/drivers/storage-observer.interface.js';
import { memberId } from '../../lib/job/flow-ref.js';
import { eventually } from '../support/eventually.js';
import type { DriverHarness } from './driver-harness.js';
import { idsOf, QUEUE, retry, Scene, type TestConsumer } from './scene.js';

const CREATED = Date.UTC(2026, 0);

/** Notes what a storage tells. */
class Heard implements StorageObserver {
  hearsPushes = true;
  hearsEnds = true;
  readonly pushes: string[] = [];
  readonly ends: (readonly [ref: string, end: FlowEnd])[] = [];

  pushed(queue: string, jobs: Parameters<StorageObserver['pushed']>[1]): void {
    this.pushes.push(...jobs.map(({ id, body }) => `${queue} ${id} ${body.split('\n')[1]}`));
  }

  ended(ref: string, end: FlowEnd): undefined {
    this.ends.push([ref, end]);
  }

  /** The numbers of the ends: completed, failed, cancelled. */
  get counts(): (readonly [string, ...number[]])[] {
    return this.ends.map(([ref, { completed, failed, cancelled }]) => [ref, completed, failed, cancelled]);
  }
}

/** Tests what a storage tells its observer. */
export function describeObserver(harness: DriverHarness): void {
  describe('the observer of a storage', () => {
    const scene = new Scene(harness);
    let consumer: TestConsumer;
    let heard: Heard;

    beforeEach(() => {
      consumer = scene.consume();
      heard = new Heard();
      scene.driver.observe(heard);
    });

    const job = (id: string, wish: Partial<FlowNode> = {}): FlowNode => {
      return { id, queue: QUEUE, body: `hJob\nof ${id}`, delay: 0, ...wish };
    };
    const create = (ids: string, wish: Partial<NewFlow> = {}) =>
      scene.driver.flows.create({
        ref: 'cOne',
        createdAt: CREATED,
        retention: 100,
        nodes: ids.split('').map((id) => job(id)),
        ...wish,
      });
    const callbacks = (...names: FlowCallback[]): Partial<Record<FlowCallback, FlowJob>> =>
      Object.fromEntries(names.map((name) => [name, job(name)]));
    const key: BatchKey = { ref: 'bOne', createdAt: CREATED, memberQueue: QUEUE };
    const members = (count: number): FlowJob[] =>
      Array.from({ length: count }, (_, node) =>
        job(memberId('bOne', CREATED, QUEUE, node), { body: `hJob\n${node}` }),
      );
    const batch = async (count: number, allowFailures = true): Promise<void> => {
      await scene.driver.batches.open({
        ref: 'bOne',
        createdAt: CREATED,
        retention: 100,
        allowFailures,
        name: 'import',
      });
      if (count > 0) await scene.driver.batches.feed(key, 0, members(count), 0);
      await scene.driver.batches.seal(key);
    };
    const settled = async (): Promise<void> => {
      await consumer.poll();
      await scene.driver.flows.settled();
    };
    const failOne = async (): Promise<string> => {
      const one = await consumer.claimOne();
      await consumer.fail(one);
      await settled();
      return one.id;
    };

    it('hears of each job of a flow when it is pushed, once', async () => {
      await create('abc', { callbacks: callbacks('catch', 'then') });
      expect(heard.pushes).toEqual([`${QUEUE} a of a`]);
      await create('abc');
      await consumer.retry(await consumer.claimOne());
      await consumer.drain();
      expect(heard.pushes).toEqual(['a', 'b', 'c', 'then'].map((id) => `${QUEUE} ${id} of ${id}`));
    });

    it('hears of the members of a batch, and of those that are added', async () => {
      await batch(3);
      expect(heard.pushes).toEqual(members(3).map(({ id }, node) => `${QUEUE} ${id} ${node}`));
      await scene.driver.batches.feed(key, 0, members(3), 0);
      await scene.driver.batches.add('bOne', [job('added')]);
      expect(heard.pushes.slice(3)).toEqual([`${QUEUE} added of added`]);
    });

    it('hears of the jobs of schedules, but not of one whose key is taken', async () => {
      const { schedules } = scene.driver;
      const change = (name: string, wish: Partial<FlowJob>) =>
        schedules.change({ name, expected: null, to: { state: name, text: '' }, jobs: [job(name, wish)] });
      await change('one', { traits: { unique: { key: 'k', until: 'end' } } });
      await change('other', { traits: { unique: { key: 'k', until: 'end' } } });
      await schedules.settled();
      expect(heard.pushes).toEqual([`${QUEUE} one of one`]);
    });

    it('hears of the end of a chain with its numbers, and of each further end after a retry', async () => {
      await create('ab', { name: 'order 7' });
      await consumer.complete(await consumer.claimOne());
      expect(heard.ends).toEqual([]);
      const id = await failOne();
      const end = { name: 'order 7', createdAt: CREATED, total: 2, completed: 1, failed: 1, cancelled: 0 };
      expect(heard.ends).toEqual([['cOne', { ...end, finishedAt: expect.any(Number) }]]);
      await scene.driver.mending.retry(QUEUE, [id]);
      await settled();
      await consumer.drain();
      await settled();
      expect(heard.counts).toEqual([
        ['cOne', 1, 1, 0],
        ['cOne', 2, 0, 0],
      ]);
    });

    it('hears of the end of a workflow when nothing of it can run, after the push of its callbacks', async () => {
      const nodes = [job('a', { name: 'a' }), job('b', { name: 'b' }), job('c', { name: 'c', after: [0] })];
      await create('', { ref: 'wOne', nodes, callbacks: callbacks('finally') });
      const [a, b] = await consumer.claim();
      await consumer.fail(a!);
      await settled();
      expect(heard.ends).toEqual([]);
      await consumer.complete(b!);
      await settled();
      expect(heard.counts).toEqual([['wOne', 1, 1, 0]]);
      expect(heard.ends[0]![1]).not.toHaveProperty('name');
      expect(idsOf(await consumer.claim())).toEqual(['finally']);
    });

    it('hears of the end of a batch when all have ended, and it is sealed', async () => {
      await batch(2);
      const [first, second] = await consumer.claim();
      await consumer.complete(first!);
      await consumer.settle(retry(second!));
      await settled();
      expect(heard.ends).toEqual([]);
      await failOne();
      expect(heard.counts).toEqual([['bOne', 1, 1, 0]]);
      expect(heard.ends[0]![1].name).toBe('import');
      await scene.driver.batches.retry('bOne');
      await consumer.drain();
      await settled();
      expect(heard.counts.slice(1)).toEqual([['bOne', 2, 0, 0]]);
    });

    it('hears of the end of a batch that its seal ends', async () => {
      await scene.driver.batches.open({ ref: 'bOne', createdAt: CREATED, retention: 100, allowFailures: true });
      await scene.driver.batches.feed(key, 0, members(2), 0);
      await consumer.drain();
      await settled();
      expect(heard.ends).toEqual([]);
      await scene.driver.batches.seal(key);
      await settled();
      expect(heard.counts).toEqual([['bOne', 2, 0, 0]]);
    });

    it('hears of an empty batch, and of what is cancelled', async () => {
      await batch(0);
      await settled();
      expect(heard.counts).toEqual([['bOne', 0, 0, 0]]);
      await create('abc');
      await scene.driver.flows.cancel('cOne');
      await settled();
      await eventually(() => expect(heard.counts.slice(1)).toEqual([['cOne', 0, 0, 3]]));
    });

    it('hears nothing that it does not want to hear', async () => {
      heard.hearsEnds = false;
      heard.hearsPushes = false;
      await create('a');
      await consumer.drain();
      await batch(1);
      await consumer.drain();
      await settled();
      expect([heard.pushes, heard.ends]).toEqual([[], []]);
      // What nobody wanted to know when it happened is not told later.
      heard.hearsEnds = true;
      await create('a');
      await settled();
      expect(heard.ends).toEqual([]);
    });
  });
}
