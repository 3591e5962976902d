import { hash } from 'node:crypto';
import type { ScheduledJob } from '../drivers/queue-schedules.interface.js';
import type { AddedJob } from '../drivers/storage-observer.interface.js';
import type { JobCodec } from '../job/job-codec.js';
import { deriveJobId } from '../job/job-id.js';
import { metadataCheck } from '../job/job-labels.js';
import { labelsInHeader, withMetadata } from '../job/job-record.js';
import type { PendingPush } from '../middleware/dispatch-stage.js';
import { InvalidScheduleError } from '../queue.errors.js';
import type { ScheduleText } from './schedule-codec.js';

/** The dispatch pipeline, as far as schedules need it. */
export interface SchedulePipeline {
  /** Reads and checks jobs, as `pushMany` does. */
  prepareMany(jobs: unknown, args: readonly unknown[]): PendingPush[] | Promise<PendingPush[]>;
  /** Sends pushes through the dispatch stages, and gives the pushes that pass all stages to a function that stores them. */
  sendThrough(pushes: readonly PendingPush[], store: (pushes: readonly PendingPush[]) => Promise<void>): Promise<void>;
  /** Emits the event `pushed` of a job whose record was made before. */
  tellPushed(queue: string, job: AddedJob): void;
}

/** The part of a schedule that says what it pushes. */
export type ScheduledWork = Pick<ScheduleText, 'queue' | 'traits' | 'body'>;

/** Makes the jobs of schedules. */
export class ScheduleJobs {
  constructor(
    private readonly pipeline: () => SchedulePipeline,
    private readonly codec: JobCodec,
  ) {}

  /**
   * Reads and checks the job of a schedule, and sends it through the dispatch stages, once for all occurrences. It starts without the context of
   * the caller.
   *
   * @param where the schedule, for messages
   * @throws as `pushMany` does; InvalidScheduleError if it has an option that a job of a schedule cannot have
   */
  async make(where: string, job: unknown): Promise<ScheduledWork> {
    const push = await this.check(where, job);
    let made: ScheduledWork | undefined;
    await this.pipeline().sendThrough([push], async ([through]) => {
      if (through) made = this.encode(where, through);
    });
    if (!made) throw InvalidScheduleError.expected(where, 'dispatch stages that call next()', 'one that does not');
    const metadata = { ...labelsInHeader(made.body.slice(0, made.body.indexOf('\n'))).metadata, ...labelsOf(where, 0) };
    if (metadataCheck.read(metadata) === undefined) {
      throw InvalidScheduleError.expected(
        `${where}: job.metadata`,
        `${metadataCheck.expected} together with its name`,
        metadata,
      );
    }
    return made;
  }

  /** Reads and checks the job of a schedule. @throws as {@link make} does */
  async check(where: string, job: unknown): Promise<PendingPush> {
    const [push] = await this.pipeline().prepareMany([job], []);
    refuse(where, push!);
    return push!;
  }

  private encode(source: string, push: PendingPush): ScheduledWork {
    const { carried: _, ...options } = push.options;
    // The record comes under the id of each occurrence.
    const { body } = this.codec.encode({ ...push, options: { ...options, source } });
    return { queue: push.queue, body, ...(push.traits && { traits: push.traits }) };
  }
}

/** Returns the id of the job of an occurrence: always the same one, so that a second push adds nothing. */
export function idOf(name: string, queue: string, time: number): string {
  return deriveJobId(time, queue, `schedule ${name} ${time}`);
}

/** Makes the job of an occurrence. @param now on the clock of the storage, as the time, in milliseconds */
export function jobOf(name: string, text: ScheduleText, time: number, id: string, now: number): ScheduledJob {
  const { queue, body, traits, jitter } = text;
  const delay = jitter > 0 ? Math.max(time + jitter * partOf(name, time) - now, 0) / 1000 : 0;
  return { id, queue, delay, body: withMetadata(body, labelsOf(name, time), delay), ...(traits && { traits }) };
}

/** Returns what the job of an occurrence finds in `job.metadata`. */
function labelsOf(name: string, time: number): Readonly<Record<string, string>> {
  return { schedule: name, scheduledFor: new Date(time).toISOString() };
}

/** Returns a number from 0 to 1 that follows from the name of a schedule and the time of an occurrence. */
function partOf(name: string, time: number): number {
  return Number.parseInt(hash('sha256', `${name} ${time}`, 'hex').slice(0, 12), 16) / 2 ** 48;
}

function refuse(where: string, { unique, id, delay, traits }: PendingPush): void {
  const fail = (option: string, why: string, given: unknown): never => {
    throw InvalidScheduleError.expected(`${where}: job.${option}`, `none (${why})`, given);
  };
  if (unique) fail('id', 'each occurrence has its own', id);
  if (traits?.debounce) fail('debounce', 'the job of an occurrence is not replaced', traits.debounce.key);
  if (delay > 0) fail('delay', 'the schedule says when it runs', delay);
}
