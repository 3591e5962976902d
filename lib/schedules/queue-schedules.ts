import type { QueueDriver } from '../drivers/queue-driver.interface.js';
import { JobCodec } from '../job/job-codec.js';
import { createJobId } from '../job/job-id.js';
import { InvalidScheduleError } from '../queue.errors.js';
import type { ResolvedQueueOptions } from '../queue.options.js';
import { integer } from '../support/checks.js';
import { toInfo, type ScheduleInfo } from './schedule-info.js';
import { jobOf, ScheduleJobs, type SchedulePipeline } from './schedule-jobs.js';
import type { ScheduleOptions } from './schedule-options.interface.js';
import { assertScheduleName, readRuntime, whereOf, type CheckedRule } from './schedule-reader.js';
import { parse, StoredSchedules } from './stored-schedules.js';
import { nextTimes, stateAfterPause, type KnownSchedule } from './transitions.js';

const countCheck = integer(1, 1_000);

/**
 * Sets, reads and changes schedules. Inject it where schedules are made at run time, one for each tenant for example; those of the code are
 * declared with `@Schedule()`.
 *
 * All methods reject with a `QueueError`.
 */
export class QueueSchedules {
  private readonly stored: StoredSchedules;
  private made: ScheduleJobs | undefined;

  /** @param pipeline returns the dispatch pipeline */
  constructor(
    private readonly driver: Pick<QueueDriver, 'schedules' | 'push'>,
    private readonly options: ResolvedQueueOptions,
    private readonly pipeline: () => SchedulePipeline,
  ) {
    this.stored = new StoredSchedules(driver);
  }

  /**
   * Sets a schedule, or changes the one of this name. The same call may be made at each start: while the rule (`cron`, `timeZone`, `every`,
   * `startAt`) stays the same, the next time stays, and so does a pause.
   *
   * @param name 1 to 256 characters without control characters
   * @throws InvalidScheduleError before anything is written; also if `@Schedule()` declares one of this name
   * @throws as `QueueManager.push` does, for the job
   */
  async set(name: string, options: ScheduleOptions): Promise<ScheduleInfo> {
    assertScheduleName(name);
    const { rule, job, paused } = readRuntime(whereOf(name), options);
    const work = await this.jobs.make(whereOf(name), job);
    const known = await this.stored.set(name, { ...rule, ...work }, paused, (found) =>
      refuseDeclared(name, found, 'set'),
    );
    return toInfo(name, known);
  }

  /**
   * Checks the job of a schedule, and writes nothing.
   *
   * @throws as {@link set} does, for the job
   * @internal
   */
  async check(name: string, job: unknown): Promise<void> {
    await this.jobs.check(whereOf(name), job);
  }

  /**
   * Sets a schedule that `@Schedule()` declares.
   *
   * @internal
   */
  async declare(name: string, rule: CheckedRule, job: unknown, application: string): Promise<void> {
    const work = await this.jobs.make(whereOf(name), job);
    await this.stored.set(name, { ...rule, application, ...work }, undefined);
  }

  /** Lists all schedules, sorted by name. @throws QueueConnectionError */
  async list(): Promise<ScheduleInfo[]> {
    return (await this.stored.readAll()).map(([name, known]) => toInfo(name, known));
  }

  /** Reads a schedule; `null` if there is none. @throws QueueConnectionError */
  async get(name: string): Promise<ScheduleInfo | null> {
    assertScheduleName(name);
    const known = await this.stored.read(name);
    return known ? toInfo(name, known) : null;
  }

  /**
   * Removes a schedule. Jobs that it has pushed stay.
   *
   * @returns false if there is none
   * @throws InvalidScheduleError if `@Schedule()` declares it: it would come back with the next start
   */
  async remove(name: string): Promise<boolean> {
    assertScheduleName(name);
    const removed = await this.stored.change(name, undefined, (known) => {
      refuseDeclared(name, known, 'remove');
      return known ? 'remove' : null;
    });
    return removed !== null;
  }

  /** Pauses a schedule, also one that is declared, until {@link resume}. @returns false if there is none */
  async pause(name: string): Promise<boolean> {
    return this.setPaused(name, true);
  }

  /** Lets a paused schedule go on, from now on: nothing is made up for. @returns false if there is none */
  async resume(name: string): Promise<boolean> {
    return this.setPaused(name, false);
  }

  /**
   * Pushes the job of a schedule now, also if it is paused. It is no occurrence: it neither counts for `limit`, nor does `overlap` look at
   * it.
   *
   * @returns the id of the job
   * @throws InvalidScheduleError if there is no such schedule
   */
  async runNow(name: string): Promise<string> {
    assertScheduleName(name);
    const { now, schedules } = await this.driver.schedules.read([name]);
    if (!schedules[0]) throw InvalidScheduleError.unknown(name);
    const known = parse(schedules[0]);
    const { queue } = known.text;
    const id = createJobId(now, queue);
    const { body, traits } = jobOf(name, { ...known.text, jitter: 0 }, now, id, now);
    const exceptions = await this.driver.push(queue, [{ id, body, delay: 0, isGenerated: true, traits }], true);
    if (exceptions?.[0]) return exceptions[0].id;
    this.pipeline().tellPushed(queue, { id, body });
    return id;
  }

  /**
   * Returns the next times of a schedule; none while it is paused, and when it has ended.
   *
   * @param count from 1 to 1,000. Default: 1
   * @throws InvalidScheduleError if there is no such schedule
   */
  async next(name: string, count = 1): Promise<Date[]> {
    assertScheduleName(name);
    if (countCheck.read(count) === undefined) {
      throw InvalidScheduleError.expected(`${whereOf(name)}: the count of next()`, countCheck.expected, count);
    }
    const known = await this.stored.read(name);
    if (!known) throw InvalidScheduleError.unknown(name);
    return nextTimes(known, count).map((time) => new Date(time));
  }

  private get jobs(): ScheduleJobs {
    return (this.made ??= new ScheduleJobs(this.pipeline, new JobCodec(this.options)));
  }

  private async setPaused(name: string, isPaused: boolean): Promise<boolean> {
    assertScheduleName(name);
    const state = await this.stored.change(name, undefined, (known, now) =>
      known && known.state.isPaused !== isPaused ? stateAfterPause(known, isPaused, now) : null,
    );
    return state !== null;
  }
}

function refuseDeclared(name: string, known: KnownSchedule | undefined, what: string): void {
  const application = known?.text.application;
  if (application !== undefined) throw InvalidScheduleError.declared(name, application, what);
}
