import type { MonotonicClock } from '../../support/clock.js';
import type {
  Cancellation,
  CancelledSome,
  LiveJob,
  LivePage,
  LivePageRequest,
  QueueCancellations,
} from '../queue-cancellations.interface.js';
import type { ArrayJobs } from './array-jobs.js';
import type { ArrayQueue } from './array-queue.js';

/** Cancels jobs. */
export class ArrayCancellations implements QueueCancellations {
  constructor(
    private readonly jobs: ArrayJobs,
    private readonly states: ReadonlyMap<string, ArrayQueue>,
    private readonly clock: MonotonicClock,
    private readonly assertOpen: () => void,
  ) {}

  async cancel(id: string, reason?: string): Promise<Cancellation | null> {
    this.assertOpen();
    const job = this.jobs.find(id);
    return job ? this.states.get(job.queue)!.cancel(job, reason) : null;
  }

  /** All jobs are on one page: nobody else waits for this process. */
  async live(queue: string, { pushedBy = this.clock.now(), headers }: LivePageRequest): Promise<LivePage> {
    this.assertOpen();
    const jobs: LiveJob[] = [];
    for (const { id, body, pushedAt } of this.jobs.of(queue)) {
      if (pushedAt > pushedBy) continue;
      jobs.push(headers ? { id, header: body.split('\n', 1)[0]! } : { id });
    }
    return { jobs, pushedBy };
  }

  async cancelSome(queue: string, ids: readonly string[], pushedBy: number, reason?: string): Promise<CancelledSome> {
    this.assertOpen();
    const ended: string[] = [];
    let told = 0;
    for (const id of ids) {
      const job = this.jobs.find(id);
      if (job?.queue !== queue || job.pushedAt > pushedBy || this.jobs.isCancelled(id)) continue;
      if (this.states.get(queue)!.cancel(job, reason) === 'cancelled') ended.push(id);
      else told++;
    }
    return { ended, told };
  }
}
