import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ReservedJob, PollResult } from 'nestjs-job-queue';
import {
  JobSettledError,
  QueueConnectionError,
  StorageCorruptError,
  UnknownOutcomeError,
} from '../../../lib/queue.errors.js';
import { deferred, type Deferred } from '../../support/deferred.js';
import { tapped, type TappedPoll } from '../../support/tapped-driver.js';
import { BulkJob, ManagerScene } from '../dispatch/manager-scene.js';

/** Seconds. */
const DEADLINE = 4;

/** The storage handles each poll, but its replies do not arrive before {@link comeBack}. */
describe('with a storage that does not answer', () => {
  let scene: ManagerScene;
  let away: Deferred<void> | undefined;
  let polls: TappedPoll[];
  let refusal: Error | undefined;

  const tap = async (poll: TappedPoll): Promise<PollResult> => {
    polls.push(poll);
    const refused = refusal;
    const result = refused ? undefined : await poll.send();
    await away?.promise;
    if (!result) throw refused!;
    return result;
  };
  const goAway = (): void => void (away = deferred());
  const comeBack = async (): Promise<void> => {
    away?.resolve();
    away = undefined;
    await scene.clock.advance(0);
  };
  /** Records how a promise ended; `undefined` while it is open. */
  const watch = <T>(promise: Promise<T>): { outcome: unknown } => {
    const watched: { outcome: unknown } = { outcome: undefined };
    promise.then(
      (value) => (watched.outcome = value),
      (error: unknown) => (watched.outcome = error),
    );
    return watched;
  };
  const popOne = async (): Promise<ReservedJob> => (await scene.manager.pop())!;

  beforeEach(() => {
    away = undefined;
    polls = [];
    refusal = undefined;
    scene = new ManagerScene({ redis: { requestDeadline: DEADLINE } }, (driver) => tapped(driver, tap));
  });
  afterEach(async () => {
    await comeBack();
    await scene.close();
    expect(scene.clock.pending).toBe(0);
  });

  describe('pop()', () => {
    it('rejects at the deadline', async () => {
      goAway();
      const popped = watch(scene.manager.pop());
      await scene.clock.advance(DEADLINE - 0.1);
      expect(popped.outcome).toBeUndefined();
      await scene.clock.advance(0.1);
      expect(popped.outcome).toBeInstanceOf(QueueConnectionError);
      expect(popped.outcome).toMatchObject({ message: expect.stringContaining('no answer in time') });
    });

    it('requeues jobs that arrive after the deadline, in their order and without a counted attempt', async () => {
      const ids = await scene.manager.pushMany(BulkJob, [1, 2, 3]);
      goAway();
      const popped = [scene.manager.pop(), scene.manager.pop()].map(watch);
      await scene.clock.advance(DEADLINE);
      for (const { outcome } of popped) expect(outcome).toBeInstanceOf(QueueConnectionError);
      expect(await scene.manager.counts()).toMatchObject({ ready: 1, reserved: 2 });
      await comeBack();
      expect(await scene.manager.counts()).toMatchObject({ ready: 3, reserved: 0 });
      expect((await scene.claim()).map(({ id, attempt, crashes }) => [id, attempt, crashes])).toEqual(
        ids.map((id) => [id, 1, 0]),
      );
    });

    it('hands a late job to another caller that still waits', async () => {
      const [first, second] = await scene.manager.pushMany(BulkJob, [1, 2]);
      goAway();
      const late = watch(scene.manager.pop());
      await scene.clock.advance(DEADLINE - 1);
      const inTime = scene.manager.pop();
      await scene.clock.advance(1);
      expect(late.outcome).toBeInstanceOf(QueueConnectionError);
      await comeBack();
      expect((await inTime)?.id).toBe(first);
      expect((await popOne()).id).toBe(second);
    });

    it('claims no job for a caller that was rejected before its poll was sent', async () => {
      const ids = await scene.manager.pushMany(BulkJob, [1, 2]);
      goAway();
      const first = watch(scene.manager.pop());
      await scene.clock.advance(1);
      const behind = watch(scene.manager.pop());
      await scene.clock.advance(DEADLINE);
      for (const { outcome } of [first, behind]) expect(outcome).toBeInstanceOf(QueueConnectionError);
      await comeBack();
      expect(polls.map(({ request }) => request.limit)).toEqual([1, 0]);
      expect((await scene.claim()).map(({ id }) => id)).toEqual(ids);
    });

    it('hands out a recovered job again after it arrived too late for the first caller', async () => {
      await scene.manager.push(BulkJob, 1);
      const lost = scene.driver.consume('default', { lease: 10, onLost() {} });
      await lost.poll({ settlements: [], limit: 1, recovered: true });
      await lost.close();
      await scene.clock.advance(11);
      goAway();
      const late = watch(scene.manager.pop());
      await scene.clock.advance(DEADLINE);
      expect(late.outcome).toBeInstanceOf(QueueConnectionError);
      await comeBack();
      expect(await scene.manager.pop()).toMatchObject({ attempt: 1 });
    });

    it('has one deadline for all its polls, even if it fails an unreadable job first', async () => {
      await scene.driver.push('default', [{ id: 'bad', body: 'no header', delay: 0 }], false);
      goAway();
      const popped = watch(scene.manager.pop());
      await scene.clock.advance(DEADLINE - 1);
      away!.resolve();
      goAway();
      await scene.clock.advance(0.9);
      expect(popped.outcome).toBeUndefined();
      await scene.clock.advance(0.1);
      expect(popped.outcome).toBeInstanceOf(QueueConnectionError);
      await comeBack();
      expect(await scene.manager.getJobStatus('bad')).toMatchObject({ status: 'failed' });
    });
  });

  describe('a reserved job', () => {
    it.each([
      ['complete', (job: ReservedJob) => job.complete(), 'completed'],
      ['fail', (job: ReservedJob) => job.fail(new Error('broken')), 'failed'],
      ['release', (job: ReservedJob) => job.release(5), 'delayed'],
    ])('rejects %s() at the deadline with an unknown outcome, and is settled once later', async (_, settle, status) => {
      const id = await scene.manager.push(BulkJob, 1);
      const job = await popOne();
      goAway();
      const settling = watch(settle(job));
      await scene.clock.advance(DEADLINE - 0.1);
      expect(settling.outcome).toBeUndefined();
      await scene.clock.advance(0.1);
      expect(settling.outcome).toBeInstanceOf(UnknownOutcomeError);
      expect(settling.outcome).toMatchObject({ jobId: id, jobIds: [id] });
      expect(settling.outcome).toMatchObject({ message: expect.stringMatching(/settlement of job .* be settled$/) });
      await expect(job.fail('no answer')).rejects.toThrow(JobSettledError);
      await comeBack();
      expect(await scene.manager.getJobStatus(id)).toMatchObject({ status });
      await expect(job.complete()).rejects.toThrow(JobSettledError);
    });

    it('is settled while a pop() without an answer is under way', async () => {
      const id = await scene.manager.push(BulkJob, 1);
      const job = await popOne();
      goAway();
      const popped = watch(scene.manager.pop());
      await scene.clock.advance(1);
      const settling = watch(job.complete());
      await scene.clock.advance(DEADLINE);
      expect(popped.outcome).toBeInstanceOf(QueueConnectionError);
      expect(settling.outcome).toBeInstanceOf(UnknownOutcomeError);
      await comeBack();
      expect(await scene.manager.getJobStatus(id)).toMatchObject({ status: 'completed' });
    });

    it('can be settled again if the storage refused the late settlement', async () => {
      const id = await scene.manager.push(BulkJob, 1);
      const job = await popOne();
      goAway();
      refusal = new StorageCorruptError('default');
      const settling = watch(job.complete());
      await scene.clock.advance(DEADLINE);
      expect(settling.outcome).toBeInstanceOf(UnknownOutcomeError);
      refusal = undefined;
      await comeBack();
      await job.complete();
      expect(await scene.manager.getJobStatus(id)).toMatchObject({ status: 'completed' });
    });
  });
});
