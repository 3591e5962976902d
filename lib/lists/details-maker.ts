import type { StoredJob } from '../drivers/queue-lists.interface.js';
import type { StoredFailure } from '../drivers/queue-retention.interface.js';
import type { JobCodec } from '../job/job-codec.js';
import { NO_METADATA, NO_TAGS } from '../job/job-labels.js';
import { nameInRecord, type RecordOptions } from '../job/job-record.js';
import { errorMessage, toError } from '../support/error-text.js';
import { flowIdByKind, type FlowKind } from '../job/flow-ref.js';
import type { JobDetails, FailedAttempt } from './job-details.js';

/** What the maker of details reads with. */
export interface DetailsReaders {
  readonly codec: JobCodec;
  readonly results: { decode(id: string, text: string): unknown };
  readonly readProgress: (text: string) => unknown;
  /** Returns how often a job is tried; `undefined` if neither its push says it nor this process knows its class. */
  readonly maxTriesOf: (name: string, push: RecordOptions) => number | undefined;
}

/** Makes the details of jobs. A job that this process cannot read does not keep it from telling the rest. */
export class DetailsMaker {
  constructor(private readonly readers: DetailsReaders) {}

  make(job: StoredJob): JobDetails {
    const { id, queue, state, attempt, pushedAt, availableAt, startedAt, endedAt, error, consumer, progress, logs } =
      job;
    const { flow, ...record } = this.readRecord(job);
    const maxTries = this.readers.maxTriesOf(record.name, record.options);
    const failures = job.failures.map(toFailure);
    const [last] = failures;
    const hasFailed = state === 'failed' || state === 'retrying' || (state === 'blocked' && error !== undefined);
    const worker = consumer ?? (hasFailed && last && last.worker !== '-' ? last.worker : undefined);
    return {
      id,
      queue,
      state,
      ...record,
      attempt,
      ...(maxTries !== undefined && { maxTries }),
      pushedAt: new Date(pushedAt),
      ...(availableAt !== undefined && { availableAt: new Date(availableAt) }),
      ...(startedAt !== undefined && { startedAt: new Date(startedAt) }),
      ...(endedAt !== undefined && { endedAt: new Date(endedAt) }),
      ...(startedAt !== undefined && endedAt !== undefined && { duration: Math.max(endedAt - startedAt, 0) }),
      ...(error !== undefined && { error }),
      ...(hasFailed && last?.stack !== undefined && { stack: last.stack }),
      failures,
      ...this.readProgress(progress),
      ...this.readResult(job),
      ...(logs && { logs }),
      ...(worker !== undefined && { worker }),
      priority: record.options.priority ?? 0,
      ...(record.options.group !== undefined && { group: record.options.group }),
      ...flow,
    };
  }

  private readRecord({ id, body }: StoredJob): RecordParts {
    const none = { name: nameInRecord(body) ?? '', options: {}, tags: NO_TAGS, metadata: NO_METADATA, data: undefined };
    let parts: RecordParts = none;
    try {
      const record = this.readers.codec.decode(id, body);
      const { name, options, tags = NO_TAGS, metadata = NO_METADATA } = record;
      const { flow, previousResult: _, source: __, ...ofPush } = options;
      parts = { name, options: given(ofPush), tags, metadata, data: undefined, flow: flowIdByKind(flow) };
      return { ...parts, data: this.readers.codec.decodeData(record) };
    } catch (cause) {
      return { ...parts, dataError: reasonOf(cause) };
    }
  }

  /** Progress that another program has written is left out. */
  private readProgress(text: string | undefined): Pick<JobDetails, 'progress'> {
    if (text === undefined) return {};
    try {
      return { progress: this.readers.readProgress(text) };
    } catch {
      return {};
    }
  }

  private readResult({ id, result }: StoredJob): Pick<JobDetails, 'result' | 'resultError'> {
    if (result === undefined) return {};
    try {
      return { result: this.readers.results.decode(id, result) };
    } catch (cause) {
      return { resultError: reasonOf(cause) };
    }
  }
}

type RecordParts = Pick<JobDetails, 'name' | 'options' | 'tags' | 'metadata' | 'data' | 'dataError'> & {
  readonly flow?: Pick<JobDetails, FlowKind>;
};

/** Leaves out the options that were not given. */
function given(options: RecordOptions): RecordOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function toFailure({ startedAt, endedAt, ...rest }: StoredFailure): FailedAttempt {
  return { ...rest, startedAt: new Date(startedAt), endedAt: new Date(endedAt) };
}

function reasonOf(cause: unknown): string {
  return errorMessage(toError(cause));
}
