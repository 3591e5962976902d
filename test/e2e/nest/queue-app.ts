import { afterEach, beforeEach } from '@jest/globals';
import type { INestApplicationContext, ModuleMetadata } from '@nestjs/common';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import { QueueManager, QueueModule, Worker, type JobStatus, type QueueModuleOptions } from 'nestjs-job-queue';

const open = new Set<INestApplicationContext>();

/** Gives the tests of a file a list for what their jobs do, empty before each test. Closes the applications of each test. */
export function useSeen(): unknown[] {
  const seen: unknown[] = [];
  beforeEach(() => void seen.splice(0));
  afterEach(closeQueueApps);
  return seen;
}

/** The options of a queue under test: in memory, without logs, with one attempt. */
export const TEST_OPTIONS = {
  driver: 'array',
  logger: false,
  jobs: { maxTries: 1, retryDelay: 0 },
} as const satisfies QueueModuleOptions;

/** Builds an application with a queue, without its start. */
export function buildQueueApp(
  { imports = [], ...metadata }: ModuleMetadata,
  options: QueueModuleOptions = {},
): TestingModuleBuilder {
  return Test.createTestingModule({
    imports: [QueueModule.forRoot({ ...TEST_OPTIONS, ...options }), ...imports],
    ...metadata,
  });
}

/** Starts an application with a queue; {@link closeQueueApps} closes it. */
export async function startQueueApp(metadata: ModuleMetadata, options: QueueModuleOptions = {}): Promise<QueueApp> {
  const app = await buildQueueApp(metadata, options).compile();
  return initQueueApp(app);
}

/** Starts an application, and stops its worker: jobs run only when the test calls {@link QueueApp.run}. */
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

  /** Runs the ready jobs, and returns the status of one job. */
  async run(id?: string): Promise<JobStatus | undefined> {
    await this.app.get(Worker).runOnce();
    return id === undefined ? undefined : ((await this.queue.getJobStatus(id)) ?? undefined);
  }
}
