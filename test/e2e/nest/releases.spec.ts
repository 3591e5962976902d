import { describe, expect, it } from '@jest/globals';
import {
  defineJob,
  Job,
  QueueAdmin,
  TooManyReleasesError,
  type JobContext,
  type JobHandler,
  type JobHandlerOf,
  type JobStatus,
  type QueueModuleOptions,
} from 'nestjs-job-queue';
import { useRedis } from '../../support/use-redis.js';
import { startQueueApp, useSeen } from './queue-app.js';

const seen = useSeen();

@Job({ maxReleases: 2 })
class ImpatientJob implements JobHandler<void> {
  handle(_: void, job: JobContext): void {
    seen.push(job.releases);
    job.release();
  }
  failed(error: Error): void {
    seen.push(error instanceof TooManyReleasesError && error.code);
  }
}

const Defined = defineJob('defined-releases', { maxReleases: 5 });
@Job(Defined, { maxReleases: 1 })
class DefinedHandler implements JobHandlerOf<typeof Defined> {
  handle(_: void, job: JobContext): void {
    seen.push(job.releases);
    job.release();
  }
}

@Job()
class PatientJob implements JobHandler<void> {
  handle(_: void, job: JobContext): void {
    seen.push(job.releases);
    if (job.releases < 3) job.release();
  }
}

const redis = useRedis();

describe.each(['array', 'redis'] as const)('releases of a job (%s)', (driver) => {
  const options = (): QueueModuleOptions =>
    driver === 'array' ? {} : { driver: 'redis', redis: { url: redis.url }, jobs: { maxTries: 1 } };

  it('are counted, and one too many fails the job; an operator lets it begin anew', async () => {
    const { app, queue, run } = await started([ImpatientJob]);
    const id = await queue.push(ImpatientJob);
    const failed = { status: 'failed', error: expect.stringContaining('released 2 times'), attempt: 1 };
    expect(await run(id)).toMatchObject(failed);
    expect(await app.get(QueueAdmin).retry(id)).toBe(1);
    expect(await run(id)).toMatchObject(failed);
    expect(seen).toEqual([0, 1, 2, 'ERR_TOO_MANY_RELEASES', 0, 1, 2, 'ERR_TOO_MANY_RELEASES']);
  });

  it('have the limit of the push, then of the class, of the definition, and of the module', async () => {
    const { queue, run } = await started([ImpatientJob, DefinedHandler, PatientJob], { maxReleases: 1 });
    await run(await queue.push(ImpatientJob, undefined, { maxReleases: 0 }));
    expect(seen.splice(0)).toEqual([0, 'ERR_TOO_MANY_RELEASES']);
    await run(await queue.push(Defined));
    expect(seen.splice(0)).toEqual([0, 1]);
    expect(await run(await queue.push(PatientJob))).toMatchObject({ status: 'failed' });
    expect(seen.splice(0)).toEqual([0, 1]);
  });

  it('have no limit by default', async () => {
    const { queue, run } = await started([PatientJob]);
    expect(await run(await queue.push(PatientJob))).toMatchObject({ status: 'completed', attempt: 1 });
    expect(seen).toEqual([0, 1, 2, 3]);
  });

  async function started(providers: (new () => object)[], jobs: QueueModuleOptions['jobs'] = {}) {
    const given = options();
    const queueApp = await startQueueApp({ providers }, { ...given, jobs: { maxTries: 1, ...jobs } });
    /** Runs a job to its end. */
    const run = async (id: string): Promise<JobStatus | undefined> => {
      for (let runs = 0; runs < 10; runs++) {
        const status = await queueApp.run(id);
        if (status?.status !== 'queued') return status;
      }
      return undefined;
    };
    return { app: queueApp.app, queue: queueApp.queue, run };
  }
});
