import type { ClaimedJob } from '../../../../lib/drivers/queue-driver.interface.js';
import { jsonSerializer } from '../../../../lib/job/json-serializer.js';
import type { RecordOptions } from '../../../../lib/job/job-record.js';
import type { PayloadSerializer } from '../../../../lib/job/payload-serializer.js';
import { DEFAULTS, type ResolvedJobDefaults } from '../../../../lib/queue.options.js';
import { JobExecutor, type Attempt } from '../../../../lib/worker/job-executor.js';
import type { JobOutcome } from '../../../../lib/worker/job-outcome.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { recordOf, registryOf, type TestJob } from '../../../support/jobs.js';
import { RecordingLogger } from '../../../support/recording-logger.js';

export const NAME = 'SendEmailJob';

interface Wishes {
  readonly defaults?: Partial<ResolvedJobDefaults>;
  readonly serializer?: PayloadSerializer;
}

/** What was handed out, where it is another than that of a first attempt. */
export interface ClaimWishes extends Partial<ClaimedJob> {
  readonly data?: unknown;
  readonly options?: RecordOptions;
}

/** An executor that knows one job, and what it needs. */
export class ExecutorScene {
  readonly clock = new FakeClock();
  readonly logger = new RecordingLogger();
  private readonly executor: JobExecutor;

  constructor(job: TestJob, { defaults, serializer = jsonSerializer }: Wishes = {}) {
    const jobs = { ...DEFAULTS.jobs, retryJitter: 0, ...defaults };
    this.executor = new JobExecutor(registryOf({ [NAME]: job }), serializer, jobs, this.clock, this.logger);
  }

  begin({ data, options, ...claimed }: ClaimWishes = {}): Attempt {
    const body = recordOf(NAME, data, options);
    const job = { id: 'a', body, pushedAt: 0, fence: 7, attempt: 1, crashes: 0, unknownFor: 0, ...claimed };
    return this.executor.begin('mail', job);
  }

  execute(attempt: Attempt): Promise<JobOutcome> {
    return this.executor.execute(attempt);
  }

  /** One attempt, from its begin to its outcome. */
  run(claimed?: ClaimWishes): Promise<JobOutcome> {
    return this.execute(this.begin(claimed));
  }
}
