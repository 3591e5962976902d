import { describe, expect, it } from '@jest/globals';
import { QueueEvents } from '../../../../lib/events/queue-events.js';
import { AttemptPolicy } from '../../../../lib/job/attempt-policy.js';
import { JobCodec } from '../../../../lib/job/job-codec.js';
import type { JobContext } from '../../../../lib/job/job-context.js';
import { jsonSerializer } from '../../../../lib/job/json-serializer.js';
import type { AdmissionStage, JobStage } from '../../../../lib/middleware/job-stage.js';
import { UnknownJobError } from '../../../../lib/queue.errors.js';
import { DEFAULTS } from '../../../../lib/queue.options.js';
import { ResultCodec } from '../../../../lib/results/result-codec.js';
import { ChunkCalls } from '../../../../lib/worker/chunk-calls.js';
import { JobExecutor } from '../../../../lib/worker/job-executor.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { recordOf, registryOf } from '../../../support/jobs.js';
import { RecordingLogger } from '../../../support/recording-logger.js';
import { thrower } from '../../../support/thrower.js';
import { ExecutorScene, NAME } from './scene.js';

const error = new Error('no luck');

describe('JobExecutor: stages around handle', () => {
  it('run in their order with the prepared attempt', async () => {
    const trace: unknown[] = [];
    const contexts: JobContext[] = [];
    const stage =
      (name: string): JobStage =>
      async (attempt, next) => {
        trace.push([name, attempt.name, attempt.data]);
        contexts.push(attempt.context!);
        const result = await next(attempt);
        trace.push([name, result]);
        return result;
      };
    const handle = (data: unknown, context: JobContext): string => (contexts.push(context), trace.push(data), 'done');
    const scene = new ExecutorScene({ handle }, { stages: [stage('a'), stage('b')] });
    expect(await scene.run({ data: { to: 'ada' } })).toEqual({ kind: 'completed' });
    expect(trace).toEqual([
      ['a', NAME, { to: 'ada' }],
      ['b', NAME, { to: 'ada' }],
      { to: 'ada' },
      ['b', 'done'],
      ['a', 'done'],
    ]);
    expect(new Set(contexts).size).toBe(1);
  });

  it('may end the attempt without calling handle', async () => {
    const scene = new ExecutorScene({ handle: thrower('it was called') }, { stages: [() => undefined] });
    expect(await scene.run()).toEqual({ kind: 'completed' });
  });

  it.each<[string, JobStage]>([
    ['throws', thrower(error)],
    ['rejects', () => Promise.reject(error)],
  ])('fail the attempt if one of them %s', async (_title, stage) => {
    const failures: Error[] = [];
    const scene = new ExecutorScene({ failed: (failure) => failures.push(failure) }, { stages: [stage] });
    expect(await scene.run()).toEqual({ kind: 'retrying', error, delay: 60 });
    expect(await scene.run({ attempt: 3 })).toEqual({ kind: 'failed', error });
    expect(failures).toEqual([error]);
  });

  it('may turn an error of handle into a success', async () => {
    const saving: JobStage = async (attempt, next) => {
      try {
        return await next(attempt);
      } catch {
        return undefined;
      }
    };
    const scene = new ExecutorScene({ handle: thrower(error) }, { stages: [saving] });
    expect(await scene.run()).toEqual({ kind: 'completed' });
  });

  it('count towards the timeout of the job', async () => {
    const scene = new ExecutorScene({ options: { timeout: 5 } }, { stages: [() => new Promise(() => {})] });
    const outcome = scene.run();
    await scene.clock.advance(5);
    expect(await outcome).toMatchObject({ kind: 'retrying', error: { code: 'ERR_JOB_TIMEOUT' } });
  });

  it('do not run for a job that fails before its handler is called', async () => {
    const scene = new ExecutorScene({}, { stages: [thrower('it was called')] });
    expect(await scene.run({ crashes: 3 })).toMatchObject({ kind: 'failed', error: { code: 'ERR_JOB_CRASHED' } });
  });
});

describe('JobExecutor: admission stages', () => {
  function executor(...admission: AdmissionStage[]): JobExecutor {
    const logger = new RecordingLogger();
    const registry = registryOf({ [NAME]: {} });
    const codec = new JobCodec({ serializer: jsonSerializer, maxPayloadSize: 1_000 });
    return new JobExecutor({
      registry,
      codec,
      chunks: new ChunkCalls(registry, codec),
      results: new ResultCodec({ serializer: jsonSerializer, maxPayloadSize: 1_000 }),
      policy: new AttemptPolicy(DEFAULTS.jobs),
      stages: { admission, handle: [] },
      events: new QueueEvents(logger),
      clock: new FakeClock(),
      logger,
    });
  }

  const job = { id: 'a', body: recordOf(NAME), pushedAt: 0, fence: 1, attempt: 1, crashes: 0, unknownFor: 0 };

  async function run(tested: JobExecutor, changes: Partial<typeof job>): Promise<unknown> {
    return tested.execute(tested.begin('mail', { ...job, ...changes }, { now: 0, takenAt: 0 }));
  }

  it('run for recovered jobs and unknown names only, until one stage decides', async () => {
    const asked: string[] = [];
    const tested = executor(
      ({ name, job: { crashes } }) => void asked.push(`${name} ${crashes}`),
      () => ({ kind: 'released', delay: 1 }),
      thrower('it was called'),
    );
    expect(await run(tested, {})).toEqual({ kind: 'completed' });
    expect(asked).toEqual([]);
    expect(await run(tested, { crashes: 1 })).toEqual({ kind: 'released', delay: 1 });
    expect(await run(tested, { body: recordOf('StrangerJob') })).toEqual({ kind: 'released', delay: 1 });
    expect(asked).toEqual([`${NAME} 1`, 'StrangerJob 0']);
  });

  it('let a job with an unknown name fail if no stage decides', async () => {
    const body = recordOf('StrangerJob');
    expect(await run(executor(), { body })).toEqual({ kind: 'failed', error: new UnknownJobError('StrangerJob') });
  });
});

describe('JobExecutor: the event started', () => {
  it('is emitted before handle, for a job that runs', async () => {
    const trace: unknown[] = [];
    const scene = new ExecutorScene({ handle: () => trace.push('handled') });
    scene.events.on('started', (event) => trace.push(event));
    await scene.run({ attempt: 2 });
    const time = new Date(scene.clock.now());
    expect(trace).toEqual([{ time, queue: 'mail', id: 'a', name: NAME, attempt: 2 }, 'handled']);
    await scene.run({ crashes: 3 });
    await scene.run({ body: 'no record' });
    expect(trace).toHaveLength(2);
  });
});
