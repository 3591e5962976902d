import type { StoredPush } from '../drivers/array/array.driver.js';
import type { AnyJobDefinition, JobDefinition } from '../job/job-definition.js';
import type { JobCodec } from '../job/job-codec.js';
import { NO_METADATA, NO_TAGS } from '../job/job-labels.js';
import type { RecordOptions } from '../job/job-record.js';
import type { JobClass, JobData, JobMethods } from '../job/job.interface.js';

/** A job that was pushed. */
export interface PushedJob<Data = unknown> {
  readonly id: string;
  readonly name: string;
  readonly queue: string;
  /** The data as it was stored: a copy, which went through the serializer. Of a job that carries its data its properties. */
  readonly data: Data;
  /** Seconds; 0 without a delay. */
  readonly delay: number;
  readonly priority: number;
  readonly group: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  /** The options of the push that a worker reads; durations in seconds. */
  readonly options: RecordOptions;
}

/** A batch that was dispatched. */
export interface PushedBatch {
  readonly id: string;
  readonly name: string | undefined;
  readonly allowFailures: boolean;
  /** Its jobs, in their order, also those that were not pushed yet, and those that were added later. */
  readonly jobs: readonly PushedJob[];
  /** The jobs that follow it. */
  readonly then: PushedJob | undefined;
  readonly catch: PushedJob | undefined;
  readonly finally: PushedJob | undefined;
}

/** The data that a job was pushed with, inferred. */
export type DataOf<J> = J extends string
  ? unknown
  : J extends JobDefinition<infer _Data, infer _Result, infer Input>
    ? Input
    : J extends JobClass<infer T>
      ? DataOfClass<T>
      : unknown;

/** A `handle` that takes no data may be that of a job that carries its data. */
type DataOfClass<T> = T extends { handle(): unknown } ? T : [JobData<T>] extends [never] ? T : JobData<T>;

/** A job of which a test asks: its class, its definition or its name. */
export type AskedJob = JobClass<JobMethods> | AnyJobDefinition | string;

/** Reads a push. */
export function readPush(codec: JobCodec, { id, queue, body }: StoredPush): PushedJob {
  const record = codec.decode(id, body);
  const { name, options, metadata = NO_METADATA, tags = NO_TAGS } = record;
  const { delay = 0, priority = 0, group } = options;
  return { id, name, queue, data: codec.decodeData(record), delay, priority, group, metadata, tags, options };
}
