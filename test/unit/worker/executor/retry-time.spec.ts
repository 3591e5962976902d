import { describe, expect, it } from '@jest/globals';
import { InvalidOptionError, RetriesOverError } from '../../../../lib/queue.errors.js';
import type { TestJob } from '../../../support/jobs.js';
import { thrower } from '../../../support/thrower.js';
import { ExecutorScene, type ClaimWishes } from './scene.js';

const error = new Error('no luck');

/** A job that is claimed so many seconds after it was first due. */
function sceneAfter(seconds: number, job: TestJob = {}, retryFor?: number) {
  const told: Error[] = [];
  const last: boolean[] = [];
  const scene = new ExecutorScene(
    {
      handle: (_, { isLastTry }) => (last.push(isLastTry), thrower(error)()),
      failed: (failure) => told.push(failure),
      ...job,
    },
    { defaults: { backoff: 'fixed', retryDelay: 60, ...(retryFor !== undefined && { retryFor }) } },
  );
  const pushedAt = scene.clock.now() - seconds * 1000;
  return { scene, told, last, run: (claimed: ClaimWishes = {}) => scene.run({ pushedAt, ...claimed }) };
}

describe('JobExecutor: the time for tries', () => {
  const options = { retryFor: 3_600, maxTries: Infinity };

  it('lets a job be tried again as long as the next try begins in time', async () => {
    const { run, told, last, scene } = sceneAfter(3_540);
    expect(await run({ options, attempt: 1_000 })).toEqual({ kind: 'retrying', error, delay: 60 });
    expect(last).toEqual([false]);
    expect(told).toEqual([]);
    expect(scene.logger.of('warn').join()).toContain('attempt 1000) failed and is tried again');
  });

  it('fails a job with the error of its attempt if the next try would begin too late', async () => {
    const { run, told, last } = sceneAfter(3_541);
    expect(await run({ options, attempt: 5 })).toEqual({ kind: 'failed', error });
    expect(last).toEqual([true]);
    expect(told).toEqual([error]);
  });

  it('lets the first attempt run however late it is', async () => {
    const { run, last } = sceneAfter(7_200);
    expect(await run({ options })).toEqual({ kind: 'failed', error });
    expect(last).toEqual([true]);
  });

  it('fails a job whose next try comes too late, without a call of its handle()', async () => {
    const { run, told, last } = sceneAfter(3_601);
    const late = expect.any(RetriesOverError);
    expect(await run({ options, attempt: 2 })).toEqual({ kind: 'failed', error: late });
    expect({ last, told }).toEqual({ last: [], told: [late] });
  });

  it('ends beside the number of tries, whichever ends first', async () => {
    const { run, last } = sceneAfter(10);
    expect(await run({ options: { retryFor: 3_600 }, attempt: 3 })).toEqual({ kind: 'failed', error });
    expect(await run({ options: { retryFor: 3_600 }, attempt: 2 })).toMatchObject({ kind: 'retrying' });
    expect(last).toEqual([true, false]);
  });

  it.each<[string, ClaimWishes, TestJob['options'], number | undefined]>([
    ['push', { options: { retryFor: 100 } }, { retryFor: 1 }, 1],
    ['class, if the push stored none', {}, { retryFor: 100 }, 1],
    ['module, if the push stored none', {}, {}, 100],
  ])('is that of the %s', async (_, claimed, ofClass, ofModule) => {
    const { run } = sceneAfter(50, { options: { retryDelay: 50, ...ofClass } }, ofModule);
    expect(await run(claimed)).toMatchObject({ kind: 'retrying' });
    const later = sceneAfter(51, { options: { retryDelay: 50, ...ofClass } }, ofModule);
    expect(await later.run(claimed)).toEqual({ kind: 'failed', error });
  });

  it('counts from when an operator put the job back', async () => {
    const { run, scene } = sceneAfter(100_000);
    const waitsSince = scene.clock.now() - 1_000;
    expect(await run({ options, attempt: 2, waitsSince })).toMatchObject({ kind: 'retrying' });
  });

  it('is needed for endless tries of getMaxTries(): without it the attempt fails, and counts', async () => {
    const { run } = sceneAfter(0, { maxTries: () => Infinity });
    expect(await run()).toMatchObject({ kind: 'retrying', error: expect.any(InvalidOptionError) });
    expect(await run({ attempt: 3 })).toMatchObject({ kind: 'failed' });
    expect(await run({ attempt: 9, options: { retryFor: 3_600 } })).toEqual({ kind: 'retrying', error, delay: 60 });
  });

  it('does not ask the job for its pause when it is over', async () => {
    let asked = 0;
    const retryDelay = (): number => ++asked;
    const { run } = sceneAfter(3_601, { retryDelay });
    expect(await run({ options })).toMatchObject({ kind: 'failed' });
    expect(asked).toBe(0);
  });
});
