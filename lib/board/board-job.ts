import type { JobState, QueueJob, QueueJobJson } from '@bull-board/api/typings/app';
import type { QueueAdmin } from '../admin/queue-admin.js';
import { InvalidOptionError } from '../queue.errors.js';
import type { JobDetails } from '../lists/job-details.js';
import { boardState, jobJson } from './job-json.js';

/** The parts of the library by which a job of the board changes itself. */
export interface JobActions {
  readonly admin: QueueAdmin;
  /** Is called after each change. */
  changed(): void;
}

/** A job as bull-board sees it. */
export class BoardJob implements QueueJob {
  readonly opts: { delay?: number };
  /** The properties that bull-board reads of a job of BullMQ beside its interface. */
  readonly id: string;
  readonly name: string;
  readonly queueQualifiedName: string;

  constructor(
    private details: JobDetails,
    private readonly actions: JobActions,
  ) {
    const { delay } = details.options;
    this.opts = delay === undefined ? {} : { delay: delay * 1000 };
    this.id = details.id;
    this.name = details.name;
    this.queueQualifiedName = details.queue;
  }

  toJSON(): QueueJobJson {
    return jobJson(this.details);
  }

  async getState(): Promise<JobState> {
    return boardState(this.details);
  }

  async retry(): Promise<void> {
    await this.change((admin) => admin.retry(this.id));
  }

  async promote(): Promise<void> {
    await this.change((admin) => admin.promote(this.id));
  }

  /** @throws InvalidOptionError if a worker has the job */
  async remove(): Promise<void> {
    if ((await this.change((admin) => admin.remove(this.id))) > 0) return;
    const now = await this.actions.admin.job(this.id);
    if (!now) return;
    this.details = now;
    throw new InvalidOptionError('job', 'a job that no worker has (cancel it instead)', now.state);
  }

  /** @throws InvalidOptionError if the job does not wait */
  async updateData(data: unknown): Promise<void> {
    const isDone = await this.change((admin) => admin.setData(this.id, data));
    if (!isDone) throw new InvalidOptionError('job', 'a job that waits', this.details.state);
  }

  /** @param delay milliseconds from now */
  async changeDelay(delay: number): Promise<void> {
    await this.change((admin) => admin.reschedule(this.id, delay / 1000));
  }

  /** @throws InvalidOptionError if the job does not wait, or if there is no such priority */
  async changePriority({ priority }: { readonly priority: number }): Promise<void> {
    const isDone = await this.change((admin) => admin.setPriority(this.id, priority));
    if (!isDone) throw new InvalidOptionError('job', 'a job that waits', this.details.state);
  }

  private async change<T>(change: (admin: QueueAdmin) => Promise<T>): Promise<T> {
    try {
      return await change(this.actions.admin);
    } finally {
      this.actions.changed();
    }
  }
}
