import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ClaimedJob, PollRequest, PollResult } from '../../../lib/drivers/queue-driver.interface.js';
import {
  JobSettledError,
  QueueClosedError,
  QueueConnectionError,
  StorageCorruptError,
} from '../../../lib/queue.errors.js';
import { RecoveryGate } from '../../../lib/recovery/recovery-gate.js';
import { ReservationBatcher } from '../../../lib/reserve/reservation-batcher.js';
import { deferred, type Deferred } from '../../support/deferred.js';
import { FakeClock } from '../../support/fake-clock.js';
import { POLL_LIMITS } from '../../support/poll-limits.js';
import { NOTHING } from '../../support/poll-result.js';

/** Milliseconds. */
const DEADLINE = 1_000;
const COMPLETE = { kind: 'complete' } as const;

/** Records how a promise ended; `undefined` while it is open. */
function watch(promise: Promise<unknown>): { outcome: unknown } {
  const watched: { outcome: unknown } = { outcome: undefined };
  promise.then(
    (value) => (watched.outcome = value),
    (error: unknown) => (watched.outcome = error),
  );
  return watched;
}

describe('ReservationBatcher', () => {
  let clock: FakeClock;
  let gate: RecoveryGate;
  let polls: { readonly request: PollRequest; readonly reply: Deferred<PollResult> }[];
  let closed: boolean;
  let loseLease: () => void;
  let batcher: ReservationBatcher;

  beforeEach(() => {
    clock = new FakeClock();
    gate = new RecoveryGate();
    polls = [];
    closed = false;
    const open = (onLost: () => void) => {
      loseLease = onLost;
      return {
        queue: 'mail',
        id: 'consumer',
        limits: POLL_LIMITS,
        poll(request: PollRequest): Promise<PollResult> {
          const reply = deferred<PollResult>();
          polls.push({ request, reply });
          return reply.promise;
        },
        note: async () => true,
        close: async () => void (closed = true),
      };
    };
    batcher = new ReservationBatcher(open, gate, clock);
  });
  afterEach(() => expect(clock.pending).toBe(0));

  const turn = (): Promise<void> => clock.advance(0);
  /** Replies to the last poll. */
  const reply = async (result: Partial<PollResult> = {}): Promise<void> => {
    polls.at(-1)!.reply.resolve({ ...NOTHING, ...result });
    await turn();
  };
  const refuse = async (error: Error): Promise<void> => {
    polls.at(-1)!.reply.reject(error);
    await turn();
  };
  const jobOf = (id: string, crashes = 0): ClaimedJob => ({
    id,
    fence: id.charCodeAt(0),
    body: '',
    pushedAt: 0,
    attempt: 1,
    crashes,
    unknownFor: 0,
  });
  /** Reserves jobs with one poll. */
  const reserve = async (...jobs: ClaimedJob[]): Promise<void> => {
    const claims = jobs.map(() => batcher.claim(DEADLINE));
    await turn();
    await reply({ jobs });
    expect(await Promise.all(claims)).toEqual(jobs);
  };
  const requestOf = (index: number): unknown => {
    const { limit, settlements } = polls[index]!.request;
    return { limit, settlements: settlements.map(({ kind, id }) => `${kind} ${id}`) };
  };

  it('sends the claims and settlements of one turn with one poll, and later ones with the next poll', async () => {
    const [a, b] = [jobOf('a'), jobOf('b')];
    await reserve(a, b);
    const settling = [batcher.settle(a, COMPLETE), batcher.settle(b, { kind: 'fail', error: 'no luck' })];
    const claim = batcher.claim(DEADLINE);
    await turn();
    expect(polls).toHaveLength(2);
    expect(requestOf(1)).toEqual({ limit: 1, settlements: ['complete a', 'fail b'] });
    const later = watch(batcher.claim(DEADLINE));
    await turn();
    expect(polls).toHaveLength(2);
    await reply();
    await Promise.all(settling);
    expect(await claim).toBeNull();
    expect(requestOf(2)).toEqual({ limit: 1, settlements: [] });
    await reply();
    expect(later.outcome).toBeNull();
  });

  it('hands out jobs to the callers in their order, and null to the callers that are left', async () => {
    const claims = [1, 2, 3].map(() => batcher.claim(DEADLINE));
    await turn();
    await reply({ jobs: [jobOf('a'), jobOf('b')] });
    expect((await Promise.all(claims)).map((job) => job?.id)).toEqual(['a', 'b', undefined]);
  });

  it('polls again if the reply contains only dangling ids and the queue has more jobs', async () => {
    const claim = batcher.claim(DEADLINE);
    await turn();
    await reply({ danglingIds: ['foreign'], more: true });
    expect(polls).toHaveLength(2);
    await reply({ jobs: [jobOf('a')] });
    expect(await claim).toMatchObject({ id: 'a' });
  });

  describe('with a claim that was given up', () => {
    it('rejects the caller at its deadline', async () => {
      const claim = watch(batcher.claim(DEADLINE));
      await clock.advance(0.999);
      expect(claim.outcome).toBeUndefined();
      await clock.advance(0.001);
      expect(claim.outcome).toBeInstanceOf(QueueConnectionError);
      await reply();
    });

    it('requeues the job that arrives later, at the front and with a poll that claims nothing', async () => {
      const claim = watch(batcher.claim(DEADLINE));
      await clock.advance(1);
      expect(claim.outcome).toBeInstanceOf(QueueConnectionError);
      await reply({ jobs: [jobOf('a')] });
      expect(polls).toHaveLength(2);
      expect(polls[1]!.request).toEqual({
        settlements: [
          { kind: 'release', id: 'a', fence: jobOf('a').fence, delay: 0, position: 'front', unstarted: true },
        ],
        limit: 0,
        recovered: false,
      });
      await reply();
      await expect(batcher.settle(jobOf('a'), COMPLETE)).rejects.toBeInstanceOf(JobSettledError);
    });

    it('hands the late job to a caller that still waits', async () => {
      const late = watch(batcher.claim(DEADLINE));
      await clock.advance(0.5);
      const waiting = watch(batcher.claim(DEADLINE));
      await clock.advance(0.5);
      expect(late.outcome).toBeInstanceOf(QueueConnectionError);
      await reply({ jobs: [jobOf('a')] });
      expect(waiting.outcome).toMatchObject({ id: 'a' });
      expect(polls).toHaveLength(1);
    });

    it('claims no job for a caller that was rejected before its poll was sent', async () => {
      watch(batcher.claim(DEADLINE));
      await turn();
      watch(batcher.claim(DEADLINE));
      await clock.advance(1);
      await reply();
      expect(polls).toHaveLength(1);
    });
  });

  describe('with a poll that fails', () => {
    const error = new StorageCorruptError('mail');

    it('rejects its settlements and claims, and no settlement of a later poll', async () => {
      const [a, b] = [jobOf('a'), jobOf('b')];
      await reserve(a, b);
      const first = watch(batcher.settle(a, COMPLETE));
      const claim = watch(batcher.claim(DEADLINE));
      await turn();
      const second = watch(batcher.settle(b, COMPLETE).then(() => 'settled'));
      await refuse(error);
      expect([first.outcome, claim.outcome]).toEqual([error, error]);
      expect(second.outcome).toBeUndefined();
      expect(requestOf(2)).toEqual({ limit: 0, settlements: ['complete b'] });
      await reply();
      expect(second.outcome).toBe('settled');
    });

    it('still holds the jobs of the rejected settlements', async () => {
      const job = jobOf('a');
      await reserve(job);
      const first = watch(batcher.settle(job, COMPLETE));
      await turn();
      await refuse(error);
      expect(first.outcome).toBe(error);
      const second = batcher.settle(job, COMPLETE);
      await turn();
      expect(requestOf(2)).toEqual({ limit: 0, settlements: ['complete a'] });
      await reply();
      await second;
    });

    it('opens the recovery gate again', async () => {
      watch(batcher.claim(DEADLINE));
      await turn();
      expect(gate.isOpen()).toBe(false);
      await refuse(error);
      expect(gate.isOpen()).toBe(true);
    });
  });

  describe('with a recovered job', () => {
    it('keeps the recovery gate closed until the job is settled', async () => {
      const job = jobOf('a', 1);
      await reserve(job);
      expect(gate.isOpen()).toBe(false);
      const claim = batcher.claim(DEADLINE);
      await turn();
      expect(polls.at(-1)!.request.recovered).toBe(false);
      await reply();
      expect(await claim).toBeNull();
      const settling = batcher.settle(job, COMPLETE);
      await turn();
      await reply();
      await settling;
      expect(gate.isOpen()).toBe(true);
    });

    it('opens the recovery gate if the reply contains no recovered job', async () => {
      await reserve(jobOf('a'));
      expect(polls[0]!.request.recovered).toBe(true);
      expect(gate.isOpen()).toBe(true);
    });
  });

  describe('with a lost lease', () => {
    it('refuses to settle its jobs, and opens the recovery gate', async () => {
      const job = jobOf('a', 1);
      await reserve(job);
      loseLease();
      await expect(batcher.settle(job, COMPLETE)).rejects.toThrow(/its lease was lost/);
      expect(gate.isOpen()).toBe(true);
      expect(polls).toHaveLength(1);
    });

    it('rejects a refused settlement, and claims again for the callers of the same poll', async () => {
      const job = jobOf('a');
      await reserve(job);
      const settling = watch(batcher.settle(job, COMPLETE));
      const claim = watch(batcher.claim(DEADLINE));
      await turn();
      await reply({ lost: true, refused: ['a'] });
      expect(settling.outcome).toBeInstanceOf(JobSettledError);
      expect(claim.outcome).toBeUndefined();
      await reply({ jobs: [jobOf('b')] });
      expect(claim.outcome).toMatchObject({ id: 'b' });
    });

    it('refuses a settlement with the fencing token of another claim', async () => {
      const job = jobOf('a');
      await reserve(job);
      await expect(batcher.settle({ ...job, fence: 1 }, COMPLETE)).rejects.toBeInstanceOf(JobSettledError);
      expect(polls).toHaveLength(1);
    });
  });

  describe('close()', () => {
    it('requeues all reserved jobs at the front, then gives up the lease', async () => {
      const jobs = [jobOf('a'), jobOf('b'), jobOf('c')];
      await reserve(...jobs);
      const settling = batcher.settle(jobs[1]!, COMPLETE);
      const closing = watch(batcher.close());
      await turn();
      expect(requestOf(1)).toEqual({ limit: 0, settlements: ['complete b'] });
      await reply();
      await settling;
      expect(polls[2]!.request.settlements).toMatchObject([
        { kind: 'release', id: 'a', position: 'front' },
        { kind: 'release', id: 'c', position: 'front' },
      ]);
      expect([closed, closing.outcome]).toEqual([false, undefined]);
      await reply();
      expect(closed).toBe(true);
    });

    it('rejects waiting and later claims', async () => {
      const first = batcher.claim(DEADLINE);
      await turn();
      const waiting = watch(batcher.claim(DEADLINE));
      const closing = batcher.close();
      await turn();
      expect(waiting.outcome).toBeInstanceOf(QueueClosedError);
      await expect(batcher.claim(DEADLINE)).rejects.toBeInstanceOf(QueueClosedError);
      await reply();
      expect(await first).toBeNull();
      await closing;
    });

    it('requeues a job that arrives while it closes', async () => {
      const claim = watch(batcher.claim(DEADLINE));
      await turn();
      const closing = batcher.close();
      await reply({ jobs: [jobOf('a')] });
      expect(claim.outcome).toMatchObject({ id: 'a' });
      expect(polls[1]!.request.settlements).toMatchObject([{ kind: 'release', id: 'a', position: 'front' }]);
      await reply();
      await closing;
      expect(closed).toBe(true);
    });
  });
});
