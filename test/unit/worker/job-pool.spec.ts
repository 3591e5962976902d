import { beforeEach, describe, expect, it } from '@jest/globals';
import { Subject } from 'rxjs';
import type { ClaimedJob, PollRequest, PollResult, Settlement } from '../../../lib/drivers/queue-driver.interface.js';
import { QueueEvents } from '../../../lib/events/queue-events.js';
import { JobRegistry } from '../../../lib/discovery/job.registry.js';
import { JobCodec } from '../../../lib/job/job-codec.js';
import { jsonSerializer } from '../../../lib/job/json-serializer.js';
import type { JobOutcome } from '../../../lib/job/job-outcome.js';
import type { Attempt } from '../../../lib/middleware/job-stage.js';
import { LeaseLostError, WorkerShutdownError } from '../../../lib/queue.errors.js';
import { RecoveryGate } from '../../../lib/recovery/recovery-gate.js';
import type { JobExecutor } from '../../../lib/worker/job-executor.js';
import { ChunkCalls } from '../../../lib/worker/chunk-calls.js';
import { JobPool } from '../../../lib/worker/job-pool.js';
import type { Arrival } from '../../../lib/worker/pool-chunks.js';
import type { JobReport } from '../../../lib/worker/job-report.js';
import { PrefetchWindow } from '../../../lib/worker/prefetch-window.js';
import { QueueFetcher } from '../../../lib/worker/queue-fetcher.js';
import { TimeLimit } from '../../../lib/worker/time-limit.js';
import { deferred, type Deferred } from '../../support/deferred.js';
import { FakeClock } from '../../support/fake-clock.js';
import { POLL_LIMITS } from '../../support/poll-limits.js';
import { RecordingLogger } from '../../support/recording-logger.js';
import { claimedJob, newAttempt } from './attempts.js';

const COMPLETED: JobOutcome = { kind: 'completed' };
const CONCURRENCY = 2;

describe('JobPool', () => {
  let clock: FakeClock;
  let gate: RecoveryGate;
  let reports: Subject<JobReport>;
  let attempts: Map<string, { readonly attempt: Attempt; readonly outcome: Deferred<JobOutcome> }>;
  let events: QueueEvents;
  let ends: number;
  let requeued: number[];
  let pool: JobPool;
  let mail: QueueFetcher;
  let images: QueueFetcher;

  const openFetcher = (queue: string): QueueFetcher => {
    const poll = (_request: PollRequest): Promise<PollResult> => deferred<PollResult>().promise;
    const consumer = {
      queue,
      id: 'consumer',
      limits: POLL_LIMITS,
      poll,
      note: async () => true,
      close: async () => {},
    };
    return new QueueFetcher(queue, consumer, new PrefetchWindow(CONCURRENCY, 100, clock), gate, clock);
  };

  beforeEach(() => {
    clock = new FakeClock();
    gate = new RecoveryGate();
    reports = new Subject();
    events = new QueueEvents(new RecordingLogger());
    attempts = new Map();
    ends = 0;
    requeued = [];
    mail = openFetcher('mail');
    images = openFetcher('images');
    const executor = {
      begin(queue: string, job: ClaimedJob, _claim: unknown, startedAt = clock.monotonic()): Attempt {
        const attempt = newAttempt({ queue, job, startedAt });
        attempts.set(job.id, { attempt, outcome: deferred() });
        return attempt;
      },
      execute: ({ job }: Attempt) => attempts.get(job.id)!.outcome.promise,
      chunks: new ChunkCalls(new JobRegistry(), new JobCodec({ serializer: jsonSerializer, maxPayloadSize: 1_000 })),
    } as unknown as JobExecutor;
    pool = new JobPool(CONCURRENCY, {
      executor,
      events,
      clock,
      reports,
      onEnd: () => ends++,
      onRequeued: (count) => requeued.push(count),
    });
  });

  let fence = 0;
  const jobOf = (id: string, crashes = 0): ClaimedJob => claimedJob({ id, fence: ++fence, crashes });
  const arrivalOf = (...jobs: ClaimedJob[]): Arrival => ({ jobs, more: false, now: clock.now() });
  const hold = async (fetcher: QueueFetcher, ...ids: string[]): Promise<void> => {
    const jobs = ids.map((id) => jobOf(id));
    pool.hold(fetcher, arrivalOf(...jobs));
    pool.fill();
    await filled();
  };
  /** Resolves when all slots that can be filled are filled, also if the event loop gets its turn meanwhile. */
  const filled = async (): Promise<void> => {
    for (let turns = 0; turns < 5; turns++) await clock.advance(0);
  };
  const end = async (id: string, outcome: JobOutcome = COMPLETED): Promise<void> => {
    attempts.get(id)!.outcome.resolve(outcome);
    await filled();
  };
  /** The jobs that have been started, in their order. */
  const started = (): string[] => [...attempts.keys()];
  const settlementsOf = (fetcher: QueueFetcher): readonly Settlement[] => fetcher.send(0, false).request.settlements;
  const settled = (fetcher: QueueFetcher): string[] => settlementsOf(fetcher).map(({ kind, id }) => `${kind} ${id}`);
  const abortReason = (id: string): unknown => attempts.get(id)!.attempt.control.signal.reason;

  it('runs as many jobs as its concurrency, and the others in claim order as slots become free', async () => {
    await hold(mail, 'a', 'b', 'c', 'd');
    expect(started()).toEqual(['a', 'b']);
    expect(pool).toMatchObject({ running: 2, buffered: 2, free: -2 });
    await end('b');
    expect(started()).toEqual(['a', 'b', 'c']);
    await end('a');
    expect(started()).toEqual(['a', 'b', 'c', 'd']);
    await end('c');
    await end('d');
    expect(pool).toMatchObject({ running: 0, buffered: 0, free: CONCURRENCY });
    expect(ends).toBe(4);
  });

  it('starts a job at the end of the one before it, or after the listeners of that end', async () => {
    const startOf = (id: string): number => attempts.get(id)!.attempt.startedAt - clock.monotonic();
    await hold(mail, 'a', 'b', 'c', 'd');
    await clock.advance(0.007);
    await end('a');
    expect(startOf('c')).toBe(0);
    const later = clock.monotonic() + 5;
    reports.subscribe(() => {
      clock.monotonic = () => later;
    });
    await end('b');
    expect(startOf('d')).toBe(0);
  });

  it('runs buffered jobs only when it is told to fill its slots', () => {
    pool.hold(mail, arrivalOf(jobOf('a')));
    expect(started()).toEqual([]);
    pool.fill();
    expect(started()).toEqual(['a']);
  });

  it('says whether a buffered job has a slot, and is about to begin', async () => {
    expect(pool.isFilling).toBe(false);
    pool.hold(mail, arrivalOf(jobOf('a'), jobOf('b'), jobOf('c')));
    expect(pool.isFilling).toBe(true);
    pool.fill();
    expect({ running: pool.running, isFilling: pool.isFilling }).toEqual({ running: 1, isFilling: true });
    await filled();
    expect({ running: pool.running, isFilling: pool.isFilling }).toEqual({ running: 2, isFilling: false });
    await end('a');
    await end('b');
    await end('c');
    expect(pool.isFilling).toBe(false);
  });

  it('says whether a job ran since the flag was cleared', async () => {
    expect(pool.worked).toBe(false);
    await hold(mail, 'a');
    expect(pool.worked).toBe(true);
    pool.worked = false;
    pool.fill();
    expect(pool.worked).toBe(false);
  });

  it('sends the settlement of each outcome to the queue of the job', async () => {
    await hold(mail, 'a');
    await hold(images, 'b');
    await end('a');
    await end('b', { kind: 'failed', error: new Error('no luck') });
    expect(settlementsOf(mail)).toMatchObject([{ kind: 'complete', id: 'a' }]);
    expect(settlementsOf(images)).toMatchObject([{ kind: 'fail', id: 'b', error: 'no luck' }]);
  });

  it('sends no settlement of an abandoned job', async () => {
    await hold(mail, 'a');
    await end('a', { kind: 'abandoned' });
    expect(settled(mail)).toEqual([]);
  });

  it('reports each attempt with its duration while somebody subscribes', async () => {
    await hold(mail, 'a', 'b');
    await end('a');
    const seen: JobReport[] = [];
    reports.subscribe((report) => seen.push(report));
    await clock.advance(2);
    await end('b');
    expect(seen).toMatchObject([
      { id: 'b', queue: 'mail', name: 'SendEmailJob', outcome: 'completed', duration: 2_000 },
    ]);
  });

  it('emits the event of each attempt that ends while a listener is there', async () => {
    const heard: unknown[] = [];
    const remove = events.on('completed', ({ id, duration }) => heard.push({ id, duration }));
    await hold(mail, 'a', 'b');
    await clock.advance(2);
    await end('a');
    remove();
    await end('b');
    expect(heard).toEqual([{ id: 'a', duration: 2_000 }]);
  });

  it('cancels the timeout of an attempt when the attempt ends', async () => {
    await hold(mail, 'a');
    attempts.get('a')!.attempt.timeout = new TimeLimit(clock, 'a', 60, attempts.get('a')!.attempt.control);
    await end('a');
    expect(clock.pending).toBe(0);
  });

  it('lets the next recovered job into the process when its recovered job ends, and not earlier', async () => {
    const pass = gate.enter();
    pool.hold(mail, arrivalOf(jobOf('a', 1), jobOf('b')), pass);
    pool.fill();
    await filled();
    await end('b');
    expect(gate.isOpen()).toBe(false);
    await end('a');
    expect(gate.isOpen()).toBe(true);
  });

  describe('with buffered jobs', () => {
    beforeEach(() => hold(mail, 'a', 'b', 'c', 'd'));

    it('requeues them in their order, and returns their number', async () => {
      await hold(images, 'e');
      expect(pool.requeueBuffered()).toBe(3);
      expect(pool.buffered).toBe(0);
      expect(settled(mail)).toEqual(['release c', 'release d']);
      expect(settlementsOf(images)).toMatchObject([{ kind: 'release', id: 'e', delay: 0, position: 'front' }]);
      expect(pool.requeueBuffered()).toBe(0);
      expect(clock.pending).toBe(0);
    });

    it('lets the polls under way requeue the jobs that they bring', () => {
      const [under, other] = [mail.send(2, false), images.send(2, false)];
      pool.requeueBuffered();
      expect([under.requeueJobs, other.requeueJobs]).toEqual([true, false]);
    });

    it('closes the prefetch window of their queue', () => {
      for (let i = 0; i < 3; i++) mail.window.ended(mail.window.taken(1, true));
      expect(mail.window.isOn).toBe(true);
      pool.requeueBuffered();
      expect(mail.window.isOn).toBe(false);
    });

    it('requeues them after 50 ms without a free slot', async () => {
      await clock.advance(0.049);
      expect(requeued).toEqual([]);
      await clock.advance(0.001);
      expect(requeued).toEqual([2]);
      expect(settled(mail)).toEqual(['release c', 'release d']);
      expect(clock.pending).toBe(0);
    });

    it('gives the jobs of a later claim 50 ms of their own', async () => {
      await clock.advance(0.03);
      for (const id of ['a', 'b']) await end(id);
      await hold(images, 'e');
      expect(pool).toMatchObject({ running: 2, buffered: 1 });
      await clock.advance(0.049);
      expect(requeued).toEqual([]);
      await clock.advance(0.001);
      expect(requeued).toEqual([1]);
      expect(settled(images)).toEqual(['release e']);
    });

    it('requeues nothing if all of them got a slot in time', async () => {
      for (const id of ['a', 'b']) await end(id);
      await clock.advance(1);
      expect(requeued).toEqual([]);
      expect(started()).toEqual(['a', 'b', 'c', 'd']);
    });
  });

  describe('with a lost lease', () => {
    const reason = new LeaseLostError('mail');

    it('drops the buffered jobs of that queue, and aborts its running ones', async () => {
      await hold(mail, 'a');
      await hold(images, 'b', 'c');
      await hold(mail, 'd', 'e');
      expect(pool.abandon(mail, reason)).toEqual({ buffered: 2, running: 1 });
      expect(abortReason('a')).toBe(reason);
      expect(abortReason('b')).toBeUndefined();
      expect(settled(mail)).toEqual([]);
      await end('a', { kind: 'abandoned' });
      expect(started()).toEqual(['a', 'b', 'c']);
      expect(settled(mail)).toEqual([]);
    });

    it('lets the next recovered job into the process if it drops its recovered job', async () => {
      const pass = gate.enter();
      await hold(images, 'b', 'c');
      pool.hold(mail, arrivalOf(jobOf('a', 1)), pass);
      pool.fill();
      pool.abandon(mail, reason);
      expect(gate.isOpen()).toBe(true);
    });
  });

  describe('at shutdown', () => {
    it('aborts all running jobs', async () => {
      await hold(mail, 'a');
      await hold(images, 'b');
      const reason = new WorkerShutdownError();
      pool.abort(reason);
      expect([abortReason('a'), abortReason('b')]).toEqual([reason, reason]);
    });

    it('requeues the running jobs in the order of their start, and ignores their later outcomes', async () => {
      await hold(mail, 'a', 'b');
      const names: string[] = [];
      const outcomes: string[] = [];
      reports.subscribe(({ id, outcome }) => outcomes.push(`${id} ${outcome}`));
      pool.requeueRunning(({ job }) => names.push(job.id));
      expect(names).toEqual(['a', 'b']);
      expect(pool.running).toBe(0);
      await end('a');
      await end('b', { kind: 'failed', error: new Error('too late') });
      expect(outcomes).toEqual(['a requeued', 'b requeued']);
      expect(settled(mail)).toEqual(['release a', 'release b']);
    });

    it('does not requeue a job whose lease was lost', async () => {
      await hold(mail, 'a');
      await hold(images, 'b');
      pool.abandon(mail, new LeaseLostError('mail'));
      const names: string[] = [];
      pool.requeueRunning(({ job }) => names.push(job.id));
      expect(names).toEqual(['b']);
      expect(settled(mail)).toEqual([]);
      expect(settled(images)).toEqual(['release b']);
    });
  });
});
