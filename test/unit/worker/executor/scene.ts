import type { ClaimedJob } from '../../../../lib/drivers/queue-driver.interface.js';
import { QueueEvents } from '../../../../lib/events/queue-events.js';
import type { JobOutcome } from '../../../../lib/job/job-outcome.js';
import { jsonSerializer } from '../../../../lib/job/json-serializer.js';
import type { RecordOptions } from '../../../../lib/job/job-record.js';
import type { PayloadSerializer } from '../../../../lib/job/payload-serializer.js';
import type { Attempt, JobStage } from '../../../../lib/middleware/job-stage.js';
import { resolveOptions } from '../../../../lib/options/options.resolver.js';
import { DEFAULTS, type ResolvedJobDefaults } from '../../../../lib/queue.options.js';
import type { QueueLogger } from '../../../../lib/support/queue-logger.js';
import type { JobExecutor } from '../../../../lib/worker/job-executor.js';
import { createExecutor } from '../../../../lib/worker/work-pipeline.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { recordOf, registryOf, type TestJob } from '../../../support/jobs.js';
import { RecordingLogger } from '../../../support/recording-logger.js';

export const NAME = 'SendEmailJob';

interface Wishes {
  readonly defaults?: Partial<ResolvedJobDefaults>;
  readonly serializer?: PayloadSerializer;
  /** In place of the one that records. */
  readonly logger?: QueueLogger;
  /** The stages around `handle`. */
  readonly stages?: readonly JobStage[];
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
  readonly events = new QueueEvents(this.logger);
  private readonly executor: JobExecutor;

  constructor(job: TestJob, { defaults, serializer = jsonSerializer, stages, logger = this.logger }: Wishes = {}) {
    const { clock, events } = this;
    const options = { ...resolveOptions({ driver: 'array' }, {}), serializer };
    const jobs = { ...DEFAULTS.jobs, retryJitter: 0, ...defaults };
    const parts = { options: { ...options, jobs }, registry: registryOf({ [NAME]: job }), events, clock, logger };
    this.executor = createExecutor(parts, {}, stages);
  }

  begin({ data, options, ...claimed }: ClaimWishes = {}): Attempt {
    const body = recordOf(NAME, data, options);
    const job = { id: 'a', body, pushedAt: 0, fence: 7, attempt: 1, crashes: 0, unknownFor: 0, ...claimed };
    return this.executor.begin('mail', job, { now: this.clock.now(), takenAt: this.clock.monotonic() });
  }

  execute(attempt: Attempt): Promise<JobOutcome> {
    return this.executor.execute(attempt);
  }

  /** One attempt, from its begin to its outcome. */
  run(claimed?: ClaimWishes): Promise<JobOutcome> {
    return this.execute(this.begin(claimed));
  }
}
