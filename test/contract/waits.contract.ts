import { describe, expect, it } from '@jest/globals';
import type { JobEnd } from '../../lib/drivers/queue-waits.interface.js';
import { eventually } from '../support/eventually.js';
import type { DriverHarness } from './driver-harness.js';
import { complete, fail, QUEUE, retry, Scene } from './scene.js';

/** Opens a wait, and keeps what it is told. */
async function waitFor(
  scene: Scene,
  id: string,
  { timeout = 60_000, pushedTo = undefined as string | undefined, isGiven = false } = {},
) {
  const told: (JobEnd | Error)[] = [];
  const terms = { timeout, ...(pushedTo !== undefined && { pushedTo, isGiven }) };
  const wait = await scene.driver.waits.open(id, terms, {
    ended: (end) => told.push(end),
    failed: (error) => told.push(error),
  });
  return { ...wait, told, end: () => eventually(() => expect(told).toHaveLength(1)).then(() => told[0]) };
}

export function describeWaits(harness: DriverHarness): void {
  describe('a wait for a job', () => {
    const scene = new Scene(harness);

    it('is told of the end of its job, with the result, and of no other one', async () => {
      await scene.push(['a', 'b', 'c']);
      const [a, b] = [await waitFor(scene, 'a'), await waitFor(scene, 'b')];
      const consumer = scene.consume();
      const [jobA, , jobC] = await consumer.claim();
      const result = '{"text":"é \\"\\n"}';
      await consumer.settle(complete(jobA!, { result }), complete(jobC!));
      expect(await a.end()).toEqual({ state: 'completed', isWhole: true, result });
      expect(b.told).toEqual([]);
    });

    it('is told of a result that is only for those who wait, and that the status does not keep', async () => {
      await scene.push(['a', 'b']);
      const a = await waitFor(scene, 'a');
      const consumer = scene.consume();
      const [jobA, jobB] = await consumer.claim();
      await consumer.settle(
        complete(jobA!, { result: '"A"', isOnlyTold: true }),
        complete(jobB!, { result: '"B"', isOnlyTold: true }),
      );
      expect(await a.end()).toEqual({ state: 'completed', isWhole: true, result: '"A"' });
      for (const id of ['a', 'b']) expect((await scene.driver.getStatus(id))?.result).toBeUndefined();
      expect(await (await waitFor(scene, 'b')).end()).toEqual({ state: 'completed', isWhole: false });
    });

    it('gets a long result whole', async () => {
      await scene.push(['a']);
      const a = await waitFor(scene, 'a');
      const consumer = scene.consume();
      const result = JSON.stringify('x'.repeat(100_000));
      await consumer.settle(complete(await consumer.claimOne(), { result, isOnlyTold: true }));
      expect(await a.end()).toEqual({ state: 'completed', isWhole: true, result });
    });

    it('is told why the result could not be kept', async () => {
      await scene.push(['a']);
      const a = await waitFor(scene, 'a');
      const consumer = scene.consume();
      await consumer.settle(complete(await consumer.claimOne(), { error: 'too "long"' }));
      expect(await a.end()).toEqual({ state: 'completed', isWhole: true, error: 'too "long"' });
    });

    it('is told of a failure for good, and of no failed attempt before it', async () => {
      await scene.push(['a']);
      const a = await waitFor(scene, 'a');
      const consumer = scene.consume();
      await consumer.retry(await consumer.claimOne(), { error: 'first' });
      const again = await consumer.claimOne();
      expect(a.told).toEqual([]);
      const details = { took: 5, worker: 'host:1', stack: 'RangeError: no "luck"\n  at x', name: 'RangeError' };
      await consumer.settle({ ...fail(again, 'no "luck"'), details } as never);
      const { stack, name } = details;
      expect(await a.end()).toEqual({ state: 'failed', error: 'no "luck"', attempt: 2, stack, name });
    });

    it('tells at once how an ended job ended', async () => {
      await scene.push(['a', 'b', 'c']);
      const consumer = scene.consume();
      const [a, b, c] = await consumer.claim();
      const details = { took: 5, worker: 'host:1', stack: 'E: x', name: 'E' };
      await consumer.settle(complete(a!, { result: '1' }), complete(b!), { ...fail(c!, 'no'), details } as never);
      expect((await waitFor(scene, 'a')).told).toEqual([{ state: 'completed', isWhole: false, result: '1' }]);
      expect((await waitFor(scene, 'b')).told).toEqual([{ state: 'completed', isWhole: false }]);
      expect((await waitFor(scene, 'c')).told).toEqual([
        { state: 'failed', error: 'no', attempt: 1, stack: 'E: x', name: 'E' },
      ]);
    });

    it('tells at once of a job that is not known, or of which nothing is kept any more', async () => {
      expect((await waitFor(scene, 'nobody')).told).toEqual([{ state: 'gone' }]);
      await scene.push(['a']);
      const consumer = scene.consume();
      await consumer.complete(await consumer.claimOne());
      await scene.advance(700);
      expect((await waitFor(scene, 'a')).told).toEqual([{ state: 'gone' }]);
    });

    it('that begins before the push is told of the end', async () => {
      const a = await waitFor(scene, 'a', { pushedTo: QUEUE });
      expect(a.told).toEqual([]);
      await scene.push(['a']);
      a.arrived();
      const consumer = scene.consume();
      await consumer.settle(complete(await consumer.claimOne(), { result: '7', isOnlyTold: true }));
      expect(await a.end()).toEqual({ state: 'completed', isWhole: true, result: '7' });
    });

    it('of a delayed job is told of its end', async () => {
      await scene.push(['a'], { delay: 30 });
      const a = await waitFor(scene, 'a');
      await scene.advance(31);
      const consumer = scene.consume();
      await consumer.complete(await consumer.claimOne());
      expect(await a.end()).toEqual({ state: 'completed', isWhole: true });
    });

    it('goes on beside a status that the application wrote', async () => {
      await scene.push(['a']);
      await scene.driver.setStatus('a', 'completed');
      const a = await waitFor(scene, 'a');
      expect(a.told).toEqual([]);
      const consumer = scene.consume();
      await consumer.fail(await consumer.claimOne(), 'no');
      expect(await a.end()).toMatchObject({ state: 'failed', error: 'no' });
    });

    it('is told that its job was dropped', async () => {
      await scene.push(['a', 'b']);
      await scene.push(['c'], { delay: 60 });
      const [a, c] = [await waitFor(scene, 'a'), await waitFor(scene, 'c')];
      await scene.driver.clear(QUEUE);
      expect(await a.end()).toEqual({ state: 'gone' });
      expect(await c.end()).toEqual({ state: 'gone' });
    });

    it('is told that its job was cancelled, wherever it was, with the reason', async () => {
      await scene.push(['a', 'b', 'c']);
      const waits = await Promise.all(['a', 'b', 'c'].map((id) => waitFor(scene, id)));
      const { cancellations } = scene.driver;
      expect(await cancellations.cancel('a', 'not "needed"')).toBe('cancelled');
      expect(await cancellations.cancel('b')).toBe('cancelled');
      expect(await waits[0]!.end()).toEqual({ state: 'cancelled', error: 'not "needed"' });
      expect(await waits[1]!.end()).toEqual({ state: 'cancelled' });
      const consumer = scene.consume();
      const { id, fence } = await consumer.claimOne();
      expect(await cancellations.cancel('c', 'late')).toBe('cancelling');
      expect(waits[2]!.told).toEqual([]);
      await consumer.settle({ kind: 'cancel', id, fence, hasRun: true, error: 'late' });
      expect(await waits[2]!.end()).toEqual({ state: 'cancelled', error: 'late' });
      expect((await waitFor(scene, 'a')).told).toEqual([{ state: 'cancelled', error: 'not "needed"' }]);
    });

    it('is told that its job was removed', async () => {
      await scene.push(['a', 'b']);
      const [a, b] = [await waitFor(scene, 'a'), await waitFor(scene, 'b')];
      await scene.driver.mending.remove(QUEUE, ['a']);
      expect(await a.end()).toEqual({ state: 'gone' });
      expect(b.told).toEqual([]);
    });

    it('for a failed job that is put back waits for its next end', async () => {
      await scene.push(['a']);
      const first = await waitFor(scene, 'a');
      const consumer = scene.consume();
      await consumer.fail(await consumer.claimOne(), 'no');
      expect(await first.end()).toMatchObject({ state: 'failed', error: 'no' });
      await scene.driver.mending.retry(QUEUE, ['a']);
      const second = await waitFor(scene, 'a');
      expect(second.told).toEqual([]);
      await consumer.settle(complete(await consumer.claimOne(), { result: '1' }));
      expect(await second.end()).toMatchObject({ state: 'completed', result: '1' });
    });

    it('is told of the end after its job was recovered from a lost worker', async () => {
      await scene.push(['a']);
      const a = await waitFor(scene, 'a');
      const consumer = scene.consume();
      await scene.crashWith(1, consumer);
      const [again] = await consumer.claimRecovered();
      await consumer.settle(retry(again!, { error: 'once more' }));
      // A job whose worker was lost stays among the recovered ones.
      const [last] = await consumer.claimRecovered();
      await consumer.settle(complete(last!, { result: '1', isOnlyTold: true }));
      expect(await a.end()).toEqual({ state: 'completed', isWhole: true, result: '1' });
    });

    it('is told with every other wait for the job', async () => {
      await scene.push(['a']);
      const all = await Promise.all([1, 2, 3].map(() => waitFor(scene, 'a')));
      const consumer = scene.consume();
      await consumer.settle(complete(await consumer.claimOne(), { result: '1' }));
      for (const each of all) expect(await each.end()).toEqual({ state: 'completed', isWhole: true, result: '1' });
    });

    it('is told nothing once it is closed', async () => {
      await scene.push(['a']);
      const [a, b] = [await waitFor(scene, 'a'), await waitFor(scene, 'a')];
      expect(await a.close()).toBeUndefined();
      const consumer = scene.consume();
      await consumer.complete(await consumer.claimOne());
      await b.end();
      expect(a.told).toEqual([]);
      expect(await a.close()).toBeUndefined();
    });

    it('of a refused settlement goes on', async () => {
      await scene.push(['a']);
      const a = await waitFor(scene, 'a');
      const consumer = scene.consume();
      const job = await consumer.claimOne();
      await consumer.settle(complete({ ...job, fence: job.fence - 1 }, { result: '0' }));
      expect(a.told).toEqual([]);
      await consumer.settle(complete(job, { result: '1' }));
      expect(await a.end()).toEqual({ state: 'completed', isWhole: true, result: '1' });
    });

    it('for the next job of an id does not get the end of the one before it', async () => {
      const job = { id: 'a', body: '', delay: 0, name: 'one' };
      await scene.driver.push(QUEUE, [job], true);
      const first = await waitFor(scene, 'a');
      const consumer = scene.consume();
      await consumer.settle(complete(await consumer.claimOne(), { result: '1' }));
      await first.end();
      const second = await waitFor(scene, 'a', { pushedTo: QUEUE });
      await scene.driver.push(QUEUE, [{ ...job, replacesEnded: true }], true);
      second.arrived();
      const third = await waitFor(scene, 'a');
      expect([...second.told, ...third.told]).toEqual([]);
      await consumer.settle(complete(await consumer.claimOne(), { result: '2' }));
      expect(await second.end()).toMatchObject({ result: '2' });
      expect(await third.end()).toMatchObject({ result: '2' });
    });

    it.each(['completed', 'failed', 'cancelled', 'removed'])(
      'for a job that is about to be pushed is told of its end, and not that the one before it was %s',
      async (end) => {
        const job = { id: 'a', body: '', delay: 0, name: 'one' };
        await scene.driver.push(QUEUE, [job], true);
        const wait = await waitFor(scene, 'a', { pushedTo: QUEUE, isGiven: true });
        const other = await waitFor(scene, 'a');
        const consumer = scene.consume();
        if (end === 'completed') await consumer.settle(complete(await consumer.claimOne(), { result: '1' }));
        if (end === 'failed') await consumer.fail(await consumer.claimOne());
        if (end === 'cancelled') await scene.driver.cancellations.cancel('a');
        if (end === 'removed') await scene.driver.mending.remove(QUEUE, ['a']);
        await other.end();
        expect(wait.told).toEqual([]);
        await scene.driver.push(QUEUE, [{ ...job, replacesEnded: true, ticket: wait.ticket }], true);
        await consumer.settle(complete(await consumer.claimOne(), { result: '2', isOnlyTold: true }));
        wait.arrived();
        expect(await wait.end()).toEqual({ state: 'completed', isWhole: true, result: '2' });
      },
    );

    it('for a job that is about to be pushed is told nothing if the push adds nothing', async () => {
      const job = { id: 'a', body: '', delay: 0, name: 'one' };
      await scene.driver.push(QUEUE, [job], true);
      const wait = await waitFor(scene, 'a', { pushedTo: QUEUE, isGiven: true });
      const other = await waitFor(scene, 'a');
      await scene.driver.push(QUEUE, [{ ...job, replacesEnded: true, ticket: wait.ticket }], true);
      const consumer = scene.consume();
      await consumer.complete(await consumer.claimOne());
      await other.end();
      expect(await wait.close()).toBeUndefined();
      expect(wait.told).toEqual([]);
    });

    it('fails when the driver is closed, and none begins after that', async () => {
      await scene.push(['a']);
      const a = await waitFor(scene, 'a');
      const b = await waitFor(scene, 'b', { pushedTo: QUEUE, isGiven: true });
      await scene.driver.close();
      expect(b.told).toMatchObject([{ code: 'ERR_CLOSED' }]);
      expect(a.told).toMatchObject([{ code: 'ERR_CLOSED' }]);
      await expect(waitFor(scene, 'a')).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    });
  });

  describe('a wait for a job without kept statuses', () => {
    const scene = new Scene(harness, 0);

    it('is told of the end and the result', async () => {
      await scene.push(['a', 'b']);
      const [a, b] = [await waitFor(scene, 'a'), await waitFor(scene, 'b')];
      const consumer = scene.consume();
      const [jobA, jobB] = await consumer.claim();
      await consumer.settle(complete(jobA!, { result: '1', isOnlyTold: true }), fail(jobB!, 'no'));
      expect(await a.end()).toEqual({ state: 'completed', isWhole: true, result: '1' });
      expect(await b.end()).toMatchObject({ state: 'failed', error: 'no', attempt: 1 });
      expect(await scene.driver.getStatus('a')).toBeNull();
    });
  });
}
