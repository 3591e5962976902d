import type { INestApplicationContext, ModuleMetadata } from '@nestjs/common';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import { QueueManager, QueueModule, Worker, type JobStatus, type QueueModuleOptions } from 'nestjs-job-queue';

const open = new Set<INestApplicationContext>();

/** Options of a test's queue: in memory, silent, worked by hand. */
export const TEST_OPTIONS = {
  driver: 'array',
  logger: false,
  jobs: { maxTries: 1, retryDelay: 0 },
} as const satisfies QueueModuleOptions;

/** An application with a queue, built but not initialized. */
export function buildQueueApp(
  { imports = [], ...metadata }: ModuleMetadata,
  options: QueueModuleOptions = {},
): TestingModuleBuilder {
  return Test.createTestingModule({
    imports: [QueueModule.forRoot({ ...TEST_OPTIONS, ...options }), ...imports],
    ...metadata,
  });
}

/** An application with a queue, initialized; {@link closeQueueApps} closes it. */
export async function startQueueApp(metadata: ModuleMetadata, options: QueueModuleOptions = {}): Promise<QueueApp> {
  const app = await buildQueueApp(metadata, options).compile();
  return initQueueApp(app);
}

/** Initializes an application; its worker stands still, so that the test says when jobs run. */
export async function initQueueApp(app: INestApplicationContext): Promise<QueueApp> {
  await app.init();
  open.add(app);
  await app.get(Worker).stop();
  return new QueueApp(app);
}

export async function closeQueueApps(): Promise<void> {
  for (const app of open) await app.close();
  open.clear();
}

export class QueueApp {
  readonly queue: QueueManager;

  constructor(readonly app: INestApplicationContext) {
    this.queue = app.get(QueueManager);
  }

  /** Runs what is ready, and tells what became of a job. */
  async run(id?: string): Promise<JobStatus | undefined> {
    await this.app.get(Worker).runOnce();
    return id === undefined ? undefined : ((await this.queue.getJobStatus(id)) ?? undefined);
  }
}
