/** Type tests of the options of attempts: this file is compiled by `npm run typecheck` and never run. */
import { defineJob, Job, jobSpec, QueueModule, type TooManyReleasesError } from 'nestjs-job-queue';
import type { JobContext, JobHandler, JobHandlerOf, QueueManager, ReservedJob } from 'nestjs-job-queue';

declare class SendEmailJob implements JobHandler<string> {
  handle(to: string, job: JobContext): Promise<void>;
}

const Poll = defineJob<string>('poll', { maxReleases: 10, expiresIn: '10m', maxTries: Infinity, retryFor: '48h' });

@Job(Poll, { maxReleases: 3 })
export class PollHandler implements JobHandlerOf<typeof Poll> {
  handle(_url: string, job: JobContext): void {
    const releases: number = job.releases;
    job.release(10 * releases);
    // @ts-expect-error -- only the storage counts
    job.releases = 0;
  }
}

@Job({ maxReleases: 0, expiresIn: 600, retryFor: 3_600 })
export class OnceJob {}

// @ts-expect-error -- a number
Job({ maxReleases: '3' });
// @ts-expect-error -- a duration
Job({ expiresIn: 'soon' });
// @ts-expect-error -- a push reads it: beside a definition it stands in the definition
Job(Poll, { expiresIn: '1m' });
// @ts-expect-error -- it is no default of all jobs
QueueModule.forRoot({ jobs: { expiresIn: '1m' } });

// @ts-expect-error -- a push reads it: beside a definition it stands in the definition
Job(Poll, { retryFor: '1m' });
// @ts-expect-error -- a duration
QueueModule.forRoot({ jobs: { retryFor: Infinity, maxTries: '5' } });

QueueModule.forRoot({ jobs: { maxReleases: 100, maxTries: Infinity, retryFor: '7d' } });

export function read(reserved: ReservedJob, error: TooManyReleasesError): [string, number, number] {
  return [error.jobId, error.releases, reserved.releases];
}

export async function push(queue: QueueManager): Promise<void> {
  await queue.push(SendEmailJob, 'ada', { maxReleases: 3 });
  await queue.push(SendEmailJob, 'ada', { expiresIn: '10m' });
  await queue.push(SendEmailJob, 'ada', { retryFor: '48h', maxTries: Infinity });
  await queue.later(SendEmailJob, 'ada', '1h', { expiresIn: 600 });
  await queue.pushMany(SendEmailJob, ['ada'], { expiresIn: '1d' });
  await queue.pushMany([jobSpec(Poll, 'https://a', { maxReleases: 3 })]);
  // @ts-expect-error -- a number
  await queue.push(SendEmailJob, 'ada', { maxReleases: '3' });
}
