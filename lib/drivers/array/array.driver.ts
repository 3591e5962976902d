import type { JobState } from '../../job/job-status.js';
import { QueueClosedError } from '../../queue.errors.js';
import type { MonotonicClock } from '../../support/clock.js';
import { unlimited, type LimitsOf, type QueueLimits } from '../queue-limits.interface.js';
import { keepFor, type RetentionOf } from '../queue-retention.interface.js';
import { LOW_PRIORITY_EACH, type LowPriorityEach } from '../queue-priorities.interface.js';
import type { QueuePauses } from '../queue-pauses.interface.js';
import type { QueueStats } from '../queue-stats.interface.js';
import type { StoredFlow } from '../queue-flows.interface.js';
import type { JobEnd } from '../queue-waits.interface.js';
import { NO_OBSERVER, type StorageObserver } from '../storage-observer.interface.js';
import {
  type ConsumerOptions,
  type NewJob,
  type PushException,
  type QueueConsumer,
  type QueueCounts,
  type QueueDriver,
  type QueueListener,
  type StoredStatus,
} from '../queue-driver.interface.js';
import { ArrayEventLog } from './array-event-log.js';
import { ArrayCancellations } from './array-cancellations.js';
import { ArrayConsumer } from './array-consumer.js';
import { ArrayBatches } from './array-batches.js';
import { ArrayFlows, type FlowActions } from './array-flows.js';
import type { ArrayJob } from './array-job.js';
import { ArrayJobs } from './array-jobs.js';
import { ArrayLists } from './array-lists.js';
import { ArrayListener } from './array-listener.js';
import { ArrayMending } from './array-mending.js';
import { ArrayQueue } from './array-queue.js';
import { ArraySchedules } from './array-schedules.js';
import { ArrayWaits } from './array-waits.js';
import { ArrayWorkers } from './array-workers.js';
import { toEnd } from './array-end.js';

export interface ArrayDriverOptions {
  /** How long a status that the application wrote is kept, in seconds; 0 keeps none. */
  readonly statusTtl: number;
  /** How ended jobs are kept. Default: all for the status time. */
  readonly retention?: RetentionOf;
  /** The limits of queues. Default: none. */
  readonly limits?: LimitsOf;
  readonly clock: MonotonicClock;
  /** See `LowPriorityEach`. */
  readonly lowPriorityEach?: LowPriorityEach;
  /** Called with each job that a push has added. */
  readonly onPush?: (push: StoredPush) => void;
}

/** A job that a push has added. */
export interface StoredPush {
  readonly id: string;
  readonly queue: string;
  /** The record as text; that of the last push, if pushes of a key are put together. */
  readonly body: string;
}

const NO_JOBS: QueueCounts = Object.freeze({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 0 });

/**
 * Keeps the jobs in the memory of this process: for tests, for development, and for jobs that may be lost when the process
 * ends. It behaves as the other drivers do, delays and leases included.
 */
export class ArrayDriver implements QueueDriver {
  readonly name = 'array';
  readonly address = 'array, in this process';
  readonly pauses: QueuePauses = {
    pause: async (queue, milliseconds) => {
      this.assertOpen();
      await this.stateOf(queue).pause.begin(milliseconds);
    },
    resume: async (queue) => {
      this.assertOpen();
      this.stateOf(queue).pause.resume();
    },
    read: async (queue) => {
      this.assertOpen();
      return this.stateOf(queue).pause.read();
    },
  };
  readonly limits: QueueLimits = {
    set: async (queue, limits) => {
      this.assertOpen();
      this.stateOf(queue).setLimits(limits);
    },
    hold: async (queue, seconds) => {
      this.assertOpen();
      this.stateOf(queue).hold(seconds);
    },
    endHold: async (queue) => {
      this.assertOpen();
      return this.stateOf(queue).endHold();
    },
    read: async (queue) => {
      this.assertOpen();
      return this.stateOf(queue).limits.state;
    },
  };
  readonly stats: QueueStats = {
    read: async (queue, unit, from, to) => {
      this.assertOpen();
      return this.states.get(queue)?.stats.read(unit, from, to) ?? [];
    },
    look: async (queue) => {
      this.assertOpen();
      return { now: this.options.clock.now(), ready: this.states.get(queue)?.firstReady() ?? [] };
    },
  };
  readonly events = new ArrayEventLog(() => this.assertOpen());
  readonly waits = new ArrayWaits((id) => this.endOf(id));
  private readonly states = new Map<string, ArrayQueue>();
  /** The queues that jobs were pushed to. A listener or a consumer alone adds no queue. */
  private readonly names = new Set<string>();
  private readonly jobs: ArrayJobs;
  readonly lists: ArrayLists;
  readonly workers: ArrayWorkers;
  readonly mending: ArrayMending;
  readonly flows: ArrayFlows;
  readonly schedules: ArraySchedules;
  readonly batches: ArrayBatches;
  readonly cancellations: ArrayCancellations;
  private readonly retention: RetentionOf;
  /** The open consumers and listeners. They are closed with the driver, because they may have timers. */
  private readonly open = new Set<ArrayConsumer | ArrayListener>();
  private observer = NO_OBSERVER;
  private closed = false;

  constructor(private readonly options: ArrayDriverOptions) {
    this.retention = options.retention ?? keepFor(options.statusTtl);
    const assertOpen = (): void => this.assertOpen();
    const actions: FlowActions = {
      push: this.pushMember,
      cancel: this.cancelMember,
      stop: this.stopMember,
      ended: this.tellEnd,
      retry: this.retryMember,
    };
    this.flows = new ArrayFlows(options.clock, actions, assertOpen);
    const scheduling = { push: this.pushScheduled, isLive: (id: string) => this.jobs.isLive(id) };
    this.schedules = new ArraySchedules(options.clock, scheduling, assertOpen);
    this.batches = new ArrayBatches(this.flows, actions, options.clock, assertOpen);
    const onEnd = (id: string, end: JobEnd): void => this.waits.ended(id, end);
    this.jobs = new ArrayJobs(options.statusTtl, this.retention, options.clock, onEnd, this.flows);
    const countConsumers = (queue: string): number =>
      [...this.open].filter((each) => each instanceof ArrayConsumer && each.queue === queue).length;
    const { onPush } = options;
    this.jobs.onPush = onPush && ((job) => onPush(storedPush(job)));
    this.lists = new ArrayLists(this.states, countConsumers, options.clock, assertOpen);
    this.workers = new ArrayWorkers(options.clock, assertOpen);
    const stateOf = (queue: string): ArrayQueue => this.stateOf(queue);
    this.mending = new ArrayMending(this.jobs, this.states, this.names, options.clock, assertOpen, stateOf);
    this.cancellations = new ArrayCancellations(this.jobs, this.states, options.clock, assertOpen);
  }

  observe(observer: StorageObserver): void {
    this.observer = observer;
  }

  async connect(): Promise<void> {
    this.assertOpen();
  }

  async close(): Promise<void> {
    this.closed = true;
    this.waits.close();
    this.events.close();
    for (const { pause } of this.states.values()) pause.close();
    await Promise.all([...this.open].map((each) => each.close()));
  }

  async ping(): Promise<void> {
    this.assertOpen();
  }

  async push(queue: string, jobs: readonly NewJob[], looks: boolean): Promise<readonly PushException[] | undefined> {
    this.assertOpen();
    if (jobs.length === 0) return undefined;
    this.names.add(queue);
    const exceptions = this.stateOf(queue).push(jobs, looks, this.forgetKept);
    const isAdded = (index: number): boolean => !exceptions?.some((exception) => exception.index === index);
    for (const [index, { ticket }] of jobs.entries()) {
      if (ticket !== undefined && isAdded(index)) this.waits.stored(ticket);
    }
    return exceptions;
  }

  consume(queue: string, options: ConsumerOptions): QueueConsumer {
    return this.openConsumer(queue, options, this.options.clock);
  }

  listen(queues: readonly string[]): QueueListener {
    const states = queues.map((queue) => this.stateOf(queue));
    return this.opened(new ArrayListener(states, this.options.clock, (listener) => this.open.delete(listener)));
  }

  async getStatus(id: string): Promise<StoredStatus | null> {
    this.assertOpen();
    return this.jobs.statusOf(id);
  }

  async setStatus(id: string, state: JobState, error?: string): Promise<void> {
    this.assertOpen();
    this.jobs.overwrite(id, state, error);
  }

  async readDebounced(queue: string, key: string): Promise<string | null> {
    this.assertOpen();
    return this.states.get(queue)?.debounce.read(key) ?? null;
  }

  async counts(queue: string): Promise<QueueCounts> {
    this.assertOpen();
    return this.states.get(queue)?.counts() ?? { ...NO_JOBS };
  }

  async clear(queue: string): Promise<number> {
    this.assertOpen();
    return this.states.get(queue)?.clear() ?? 0;
  }

  async queues(): Promise<string[]> {
    this.assertOpen();
    return [...this.names].sort();
  }

  /** @param clock the clock by which the consumer prolongs its lease; a test gives its own clock to let the lease run out */
  protected openConsumer(queue: string, options: ConsumerOptions, clock: MonotonicClock): QueueConsumer {
    const state = this.stateOf(queue);
    return this.opened(new ArrayConsumer(state, options, clock, (consumer) => this.open.delete(consumer)));
  }

  /** Keeps a new consumer or listener until it is closed. If the driver is closed already, it closes the new part at once. */
  private opened<T extends ArrayConsumer | ArrayListener>(part: T): T {
    this.open.add(part);
    if (this.closed) void part.close();
    return part;
  }

  /** Returns how a job ended, as far as that is kept; `undefined` for a live job. */
  private endOf(id: string): JobEnd | undefined {
    if (this.jobs.isLive(id)) return undefined;
    const status = this.jobs.statusOf(id);
    const failed = status && this.states.get(status.queue)?.kept.failed.get(id);
    return toEnd(status, failed?.job.failures[0]);
  }

  private stateOf(name: string): ArrayQueue {
    let state = this.states.get(name);
    if (!state) {
      const { limits = unlimited, clock, lowPriorityEach = () => LOW_PRIORITY_EACH } = this.options;
      state = new ArrayQueue(name, this.jobs, this.retention(name), limits(name), clock, lowPriorityEach(name));
      this.states.set(name, state);
    }
    return state;
  }

  /** Forgets the kept record of an ended job, because its id is taken by a new one. */
  private readonly forgetKept = (id: string, queue: string): void => this.states.get(queue)?.kept.forget(id);

  /** Pushes a job of a flow, whose id nobody else has. */
  private readonly pushMember = (queue: string, job: NewJob): void => {
    this.names.add(queue);
    const exceptions = this.stateOf(queue).push([job], true, this.forgetKept);
    if (!exceptions && this.observer.hearsPushes) this.observer.pushed(queue, [job]);
  };

  private readonly tellEnd = (ref: string, flow: StoredFlow): void => {
    if (!this.observer.hearsEnds) return;
    const { failedIds: _, finishedAt, ...counts } = flow;
    // All that it tells is lost with this process, anyway.
    this.observer.ended(ref, { ...counts, finishedAt: finishedAt! })?.catch(() => undefined);
  };

  /** Pushes a job of a schedule, unless its id is known. */
  private readonly pushScheduled = (queue: string, job: NewJob): void => {
    if (!this.jobs.statusOf(job.id)) this.pushMember(queue, job);
  };

  private readonly cancelMember = (id: string, reason: string | undefined): void => {
    const job = this.jobs.find(id);
    if (job) this.states.get(job.queue)!.cancel(job, reason);
  };

  private readonly stopMember = (id: string, reason: string, hold: () => void): void => {
    const job = this.jobs.find(id);
    if (!job || job.place === 'claimed' || this.jobs.isCancelled(id)) return;
    if (job.attempts + job.crashes > 0 || job.releases !== undefined) return;
    hold();
    this.states.get(job.queue)!.cancel(job, reason);
  };

  private readonly retryMember = async (id: string): Promise<boolean> => {
    const [queue] = (await this.mending.queuesOf([id])).keys();
    return queue !== undefined && (await this.mending.retry(queue, [id])) > 0;
  };

  private assertOpen(): void {
    if (this.closed) throw new QueueClosedError();
  }
}

/** The queue is that of the push: an operator may move the job. */
function storedPush(job: ArrayJob): StoredPush {
  const { id, queue } = job;
  return {
    id,
    queue,
    get body() {
      return job.body;
    },
  };
}
