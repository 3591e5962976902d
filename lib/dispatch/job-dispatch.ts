import { lacksTypes } from '../discovery/class-dependencies.js';
import type { JobRegistry } from '../discovery/job.registry.js';
import type { QueueDriver } from '../drivers/queue-driver.interface.js';
import type { AddedJob } from '../drivers/storage-observer.interface.js';
import type { Carriers } from '../context/carriers.js';
import type { QueueEvents } from '../events/queue-events.js';
import { StorageEvents } from '../events/storage-events.js';
import type { JobCodec } from '../job/job-codec.js';
import { createJobId } from '../job/job-id.js';
import type { JobForm } from '../job/job-record.js';
import { isJobSpec, type JobSpec } from '../job/job-spec.interface.js';
import { compose, type Handler } from '../middleware/chain.js';
import type { DispatchResult, DispatchStage, PendingPush } from '../middleware/dispatch-stage.js';
import { InvalidJobError, InvalidOptionError } from '../queue.errors.js';
import type { Clock } from '../support/clock.js';
import { addedResult, pushInChunks, toNewJob } from './bulk-push.js';
import { sendTogether } from './bulk-stages.js';
import { carryAll, carryStage } from './carry.js';
import { assertEnds } from '../job/attempt-options.reader.js';
import { readDelay } from '../job/delay.js';
import { findNamedJob, isNamedJob, type NamedJob } from './named-job.js';
import type { PushedJob } from './pushed-job.interface.js';
import { pushMerged } from '../debounce/merged-push.js';
import { checksPush, type CheckedData } from '../validation/check-data.js';
import { allChecked, checkPush, type Checking } from './push-check.js';
import type { PushDeferral } from '../deferral/push-deferral.js';
import { debouncedPush } from './push-debounce.js';
import { PLAIN_TARGET, readTarget, type PushTarget } from './push-target.js';
import { traitsOf } from './push-traits.js';
import { withOptionsOfSpec } from './spec-options.js';

const NEEDS_TRANSACTIONS = 'the option "transactions" of the module beside it';
const NO_DELAY = { option: 'delay', why: 'none (it is an argument of later() already)' } as const;
const NO_ID = { option: 'id', why: 'none (each job of pushMany() gets its own; push() takes one)' } as const;

type StoreMany = (pushes: readonly PendingPush[]) => Promise<readonly DispatchResult[]>;

export interface DispatchParts {
  readonly driver: QueueDriver;
  readonly registry: JobRegistry;
  readonly codec: JobCodec;
  readonly events: QueueEvents;
  readonly clock: Clock;
  /** The queue of a job if neither its push nor its class names a queue. */
  readonly defaultQueue: string;
  /** For how many seconds a job is tried again if neither its push nor its class says it. */
  readonly retryFor?: number;
  /** The stages between the check of a push and its storing; the first one is the outermost. */
  readonly stages: readonly DispatchStage[];
  /** Missing if nothing is carried. */
  readonly carriers?: Carriers;
  /** Whether a push waits for the commit of a transaction if it does not say it. */
  readonly afterCommit?: boolean;
  /** Missing if no push can wait for a commit. */
  readonly hasTransactions?: boolean;
}

/**
 * The dispatch pipeline:
 *
 * 1. `prepare...()` reads and checks the arguments of a dispatching method, in each form: a class, a definition or a name with
 *    data beside it, an instance that carries its data, or a spec of one of them;
 * 2. {@link send} and {@link sendMany} run the stages, and add the context that the carriers capture;
 * 3. the job is encoded;
 * 4. the driver stores it, and the event `pushed` is emitted; a deferred push comes to that later.
 *
 * Everything is checked before anything is written.
 */
export class JobDispatch {
  /** Sends one push through the stages, and resolves with its result. Without stages it only stores the job. */
  readonly send: Handler<PendingPush, Promise<DispatchResult>>;

  private readonly stages: readonly DispatchStage[];
  /** Keeps the pushes that are not stored now. */
  readonly deferral: PushDeferral;

  /** @param makeDeferral makes the deferral, which later gives its pushes to the function */
  constructor(
    private readonly parts: DispatchParts,
    makeDeferral: (store: (pushes: readonly PendingPush[]) => Promise<unknown>) => PushDeferral,
  ) {
    this.deferral = makeDeferral(this.storeAllNow);
    const { stages, carriers } = parts;
    this.stages = carriers ? [...stages, carryStage(carriers)] : stages;
    this.send = compose(this.stages, this.store);
  }

  /** Reads the arguments of `push`: `(class, data, to?)`, `(definition or name, data, to?)`, `(instance, to?)` or `(spec, to?)`. */
  prepare(job: unknown, args: readonly unknown[]): Checking<PendingPush> {
    const now = this.parts.clock.now();
    if (typeof job === 'function') {
      const target = args[1] === undefined ? PLAIN_TARGET : readTarget(args[1], now);
      return this.pending(this.parts.registry.get(job), 'handler', args[0], target, now);
    }
    if (isNamedJob(job)) return this.ofNamed(job, args[0], readTarget(args[1], now), now);
    if (!isJobSpec(job)) return this.ofInstance(job, readTarget(args[0], now), now);
    return this.ofSpec(job, readTarget(withOptionsOfSpec(args[0], job.to), now), now);
  }

  /**
   * Reads the arguments of `later`: `(class, data, delay, to?)`, `(class, delay)`, `(instance, delay, to?)` or `(spec, delay, to?)`;
   * with a definition or a name as with a class.
   */
  prepareLater(job: unknown, args: readonly unknown[]): Checking<PendingPush> {
    const now = this.parts.clock.now();
    const isNamed = isNamedJob(job);
    const isAlone = args.length === 1 && (isNamed || takesNothing(job));
    const withData = (typeof job === 'function' || isNamed) && !isAlone;
    const [delay, to] = withData ? args.slice(1) : args;
    const isSpec = isJobSpec(job);
    const target = {
      ...readTarget(isSpec ? withOptionsOfSpec(to, job.to) : to, now, NO_DELAY),
      delay: readDelay(delay, now),
      undebounced: 'delay' as const,
    };
    const data = withData ? args[0] : undefined;
    if (isSpec) return this.ofSpec(job, target, now);
    if (isNamed) return this.ofNamed(job, data, target, now);
    if (typeof job !== 'function') return this.ofInstance(job, target, now);
    return this.pending(this.parts.registry.get(job), 'handler', data, target, now);
  }

  /**
   * Reads the arguments of `pushMany`: `(class, dataList, to?)`, `(definition or name, dataList, to?)`, or `(jobs, to?)` with
   * instances and specs.
   *
   * @param first the number of the first job in messages
   */
  prepareMany(jobs: unknown, args: readonly unknown[], first = 0): Checking<PendingPush[]> {
    const now = this.parts.clock.now();
    const isNamed = isNamedJob(jobs);
    if (typeof jobs !== 'function' && !isNamed) {
      const target = readTarget(args[0], now, NO_ID);
      return allChecked(readList('jobs', jobs), (job, index) => {
        if (!isJobSpec(job)) return this.ofInstance(job, target, now);
        if (job.to === undefined) return this.ofSpec(job, target, now);
        const to = withOptionsOfSpec(args[0], job.to);
        return this.ofSpec(job, readTarget(to, now, undefined, `options of jobs[${first + index}]`), now);
      });
    }
    const target = readTarget(args[1], now, NO_ID);
    const { registry } = this.parts;
    const job = isNamed ? findNamedJob(jobs, registry, target.queue) : registry.get(jobs);
    assertTakesData(job);
    return allChecked(readList('dataList', args[0]), (data) => this.pending(job, 'handler', data, target, now));
  }

  /** Sends many pushes, and resolves with their results in their order. */
  async sendMany(pushes: readonly PendingPush[]): Promise<readonly DispatchResult[]> {
    return this.sendTo(this.storeMany, pushes);
  }

  /** Sends pushes through the stages, and gives the pushes that pass all stages to a function that stores them. */
  async sendThrough(
    pushes: readonly PendingPush[],
    store: (pushes: readonly PendingPush[]) => Promise<void>,
  ): Promise<void> {
    await this.sendTo(async (through) => {
      await store(through);
      return through.map(addedResult);
    }, pushes);
  }

  /** Emits the event `pushed` of a job whose record was made before. */
  tellPushed(queue: string, job: AddedJob): void {
    const { events, clock } = this.parts;
    if (events.observed.pushed) new StorageEvents(events, clock).pushed(queue, [job]);
  }

  private sendTo(store: StoreMany, pushes: readonly PendingPush[]): Promise<readonly DispatchResult[]> {
    const { stages, carriers } = this.parts;
    if (stages.length > 0) return sendTogether(this.stages, pushes, store);
    return store(carriers ? carryAll(pushes, carriers) : pushes);
  }

  private ofSpec({ job, data }: JobSpec, target: PushTarget, now: number): Checking<PendingPush> {
    if (isNamedJob(job)) return this.ofNamed(job, data, target, now);
    if (typeof job !== 'function') return this.ofInstance(job, target, now);
    return this.pending(this.parts.registry.get(job), 'handler', data, target, now);
  }

  private ofNamed(job: NamedJob, data: unknown, target: PushTarget, now: number): Checking<PendingPush> {
    return this.pending(findNamedJob(job, this.parts.registry, target.queue), 'handler', data, target, now);
  }

  private ofInstance(job: unknown, target: PushTarget, now: number): Checking<PendingPush> {
    const registered = this.parts.registry.get(job);
    if (typeof job === 'function') throw InvalidJobError.noInstance(registered.jobClass.name);
    return this.pending(registered, 'instance', registered.dehydrate(job as object), target, now, job);
  }

  /** @param subject the argument of the functions among the options: the data, or the instance that carries it */
  private pending(
    job: PushedJob,
    form: JobForm,
    data: unknown,
    target: PushTarget,
    now: number,
    subject = data,
  ): Checking<PendingPush> {
    if (form === 'handler') assertTakesData(job);
    if (job.options.schema && !target.isChecked && checksPush(job.options))
      return this.checked(job, form, data, target, now, subject);
    if (target.afterCommit && !this.parts.hasTransactions)
      throw new InvalidOptionError('push options.afterCommit', NEEDS_TRANSACTIONS, true);
    const queue = target.queue ?? job.options.queue ?? this.parts.defaultQueue;
    const { keepResult = job.options.keepResult, expiresIn = job.options.expiresIn } = target.options;
    const { maxTries = job.options.maxTries, retryFor = job.options.retryFor ?? this.parts.retryFor } = target.options;
    if (maxTries === Number.POSITIVE_INFINITY)
      assertEnds(maxTries, retryFor, target.options.maxTries ? 'push options.maxTries' : `maxTries of job ${job.name}`);
    const { version } = job.options;
    const isOwn =
      keepResult === undefined && expiresIn === undefined && retryFor === undefined && version === undefined;
    // Most pushes have no traits.
    const { options } = job;
    const debounced = (target.debounce ?? options.debounce) && debouncedPush(job, target, subject);
    const hasTraits =
      (target.priority ?? options.priority ?? target.unique ?? options.unique ?? debounced) !== undefined ||
      (target.group ?? options.group) !== undefined;
    const traits = hasTraits ? traitsOf(job, target, subject, data, debounced?.key) : undefined;
    return {
      id: target.id ?? createJobId(now, queue),
      unique: target.id !== undefined,
      name: job.name,
      form,
      queue,
      data,
      delay: debounced ? debounced.wait : target.delay,
      options: isOwn ? target.options : { ...target.options, keepResult, expiresIn, retryFor, version },
      metadata: target.metadata,
      tags: target.tags,
      replacesEnded: target.replacesEnded,
      traits,
      merge: debounced ? debounced.merge : undefined,
      check:
        debounced?.merge && target.isChecked ? (merged) => checkPush(job.name, options.schema!, merged) : undefined,
      afterCommit: target.afterCommit ?? this.parts.afterCommit,
    };
  }

  /** Checks the data of a push, and makes it. The functions among the options get the output of the schema. */
  private checked(
    job: PushedJob,
    form: JobForm,
    data: unknown,
    target: PushTarget,
    now: number,
    subject: unknown,
  ): Checking<PendingPush> {
    const checkedTarget = { ...target, isChecked: true };
    const make = ({ output }: CheckedData): Checking<PendingPush> =>
      this.pending(job, form, data, checkedTarget, now, form === 'instance' ? subject : output);
    const checked = checkPush(job.name, job.options.schema!, data);
    return checked instanceof Promise ? checked.then(make) : make(checked);
  }

  private readonly store = async (push: PendingPush): Promise<DispatchResult> => {
    const { deferral } = this;
    return (deferral.isUsed ? deferral.take(push) : undefined) ?? this.storeNow(push);
  };

  private readonly storeMany = async (pushes: readonly PendingPush[]): Promise<readonly DispatchResult[]> => {
    if (!this.deferral.isUsed) return this.storeAllNow(pushes);
    const deferred = this.deferral.takeSome(pushes);
    const now = pushes.filter((_, index) => !deferred[index]);
    const stored = (now.length > 0 ? await this.storeAllNow(now) : []).values();
    return deferred.map((result) => result ?? stored.next().value!);
  };

  private async storeNow(push: PendingPush): Promise<DispatchResult> {
    const { driver, codec, events } = this.parts;
    const { id, queue, delay } = push;
    const looks = push.unique || push.traits !== undefined;
    if (push.merge) return this.storeMerged(push);
    const { body } = push.encoded ?? codec.encode(push);
    const exceptions = await driver.push(queue, [looks ? toNewJob(push, body) : { id, body, delay }], looks);
    const exception = exceptions?.[0];
    if (exception?.outcome === 'duplicate') {
      if (events.observed.duplicate) this.emit('duplicate', push, exception.id);
      return { id: exception.id, outcome: 'duplicate' };
    }
    if (events.observed.pushed) this.emit('pushed', push, exception?.id);
    if (exception) return { id: exception.id, outcome: 'replaced' };
    return { id, outcome: delay > 0 ? 'delayed' : 'queued' };
  }

  private readonly storeAllNow = async (pushes: readonly PendingPush[]): Promise<readonly DispatchResult[]> => {
    const { driver, codec, events } = this.parts;
    const merging = pushes.some(({ merge }) => merge);
    if (merging) return this.storeMixed(pushes);
    const { results, conflict } = await pushInChunks(driver, codec, pushes);
    if (events.observed.pushed || events.observed.duplicate) {
      for (const [index, push] of pushes.entries()) {
        const { id, outcome } = results[index]!;
        if (conflict?.ids.includes(push.id)) continue;
        const type = outcome === 'duplicate' ? 'duplicate' : 'pushed';
        if (events.observed[type]) this.emit(type, push, id);
      }
    }
    if (conflict) throw conflict;
    return results;
  };

  private async storeMerged(push: PendingPush): Promise<DispatchResult> {
    const { driver, codec, events } = this.parts;
    const result = await pushMerged(driver, codec, push);
    if (events.observed.pushed) this.emit('pushed', push, result.id);
    return result;
  }

  /** Stores pushes of which some are merged: these one after the other, behind the others. */
  private async storeMixed(pushes: readonly PendingPush[]): Promise<readonly DispatchResult[]> {
    const plain = pushes.filter(({ merge }) => !merge);
    const stored = plain.length > 0 ? await this.storeAllNow(plain) : [];
    const results = new Map(plain.map((push, index) => [push, stored[index]!]));
    for (const push of pushes) if (push.merge) results.set(push, await this.storeMerged(push));
    return pushes.map((push) => results.get(push)!);
  }

  /** @param id that of the job that is there, or that the push replaced, or its own */
  private emit(
    type: 'pushed' | 'duplicate',
    { id: own, name, queue, options, metadata, tags }: PendingPush,
    id = own,
  ): void {
    const { events, clock } = this.parts;
    const event = { time: new Date(clock.now()), queue, id, name, attempt: 0, metadata, tags };
    events.emit(type, event, options.carried);
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
