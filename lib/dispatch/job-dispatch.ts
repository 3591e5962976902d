import { lacksTypes } from '../discovery/class-dependencies.js';
import type { JobRegistry } from '../discovery/job.registry.js';
import type { QueueDriver } from '../drivers/queue-driver.interface.js';
import type { QueueEvents } from '../events/queue-events.js';
import type { JobCodec } from '../job/job-codec.js';
import { createJobId } from '../job/job-id.js';
import type { JobForm } from '../job/job-record.js';
import { compose, type Handler } from '../middleware/chain.js';
import type { DispatchStage, PendingPush } from '../middleware/dispatch-stage.js';
import { InvalidJobError, InvalidOptionError } from '../queue.errors.js';
import type { Clock } from '../support/clock.js';
import { pushInChunks, toNewJob } from './bulk-push.js';
import { sendTogether } from './bulk-stages.js';
import { readDelay } from './delay.js';
import { findNamedJob, isNamedJob, type NamedJob } from './named-job.js';
import type { PushedJob } from './pushed-job.interface.js';
import { PLAIN_TARGET, readTarget, type PushTarget } from './push-target.js';

const NO_DELAY = { option: 'delay', why: 'none (it is an argument of later() already)' } as const;
const NO_ID = { option: 'id', why: 'none (each job of pushMany() gets its own; push() takes one)' } as const;

export interface DispatchParts {
  readonly driver: QueueDriver;
  readonly registry: JobRegistry;
  readonly codec: JobCodec;
  readonly events: QueueEvents;
  readonly clock: Clock;
  /** The queue of a job if neither its push nor its class names a queue. */
  readonly defaultQueue: string;
  /** The stages between the check of a push and its storing; the first one is the outermost. */
  readonly stages: readonly DispatchStage[];
}

/**
 * The dispatch pipeline:
 *
 * 1. `prepare...()` reads and checks the arguments of a dispatching method, in each form: a class, a definition or a name with
 *    data beside it, or an instance that carries its data;
 * 2. {@link send} and {@link sendMany} run the stages;
 * 3. the job is encoded;
 * 4. the driver stores it, and the event `pushed` is emitted.
 *
 * Everything is checked before anything is written.
 */
export class JobDispatch {
  /** Sends one push through the stages, and resolves with the id of the job. Without stages it only stores the job. */
  readonly send: Handler<PendingPush, Promise<string>>;

  constructor(private readonly parts: DispatchParts) {
    this.send = compose(parts.stages, this.store);
  }

  /** Reads the arguments of `push`: `(class, data, to?)`, `(definition or name, data, to?)` or `(instance, to?)`. */
  prepare(job: unknown, args: readonly unknown[]): PendingPush {
    const now = this.parts.clock.now();
    const isNamed = typeof job !== 'function' && isNamedJob(job);
    const to = typeof job === 'function' || isNamed ? args[1] : args[0];
    const target = to === undefined ? PLAIN_TARGET : readTarget(to, now);
    if (isNamed) return this.ofNamed(job, args[0], target, now);
    if (typeof job !== 'function') return this.ofInstance(job, target, now);
    return this.pending(this.parts.registry.get(job), 'handler', args[0], target, now);
  }

  /**
   * Reads the arguments of `later`: `(class, data, delay, to?)`, `(class, delay)` or `(instance, delay, to?)`; with a definition
   * or a name as with a class.
   */
  prepareLater(job: unknown, args: readonly unknown[]): PendingPush {
    const now = this.parts.clock.now();
    const isNamed = isNamedJob(job);
    const isAlone = args.length === 1 && (isNamed || takesNothing(job));
    const withData = (typeof job === 'function' || isNamed) && !isAlone;
    const [delay, to] = withData ? args.slice(1) : args;
    const target = { ...readTarget(to, now, NO_DELAY), delay: readDelay(delay, now) };
    const data = withData ? args[0] : undefined;
    if (isNamed) return this.ofNamed(job, data, target, now);
    if (typeof job !== 'function') return this.ofInstance(job, target, now);
    return this.pending(this.parts.registry.get(job), 'handler', data, target, now);
  }

  /** Reads the arguments of `pushMany`: `(class, dataList, to?)`, `(definition or name, dataList, to?)` or `(instances, to?)`. */
  prepareMany(jobs: unknown, args: readonly unknown[]): PendingPush[] {
    const now = this.parts.clock.now();
    const isNamed = isNamedJob(jobs);
    if (typeof jobs !== 'function' && !isNamed) {
      const target = readTarget(args[0], now, NO_ID);
      return readList('jobs', jobs).map((job) => this.ofInstance(job, target, now));
    }
    const target = readTarget(args[1], now, NO_ID);
    const { registry } = this.parts;
    const job = isNamed ? findNamedJob(jobs, registry, target.queue) : registry.get(jobs);
    assertTakesData(job);
    return readList('dataList', args[0]).map((data) => this.pending(job, 'handler', data, target, now));
  }

  /** Sends many pushes, and resolves with the ids of the jobs in their order. */
  async sendMany(pushes: readonly PendingPush[]): Promise<string[]> {
    const { stages } = this.parts;
    if (stages.length > 0) return sendTogether(stages, pushes, (left) => this.storeMany(left));
    await this.storeMany(pushes);
    return pushes.map(({ id }) => id);
  }

  private ofNamed(job: NamedJob, data: unknown, target: PushTarget, now: number): PendingPush {
    return this.pending(findNamedJob(job, this.parts.registry, target.queue), 'handler', data, target, now);
  }

  private ofInstance(job: unknown, target: PushTarget, now: number): PendingPush {
    const registered = this.parts.registry.get(job);
    if (typeof job === 'function') throw InvalidJobError.noInstance(registered.jobClass.name);
    return this.pending(registered, 'instance', registered.dehydrate(job as object), target, now);
  }

  private pending(job: PushedJob, form: JobForm, data: unknown, target: PushTarget, now: number): PendingPush {
    if (form === 'handler') assertTakesData(job);
    const queue = target.queue ?? job.options.queue ?? this.parts.defaultQueue;
    return {
      id: target.id ?? createJobId(now, queue),
      unique: target.id !== undefined,
      name: job.name,
      form,
      queue,
      data,
      delay: target.delay,
      options: target.options,
      replacesEnded: target.replacesEnded,
    };
  }

  private readonly store = async (push: PendingPush): Promise<string> => {
    const { driver, codec, events } = this.parts;
    const { id, queue, unique, delay } = push;
    const { body } = codec.encode(push);
    await driver.push(queue, [unique ? toNewJob(push, body) : { id, body, delay }], unique);
    if (events.observed.pushed) this.emitPushed(push);
    return id;
  };

  private async storeMany(pushes: readonly PendingPush[]): Promise<void> {
    const { driver, codec, events } = this.parts;
    const conflict = await pushInChunks(driver, codec, pushes);
    if (events.observed.pushed) {
      for (const push of pushes) if (!conflict?.ids.includes(push.id)) this.emitPushed(push);
    }
    if (conflict) throw conflict;
  }

  private emitPushed({ id, name, queue }: PendingPush): void {
    const { events, clock } = this.parts;
    events.emit('pushed', { time: new Date(clock.now()), queue, id, name, attempt: 0 });
  }
}

/** Checks that data can be pushed beside a class. @throws InvalidJobError if the class takes its data in its constructor */
function assertTakesData({ takesData, jobClass }: PushedJob): void {
  if (takesData || !jobClass) return;
  throw lacksTypes(jobClass)
    ? InvalidJobError.untypedConstructor(jobClass.name)
    : InvalidJobError.carriesItsData(jobClass.name);
}

/** Returns true if the value is a class whose `handle` takes nothing. */
function takesNothing(job: unknown): boolean {
  const handle = typeof job === 'function' && (job.prototype as { handle?: unknown } | undefined)?.handle;
  return typeof handle === 'function' && handle.length === 0;
}

function readList(name: string, list: unknown): unknown[] {
  if (!Array.isArray(list)) throw new InvalidOptionError(name, 'a list', list);
  // Copy the list, so that the holes of a sparse list become `undefined`.
  return Array.from(list as unknown[]);
}
