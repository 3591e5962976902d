import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ArrayDriver } from '../../../lib/drivers/array/array.driver.js';
import type { JobContext } from '../../../lib/job/job-context.js';
import { resolveOptions } from '../../../lib/options/options.resolver.js';
import { Worker } from '../../../lib/worker/worker.js';
import { deferred, type Deferred } from '../../support/deferred.js';
import { FakeClock } from '../../support/fake-clock.js';
import { newJob, registryOf } from '../../support/jobs.js';
import { quiet } from '../../support/quiet.js';
import { RecordingLogger } from '../../support/recording-logger.js';
import { SlowAnswers } from './slow-answers.js';

const QUEUES = ['a', 'b', 'c'];
const CONCURRENCY = 3;

/** A random event. Its numbers choose a queue, a reply or a job. */
const event = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('push'), pick: fc.nat(2), count: fc.integer({ min: 1, max: 3 }) }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('answer'), pick: fc.nat(2), count: fc.constant(1) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('answer'), pick: fc.nat(2), count: fc.constant(3) }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom('end', 'throw'), pick: fc.nat(2), count: fc.constant(1) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('stop', 'start', 'time'), pick: fc.nat(2), count: fc.constant(1) }),
  },
);
type Event = { kind: string; pick: number; count: number };

/** Runs a worker on a storage with held replies, and records its jobs. */
class Play {
  readonly clock = new FakeClock();
  readonly answers = new SlowAnswers();
  readonly pushed: string[] = [];
  readonly completed: string[] = [];
  peak = 0;
  private readonly driver = new ArrayDriver({ statusTtl: 3600, clock: this.clock });
  private readonly running: { readonly id: string; readonly end: Deferred<void> }[] = [];
  private readonly worker: Worker;

  constructor(strict: boolean) {
    const options = resolveOptions({
      driver: 'array',
      default: 'a',
      worker: { concurrency: CONCURRENCY, ...(strict && { queues: QUEUES }) },
      jobs: { retryDelay: 1, maxTries: 1_000, maxRetryDelay: 1 },
    });
    const registry = registryOf({
      Job: { handle: (_data, job) => this.handle(job) },
      InB: { options: { queue: 'b' } },
      InC: { options: { queue: 'c' } },
    });
    this.worker = new Worker(this.answers.wrap(this.driver), options, registry, this.clock, new RecordingLogger());
    this.worker.start();
  }

  async happens({ kind, pick, count }: Event): Promise<void> {
    if (kind === 'push') await this.push(QUEUES[pick]!, count);
    else if (kind === 'answer')
      await this.answers.arrive(...this.answers.awaited.slice(count > 1 ? 0 : pick).slice(0, count));
    else if (kind === 'end') this.running[pick]?.end.resolve();
    else if (kind === 'throw') this.running[pick]?.end.reject(new Error('no luck'));
    else if (kind === 'stop') void this.worker.stop({ timeout: pick * 5 });
    else if (kind === 'start') this.worker.start();
    else await this.clock.advance(pick);
    await quiet();
  }

  /** Lets all replies arrive and all jobs succeed until each pushed job is completed. */
  async comesToAnEnd(): Promise<void> {
    await this.answers.endSlowness();
    for (let round = 0; round < 100 && this.completed.length < this.pushed.length; round++) {
      this.worker.start();
      for (const { end } of this.running.slice()) end.resolve();
      await this.clock.advance(1);
      await quiet();
    }
    const stop = this.worker.stop({ timeout: 0 });
    await this.clock.advance(10);
    await stop;
  }

  async counts(): Promise<unknown[]> {
    return Promise.all(QUEUES.map((queue) => this.driver.counts(queue)));
  }

  async states(): Promise<unknown[]> {
    return Promise.all(this.pushed.map(async (id) => (await this.driver.getStatus(id))?.state));
  }

  private async push(queue: string, count: number): Promise<void> {
    const jobs = Array.from({ length: count }, () => newJob('Job'));
    await this.driver.push(queue, jobs, false);
    this.pushed.push(...jobs.map(({ id }) => id));
  }

  private async handle({ id, signal }: JobContext): Promise<void> {
    const end = deferred();
    const entry = { id, end };
    this.running.push(entry);
    this.peak = Math.max(this.peak, this.running.length);
    signal.addEventListener('abort', () => end.reject(signal.reason as Error));
    try {
      await end.promise;
      this.completed.push(id);
    } finally {
      this.running.splice(this.running.indexOf(entry), 1);
    }
  }
}

describe('a worker in a random order of events', () => {
  it.each([
    ['in strict order', true],
    ['in turn', false],
  ])(
    'completes each job once, and never runs more jobs than its concurrency (queues %s)',
    async (_name, strict) => {
      await fc.assert(
        fc.asyncProperty(fc.array(event, { minLength: 10, maxLength: 60 }), async (events) => {
          const play = new Play(strict);
          for (const each of events) await play.happens(each);
          await play.comesToAnEnd();
          expect(play.completed.toSorted()).toEqual(play.pushed.toSorted());
          expect(play.peak).toBeLessThanOrEqual(CONCURRENCY);
          expect(await play.states()).toEqual(play.pushed.map(() => 'completed'));
          expect(await play.counts()).toEqual(
            QUEUES.map(() => ({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 0 })),
          );
          expect(play.clock.pending).toBe(0);
        }),
        { numRuns: 60 },
      );
    },
    60_000,
  );
});
