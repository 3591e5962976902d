import { JobRegistry } from '../../lib/discovery/job.registry.js';
import type { RegisteredJob, RegisteredJobOptions } from '../../lib/discovery/registered-job.interface.js';
import type { NewJob } from '../../lib/drivers/queue-driver.interface.js';
import type { ChunkContext } from '../../lib/job/chunk-context.js';
import type { ChunkItem } from '../../lib/job/chunk-item.interface.js';
import type { JobContext } from '../../lib/job/job-context.js';
import { JobCodec } from '../../lib/job/job-codec.js';
import type { RecordOptions } from '../../lib/job/job-record.js';
import { jsonSerializer } from '../../lib/job/json-serializer.js';

/** The parts of a test's job. A job without parts ends at once. */
export interface TestJob {
  readonly handle?: (data: any, context: JobContext) => unknown;
  /** In place of `handle`, with the option `chunk`. */
  readonly handleChunk?: (items: readonly ChunkItem<any, unknown>[], chunk: ChunkContext) => unknown;
  readonly failed?: (error: Error, data: any, context: JobContext) => unknown;
  readonly cancelled?: (reason: string | undefined, data: any, context: JobContext) => unknown;
  readonly options?: RegisteredJobOptions;
  /** The `getMaxTries()` of the job. */
  readonly maxTries?: () => number | undefined;
  /** The `getRetryDelay()` of the job. */
  readonly retryDelay?: () => number | undefined;
  /** Runs before the instance is made. It may throw, or return a promise. */
  readonly prepare?: () => void | Promise<void>;
}

/** Makes a registered job without Nest. */
export function testJob(
  name: string,
  { handle, handleChunk, failed, cancelled, options = {}, ...own }: TestJob,
): RegisteredJob {
  return {
    name,
    jobClass: class {},
    options,
    prepare(_form, data, context, seat) {
      const prepared = {
        maxTries: () => own.maxTries?.(),
        retryDelay: () => own.retryDelay?.(),
        handle: () => (handleChunk && seat ? seat.join(handleChunk) : handle?.(data, context)),
        failed: (error: Error) => failed?.(error, data, context),
        cancelled: (reason: string | undefined) => cancelled?.(reason, data, context),
      };
      const made = own.prepare?.();
      return made ? made.then(() => prepared) : prepared;
    },
    dehydrate: () => ({}),
    takesData: true,
  };
}

export function registryOf(jobs: Readonly<Record<string, TestJob>>): JobRegistry {
  const registry = new JobRegistry();
  for (const [name, job] of Object.entries(jobs)) registry.register(testJob(name, job), name);
  return registry;
}

const codec = new JobCodec({ serializer: jsonSerializer, maxPayloadSize: Infinity });

/** Makes the record of a job, as a push stores it. */
export function recordOf(name: string, data?: unknown, options: RecordOptions = {}): string {
  return codec.encode({ id: '', form: 'handler', name, options, data }).body;
}

export interface NewJobWishes {
  readonly id?: string;
  readonly delay?: number;
  readonly options?: RecordOptions;
}

let made = 0;

/** Makes a job to push. */
export function newJob(name: string, data?: unknown, { id, delay = 0, options }: NewJobWishes = {}): NewJob {
  return { id: id ?? `job-${++made}`, body: recordOf(name, data, options), delay };
}
