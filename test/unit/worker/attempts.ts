import type { ClaimedJob } from '../../../lib/drivers/queue-driver.interface.js';
import { JobControl } from '../../../lib/job/job-context.js';
import type { Attempt } from '../../../lib/middleware/job-stage.js';

/** Makes a claimed job in its first attempt. */
export function claimedJob(facts: Partial<ClaimedJob> = {}): ClaimedJob {
  return { id: 'a', fence: 1, body: '', pushedAt: 0, attempt: 1, crashes: 0, unknownFor: 0, ...facts };
}

/** Makes an attempt of which no stage has run. */
export function newAttempt(facts: Partial<Attempt> = {}): Attempt {
  return {
    queue: 'mail',
    job: claimedJob(),
    control: new JobControl(3),
    claim: { now: 0, takenAt: 0 },
    startedAt: 0,
    name: 'SendEmailJob',
    record: undefined,
    registered: undefined,
    data: undefined,
    context: undefined,
    prepared: undefined,
    retryTime: undefined,
    rejection: undefined,
    result: undefined,
    obstacle: undefined,
    seat: undefined,
    timeout: undefined,
    ...facts,
  };
}
