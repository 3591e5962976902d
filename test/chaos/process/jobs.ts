import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { type ChunkItem, Job, type JobContext } from '../../../lib/index.js';
import { RecordedChunk } from './recorded-chunk.js';
import { RecordedJob } from './recorded-job.js';

/** Ends at once. */
@Job()
export class QuickJob extends RecordedJob<number> {
  protected work(): void {}
}

/** Takes this number of milliseconds, and ignores its abort signal. */
@Job()
export class SlowJob extends RecordedJob<number> {
  protected async work(milliseconds: number): Promise<void> {
    await pause(milliseconds);
  }
}

/** Never ends in the process with this id, and ends at once in any other. */
@Job()
export class HangJob extends RecordedJob<number> {
  protected async work(pid: number): Promise<void> {
    if (process.pid === pid) await new Promise<never>(() => undefined);
  }
}

/** Fails in this number of first attempts. */
@Job()
export class FlakyJob extends RecordedJob<number> {
  protected work(failures: number, { attempt }: JobContext): void {
    if (attempt <= failures) throw new Error(`attempt ${attempt} fails`);
  }
}

/** Kills its process. */
@Job()
export class KillJob extends RecordedJob<number> {
  protected async work(): Promise<void> {
    process.kill(process.pid, 'SIGKILL');
    await new Promise<never>(() => undefined);
  }
}

/** Ends its process, as `process.exit()` in a handler does. */
@Job()
export class ExitJob extends RecordedJob<number> {
  protected work(): void {
    process.exit(1);
  }
}

/** Allocates memory until the heap is full. */
@Job()
export class HeapJob extends RecordedJob<number> {
  protected work(): void {
    const kept: unknown[] = [];
    for (;;) kept.push({ more: kept.length });
  }
}

/** Blocks the event loop for this number of milliseconds. */
@Job()
export class BlockJob extends RecordedJob<number> {
  protected work(milliseconds: number): void {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
  }
}

/** Fails in its first attempt at this time, so that many jobs fail at the same moment. */
@Job()
export class FailAtJob extends RecordedJob<number> {
  protected async work(time: number, { attempt }: JobContext): Promise<void> {
    if (attempt > 1) return;
    await pause(Math.max(0, time - Date.now()));
    throw new Error('all fail now');
  }
}

/** How long a {@link ToldJob} holds its queue back each time, in milliseconds, and how often it may. */
export const HOLD = 150;
export const MOST_RELEASES = 2;

/** Is told to wait this number of times. */
@Job({ maxReleases: MOST_RELEASES, maxCrashes: 20 })
export class ToldJob extends RecordedJob<number> {
  protected work(times: number, job: JobContext): void {
    if (job.releases < times) job.release(HOLD / 1000, { hold: 'queue' });
  }
}

/** Holds its group back this number of times. */
@Job({ maxCrashes: 20 })
export class GroupToldJob extends RecordedJob<number> {
  protected work(times: number, job: JobContext): void {
    if (job.releases < times) job.release(HOLD / 1000, { hold: 'group' });
  }
}

export interface StepData {
  /** The time that each run takes, in milliseconds. */
  readonly takes: number;
  readonly releases: number;
  /** The number of first attempts that fail. */
  readonly failures: number;
}

/** How often a {@link StepJob} is tried. */
export const STEP_TRIES = 2;

/** Is released so often, and then fails so often. */
@Job({ maxTries: STEP_TRIES, backoff: 'fixed', retryDelay: '20ms', maxCrashes: 20 })
export class StepJob extends RecordedJob<StepData> {
  protected async work({ takes, releases, failures }: StepData, job: JobContext): Promise<void> {
    await pause(takes);
    if (job.releases < releases) return job.release('20ms');
    if (job.attempt <= failures) throw new Error(`attempt ${job.attempt} fails`);
  }
}

/** For so long a {@link HopelessJob} is tried again, in milliseconds. */
export const RETRY_FOR = 500;

/** Fails in each attempt. */
@Job({ maxTries: Infinity, retryFor: RETRY_FOR / 1000, backoff: 'fixed', retryDelay: '20ms', maxCrashes: 20 })
export class HopelessJob extends RecordedJob<number> {
  protected work(): void {
    throw new Error('hopeless');
  }
}

export interface OutageData {
  /** The outage lasts while this file exists. */
  readonly file: string;
  /** The time that the job takes, in milliseconds. */
  readonly takes: number;
}

/** Fails in its last attempt during an outage, and completes after it: an operator puts it back. */
@Job({ maxTries: 1 })
export class OutageJob extends RecordedJob<OutageData> {
  protected async work({ file, takes }: OutageData): Promise<void> {
    await pause(takes);
    if (existsSync(file)) throw new Error('the outage lasts');
  }
}

/** The time between two checkpoints, in milliseconds. */
export const CHECKPOINT_INTERVAL = 1_000;
/** The number of items after which a {@link CheckpointJob} rests, and its rest in milliseconds. */
const REST_EVERY = 10;
const REST = 10;
/** The rest of a {@link CheckpointJob}: 10,000 items take longer than ten kills. */
const LONG_REST = 40;

/** Does this number of items, and stores a checkpoint once a second by its own clock. */
@Job({ maxCrashes: 20 })
export class CheckpointJob extends RecordedJob<number> {
  protected async work(items: number, job: JobContext): Promise<void> {
    let stored = performance.now();
    for (let item = (job.checkpointed as number | undefined) ?? 0; item < items; item++) {
      this.history.write({ type: 'item', id: job.id, item });
      if (item % REST_EVERY === 0) await pause(LONG_REST);
      if (performance.now() - stored < CHECKPOINT_INTERVAL) continue;
      await job.checkpoint(item + 1);
      stored = performance.now();
    }
  }
}

/** Does this number of items, and logs a line for each: how often a worker of the job was lost, and the item. */
@Job()
export class LogJob extends RecordedJob<number> {
  protected async work(items: number, job: JobContext<unknown, number>): Promise<void> {
    const run = job.checkpointed ?? 0;
    await job.checkpoint(run + 1);
    for (let item = 0; item < items; item++) {
      this.history.write({ type: 'item', id: job.id, item });
      await job.log(`${run} ${item}`);
      if (item % REST_EVERY === 0) await pause(REST);
    }
  }
}

/** How long a call of a {@link ChunkJob} takes, in milliseconds. */
const CHUNK_WORK = 10;

/** Runs up to 20 items in one call. Each fails in this number of first attempts. */
@Job({ chunk: { size: 20, wait: '50ms' }, retryDelay: '100ms' })
export class ChunkJob extends RecordedChunk<number> {
  protected async work(items: readonly ChunkItem<number>[]): Promise<ReadonlyMap<string, Error>> {
    await pause(CHUNK_WORK);
    const failing = items.filter(({ data, job }) => job.attempt <= data);
    return new Map(failing.map(({ job }) => [job.id, new Error(`attempt ${job.attempt} fails`)]));
  }
}

/** Runs up to 50 items in one call. One whose data is true kills its process. */
@Job({ chunk: { size: 50, wait: '50ms' } })
export class KillChunkJob extends RecordedChunk<boolean> {
  protected async work(items: readonly ChunkItem<boolean>[]): Promise<ReadonlyMap<string, Error>> {
    await pause(CHUNK_WORK);
    if (!items.some(({ data }) => data)) return new Map();
    process.kill(process.pid, 'SIGKILL');
    return new Promise<never>(() => undefined);
  }
}

/** Records its schedule and the time of its occurrence. */
@Job({ maxCrashes: 50 })
export class TickJob extends RecordedJob<undefined> {
  protected work(_data: undefined, { id, metadata }: JobContext): void {
    const { schedule = '', scheduledFor = '' } = metadata;
    this.history.write({ type: 'tick', id, schedule, time: scheduledFor });
  }
}

export const JOBS = [
  TickJob,
  ToldJob,
  GroupToldJob,
  StepJob,
  HopelessJob,
  ChunkJob,
  KillChunkJob,
  LogJob,
  CheckpointJob,
  QuickJob,
  SlowJob,
  HangJob,
  FlakyJob,
  OutageJob,
  KillJob,
  ExitJob,
  HeapJob,
  BlockJob,
  FailAtJob,
];
