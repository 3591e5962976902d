import { describe, expect, it } from '@jest/globals';
import type { NewJob } from '../../lib/drivers/queue-driver.interface.js';
import type { DriverHarness } from './driver-harness.js';
import { fail, idsOf, numbered, QUEUE, release, retry, Scene, settlement, type TestConsumer } from './scene.js';

/** Makes jobs that are named by their groups, their priorities and their numbers: `a+5-1` is in `a`, with priority 5; `x-1` has no group. */
function jobsOf(ids: readonly string[], delay = 0): NewJob[] {
  return ids.map((id) => {
    const [, group, priority] = /^([a-z]+)([+_]\d+)?-/.exec(id)!;
    const value = Number((priority ?? '0').replace('_', '-'));
    const fields = { ...(value !== 0 && { p: value }), ...(group !== 'x' && { q: group }) };
    const header = Object.keys(fields).length > 0 ? `\t${JSON.stringify(fields)}` : '';
    const traits = { ...(group !== 'x' && { group: group! }), ...(value !== 0 && { priority: value }) };
    return { id, body: `hMail${header}\n"${id}"`, delay, isGenerated: true as const, traits };
  });
}

/** Tests that an operator can change the priority of a job that waits. */
export function describeSetPriority(harness: DriverHarness): void {
  const push = (scene: Scene, ids: string, delay = 0) => scene.driver.push(QUEUE, jobsOf(ids.split(' '), delay), true);
  const drain = async (consumer: TestConsumer): Promise<string> => (await consumer.drainInTurn(50)).join(' ');

  describe('a new priority of a job', () => {
    const scene = new Scene(harness, 600, { completed: 300, failed: 300, maxCompleted: 5, maxFailed: 1_000 });
    const set = (id: string, priority: number) => scene.driver.mending.setPriority(QUEUE, id, priority);
    const bodyOf = async (id: string) => (await scene.driver.lists.find(id, [QUEUE]))?.body;
    const expectNothing = async (): Promise<void> => {
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, blocked: 0, delayed: 0, reserved: 0 });
      expect(await scene.consume().poll({ limit: 10 })).toMatchObject({ jobs: [], more: false, limited: false });
    };

    it('puts a ready job to the end of that priority', async () => {
      await push(scene, 'x-1 x-2 x-3 x+5-1 x_5-1 x_5-2');
      expect(await set('x-2', 5)).toBe(true);
      expect(await set('x+5-1', -5)).toBe(true);
      expect(await set('x_5-1', 0)).toBe(true);
      expect(await set('x-1', 1_000)).toBe(true);
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 6 });
      await push(scene, 'x+5-2 x-4');
      expect(await drain(scene.consume())).toBe('x-1 x-2 x+5-2 x-3 x_5-1 x-4 x_5-2 x+5-1');
      await expectNothing();
    });

    it('is the first one of a queue, and the last one', async () => {
      const consumer = scene.consume();
      await push(scene, 'x-1 x-2');
      expect(await consumer.poll({ limit: 0 })).toMatchObject({ more: true, limited: false });
      await set('x-2', 1);
      expect(await consumer.poll({ limit: 0 })).toMatchObject({ more: true, limited: true });
      expect(await scene.driver.lists.total(QUEUE, ['queued'])).toBe(2);
      await set('x-2', 0);
      expect(await consumer.poll({ limit: 0 })).toMatchObject({ more: true, limited: false });
      expect(await drain(consumer)).toBe('x-1 x-2');
      await expectNothing();
    });

    it('lets a job keep its turn that has it already', async () => {
      await push(scene, 'x+5-1 x+5-2 x-1 x-2 a-1 a-2 a+5-1 a+5-2');
      for (const [id, priority] of [
        ['x+5-1', 5],
        ['x-1', 0],
        ['a-1', 0],
        ['a+5-1', 5],
      ] as const) {
        expect(await set(id, priority)).toBe(true);
      }
      const order = (await drain(scene.consume())).split(' ');
      expect(order.filter((id) => id.startsWith('x')).join(' ')).toBe('x+5-1 x+5-2 x-1 x-2');
      expect(order.filter((id) => id.startsWith('a')).join(' ')).toBe('a+5-1 a+5-2 a-1 a-2');
    });

    it('is written into the record, and leaves the rest of it as it is', async () => {
      const bodies: readonly (readonly [before: string, priority: number, after: string])[] = [
        ['hMail\n{"p":1}', 5, 'hMail\t{"p":5}\n{"p":1}'],
        ['hMail\t{"p":3}\n1', -1_000, 'hMail\t{"p":-1000}\n1'],
        ['hMail\t{"p":3}\n1', 0, 'hMail\n1'],
        ['iMail\t{"m":5,"p":-3,"q":"a \\"p\\":7"}\n\n1', 2, 'iMail\t{"m":5,"q":"a \\"p\\":7","p":2}\n\n1'],
        ['hMail\t{"p":3,"d":{"p":"4"}}\n', 0, 'hMail\t{"d":{"p":"4"}}\n'],
        ['hMail\t{"d":{"p":"4"}}\n', 7, 'hMail\t{"d":{"p":"4"},"p":7}\n'],
        ['no record', 7, 'no record'],
      ];
      for (const delay of [0, 60]) {
        for (const [at, [body, priority, after]] of bodies.entries()) {
          const [, value] = /"p":(-?\d+)/.exec(body.split('\n')[0]!) ?? [];
          const id = `job-${delay}-${at}`;
          const traits = { ...(value !== undefined && { priority: Number(value) }) };
          await scene.driver.push(QUEUE, [{ id, body, delay, isGenerated: true, traits }], true);
          const before = await scene.driver.lists.find(id, [QUEUE]);
          expect([body, await set(id, priority)]).toEqual([body, true]);
          const found = await scene.driver.lists.find(id, [QUEUE]);
          expect(found).toEqual({ ...before, body: after });
        }
      }
    });

    it('counts for a delayed job when it is due, and for one that waits for its next attempt', async () => {
      await push(scene, 'x-1 x-2 a-1 a-2', 10);
      await push(scene, 'x+9-1');
      const consumer = scene.consume();
      await consumer.settle(retry(await consumer.claimOne(), { delay: 10 }));
      expect(await set('x-2', 5)).toBe(true);
      expect(await set('x+9-1', 3)).toBe(true);
      expect(await set('a-2', 5)).toBe(true);
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, delayed: 5 });
      await scene.advance(11);
      const order = (await drain(consumer)).split(' ');
      expect(order.filter((id) => id.startsWith('x')).join(' ')).toBe('x-2 x+9-1 x-1');
      expect(order.filter((id) => id.startsWith('a')).join(' ')).toBe('a-2 a-1');
      await expectNothing();
    });

    const COMEBACKS: Readonly<Record<string, (consumer: TestConsumer) => Promise<unknown>>> = {
      'a retry': async (consumer) => consumer.settle(retry(await consumer.claimOne())),
      'a release': async (consumer) => consumer.settle(release(await consumer.claimOne())),
      'a pause before the next attempt': async (consumer) => {
        await consumer.settle(retry(await consumer.claimOne(), { delay: 5 }));
        await scene.advance(6);
      },
      'an operator that retries the job': async (consumer) => {
        const job = await consumer.claimOne();
        await consumer.settle(fail(job));
        await scene.driver.mending.retry(QUEUE, [job.id]);
      },
    };

    it.each(Object.keys(COMEBACKS))('is kept over %s', async (name) => {
      const consumer = scene.consume();
      const cases = [
        ['x-1', 7, 'x+6-1', 'x_2-1'],
        ['x+5-1', -1, 'x-2', 'x_2-2'],
        ['a-1', 7, 'a+6-1', 'a_2-1'],
      ] as const;
      for (const [id, priority, other, last] of cases) {
        await push(scene, id);
        expect(await set(id, priority)).toBe(true);
        await COMEBACKS[name]!(consumer);
        await push(scene, `${other} ${last}`);
        const order = priority < 0 ? [other, id] : [id, other];
        expect(await drain(consumer)).toBe([...order, last].join(' '));
      }
      await expectNothing();
    });

    it('is kept in another queue', async () => {
      const consumer = scene.consume();
      await push(scene, 'x-1');
      await set('x-1', 5);
      await consumer.settle(fail(await consumer.claimOne()));
      await scene.driver.push('other', jobsOf(['x+4-1']), true);
      expect(await scene.driver.mending.move(QUEUE, ['x-1'], 'other')).toBe(1);
      expect(await drain(scene.consume({ queue: 'other' }))).toBe('x-1 x+4-1');
    });

    it('counts within the group of a job, which keeps its turn', async () => {
      await push(scene, 'a-1 a-2 a+5-1 b-1 c_1-1');
      expect(await set('a-2', 6)).toBe(true);
      expect(await set('a+5-1', -5)).toBe(true);
      expect(await set('b-1', 9)).toBe(true);
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 5 });
      expect(await drain(scene.consume())).toBe('a-2 b-1 c_1-1 a-1 a+5-1');
      await expectNothing();
    });

    it('counts when a recovered job is put back: until then it comes first', async () => {
      const alive = scene.consume();
      await push(scene, 'x-1');
      await scene.crashWith(1, alive);
      await alive.poll();
      expect(await set('x-1', -9)).toBe(true);
      expect(await bodyOf('x-1')).toBe('hMail\t{"p":-9}\n"x-1"');
      await push(scene, 'x-2 x+5-1');
      const [job] = await alive.claimRecovered(1);
      expect(job).toMatchObject({ id: 'x-1', crashes: 1 });
      await alive.settle(fail(job!));
      expect(await scene.driver.mending.retry(QUEUE, ['x-1'])).toBe(1);
      expect(await drain(alive)).toBe('x+5-1 x-2 x-1');
    });

    it('leaves a job alone that does not wait', async () => {
      const consumer = scene.consume();
      await push(scene, 'x-1 x-2 x-3 x-4');
      const [done, bad, runs, gone] = await consumer.claim();
      await consumer.settle(settlement.complete(done!), settlement.fail(bad!), settlement.retry(gone!));
      await scene.driver.cancellations.cancel(gone!.id);
      for (const id of [done!.id, bad!.id, runs!.id, gone!.id, 'nobody']) {
        expect([id, await set(id, 5)]).toEqual([id, false]);
      }
      expect(await bodyOf(runs!.id)).toBe(`hMail\n"${runs!.id}"`);
      expect(await scene.driver.mending.setPriority('never-pushed', 'x-1', 5)).toBe(false);
      expect(await scene.driver.queues()).toEqual([QUEUE]);
      await consumer.settle(settlement.retry(runs!));
      await push(scene, 'x+1-1');
      expect(await drain(consumer)).toBe(`x+1-1 ${runs!.id}`);
    });

    it('leaves nothing of its old place in a long list', async () => {
      const plain = numbered(1_200, 'x');
      await scene.driver.push(QUEUE, jobsOf(plain), true);
      await scene.driver.push(QUEUE, jobsOf(numbered(1_200, 'a')), true);
      for (const id of [plain[600]!, numbered(1_200, 'a')[600]!]) {
        for (const priority of [5, 0, 5, -5]) expect(await set(id, priority)).toBe(true);
      }
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 2_400 });
      const jobs = await scene.consume().drain();
      expect(new Set(idsOf(jobs)).size).toBe(2_400);
      expect(jobs).toHaveLength(2_400);
      await expectNothing();
    });

    it('leaves the time of the push and the place in the statistics', async () => {
      await push(scene, 'x-1');
      const before = await scene.driver.stats.look(QUEUE);
      await scene.advance(10);
      await set('x-1', 5);
      const { ready } = await scene.driver.stats.look(QUEUE);
      // A storage may tell of a job twice.
      expect(new Set(ready.map((job) => JSON.stringify(job)))).toEqual(
        new Set([JSON.stringify({ ...before.ready[0]!, header: 'hMail\t{"p":5}' })]),
      );
      const job = await scene.consume().claimOne();
      expect(job.pushedAt).toBe(before.ready[0]!.pushedAt);
      expect(job.waitsSince).toBeUndefined();
    });

    it('can be cancelled, removed and cleared', async () => {
      await push(scene, 'x-1 x-2 x-3 a-1 a-2 a-3');
      for (const id of ['x-1', 'x-2', 'x-3', 'a-1', 'a-2', 'a-3']) await set(id, 5);
      for (const id of ['x-1', 'a-1']) expect(await scene.driver.cancellations.cancel(id)).toBe('cancelled');
      expect(await scene.driver.mending.remove(QUEUE, ['x-2', 'a-2'])).toBe(2);
      expect(await scene.driver.clear(QUEUE)).toBe(2);
      await expectNothing();
    });

    it('lets the key of a unique job be free when it ends', async () => {
      const unique = { key: 'Report\ta', until: 'end' } as const;
      const job = (id: string): NewJob => ({ id, body: 'hReport\n', delay: 0, isGenerated: true, traits: { unique } });
      await scene.driver.push(QUEUE, [job('one')], true);
      await set('one', 5);
      expect(await scene.driver.push(QUEUE, [job('two')], true)).toMatchObject([{ outcome: 'duplicate', id: 'one' }]);
      const consumer = scene.consume();
      await consumer.complete(await consumer.claimOne());
      expect(await scene.driver.push(QUEUE, [job('three')], true)).toBeUndefined();
    });
  });

  describe('a new priority of a job in groups with strict order', () => {
    const scene = new Scene(harness, undefined, undefined, { groups: { concurrency: 1, ordered: true } });
    const set = (id: string, priority: number) => scene.driver.mending.setPriority(QUEUE, id, priority);

    it('does not let others pass a job that comes back', async () => {
      await push(scene, 'a-1');
      const consumer = scene.consume();
      const job = await consumer.claimOne();
      await push(scene, 'a+5-1 a-2');
      await consumer.settle(retry(job));
      expect(await set('a-1', -9)).toBe(true);
      expect(await set('a-2', 9)).toBe(true);
      expect(await drain(consumer)).toBe('a-1 a-2 a+5-1');
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, blocked: 0, reserved: 0 });
    });

    it('counts for the jobs of a group that is full', async () => {
      await push(scene, 'a-1 a-2 a-3 b-1');
      const consumer = scene.consume();
      const [a, b] = await consumer.claim(2);
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, blocked: 2 });
      expect(await set('a-3', 1)).toBe(true);
      expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, blocked: 2 });
      await consumer.settle(settlement.complete(a!), settlement.complete(b!));
      expect(await drain(consumer)).toBe('a-3 a-2');
    });
  });
}
