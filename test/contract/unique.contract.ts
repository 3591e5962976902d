import { describe, expect, it } from '@jest/globals';
import type { UniqueKey } from '../../lib/drivers/job-traits.interface.js';
import type { NewJob, PushException } from '../../lib/drivers/queue-driver.interface.js';
import type { DriverHarness } from './driver-harness.js';
import { complete, fail, idsOf, LEASE, QUEUE, release, retry, Scene, STATUS_TTL } from './scene.js';

/** Tests the keys of unique jobs. */
export function describeUnique(harness: DriverHarness): void {
  describe.each([
    ['kept', STATUS_TTL],
    ['not kept', 0],
  ])('unique jobs, while ended ones are %s', (_, statusTtl) => {
    const scene = new Scene(harness, statusTtl);
    const isKept = statusTtl > 0;

    const job = (id: string, key: string | Partial<UniqueKey> = 'Report\ta', wish: Partial<NewJob> = {}): NewJob => ({
      id,
      body: `body of ${id}`,
      delay: 0,
      isGenerated: true,
      ...wish,
      traits: { unique: { until: 'end', key: 'Report\ta', ...(typeof key === 'string' ? { key } : key) } },
    });
    const push = (...jobs: NewJob[]): Promise<readonly PushException[] | undefined> =>
      scene.driver.push(QUEUE, jobs, true);
    const duplicateOf = (id: string) => [{ index: 0, outcome: 'duplicate', id }];
    let tries = 0;
    /** Expects that the key is taken by a job: the push of another one is a duplicate of it. */
    const expectTaken = async (id: string, key: Partial<UniqueKey> = {}) =>
      expect(await push(job(`try-${++tries}`, key))).toEqual(duplicateOf(id));
    /** Expects that the key is free: a push takes it. */
    const expectFree = async (id = 'next', key: Partial<UniqueKey> = {}) => {
      expect(await push(job(id, key))).toBeUndefined();
      await expectTaken(id, key);
    };

    it('are duplicates while a job with their key waits, and nothing is added', async () => {
      expect(await push(job('a'))).toBeUndefined();
      expect(await push(job('b'))).toEqual(duplicateOf('a'));
      expect(await push(job('c', {}, { delay: 5 }))).toEqual(duplicateOf('a'));
      expect(await scene.driver.counts(QUEUE)).toEqual({ ready: 1, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
      expect(idsOf(await scene.consume().drain())).toEqual(['a']);
    });

    it('are duplicates within one push, with their places and the id of the first one', async () => {
      await push(job('z', 'Report\tz'));
      const jobs = [job('a'), job('b', 'Report\tb'), job('c'), job('d', 'Report\tz'), job('e', 'Report\tb')];
      expect(await push(...jobs, { ...job('f'), traits: {} })).toEqual([
        { index: 2, outcome: 'duplicate', id: 'a' },
        { index: 3, outcome: 'duplicate', id: 'z' },
        { index: 4, outcome: 'duplicate', id: 'b' },
      ]);
      expect(idsOf(await scene.consume().drain())).toEqual(['z', 'a', 'b', 'f']);
    });

    it('differ by key, by case and by queue', async () => {
      expect(await push(job('a', 'Report\ta'), job('b', 'Report\tA'), job('c', 'report\ta'))).toBeUndefined();
      expect(await push(job('d', 'a'), job('e', ' a'), job('f', '__proto__'), job('g', '%d \\ "ä😀'))).toBeUndefined();
      expect(await scene.driver.push('other', [job('h')], true)).toBeUndefined();
      expect(await push(job('i', '%d \\ "ä😀'))).toEqual(duplicateOf('g'));
      expect(await push(job('j', ' a'))).toEqual(duplicateOf('e'));
    });

    it('have their key while they are delayed, run, are released, are retried, and are recovered', async () => {
      const alive = scene.consume();
      await push(job('a', {}, { delay: 10 }));
      await expectTaken('a');
      await scene.advance(10);
      await alive.settle(release(await alive.claimOne(), { delay: 10 }));
      await expectTaken('a');
      await scene.advance(10);
      await alive.settle(release(await alive.claimOne(), { position: 'front' }));
      await expectTaken('a');
      await alive.settle(retry(await alive.claimOne(), { delay: 10 }));
      await expectTaken('a');
      await scene.advance(10);
      const lost = scene.consume();
      await lost.claimOne();
      await expectTaken('a');
      await scene.outlive(lost, alive);
      await expectTaken('a');
      const [again] = await alive.claimRecovered();
      await expectTaken('a');
      await alive.complete(again!);
      await expectFree();
    });

    it.each<[string, () => Promise<unknown>]>([
      [
        'complete',
        async () => {
          const consumer = scene.consume();
          await consumer.complete(await consumer.claimOne());
        },
      ],
      [
        'complete with a result',
        async () => {
          const consumer = scene.consume();
          await consumer.settle(complete(await consumer.claimOne(), { result: '5', keepFor: 60 }));
        },
      ],
      [
        'fail',
        async () => {
          const consumer = scene.consume();
          await consumer.fail(await consumer.claimOne());
        },
      ],
      [
        'fail as poison, in another consumer',
        async () => {
          const alive = scene.consume();
          await alive.poll();
          await scene.crashWith(1, alive);
          const [again] = await alive.claimRecovered();
          await alive.fail(again!, 'poison');
        },
      ],
      ['are cancelled while they wait', () => scene.driver.cancellations.cancelSome(QUEUE, ['a'], Infinity)],
      [
        'are cancelled while they run',
        async () => {
          const consumer = scene.consume();
          const { id, fence } = await consumer.claimOne();
          await scene.driver.cancellations.cancelSome(QUEUE, ['a'], Infinity);
          await expectTaken('a');
          await consumer.settle({ kind: 'cancel', id, fence, hasRun: true });
        },
      ],
      ['are cleared', () => scene.driver.clear(QUEUE)],
      ['are removed while they wait', () => scene.driver.mending.remove(QUEUE, ['a'])],
      ['are removed with their queue', () => scene.driver.mending.obliterate(QUEUE)],
      [
        'complete after they were cancelled',
        async () => {
          const consumer = scene.consume();
          const claimed = await consumer.claimOne();
          await scene.driver.cancellations.cancelSome(QUEUE, ['a'], Infinity);
          await consumer.complete(claimed);
        },
      ],
    ])('free their key when they %s', async (_how, end) => {
      await push(job('a'), job('b', 'Report\tb'));
      await end();
      await expectFree();
    });

    it('free the keys of many that end at once', async () => {
      const keys = Array.from({ length: 120 }, (__, i) => `Report\t${i}`);
      await push(...keys.map((key, i) => job(`a-${i}`, key)));
      const consumer = scene.consume();
      expect((await consumer.drain(60)).length).toBe(120);
      expect(await push(...keys.map((key, i) => job(`b-${i}`, key)))).toBeUndefined();
      expect((await push(...keys.map((key, i) => job(`c-${i}`, key))))!.map(({ id }) => id)).toEqual(
        keys.map((__, i) => `b-${i}`),
      );
    });

    it('keep their key when a consumer settles them that has lost them', async () => {
      await push(job('a'));
      const alive = scene.consume();
      const lost = scene.consume();
      const claimed = await lost.claimOne();
      await scene.outlive(lost, alive);
      const { refused } = await lost.settle(complete(claimed));
      expect(refused).toEqual(['a']);
      await expectTaken('a');
    });

    it('free their key at the first claim, if it is to be taken up to the start', async () => {
      const until = { until: 'start' } as const;
      await push(job('a', until));
      await expectTaken('a', until);
      const consumer = scene.consume();
      const first = await consumer.claimOne();
      expect(await push(job('b', until))).toBeUndefined();
      await consumer.settle(retry(first));
      await expectTaken('b', until);
      await consumer.settle(...(await consumer.claim()).map((each) => complete(each)));
      await expectFree('c', until);
    });

    it('do not free the key that another job has meanwhile', async () => {
      await push(job('a', { until: 'start' }));
      const consumer = scene.consume();
      const first = await consumer.claimOne();
      await push(job('b'));
      await consumer.complete(first);
      await expectTaken('b');
      await consumer.drain();
      await expectFree('c');
    });

    describe('with a time', () => {
      const throttled = { for: 100 };

      it.each(['complete', 'fail'] as const)('keep their key up to it, although they end before (%s)', async (kind) => {
        await push(job('a', throttled));
        const consumer = scene.consume();
        await consumer.settle((kind === 'fail' ? fail : complete)(await consumer.claimOne()));
        await expectTaken('a', throttled);
        await scene.advance(99);
        await expectTaken('a');
        await scene.advance(1.5);
        await expectFree('next', throttled);
      });

      it('keep their key beyond it, as long as they live', async () => {
        await push(job('a', { for: 10 }, { delay: 60 }));
        await scene.advance(30);
        await expectTaken('a');
        await scene.advance(31);
        await scene.consume().drain();
        await expectFree();
      });

      it('keep their key up to it from the push, if it is to be taken up to the start', async () => {
        await push(job('a', { until: 'start', for: LEASE / 2 }));
        const consumer = scene.consume();
        const claimed = await consumer.claimOne();
        await expectTaken('a');
        await scene.advance(LEASE / 2 + 1);
        expect(await push(job('b'))).toBeUndefined();
        await consumer.complete(claimed);
        await expectTaken('b');
      });

      it.each<[string, () => Promise<unknown>]>([
        ['are cancelled', () => scene.driver.cancellations.cancelSome(QUEUE, ['a'], Infinity)],
        ['are cleared', () => scene.driver.clear(QUEUE)],
        ['are removed', () => scene.driver.mending.remove(QUEUE, ['a'])],
        ['are removed with their queue', () => scene.driver.mending.obliterate(QUEUE)],
        [
          'are cancelled while they run',
          async () => {
            const consumer = scene.consume();
            const { id, fence } = await consumer.claimOne();
            await scene.driver.cancellations.cancelSome(QUEUE, ['a'], Infinity);
            await consumer.settle({ kind: 'cancel', id, fence, hasRun: true });
          },
        ],
        [
          'have completed, and are removed with their queue',
          async () => {
            await scene.consume().drain();
            await scene.driver.mending.obliterate(QUEUE);
          },
        ],
      ])('free their key at once when they %s', async (_how, end) => {
        await push(job('a', throttled));
        await end();
        await expectFree('next', throttled);
      });

      it('free their key at once when they have ended, and are removed', async () => {
        if (!isKept) return;
        const consumer = scene.consume();
        await push(job('a', throttled), job('b', { ...throttled, key: 'Report\tb' }));
        await consumer.complete(await consumer.claimOne());
        await consumer.fail(await consumer.claimOne());
        expect(await scene.driver.mending.remove(QUEUE, ['a', 'b'], ['failed'])).toBe(1);
        await expectTaken('a', throttled);
        await expectFree('c', { ...throttled, key: 'Report\tb' });
        expect(await scene.driver.mending.remove(QUEUE, ['a'])).toBe(1);
        await expectFree('d', throttled);
      });

      it('keep their key although a job with the same id comes', async () => {
        const named = { isGenerated: undefined, name: 'Report', replacesEnded: true } as const;
        const consumer = scene.consume();
        await push({ ...job('a', throttled), ...named });
        await consumer.drain();
        expect(await push({ ...job('a', { ...throttled, key: 'Report\tb' }), ...named })).toBeUndefined();
        await expectTaken('a', throttled);
        await expectTaken('a', { key: 'Report\tb' });
        await consumer.drain();
        await expectTaken('a', { key: 'Report\tb' });
        await scene.advance(101);
        await expectFree('c', throttled);
        await expectFree('d', { key: 'Report\tb' });
      });
    });

    if (isKept) {
      it('take their key again when they have failed, and are put back', async () => {
        const consumer = scene.consume();
        await push(job('a'));
        await consumer.fail(await consumer.claimOne());
        expect(await scene.driver.mending.retry(QUEUE, ['a'])).toBe(1);
        await expectTaken('a');
        await consumer.drain();
        await expectFree();
      });

      it('stay failed while another job has their key', async () => {
        const consumer = scene.consume();
        await push(job('a'), job('b', 'Report\tb'));
        await consumer.fail(await consumer.claimOne());
        await consumer.fail(await consumer.claimOne());
        await push(job('c'));
        expect(await scene.driver.mending.retry(QUEUE, ['a', 'b'])).toBe(1);
        expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 2, failed: 1 });
        await expectTaken('c');
        await consumer.drain();
        expect(await scene.driver.mending.retry(QUEUE, ['a'])).toBe(1);
        await expectTaken('a');
      });

      it('are put back one of each key', async () => {
        const consumer = scene.consume();
        await push(job('a'));
        await consumer.fail(await consumer.claimOne());
        await push(job('b'));
        await consumer.fail(await consumer.claimOne());
        expect(await scene.driver.mending.retry(QUEUE, ['a', 'b'])).toBe(1);
        expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 1, failed: 1 });
        await expectTaken('a');
      });

      it('are put back although a job that has ended keeps their key for its time', async () => {
        const consumer = scene.consume();
        await push(job('a'));
        await consumer.fail(await consumer.claimOne());
        await push(job('b', { for: 100 }));
        await consumer.drain();
        await expectTaken('b');
        expect(await scene.driver.mending.retry(QUEUE, ['a'])).toBe(1);
        await expectTaken('a');
      });

      it('need a free key in the queue into which they move when they have failed', async () => {
        const consumer = scene.consume();
        await push(job('a'), job('b', 'Report\tb'));
        await consumer.fail(await consumer.claimOne());
        await consumer.fail(await consumer.claimOne());
        await scene.driver.push('other', [job('c')], true);
        expect(await scene.driver.mending.move(QUEUE, ['a', 'b'], 'other')).toBe(1);
        expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, failed: 1 });
        expect(await scene.driver.push('other', [job('d', 'Report\tb')], true)).toEqual(duplicateOf('b'));
        await expectFree('e', { key: 'Report\tb' });
        await scene.consume({ queue: 'other' }).drain();
        expect(await scene.driver.mending.move(QUEUE, ['a'], 'other')).toBe(1);
        expect(await scene.driver.push('other', [job('f')], true)).toEqual(duplicateOf('a'));
      });
    }
  });
}
