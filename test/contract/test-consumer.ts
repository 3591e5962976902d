import type {
  ClaimedJob,
  PollLimits,
  PollRequest,
  PollResult,
  QueueConsumer,
  Settlement,
} from '../../lib/drivers/queue-driver.interface.js';
import type { JobNote } from '../../lib/job/attempt-desk.interface.js';
import { complete, fail, release, retry, type ReleaseOptions, type RetryOptions } from './settlements.js';

/** Wraps a consumer of a driver, and adds a method for each action that a test needs. Each method sends one poll. */
export class TestConsumer {
  constructor(readonly inner: QueueConsumer) {}

  get limits(): PollLimits {
    return this.inner.limits;
  }

  /** Sends a poll. It settles nothing and claims nothing unless the request says so: it only prolongs the lease. */
  poll(request: Partial<PollRequest> = {}): Promise<PollResult> {
    return this.inner.poll({ settlements: [], limit: 0, recovered: false, ...request });
  }

  /** Claims ready jobs. */
  async claim(limit = 100): Promise<readonly ClaimedJob[]> {
    return (await this.poll({ limit })).jobs;
  }

  /** Claims one ready job, and fails the test if there is none. */
  async claimOne(): Promise<ClaimedJob> {
    const [job] = await this.claim(1);
    if (!job) throw new Error('No job is ready');
    return job;
  }

  /** Claims jobs. At most one of them is a recovered job. */
  async claimRecovered(limit = 1): Promise<readonly ClaimedJob[]> {
    return (await this.poll({ limit, recovered: true })).jobs;
  }

  note({ id, fence }: ClaimedJob, number: number, note: JobNote): Promise<boolean> {
    return this.inner.note(id, fence, number, note);
  }

  complete(job: ClaimedJob): Promise<PollResult> {
    return this.settle(complete(job));
  }

  fail(job: ClaimedJob, error?: string): Promise<PollResult> {
    return this.settle(fail(job, error));
  }

  retry(job: ClaimedJob, options?: RetryOptions): Promise<PollResult> {
    return this.settle(retry(job, options));
  }

  release(job: ClaimedJob, options?: ReleaseOptions): Promise<PollResult> {
    return this.settle(release(job, options));
  }

  /** Sends several settlements with one poll. */
  settle(...settlements: Settlement[]): Promise<PollResult> {
    return this.poll({ settlements });
  }

  /** Claims and completes jobs until no job is ready. Returns the jobs. */
  async drain(limit = 100): Promise<ClaimedJob[]> {
    const all: ClaimedJob[] = [];
    for (let jobs = await this.claim(limit); jobs.length > 0; jobs = await this.claim(limit)) {
      await this.settle(...jobs.map((job) => complete(job)));
      all.push(...jobs);
    }
    return all;
  }

  /** Claims jobs one by one, and completes each before the next one, until no job is ready. Returns their ids. */
  async drainInTurn(most = 300): Promise<string[]> {
    const ids: string[] = [];
    while (ids.length < most) {
      const [job] = await this.claim(1);
      if (!job) break;
      ids.push(job.id);
      await this.complete(job);
    }
    return ids;
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}
