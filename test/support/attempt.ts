import type { ClaimedJob } from '../../lib/drivers/queue-driver.interface.js';
import { JobControl } from '../../lib/job/job-context.js';
import type { Attempt } from '../../lib/middleware/job-stage.js';

/** Makes an attempt that has not gone through the work pipeline. */
export function newAttempt(job: ClaimedJob, known: Partial<Attempt> = {}): Attempt {
  return {
    queue: 'mail',
    job,
    control: new JobControl(3),
    startedAt: 0,
    name: 'SendEmailJob',
    record: undefined,
    registered: undefined,
    data: undefined,
    context: undefined,
    prepared: undefined,
    rejection: undefined,
    timeout: undefined,
    ...known,
  };
}
