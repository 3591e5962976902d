import { NestFactory } from '@nestjs/core';
import type { INestApplicationContext } from '@nestjs/common';
import {
  QueueError,
  QueueManager,
  UnknownOutcomeError,
  type JobClass,
  type PushOptions,
  type QueueModuleOptions,
} from '../../../lib/index.js';
import { RESOLVED_QUEUE_OPTIONS } from '../../../lib/queue.tokens.js';
import type { ResolvedQueueOptions } from '../../../lib/queue.options.js';
import { ChaosModule } from '../process/chaos.module.js';
import type { History, PushedJobs } from '../process/history.js';
import type { RecordedJob } from '../process/recorded-job.js';

type Wishes = Omit<PushOptions, 'delay'> & { readonly delay?: number };
type Kind<Data> = JobClass<RecordedJob<Data>> & { readonly name: string };

/** Pushes the jobs of a test, in its own process, and writes down what became of each push. */
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

  /** @throws what the push throws; it is written down all the same */
  async push<Data>(job: Kind<Data>, data: Data, wishes: Wishes = {}): Promise<string> {
    const [id] = await this.record(job, wishes, async () => [await this.queue.push(job, data as never, wishes)]);
    return id!;
  }

  /** As {@link push}, of many jobs. */
  pushMany<Data>(job: Kind<Data>, dataList: readonly Data[], wishes: Omit<Wishes, 'id'> = {}): Promise<string[]> {
    return this.record(job, wishes, () => this.queue.pushMany(job, dataList as never, wishes));
  }

  close(): Promise<void> {
    return this.app.close();
  }

  private async record(job: Kind<never>, wishes: Wishes, send: () => Promise<string[]>): Promise<string[]> {
    const { jobs, default: queue } = this.app.get<ResolvedQueueOptions>(RESOLVED_QUEUE_OPTIONS);
    const pushed = (ids: readonly string[]): PushedJobs => ({
      ids,
      name: job.name,
      queue: wishes.queue ?? queue,
      delay: wishes.delay ?? 0,
      maxTries: wishes.maxTries ?? jobs.maxTries,
      sentAt,
    });
    const sentAt = Date.now();
    try {
      const ids = await send();
      this.history.write({ type: 'pushed', ...pushed(ids) });
      return ids;
    } catch (error) {
      if (error instanceof UnknownOutcomeError) {
        const unsure = new Set(error.jobIds);
        const stored = error.allIds.filter((id) => !unsure.has(id));
        if (stored.length > 0) this.history.write({ type: 'pushed', ...pushed(stored) });
        this.history.write({ type: 'unsure', ...pushed(error.jobIds) });
      } else {
        this.history.write({ type: 'refused-push', code: error instanceof QueueError ? error.code : String(error) });
      }
      throw error;
    }
  }
}
