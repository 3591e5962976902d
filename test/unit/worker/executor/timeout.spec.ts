import { describe, expect, it } from '@jest/globals';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { JobContext } from '../../../../lib/job/job-context.js';
import { JobTimeoutError } from '../../../../lib/queue.errors.js';
import { deferred, type Deferred } from '../../../support/deferred.js';
import type { TestJob } from '../../../support/jobs.js';
import { thrower } from '../../../support/thrower.js';
import { ExecutorScene, type ClaimWishes } from './scene.js';

/** A handler that never ends, and the signal it was given. */
function hanging(): { handle: NonNullable<TestJob['handle']>; signal: () => AbortSignal } {
  let signal: AbortSignal | undefined;
  return {
    handle: (_data, job: JobContext) => {
      ({ signal } = job);
      return deferred().promise;
    },
    signal: () => signal!,
  };
}

/** A schema with a result, or one that throws. */
function schemaOf(result: StandardSchemaV1.Result<unknown> | Error): StandardSchemaV1 {
  const validate = (): StandardSchemaV1.Result<unknown> => {
    if (result instanceof Error) throw result;
    return result;
  };
  return { '~standard': { version: 1, vendor: 'test', validate } };
}

describe('JobExecutor: the timeout of an attempt', () => {
  it('ends the attempt, aborts the signal, and counts the attempt', async () => {
    const { handle, signal } = hanging();
    const scene = new ExecutorScene({ handle, options: { timeout: 5 } });
    const outcome = scene.run();
    await scene.clock.advance(4.999);
    expect(signal().aborted).toBe(false);
    await scene.clock.advance(0.001);
    expect(await outcome).toMatchObject({ kind: 'retrying', error: expect.any(JobTimeoutError), delay: 60 });
    expect(signal().reason).toMatchObject({ code: 'ERR_JOB_TIMEOUT', jobId: 'a', seconds: 5 });
    expect(scene.clock.pending).toBe(0);
  });

  it('fails the job in its last attempt', async () => {
    const errors: Error[] = [];
    const scene = new ExecutorScene({ ...hanging(), failed: (error) => errors.push(error), options: { timeout: 5 } });
    const outcome = scene.run({ attempt: 3 });
    await scene.clock.advance(5);
    expect(await outcome).toMatchObject({ kind: 'failed', error: { code: 'ERR_JOB_TIMEOUT' } });
    expect(errors).toEqual([expect.any(JobTimeoutError)]);
  });

  it.each([
    ['completes', () => undefined],
    ['throws', thrower(new Error('late'))],
  ])('leaves no timer if the handler %s in time', async (_name, handle) => {
    const scene = new ExecutorScene({ handle, options: { timeout: 5 } });
    await scene.run();
    await scene.clock.advance(0);
    expect(scene.clock.pending).toBe(0);
  });

  it('ignores the result of the handler after the timeout', async () => {
    const ends = [deferred(), deferred()];
    let calls = 0;
    const scene = new ExecutorScene({ handle: () => ends[calls++]!.promise, options: { timeout: 1 } });
    const outcomes = [scene.run(), scene.run()];
    await scene.clock.advance(1);
    ends[0]!.resolve();
    ends[1]!.reject(new Error('nobody may hear of it'));
    expect(await Promise.all(outcomes)).toMatchObject([{ kind: 'retrying' }, { kind: 'retrying' }]);
    expect(scene.logger.text).not.toContain('nobody may hear of it');
  });

  it('leaves no timer after it is cancelled', async () => {
    const scene = new ExecutorScene({ ...hanging(), options: { timeout: 3600 } });
    const attempt = scene.begin();
    void scene.execute(attempt);
    await scene.clock.advance(0);
    expect(scene.clock.pending).toBe(1);
    attempt.timeout?.cancel();
    expect(scene.clock.pending).toBe(0);
  });

  describe('with data that is checked', () => {
    /** A schema whose check lasts until the test ends it. */
    function slowSchema(): { schema: StandardSchemaV1; checks: Deferred<void>[] } {
      const checks: Deferred<void>[] = [];
      const validate = async (value: unknown): Promise<{ value: unknown }> => {
        const check = deferred();
        checks.push(check);
        await check.promise;
        return { value };
      };
      return { schema: { '~standard': { version: 1, vendor: 'test', validate } }, checks };
    }
    const turn = (scene: ExecutorScene): Promise<void> => scene.clock.advance(0);

    it('ends an attempt whose check takes too long, and does not call the handler', async () => {
      const { schema, checks } = slowSchema();
      let calls = 0;
      const handle = (): number => calls++;
      const scene = new ExecutorScene({ handle, options: { timeout: 5, schema } });
      const outcome = scene.run();
      await scene.clock.advance(5);
      expect(await outcome).toMatchObject({ kind: 'retrying', error: { code: 'ERR_JOB_TIMEOUT', seconds: 5 } });
      checks[0]!.resolve();
      await turn(scene);
      expect([calls, scene.clock.pending]).toEqual([0, 0]);
    });

    it('leaves the handler what the check has left of it', async () => {
      const { schema, checks } = slowSchema();
      const { handle, signal } = hanging();
      const scene = new ExecutorScene({ handle, options: { timeout: 5, schema } });
      const outcome = scene.run();
      await scene.clock.advance(3);
      checks[0]!.resolve();
      await scene.clock.advance(1.999);
      expect(signal().aborted).toBe(false);
      await scene.clock.advance(0.001);
      expect(await outcome).toMatchObject({ kind: 'retrying', error: { code: 'ERR_JOB_TIMEOUT' } });
      expect(signal().reason).toBeInstanceOf(JobTimeoutError);
      expect(scene.clock.pending).toBe(0);
    });

    it('covers what upgrade() takes, and the making of the job', async () => {
      let calls = 0;
      const made = deferred();
      const options = { timeout: 5, version: 2, upgrade: async (data: unknown) => data };
      const scene = new ExecutorScene({ handle: () => calls++, prepare: () => made.promise, options });
      const late = scene.run();
      await scene.clock.advance(5);
      made.resolve();
      expect(await late).toMatchObject({ kind: 'retrying', error: { code: 'ERR_JOB_TIMEOUT' } });
      const never = new ExecutorScene({ options: { ...options, upgrade: () => deferred().promise } });
      const outcome = never.run();
      await never.clock.advance(5);
      expect(await outcome).toMatchObject({ kind: 'retrying', error: { code: 'ERR_JOB_TIMEOUT' } });
      expect([calls, scene.clock.pending, never.clock.pending]).toEqual([0, 0, 0]);
    });

    it.each<[string, TestJob, string]>([
      ['is invalid', { options: { timeout: 5, schema: schemaOf({ issues: [{ message: 'no' }] }) } }, 'failed'],
      ['cannot be checked', { options: { timeout: 5, schema: schemaOf(new Error('no')) } }, 'retrying'],
      [
        'is of a job that cannot be made',
        { prepare: thrower(new Error('no')), options: { timeout: 5, schema: schemaOf({ value: 1 }) } },
        'retrying',
      ],
      ['is good', { options: { timeout: 5, schema: schemaOf({ value: 1 }) } }, 'completed'],
    ])('leaves no timer if the data %s', async (_, job, kind) => {
      const scene = new ExecutorScene(job);
      expect(await scene.run()).toMatchObject({ kind });
      await turn(scene);
      expect(scene.clock.pending).toBe(0);
    });

    it('gives failed() its own time', async () => {
      const { schema, checks } = slowSchema();
      const ended = deferred();
      const scene = new ExecutorScene({
        handle: thrower(new Error('broken')),
        failed: () => ended.promise,
        options: { timeout: 5, schema },
      });
      const outcome = scene.run({ attempt: 3 });
      await scene.clock.advance(4);
      checks[0]!.resolve();
      await scene.clock.advance(4);
      ended.resolve();
      expect(await outcome).toMatchObject({ kind: 'failed', error: { message: 'broken' } });
      expect(scene.logger.text).not.toContain('failed() of');
      expect(scene.clock.pending).toBe(0);
    });
  });

  it.each<[string, ClaimWishes, TestJob['options'], number, number | undefined]>([
    ['the push if push, class and defaults have one', { options: { timeout: 1 } }, { timeout: 2 }, 3, 1],
    ['the class if class and defaults have one', {}, { timeout: 2 }, 3, 2],
    ['the defaults if push and class have none', {}, {}, 3, 3],
    ['the push if the push sets 0, which means no timeout', { options: { timeout: 0 } }, { timeout: 2 }, 3, undefined],
    ['the class if the class sets 0, which means no timeout', {}, { timeout: 0 }, 3, undefined],
    ['the defaults if they set 0, which means no timeout', {}, {}, 0, undefined],
  ])('comes from %s', async (_name, claimed, options, timeout, seconds) => {
    const { handle, signal } = hanging();
    const scene = new ExecutorScene({ handle, options }, { defaults: { timeout } });
    void scene.run(claimed);
    await scene.clock.advance(100);
    expect((signal().reason as JobTimeoutError | undefined)?.seconds).toBe(seconds);
  });
});
