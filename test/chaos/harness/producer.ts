import { NestFactory } from '@nestjs/core';
import type { INestApplicationContext } from '@nestjs/common';
import {
  QueueAdmin,
  QueueError,
  QueueManager,
  QueueSchedules,
  UnknownOutcomeError,
  type DispatchResult,
  type JobClass,
  type PushOptions,
  type QueueModuleOptions,
} from '../../../lib/index.js';
import { RESOLVED_QUEUE_OPTIONS } from '../../../lib/queue.tokens.js';
import type { ResolvedQueueOptions } from '../../../lib/queue.options.js';
import { ChaosModule } from '../process/chaos.module.js';
import type { History, PushedJobs } from '../process/history.js';
import type { RecordedChunk } from '../process/recorded-chunk.js';
import type { RecordedJob } from '../process/recorded-job.js';

type PushSettings = Omit<PushOptions, 'delay'> & { readonly delay?: number };
type JobType<Data> = JobClass<RecordedJob<Data> | RecordedChunk<Data>> & { readonly name: string };

/** Pushes the jobs of a test from the process of the test, and records the outcome of each push. */
export class Producer {
  private constructor(
    private readonly app: INestApplicationContext,
    private readonly history: History,
  ) {}

  static async start(history: History, options: QueueModuleOptions, scriptTime?: string): Promise<Producer> {
    const module = ChaosModule.of(history, { ...options, worker: false }, scriptTime);
    const app = await NestFactory.createApplicationContext(module, { logger: false });
    return new Producer(app, history);
  }

  get queue(): QueueManager {
    return this.app.get(QueueManager);
  }

  get schedules(): QueueSchedules {
    return this.app.get(QueueSchedules);
  }

  get admin(): QueueAdmin {
    return this.app.get(QueueAdmin);
  }

  /**
   * Pushes a job.
   *
   * @throws the error of the push, after recording it
   */
  async push<Data>(job: JobType<Data>, data: Data, options: PushSettings = {}): Promise<string> {
    const [id] = await this.record(job, options, async () => [await this.queue.push(job, data, options)]);
    return id!;
  }

  /**
   * Pushes a job, and records it unless it is that of an earlier push: a duplicate, or a replaced job.
   *
   * @throws the error of the push, after recording it
   */
  async dispatch<Data>(job: JobType<Data>, data: Data, options: PushSettings = {}): Promise<DispatchResult> {
    let result: DispatchResult | undefined;
    await this.record(job, options, async () => {
      result = await this.queue.dispatch(job, data, options);
      return result.outcome === 'duplicate' || result.outcome === 'replaced' ? [] : [result.id];
    });
    return result!;
  }

  /**
   * Pushes many jobs.
   *
   * @throws the error of the push, after recording it
   */
  pushMany<Data>(
    job: JobType<Data>,
    dataList: readonly Data[],
    options: Omit<PushSettings, 'id'> = {},
  ): Promise<string[]> {
    return this.record(job, options, () => this.queue.pushMany(job, dataList, options));
  }

  close(): Promise<void> {
    return this.app.close();
  }

  private async record(job: JobType<never>, options: PushSettings, send: () => Promise<string[]>): Promise<string[]> {
    const { jobs, default: queue } = this.app.get<ResolvedQueueOptions>(RESOLVED_QUEUE_OPTIONS);
    const pushed = (ids: readonly string[]): PushedJobs => ({
      ids,
      name: job.name,
      queue: options.queue ?? queue,
      delay: options.delay ?? 0,
      maxTries: options.maxTries ?? jobs.maxTries,
      sentAt,
    });
    const sentAt = Date.now();
    try {
      const ids = await send();
      if (ids.length > 0) this.history.write({ type: 'pushed', ...pushed(ids) });
      return ids;
    } catch (error) {
      if (error instanceof UnknownOutcomeError) {
        const unknown = new Set(error.jobIds);
        const stored = error.allIds.filter((id) => !unknown.has(id));
        if (stored.length > 0) this.history.write({ type: 'pushed', ...pushed(stored) });
        this.history.write({ type: 'push-unknown', ...pushed(error.jobIds) });
      } else {
        this.history.write({ type: 'push-refused', code: error instanceof QueueError ? error.code : String(error) });
      }
      throw error;
    }
  }
}
