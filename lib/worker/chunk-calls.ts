import { ChunkCall } from '../chunks/chunk-call.js';
import type { JobRegistry } from '../discovery/job.registry.js';
import type { ClaimedJob } from '../drivers/queue-driver.interface.js';
import type { CheckedChunk } from '../job/chunk-options.js';
import type { JobCodec } from '../job/job-codec.js';
import type { JobRecord } from '../job/job-record.js';
import type { AttemptTracker, TrackedAttempt } from '../support/attempt-tracker.js';
import { ownContexts } from '../support/own-context.js';

/** A claimed job whose record was read. */
export interface ReadJob {
  readonly record: JobRecord;
  /** Set if it is an item of a chunk. */
  readonly chunk: CheckedChunk | undefined;
}

/** Finds the jobs whose class has `handleChunk`, and opens their calls. */
export class ChunkCalls {
  private readonly inOwnContext = ownContexts();

  /** @param tracker follows the code of the calls, if errors are tracked that nobody caught */
  constructor(
    readonly registry: JobRegistry,
    private readonly codec: JobCodec,
    private readonly tracker?: AttemptTracker,
  ) {}

  /**
   * Reads the record of a claimed job; `undefined` if it is not readable. A job that has cost a worker is no item of a chunk: it
   * runs alone, and harms no other one.
   */
  read({ id, body, crashes }: ClaimedJob): ReadJob | undefined {
    try {
      const record = this.codec.decode(id, body);
      const isAlone = crashes > 0 || record.form !== 'handler';
      return { record, chunk: isAlone ? undefined : this.registry.find(record.name)?.options.chunk };
    } catch {
      return undefined;
    }
  }

  /** @param size how many attempts take part */
  open(queue: string, name: string, size: number): ChunkCall {
    return new ChunkCall(queue, name, size, this.begin);
  }

  private readonly begin = (call: ChunkCall): void => {
    const { tracker } = this;
    void this.inOwnContext(() => (tracker ? tracker.run(new TrackedCall(call), () => call.run()) : call.run()));
  };
}

/** A call as the asynchronous context of its code knows it. */
class TrackedCall implements TrackedAttempt {
  constructor(private readonly call: ChunkCall) {}

  get id(): string {
    return this.call.ids;
  }

  get name(): string {
    return this.call.context.name;
  }

  get queue(): string {
    return this.call.context.queue;
  }

  fail(error: Error): boolean {
    return this.call.fail(error);
  }
}
