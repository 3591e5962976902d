import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ArrayDriver } from '../../../../lib/drivers/array/array.driver.js';
import { resolveOptions } from '../../../../lib/options/options.resolver.js';
import { Worker } from '../../../../lib/worker/worker.js';
import { deferred, type Deferred } from '../../../support/deferred.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { newJob, registryOf } from '../../../support/jobs.js';
import { quiet } from '../../../support/quiet.js';
import { RecordingLogger } from '../../../support/recording-logger.js';
import { tapped, type PollTap } from '../../../support/tapped-driver.js';
import { expireLeases } from '../lost-workers.js';
import { QUEUE } from '../scene.js';
import { ArrayStage } from '../stage.js';
import type { Items } from './calls.js';

const WORKERS = 2;
const CONCURRENCY = 2;
const MAX_TRIES = 3;
const NAMES = ['Waits', 'Hurries', 'Plain'];
const SIZES: Readonly<Record<string, number>> = { Waits: 3, Hurries: 4, Plain: 1 };
const DECISIONS = ['none', 'complete', 'fail', 'retry', 'release'] as const;

const ENDS = {
  complete: 'completed',
  fail: 'failed',
  retry: 'retrying',
  release: 'released',
  cancel: 'cancelled',
} as const;

type Decision = (typeof DECISIONS)[number];

const event = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('push'), pick: fc.nat(2), count: fc.integer({ min: 1, max: 6 }) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constantFrom('resolve', 'reject'), pick: fc.nat(9), count: fc.nat(9) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('time'), pick: fc.constant(0), count: fc.integer({ min: 1, max: 4 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('crash', 'crash', 'stop', 'start', 'pause', 'resume'),
      pick: fc.nat(1),
      count: fc.nat(2),
    }),
  },
);
type Event = { kind: string; pick: number; count: number };

/** A call that runs. The ends of its items count unless its worker was lost or has given up. */
interface Running {
  readonly ids: readonly string[];
  readonly items: Items;
  readonly end: Deferred<void>;
}

/** Runs workers with chunks and plain jobs, and records how each attempt was decided and how it ended. */
class Play {
  readonly clock = new FakeClock();
  readonly pushed: string[] = [];
  /** How the items of calls that have ended were decided, by id, the last one last. */
  readonly decided = new Map<string, { decision: Decision; rejects: boolean }>();
  readonly wrong: string[] = [];
  readonly ended = new Map<string, string>();
  private readonly failures = new Map<string, number>();
  /** The attempt of each claim, by id and fencing token. */
  private readonly attempts = new Map<string, number>();
  private readonly driver = new ArrayDriver({ statusTtl: 36_000, clock: this.clock });
  private readonly stage = Object.assign(new ArrayStage(), { driver: this.driver, clock: this.clock });
  private readonly running = new Set<Running>();
  private readonly workers: readonly Worker[];

  constructor() {
    const options = resolveOptions({
      driver: 'array',
      worker: { concurrency: CONCURRENCY, lease: 5 },
      jobs: { retryDelay: 1, maxRetryDelay: 1, maxTries: MAX_TRIES, maxCrashes: 1_000 },
    });
    const handleChunk = (items: Items): Promise<void> => this.run(items);
    const registry = registryOf({
      Waits: { handleChunk, options: { chunk: { size: SIZES['Waits']!, wait: 2 } } },
      Hurries: { handleChunk, options: { chunk: { size: SIZES['Hurries']!, wait: 0 } } },
      Plain: { handle: (_data, job) => this.run([{ job } as unknown as Items[number]]) },
    });
    this.workers = Array.from({ length: WORKERS }, () => {
      const worker = new Worker(tapped(this.driver, this.tap), options, registry, this.clock, new RecordingLogger());
      worker.start();
      return worker;
    });
  }

  async happens({ kind, pick, count }: Event): Promise<void> {
    if (kind === 'push') await this.push(NAMES[pick]!, count);
    else if (kind === 'resolve' || kind === 'reject') this.endOne(pick, count, kind === 'reject');
    else if (kind === 'time') await this.clock.advance(count);
    else if (kind === 'stop') void this.workers[pick]!.stop({ timeout: count });
    else if (kind === 'start') this.workers[pick]!.start();
    else if (kind === 'pause') this.workers[pick]!.pause();
    else if (kind === 'resume') this.workers[pick]!.resume();
    else await expireLeases(this.stage, QUEUE);
    await quiet();
  }

  /** Lets all calls complete until each job has ended. */
  async comesToAnEnd(): Promise<void> {
    for (let round = 0; round < 200 && this.ended.size < this.pushed.length; round++) {
      for (const worker of this.workers) {
        worker.resume();
        worker.start();
      }
      while (this.running.size > 0) this.endOne(0, 0, false);
      await this.clock.advance(3);
      await quiet();
    }
    const stops = this.workers.map((worker) => worker.stop({ timeout: 0 }));
    await this.clock.advance(10);
    await Promise.all(stops);
  }

  async states(): Promise<Map<string, string | undefined>> {
    const states = this.pushed.map(async (id) => [id, (await this.driver.getStatus(id))?.state] as const);
    return new Map(await Promise.all(states));
  }

  private async push(name: string, count: number): Promise<void> {
    const jobs = Array.from({ length: count }, () => newJob(name, this.pushed.length));
    await this.driver.push(QUEUE, jobs, false);
    this.pushed.push(...jobs.map(({ id }) => id));
  }

  private run(items: Items): Promise<void> {
    const [{ job }] = items as [Items[number]];
    if (items.length > SIZES[job.name]!) this.wrong.push(`${items.length} items of ${job.name}`);
    if (new Set(items.map((item) => item.job.name)).size > 1) this.wrong.push('a call has items of two names');
    const running = { ids: items.map((item) => item.job.id), items, end: deferred() };
    this.running.add(running);
    const live = [...this.running].filter((each) => !each.items.every((item) => item.job.signal.aborted));
    if (live.length > WORKERS * CONCURRENCY) this.wrong.push(`${live.length} calls at once`);
    return running.end.promise.finally(() => this.running.delete(running));
  }

  /** Decides about the items of one call, and ends it. */
  private endOne(pick: number, shift: number, rejects: boolean): void {
    const running = [...this.running][pick % Math.max(this.running.size, 1)];
    if (!running) return;
    this.running.delete(running);
    for (const [index, item] of running.items.entries()) {
      const decision = item.complete === undefined ? 'none' : DECISIONS[(index + shift) % DECISIONS.length]!;
      this.decided.set(item.job.id, { decision, rejects });
      if (decision === 'complete') item.complete();
      else if (decision === 'fail') item.fail(new Error('bad'));
      else if (decision === 'retry') item.retry(new Error('later'));
      else if (decision === 'release') item.release(1);
    }
    if (rejects) running.end.reject(new Error('no luck'));
    else running.end.resolve();
  }

  /** Hears of each settlement that the storage accepts. */
  private readonly tap: PollTap = async ({ request, send }) => {
    const result = await send();
    for (const settlement of request.settlements) {
      const { id, fence, kind } = settlement;
      const isRequeue = kind === 'release' && settlement.position === 'front';
      if (!result.refused.includes(id) && !isRequeue) this.hear(id, ENDS[kind], this.attempts.get(`${id} ${fence}`)!);
    }
    for (const { id, fence, attempt } of result.jobs) this.attempts.set(`${id} ${fence}`, attempt);
    return result;
  };

  private hear(id: string, outcome: string, attempt: number): void {
    const failed = this.failures.get(id) ?? 0;
    if (attempt !== failed + 1) this.wrong.push(`${id}: attempt ${attempt} after ${failed} failures`);
    const { decision, rejects } = this.decided.get(id)!;
    const isFailure = decision === 'retry' || (decision === 'none' && rejects);
    const expected =
      decision === 'release'
        ? 'released'
        : decision === 'fail' || (isFailure && attempt >= MAX_TRIES)
          ? 'failed'
          : isFailure
            ? 'retrying'
            : 'completed';
    if (outcome !== expected) this.wrong.push(`${id}: ${outcome} in place of ${expected}`);
    if (this.ended.has(id)) this.wrong.push(`${id} ended twice`);
    if (outcome === 'retrying') this.failures.set(id, failed + 1);
    if (outcome === 'completed' || outcome === 'failed') this.ended.set(id, outcome);
  }
}

it('each item is settled exactly as it was decided, whatever happens to its worker', async () => {
  const seed = Number(process.env['CHUNK_SEED'] ?? Date.now() % 2 ** 31);
  const property = fc.asyncProperty(fc.array(event, { minLength: 5, maxLength: 40 }), async (events) => {
    const play = new Play();
    for (const each of events) await play.happens(each);
    await play.comesToAnEnd();
    expect(play.wrong).toEqual([]);
    expect(await play.states()).toEqual(new Map(play.pushed.map((id) => [id, play.ended.get(id)])));
    expect(play.clock.pending).toBe(0);
  });
  await fc.assert(property, { seed, numRuns: Number(process.env['CHUNK_RUNS'] ?? 60) });
}, 90_000);
