import type { JobState } from '../../job/job-status.js';
import type { MonotonicClock } from '../../support/clock.js';
import type { FailedPage, FailedPageRequest, QueueMending } from '../queue-mending.interface.js';
import type { ArrayJobs } from './array-jobs.js';
import type { ArrayQueue } from './array-queue.js';

/** Changes jobs for an operator. */
export class ArrayMending implements QueueMending {
  constructor(
    private readonly jobs: ArrayJobs,
    private readonly states: ReadonlyMap<string, ArrayQueue>,
    private readonly names: Set<string>,
    private readonly clock: MonotonicClock,
    private readonly assertOpen: () => void,
    private readonly stateOf: (queue: string) => ArrayQueue,
  ) {}

  async queuesOf(ids: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    this.assertOpen();
    const byQueue = new Map<string, string[]>();
    for (const id of new Set(ids)) {
      const queue = this.queueOf(id);
      if (queue === undefined) continue;
      const known = byQueue.get(queue);
      if (known) known.push(id);
      else byQueue.set(queue, [id]);
    }
    return byQueue;
  }

  async failed(queue: string, { limit, cursor = '0', headers }: FailedPageRequest): Promise<FailedPage> {
    this.assertOpen();
    const left = [...(this.states.get(queue)?.kept.failed ?? [])].filter(([, { number }]) => number > Number(cursor));
    const page = left.slice(0, limit);
    const jobs = page.map(([id, { job, endedAt: failedAt }]) => {
      const header = job.body.split('\n', 1)[0]!;
      return headers ? { id, failedAt, header } : { id, failedAt };
    });
    const now = this.clock.now();
    return left.length > page.length ? { jobs, now, cursor: String(page.at(-1)![1].number) } : { jobs, now };
  }

  async retry(queue: string, ids: readonly string[]): Promise<number> {
    this.assertOpen();
    return this.states.get(queue)?.mender.retry(ids) ?? 0;
  }

  async move(queue: string, ids: readonly string[], target: string): Promise<number> {
    this.assertOpen();
    const moved = this.states.get(queue)?.mender.takeFailed(ids, target) ?? [];
    if (moved.length === 0) return 0;
    this.names.add(target);
    this.stateOf(target).mender.moveIn(moved);
    return moved.length;
  }

  async remove(queue: string, ids: readonly string[], only?: readonly JobState[]): Promise<number> {
    this.assertOpen();
    return this.states.get(queue)?.mender.remove(ids, only) ?? 0;
  }

  async completed(queue: string): Promise<string[]> {
    this.assertOpen();
    return [...(this.states.get(queue)?.kept.completed ?? [])].map(([id]) => id);
  }

  async promote(queue: string, id: string): Promise<boolean> {
    this.assertOpen();
    return this.states.get(queue)?.mender.promote(id) ?? false;
  }

  async reschedule(queue: string, id: string, delay: number): Promise<boolean> {
    this.assertOpen();
    return this.states.get(queue)?.mender.reschedule(id, delay) ?? false;
  }

  async setPriority(queue: string, id: string, priority: number): Promise<boolean> {
    this.assertOpen();
    return this.states.get(queue)?.mender.setPriority(id, priority) ?? false;
  }

  async readWaiting(queue: string, id: string): Promise<string | null> {
    this.assertOpen();
    return this.states.get(queue)?.mender.waitingOf(id)?.body ?? null;
  }

  async replace(queue: string, id: string, header: string, body: string): Promise<boolean> {
    this.assertOpen();
    return this.states.get(queue)?.mender.replace(id, header, body) ?? false;
  }

  async obliterate(queue: string): Promise<number> {
    this.assertOpen();
    const running = this.states.get(queue)?.obliterate() ?? 0;
    if (running === 0) this.names.delete(queue);
    return running;
  }

  private queueOf(id: string): string | undefined {
    const known = this.jobs.statusOf(id)?.queue;
    if (known) return known;
    for (const [queue, { kept }] of this.states) if (kept.failed.get(id) || kept.completed.get(id)) return queue;
    return undefined;
  }
}
