import { Injectable } from '@nestjs/common';
import {
  defineJob,
  Job,
  QueueAdmin,
  QueueManager,
  type JobContext,
  type JobDetails,
  type JobHandlerOf,
} from 'nestjs-job-queue';
import { Library } from './library.js';
import { stageSpec } from './stage-handlers.js';
import { CheckSidecar, GenerateThumbnail, QUEUES } from './stages.js';

/** So many jobs are pushed in one call. */
const BATCH = 1_000;

/** Pushes the thumbnails of all assets. Its name is its id: one at a time, and free again right after it. */
export const QueueAllThumbnails = defineJob('queue-all-thumbnails', { queue: 'background' });
/** The same of a scan of the library. */
export const ScanLibrary = defineJob('scan-library', { queue: 'library' });

export class AlreadyRunningError extends Error {
  override readonly name = 'AlreadyRunningError';
}

@Job(QueueAllThumbnails)
export class QueueAllThumbnailsHandler implements JobHandlerOf<typeof QueueAllThumbnails> {
  constructor(
    private readonly library: Library,
    private readonly queue: QueueManager,
  ) {}

  async handle(_data: void, { signal }: JobContext): Promise<void> {
    let batch: string[] = [];
    const push = async (): Promise<void> => {
      signal.throwIfAborted();
      await this.queue.pushMany(batch.map((asset) => stageSpec(GenerateThumbnail, asset)));
      batch = [];
    };
    for await (const asset of this.library.assets()) if (batch.push(asset) === BATCH) await push();
    if (batch.length > 0) await push();
  }
}

@Job(ScanLibrary)
export class ScanLibraryHandler implements JobHandlerOf<typeof ScanLibrary> {
  handle(): void {}
}

export interface QueueReport {
  readonly name: string;
  readonly active: number;
  readonly waiting: number;
  readonly delayed: number;
  readonly failed: number;
  readonly isActive: boolean;
  readonly isPaused: boolean;
}

/** The actions of users and operators. */
@Injectable()
export class Operations {
  constructor(
    private readonly queue: QueueManager,
    private readonly admin: QueueAdmin,
  ) {}

  async upload(assets: readonly string[]): Promise<void> {
    await this.queue.pushMany(assets.map((asset) => stageSpec(CheckSidecar, asset)));
  }

  /** @throws AlreadyRunningError */
  async queueAllThumbnails(): Promise<void> {
    const { name } = QueueAllThumbnails;
    const { outcome } = await this.queue.dispatch(QueueAllThumbnails, undefined, { id: name, unique: true });
    if (outcome === 'duplicate') throw new AlreadyRunningError(`${name} runs already`);
  }

  /** A user looks at a person: its thumbnail goes ahead of all others. */
  async personThumbnail(asset: string): Promise<void> {
    await this.queue.pushMany([stageSpec(GenerateThumbnail, asset, 10)]);
  }

  async setConcurrency(queue: string, concurrency: number): Promise<void> {
    await this.admin.setLimits(queue, { concurrency });
  }

  /** Drops the jobs that wait. */
  async empty(queue: string): Promise<number> {
    return this.admin.clear(queue, { states: ['queued', 'delayed', 'retrying'] });
  }

  async clearFailed(queue: string): Promise<number> {
    return this.admin.clear(queue, { states: ['failed'] });
  }

  async report(): Promise<QueueReport[]> {
    return Promise.all(
      QUEUES.map(async (name) => {
        const { counts, paused } = await this.admin.queue(name);
        const { reserved, ready, blocked, delayed, failed } = counts;
        const [active, waiting] = [reserved, ready + blocked];
        return { name, active, waiting, delayed, failed, isActive: active > 0, isPaused: paused };
      }),
    );
  }

  /** Finds jobs that wait or have failed, by the name of their job. */
  async search(queue: string, name: string): Promise<readonly JobDetails[]> {
    return (await this.admin.jobs(queue, ['queued', 'delayed', 'retrying', 'failed'], { name })).jobs;
  }
}
