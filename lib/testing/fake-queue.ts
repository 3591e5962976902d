import { AssertionError } from 'node:assert';
import { JobRegistry } from '../discovery/job.registry.js';
import { QueueManager } from '../dispatch/queue.manager.js';
import type { QueueDriver } from '../drivers/queue-driver.interface.js';
import { readDelay } from '../job/delay.js';
import { JobCodec } from '../job/job-codec.js';
import { isEnd, type JobStatus } from '../job/job-status.js';
import type { JobClass, JobResult } from '../job/job.interface.js';
import type { JobDefinition } from '../job/job-definition.js';
import { InvalidOptionError } from '../queue.errors.js';
import type { ResolvedQueueOptions } from '../queue.options.js';
import { CLOCK, QUEUE_DRIVER, RESOLVED_QUEUE_OPTIONS } from '../queue.tokens.js';
import type { Duration } from '../support/duration.js';
import { duration as readDuration } from '../support/read-duration.js';
import { Worker } from '../worker/worker.js';
import { DueTimes } from './due-times.js';
import { eventLoopTurns } from './event-loop-turns.js';
import type { PartialJobContext } from './job-context.js';
import { PushLog } from './push-log.js';
import { recorderOf } from './push-recorder.js';
import type { AskedJob, DataOf, PushedBatch, PushedJob } from './pushed-job.js';
import { runJob } from './run-job.js';
import { VirtualClock } from './virtual-clock.js';

/** The part of an application that {@link fakeQueue} needs: `app.get()`. */
export interface GettingApp {
  // oxlint-disable-next-line typescript/no-explicit-any -- any token, and any provider
  get(token: any, options?: any): any;
}

/** Says whether a pushed job is the right one. */
export type PushPredicate<J> = (data: DataOf<J>, job: PushedJob<DataOf<J>>) => unknown;

/** What `handle` of a job returns, inferred. */
export type ResultOf<J> =
  J extends JobDefinition<infer _Data, infer Result, infer _Input>
    ? Result
    : J extends JobClass<infer T>
      ? JobResult<T>
      : unknown;

/** The most looks of one call of `drain()`: jobs that always push others would never end. */
const MOST_LOOKS = 5_000;

/**
 * Tells what was pushed to a queue under test, and runs it:
 *
 * - {@link pushed} and the assertions: what was pushed, by the application, by jobs, and by chains;
 * - {@link drain}, {@link travel}, {@link settled}: run jobs, and let time pass;
 * - {@link runJob}: runs one job without a push.
 *
 * The assertions throw `AssertionError` of `node:assert`, whose message shows what was pushed.
 */
export class FakeQueue {
  private readonly log: PushLog;

  /** @internal */
  constructor(
    private readonly driver: QueueDriver,
    private readonly clock: VirtualClock,
    private readonly options: ResolvedQueueOptions,
    private readonly manager: QueueManager,
    private readonly worker: Worker,
    private readonly registry: JobRegistry,
  ) {
    this.log = new PushLog(recorderOf(driver)!, new JobCodec(options), registry);
  }

  /** The time of the queue. */
  get now(): Date {
    return new Date(this.clock.now());
  }

  /**
   * Returns the jobs of a class, a definition or a name that were pushed, the oldest first. A push that added nothing, because its job was there
   * already, is none.
   */
  pushed<J extends AskedJob>(job: J): PushedJob<DataOf<J>>[] {
    return this.log.of(job) as PushedJob<DataOf<J>>[];
  }

  /** Asserts that a job was pushed; with a predicate one for which it returns true. @throws AssertionError */
  assertPushed<J extends AskedJob>(job: J, predicate?: PushPredicate<J>): void {
    const pushed = this.matching(job, predicate);
    if (pushed.length > 0) return;
    this.fail('assertPushed', `a job ${this.which(job, predicate)} to be pushed`, 0, 1);
  }

  /** Asserts how many jobs were pushed. @throws AssertionError */
  assertPushedTimes<J extends AskedJob>(job: J, times: number, predicate?: PushPredicate<J>): void {
    const { length } = this.matching(job, predicate);
    if (length === times) return;
    const jobs = `${times} ${times === 1 ? 'job' : 'jobs'} ${this.which(job, predicate)} to be pushed, and there were ${length}`;
    this.fail('assertPushedTimes', jobs, length, times);
  }

  /** Asserts that a job was pushed to this queue. @throws AssertionError */
  assertPushedOn<J extends AskedJob>(queue: string, job: J, predicate?: PushPredicate<J>): void {
    const queues = this.matching(job, predicate).map((pushed) => pushed.queue);
    if (queues.includes(queue)) return;
    const expected = `a job ${this.which(job, predicate)} to be pushed to queue ${queue}`;
    this.fail('assertPushedOn', expected, queues, [queue]);
  }

  /**
   * Asserts that a job was pushed with a delay.
   *
   * @param delay seconds, a string such as `'5m'`, or the `Date` at which it is due; any delay if it is left out
   * @throws AssertionError; InvalidDelayError
   */
  assertDelayed<J extends AskedJob>(job: J, delay?: Duration | Date, predicate?: PushPredicate<J>): void {
    const delays = this.matching(job, predicate).map((pushed) => pushed.delay);
    const expected = delay === undefined ? undefined : readDelay(delay, this.clock.now());
    if (delays.some((each) => (expected === undefined ? each > 0 : Math.abs(each - expected) < 0.001))) return;
    const by = expected === undefined ? '' : ` by ${expected} s`;
    this.fail('assertDelayed', `a job ${this.which(job, predicate)} to be delayed${by}`, delays, expected);
  }

  /** Asserts that no job was pushed; with a predicate none for which it returns true. @throws AssertionError */
  assertNotPushed<J extends AskedJob>(job: J, predicate?: PushPredicate<J>): void {
    const { length } = this.matching(job, predicate);
    if (length === 0) return;
    this.fail('assertNotPushed', `no job ${this.which(job, predicate)} to be pushed`, length, 0);
  }

  /** Asserts that no job at all was pushed, also by no chain. @throws AssertionError */
  assertNothingPushed(): void {
    const { length } = this.log.all;
    if (length > 0) this.fail('assertNothingPushed', 'nothing to be pushed', length, 0);
  }

  /**
   * Asserts that a chain of exactly these jobs was dispatched.
   *
   * @param jobs for each a class, a definition or a name; or a `jobSpec()` or an instance, whose data has to be the same
   * @throws AssertionError
   */
  assertChained(jobs: readonly unknown[]): void {
    const expected = jobs.map((job) => this.log.expected(job));
    const { chains } = this.log;
    if (chains.some((chain) => this.log.matches(chain, expected))) return;
    const names = expected.map(({ name }) => name);
    const actual = chains.map((chain) => chain.map(({ name, data }) => ({ name, data })));
    this.fail('assertChained', `a chain of ${names.join(', ')}`, actual, [expected]);
  }

  /** Asserts that a batch was dispatched for which the predicate returns true. @throws AssertionError */
  assertBatched(predicate: (batch: PushedBatch) => unknown = () => true): void {
    const { batches } = this.log;
    if (batches.some((batch) => predicate(batch))) return;
    this.fail('assertBatched', 'a batch that the predicate accepts', batches.length, 1);
  }

  /**
   * Runs the jobs that are ready, and those that they push, until none is ready. Time does not pass.
   *
   * @returns how many attempts were made
   * @throws AssertionError if there is no end of them
   */
  async drain(): Promise<number> {
    let attempts = 0;
    for (let looks = 0; looks < MOST_LOOKS; looks++) {
      const made = await this.worker.runOnce();
      if (made === 0) return attempts;
      attempts += made;
    }
    throw new AssertionError({ message: `drain() has made ${attempts} attempts, and jobs are still ready` });
  }

  /**
   * Lets time pass, and runs all that becomes due meanwhile, each at its time: delayed jobs, further attempts, jobs that limits held back,
   * schedules.
   * It begins with what is ready.
   *
   * @returns how many attempts were made
   * @throws InvalidDelayError
   */
  async travel(duration: Duration): Promise<number> {
    const end = this.clock.now() + Number(readDuration(duration)) * 1000;
    let attempts = await this.drain();
    for (let next = await this.nextTime(true); next !== undefined && next <= end; next = await this.nextTime(true)) {
      attempts += await this.goTo(next);
    }
    return attempts + (await this.goTo(end));
  }

  /**
   * Runs jobs until one has ended, and lets time pass as long as nothing is ready: a delay, and the pauses before further attempts.
   *
   * @returns its status
   * @throws AssertionError if there is no such job, or if it will not end by itself
   */
  async settled(id: string): Promise<JobStatus> {
    for (;;) {
      await this.drain();
      const status = await this.manager.getJobStatus(id);
      if (status && isEnd(status.status)) return status;
      const next = status && (await this.nextTime());
      if (next === null || next === undefined) {
        const state = status
          ? `is ${status.status}, and nothing becomes due`
          : 'is not known, or nothing is kept of it';
        throw new AssertionError({ message: `Expected job ${id} to end, and it ${state}` });
      }
      await this.goTo(Math.min(next, (await this.nextTime(true))!));
    }
  }

  /**
   * Runs one attempt of a job without a push: with its schema, its guards, pipes, interceptors and filters, and with all middleware. Its
   * data goes through the serializer.
   *
   * @param job the class, the definition or the name; the class of a job that carries its data with its properties as data
   * @param context members of the context, such as `{ attempt: 3 }`
   * @returns what `handle` returns
   * @throws what `handle` throws, or gives to `job.fail()`; PayloadInvalidError
   */
  async runJob<J extends AskedJob>(job: J, data?: DataOf<J>, context: PartialJobContext = {}): Promise<ResultOf<J>> {
    const registered = typeof job === 'function' ? this.registry.get(job) : this.registry.find(this.log.nameOf(job));
    const named = registered ?? this.registry.get(job);
    return (await runJob(named, data, context, this.options)) as ResultOf<J>;
  }

  private fail(assertion: keyof FakeQueue, expected: string, actual: unknown, wanted: unknown): never {
    return this.log.fail(expected, actual, wanted, assertion, Reflect.get(this, assertion));
  }

  private async goTo(time: number): Promise<number> {
    await this.clock.passTo(Math.max(time, this.clock.now()));
    await eventLoopTurns();
    return this.drain();
  }

  /** Returns the next time at which something is due: always a later one, so that time goes on. @param withSchedules these have no end */
  private async nextTime(withSchedules = false): Promise<number | undefined> {
    const times = new DueTimes(this.driver, this.options.worker.lease);
    const left = await times.next();
    const schedules = withSchedules ? (await this.driver.schedules.take(0)).next : undefined;
    await times.close();
    const now = this.clock.now();
    const due = left === undefined ? Number.POSITIVE_INFINITY : now + left;
    const next = Math.min(due, this.clock.nextDue ?? Number.POSITIVE_INFINITY, schedules ?? Number.POSITIVE_INFINITY);
    return Number.isFinite(next) ? Math.max(next, now + 1) : undefined;
  }

  private matching<J extends AskedJob>(job: J, predicate: PushPredicate<J> = () => true): PushedJob<DataOf<J>>[] {
    return this.pushed(job).filter((pushed) => predicate(pushed.data, pushed));
  }

  private which(job: AskedJob, predicate: unknown): string {
    return `${this.log.nameOf(job)}${predicate ? ' that the predicate accepts' : ''}`;
  }
}

/**
 * Returns the queue under test of an application with {@link QueueTestingModule} or {@link fakeQueueOptions}.
 *
 * @throws InvalidOptionError if the application has another queue
 */
export function fakeQueue(app: GettingApp): FakeQueue {
  const find = (token: unknown): unknown => app.get(token, { strict: false });
  const [driver, clock] = [find(QUEUE_DRIVER), find(CLOCK)];
  if (!recorderOf(driver) || !(clock instanceof VirtualClock)) {
    const expected = 'an application with QueueTestingModule.forRoot(), or with fakeQueueOptions() before compile()';
    throw new InvalidOptionError('fakeQueue(app)', expected, driver);
  }
  return new FakeQueue(
    driver as QueueDriver,
    clock,
    find(RESOLVED_QUEUE_OPTIONS) as ResolvedQueueOptions,
    find(QueueManager) as QueueManager,
    find(Worker) as Worker,
    find(JobRegistry) as JobRegistry,
  );
}
