import { describe, expect, it } from '@jest/globals';
import type { RegisteredJobOptions } from '../../../../lib/discovery/registered-job.interface.js';
import { JobCrashedError } from '../../../../lib/queue.errors.js';
import { thrower } from '../../../support/thrower.js';
import { ExecutorScene, type ClaimWishes } from './scene.js';

interface Calls {
  prepared: number;
  handled: number;
  failed: Error[];
}

function watched(): { scene: ExecutorScene; calls: Calls } {
  const calls: Calls = { prepared: 0, handled: 0, failed: [] };
  const scene = new ExecutorScene({
    prepare: () => void calls.prepared++,
    handle: () => void calls.handled++,
    failed: (error) => void calls.failed.push(error),
  });
  return { scene, calls };
}

describe('JobExecutor: a recovered job', () => {
  it.each([1, 2])('runs again if its consumers were lost %d times', async (crashes) => {
    const { scene, calls } = watched();
    expect(await scene.run({ crashes })).toEqual({ kind: 'completed' });
    expect(calls.handled).toBe(1);
  });

  it('fails after its consumers were lost 3 times, and its failed() is called', async () => {
    const { scene, calls } = watched();
    const error = expect.objectContaining({ code: 'ERR_JOB_CRASHED', jobId: 'a', crashes: 3 });
    expect(await scene.run({ crashes: 3 })).toEqual({ kind: 'failed', error });
    expect(calls).toEqual({ prepared: 1, handled: 0, failed: [error] });
    expect(scene.logger.of('error')).toEqual([expect.stringContaining('was lost 3 times')]);
  });

  it.each([4, 5])('fails without a call of its code if its consumers were lost %d times', async (crashes) => {
    const { scene, calls } = watched();
    expect(await scene.run({ crashes })).toEqual({ kind: 'failed', error: expect.any(JobCrashedError) });
    expect(calls).toEqual({ prepared: 0, handled: 0, failed: [] });
    expect(scene.logger.of('error')).toEqual([expect.stringContaining(`was lost ${crashes} times`)]);
  });

  it('fails after its consumers were lost 3 times, even if it cannot be created', async () => {
    const scene = new ExecutorScene({ prepare: thrower(new Error('gone')) });
    expect(await scene.run({ crashes: 3 })).toEqual({ kind: 'failed', error: expect.any(JobCrashedError) });
  });

  it.each<[string, ClaimWishes, RegisteredJobOptions, number]>([
    ['push', { options: { maxCrashes: 1 } }, { maxCrashes: 2 }, 1],
    ['class', {}, { maxCrashes: 2 }, 2],
    ['class, more than by default', {}, { maxCrashes: 5 }, 5],
    ['module', {}, {}, 4],
  ])('fails after as many losses as the option maxCrashes of the %s says', async (_name, claimed, options, most) => {
    const told: Error[] = [];
    let handled = 0;
    const scene = new ExecutorScene(
      { handle: () => handled++, failed: (error) => told.push(error), options },
      { defaults: { maxCrashes: 4 } },
    );
    expect(await scene.run({ ...claimed, crashes: most - 1 })).toEqual({ kind: 'completed' });
    expect(await scene.run({ ...claimed, crashes: most })).toMatchObject({ kind: 'failed', error: { crashes: most } });
    expect([handled, told.length]).toEqual([1, 1]);
    expect(await scene.run({ ...claimed, crashes: most + 1 })).toMatchObject({ kind: 'failed' });
    expect([handled, told.length]).toEqual([1, 1]);
  });

  it('gets all its attempts, because crashes do not count as attempts', async () => {
    const error = new Error('no luck');
    const scene = new ExecutorScene({ handle: thrower(error) });
    expect(await scene.run({ crashes: 2, attempt: 2 })).toMatchObject({ kind: 'retrying' });
    expect(await scene.run({ crashes: 2, attempt: 3 })).toEqual({ kind: 'failed', error });
  });
});
