import { Inject, Injectable } from '@nestjs/common';
import type { CancelAllOptions } from '../cancellation/cancel-all-options.js';
import { JobCancellation } from '../cancellation/job-cancellation.js';
import type { QueueDriver } from '../drivers/queue-driver.interface.js';
import { JobRegistry } from '../discovery/job.registry.js';
import { QueueEvents } from '../events/queue-events.js';
import { JobCodec } from '../job/job-codec.js';
import type { ListedState } from '../job/job-status.js';
import { assertQueueName } from '../job/queue-name.js';
import type { JobDetails } from '../lists/job-details.js';
import { JobLists, type JobList } from '../lists/job-lists.js';
import type { JobListOptions } from '../lists/list-options.js';
import { JobMender } from '../mending/job-mender.js';
import type { ClearOptions, FlushOptions, RetryAllOptions } from '../mending/mending-options.js';
import { readProgress } from '../progress/progress.js';
import { readQueueLimits } from '../options/limits.reader.js';
import type { QueueLimits, ResolvedQueueOptions } from '../queue.options.js';
import { CLOCK, QUEUE_DRIVER, RESOLVED_QUEUE_OPTIONS } from '../queue.tokens.js';
import { ResultCodec } from '../results/result-codec.js';
import type { QueueStatistics, StatisticsOptions } from '../stats/queue-statistics.js';
import { StatisticsReader } from '../stats/statistics-reader.js';
import type { Clock } from '../support/clock.js';
import type { Duration } from '../support/duration.js';
import { readQueueInfo, readQueueInfos, type QueueInfo } from './queue-info.js';
import { readWorkers, type WorkerInfo } from '../workers/worker-info.js';
import { readPause, type PauseOptions } from './pause-options.js';

/**
 * Gives an operator access to the queues:
 *
 * - looks at queues: {@link queues}, {@link queue};
 * - looks at jobs: {@link jobs}, {@link job};
 * - reads statistics: {@link stats};
 * - lists the workers: {@link workers};
 * - pauses queues: {@link pause}, {@link resume};
 * - limits queues: {@link setLimits}, {@link endHold};
 * - cancels jobs: {@link cancelAll};
 * - puts failed jobs back, or removes them: {@link retry}, {@link retryAll}, {@link flush};
 * - changes jobs that wait: {@link promote}, {@link reschedule}, {@link setPriority}, {@link setData};
 * - removes jobs and whole queues: {@link remove}, {@link clear}, {@link obliterate}.
 *
 * Everything is checked before anything is changed. All methods reject with a `QueueError`.
 */
@Injectable()
export class QueueAdmin {
  private readonly statistics: StatisticsReader;
  private readonly lists: JobLists;
  private readonly cancellation: JobCancellation;
  private readonly mender: JobMender;

  constructor(
    @Inject(QUEUE_DRIVER) private readonly driver: QueueDriver,
    @Inject(RESOLVED_QUEUE_OPTIONS) options: ResolvedQueueOptions,
    @Inject(QueueEvents) events: QueueEvents,
    @Inject(CLOCK) clock: Clock,
    @Inject(JobRegistry) registry: JobRegistry,
  ) {
    this.statistics = new StatisticsReader(driver);
    this.lists = new JobLists(driver, options, registry, { results: new ResultCodec(options), readProgress });
    this.cancellation = new JobCancellation(driver, events, clock);
    this.mender = new JobMender(driver, new JobCodec(options), clock);
  }

  /** Reads how all queues are, sorted by name. @throws QueueConnectionError */
  async queues(): Promise<QueueInfo[]> {
    return readQueueInfos(this.driver);
  }

  /** Reads how a queue is; a queue that nobody used is empty. @throws InvalidQueueNameError, QueueConnectionError */
  async queue(name: string): Promise<QueueInfo> {
    assertQueueName(name);
    return readQueueInfo(this.driver, name);
  }

  /**
   * Reads a page of the jobs in a state, or in several states, while jobs move: no job is twice in a page, and a walk from cursor to
   * cursor skips no job that stays where it is.
   *
   * @param state `blocked`: ready jobs whose group or queue is at a limit, or is held back; they are neither `queued` nor `retrying` here
   * @throws InvalidQueueNameError, InvalidOptionError, QueueConnectionError
   */
  async jobs<Data = unknown>(
    queue: string,
    state: ListedState | readonly ListedState[],
    options: JobListOptions = {},
  ): Promise<JobList<Data>> {
    return (await this.lists.jobs(queue, state, options)) as JobList<Data>;
  }

  /**
   * Reads all that is stored of a job; `null` if there is no such job, or if its record is not kept any more.
   *
   * @throws InvalidJobIdError, QueueConnectionError
   */
  async job<Data = unknown>(id: string): Promise<JobDetails<Data> | null> {
    return (await this.lists.job(id)) as JobDetails<Data> | null;
  }

  /**
   * Reads statistics: how many jobs were completed, failed and retried, and how long they ran and waited.
   *
   * @param queue default: all queues together
   * @throws InvalidQueueNameError, InvalidOptionError, QueueConnectionError
   */
  async stats(queue?: string, options: StatisticsOptions = {}): Promise<QueueStatistics> {
    return this.statistics.read(queue, options);
  }

  /**
   * Lists the workers that run, in all processes. A worker that stops is gone at once; one whose process was killed, or that is cut off,
   * half a minute after its last sign of life.
   *
   * @returns the worker that started first at the front
   * @throws QueueConnectionError
   */
  async workers(): Promise<WorkerInfo[]> {
    return readWorkers(await this.driver.workers.read());
  }

  /**
   * Pauses a queue for all processes: no job of it starts any more. Jobs that run go on, and pushes are stored. A second call
   * replaces the first one. Resolves when all workers of the queue obey, or after a second; a worker that is cut off obeys at the
   * latest when its lease ends.
   *
   * @param options `for`: how long. Default: until {@link resume}
   * @throws InvalidQueueNameError, InvalidOptionError, QueueConnectionError
   */
  async pause(queue: string, options: PauseOptions = {}): Promise<void> {
    assertQueueName(queue);
    await this.driver.pauses.pause(queue, readPause(options));
  }

  /**
   * Ends the pause of a queue. Does nothing if the queue is not paused.
   *
   * @throws InvalidQueueNameError, QueueConnectionError
   */
  async resume(queue: string): Promise<void> {
    assertQueueName(queue);
    await this.driver.pauses.resume(queue);
  }

  /**
   * Sets the limits of a queue for all processes, in place of all limits in their options, until they are taken back with `null`: also
   * through restarts. Workers obey at once; jobs that run go on.
   *
   * @param limits a missing limit limits nothing
   * @throws InvalidQueueNameError, InvalidOptionError, QueueConnectionError
   */
  async setLimits(queue: string, limits: QueueLimits | null): Promise<void> {
    assertQueueName(queue);
    await this.driver.limits.set(queue, limits === null ? null : readQueueLimits(limits));
  }

  /**
   * Ends the holds of a queue and of its groups early: a job was released with `hold`, and no other one of its queue or group starts
   * before its time. That job itself waits on: {@link promote} lets it go too. Neither {@link resume} nor {@link setLimits} ends a hold.
   *
   * @returns whether the queue was held back, or a group of it
   * @throws InvalidQueueNameError, QueueConnectionError
   */
  async endHold(queue: string): Promise<boolean> {
    assertQueueName(queue);
    return this.driver.limits.endHold(queue);
  }

  /**
   * Cancels all jobs of a queue that were pushed before this call, in whatever place they are, as `QueueManager.cancel` does one:
   * those that wait end at once, those that a worker has are told by their signals. It works in small steps, so that it holds up
   * nobody: if it rejects, some jobs may be cancelled, and a second call goes on with the others.
   *
   * @param options `name`, `tag`: only jobs of this name, with this tag. Default: all
   * @returns how many were cancelled; a job that was cancelled before does not count
   * @throws InvalidQueueNameError, InvalidOptionError, QueueConnectionError
   */
  async cancelAll(queue: string, options: CancelAllOptions = {}): Promise<number> {
    return this.cancellation.cancelAll(queue, options);
  }

  /**
   * Puts failed jobs back to the end of their queue, as new ones: their attempts and crashes begin anew, their id, data, options and
   * failures stay. A job that is not kept as a failed one is left alone, and does not count; so a job that two operators retry at
   * once runs once.
   *
   * @returns how many were put back
   * @throws InvalidJobIdError, QueueConnectionError
   */
  async retry(ids: string | readonly string[]): Promise<number> {
    return this.mender.retry(ids);
  }

  /**
   * Puts failed jobs of a queue back, the one that failed first at the front, as {@link retry} does. Jobs that fail after the call
   * began are left alone.
   *
   * With `to` they go to another queue. A job is in one of the two queues at any time, also if this process dies meanwhile or the
   * connection is lost: then it is a failed job of its own queue again as soon as somebody retries or removes failed jobs there, and
   * a second call goes on with it. A job whose id a live job has in the other queue stays a failed one.
   *
   * @param options `name`, `tag`, `since`, `until`: only these; `limit`: at most so many. Default: all. `to`: the queue that gets them
   * @returns how many were put back
   * @throws InvalidQueueNameError, InvalidOptionError, QueueConnectionError
   */
  async retryAll(queue: string, options: RetryAllOptions = {}): Promise<number> {
    return this.mender.retryAll(queue, options);
  }

  /**
   * Removes jobs, with all that is kept of them: jobs that wait, and ended ones. A job that a worker has is left alone, and does not
   * count: cancel it.
   *
   * @returns how many were removed
   * @throws InvalidJobIdError, QueueConnectionError
   */
  async remove(ids: string | readonly string[]): Promise<number> {
    return this.mender.remove(ids);
  }

  /**
   * Removes failed jobs of a queue, with all that is kept of them.
   *
   * @param options `olderThan`: those that failed so long ago or longer; `name`: those of this name. Default: all
   * @returns how many were removed
   * @throws InvalidQueueNameError, InvalidOptionError, QueueConnectionError
   */
  async flush(queue: string, options: FlushOptions = {}): Promise<number> {
    return this.mender.flush(queue, options);
  }

  /**
   * Makes a job ready now that is delayed, or that waits for its next attempt. It goes to the end of its queue.
   *
   * @returns whether it was delayed
   * @throws InvalidJobIdError, QueueConnectionError
   */
  async promote(id: string): Promise<boolean> {
    return this.mender.promote(id);
  }

  /**
   * Changes when a job is due that waits, also if it is ready.
   *
   * @param delay from now; 0 for now: then a ready job keeps its turn
   * @returns whether it waited
   * @throws InvalidJobIdError, InvalidDelayError, QueueConnectionError
   */
  async reschedule(id: string, delay: Duration | Date): Promise<boolean> {
    return this.mender.reschedule(id, delay);
  }

  /**
   * Gives a job that waits another priority. A ready job goes to the end of its new priority, or keeps its turn if it has that
   * priority already; the time of its push, and since when it waits, stay. Retries keep the new priority.
   *
   * @param priority a whole number from -1000 to 1000, higher first
   * @returns whether it waited
   * @throws InvalidJobIdError, InvalidOptionError, QueueConnectionError
   */
  async setPriority(id: string, priority: number): Promise<boolean> {
    return this.mender.setPriority(id, priority);
  }

  /**
   * Replaces the data of a job that waits. Its options stay.
   *
   * @returns whether it waited
   * @throws InvalidJobIdError, PayloadNotSerializableError, PayloadTooLargeError, QueueConnectionError
   */
  async setData(id: string, data: unknown): Promise<boolean> {
    return this.mender.setData(id, data);
  }

  /**
   * Removes the jobs of a queue that are in some states, with all that is kept of them. Running jobs go on.
   *
   * @param options `states`: any but `processing`. Default: all jobs that wait, as `QueueManager.clear` does
   * @returns how many were removed
   * @throws InvalidQueueNameError, InvalidOptionError, QueueConnectionError
   */
  async clear(queue: string, options: ClearOptions = {}): Promise<number> {
    return this.mender.clear(queue, options);
  }

  /**
   * Removes everything of a queue: its jobs, what is kept of ended ones, its statistics, its pause and its name. Nothing of it can be
   * brought back.
   *
   * @throws QueueBusyError while jobs of the queue run: then nothing was removed, or, if they started meanwhile, a part
   * @throws InvalidQueueNameError, QueueConnectionError
   */
  async obliterate(queue: string): Promise<void> {
    return this.mender.obliterate(queue);
  }
}
