import { beforeEach, describe, expect, it } from '@jest/globals';
import type { PollRequest, PollResult } from '../../../lib/drivers/queue-driver.interface.js';
import { RecoveryGate } from '../../../lib/recovery/recovery-gate.js';
import { PrefetchWindow } from '../../../lib/worker/prefetch-window.js';
import { QueueFetcher } from '../../../lib/worker/queue-fetcher.js';
import { deferred } from '../../support/deferred.js';
import { FakeClock } from '../../support/fake-clock.js';
import { POLL_LIMITS } from '../../support/poll-limits.js';

const EMPTY = { more: false, recovered: false } as PollResult;

describe('QueueFetcher', () => {
  let sent: PollRequest[];
  let clock: FakeClock;
  let gate: RecoveryGate;
  let window: PrefetchWindow;
  let fetcher: QueueFetcher;

  beforeEach(() => {
    sent = [];
    clock = new FakeClock();
    gate = new RecoveryGate();
    window = new PrefetchWindow(10, 100, clock);
    const poll = (request: PollRequest): Promise<PollResult> => {
      sent.push(request);
      return deferred<PollResult>().promise;
    };
    const consumer = {
      queue: 'mail',
      id: 'consumer',
      limits: POLL_LIMITS,
      poll,
      note: async () => true,
      close: async () => {},
    };
    fetcher = new QueueFetcher('mail', consumer, window, gate, clock);
  });

  /** Polls, and takes in a reply. */
  const ask = (result: PollResult): void => {
    const poll = fetcher.send(1, false);
    fetcher.observe(result, true);
    fetcher.done(poll);
  };
  /** Makes jobs so quick that the window is wide. */
  const widen = (): void => {
    for (let i = 0; i < 8; i++) window.ended(window.taken(1, true));
  };

  describe('wants jobs', () => {
    it('at first, and not after a poll found the queue empty', () => {
      expect(fetcher.wantsJobs()).toBe(true);
      ask(EMPTY);
      expect(fetcher.wantsJobs()).toBe(false);
    });

    it('after a signal', () => {
      ask(EMPTY);
      fetcher.signal();
      expect(fetcher.wantsJobs()).toBe(true);
    });

    it('if recovered jobs are left and the gate of the process is open', () => {
      ask({ ...EMPTY, recovered: true });
      expect(fetcher.wantsJobs()).toBe(true);
      const pass = gate.enter()!;
      expect(fetcher.wantsJobs()).toBe(false);
      pass.leave();
      expect(fetcher.wantsJobs()).toBe(true);
    });

    it('when the interval after the last poll is over, if nobody observes the queue', async () => {
      ask(EMPTY);
      fetcher.stopObserving(100);
      await clock.advance(0.099);
      expect(fetcher.wantsJobs()).toBe(false);
      await clock.advance(0.001);
      expect(fetcher.wantsJobs()).toBe(true);
      ask(EMPTY);
      await clock.advance(1);
      expect(fetcher.wantsJobs()).toBe(false);
    });

    it('not while it is paused, and again afterwards', () => {
      ask(EMPTY);
      fetcher.signal();
      fetcher.pause();
      expect([fetcher.isPaused, fetcher.wantsJobs()]).toEqual([true, false]);
      fetcher.resume();
      expect([fetcher.isPaused, fetcher.wantsJobs()]).toEqual([false, true]);
    });

    it('not while a reply is overdue', () => {
      const poll = fetcher.send(1, false);
      fetcher.signal();
      fetcher.stall();
      expect([fetcher.isStalled, fetcher.wantsJobs()]).toEqual([true, false]);
      fetcher.done(poll);
      expect([fetcher.isStalled, fetcher.wantsJobs()]).toEqual([false, true]);
    });
  });

  describe('is worth a probe', () => {
    it('at first and after an unsure signal, and not after the probe or after a signal of the queue itself', () => {
      expect(fetcher.isUnsure).toBe(true);
      fetcher.probe();
      const probe = fetcher.send(0, false);
      expect([fetcher.isUnsure, fetcher.isProbing, fetcher.isAwaited]).toEqual([false, true, true]);
      fetcher.done(probe);
      expect([fetcher.isProbing, fetcher.isAwaited]).toEqual([false, false]);
      fetcher.signal(true);
      expect(fetcher.isUnsure).toBe(true);
      fetcher.signal();
      fetcher.signal(true);
      expect([fetcher.isUnsure, fetcher.wantsJobs()]).toEqual([false, true]);
    });

    it('not if it has recovered jobs, which a probe would find again and again', () => {
      ask({ ...EMPTY, recovered: true });
      expect([fetcher.isUnsure, fetcher.wantsJobs()]).toEqual([false, true]);
    });
  });

  describe('claims', () => {
    it.each([
      ['as many jobs as slots are free', { free: 5, most: Infinity }, 5],
      ['no more than the worker may claim', { free: 5, most: 3 }, 3],
      ['no more than the driver allows', { free: 1_000, most: Infinity }, 300],
      ['nothing if no slot is free', { free: -2, most: Infinity }, 0],
    ])('%s', (_, { free, most }, limit) => {
      expect(fetcher.claimLimit(free, most, true)).toBe(limit);
    });

    it('nothing if asking is not worth a poll', () => {
      ask(EMPTY);
      expect(fetcher.claimLimit(5, Infinity, true)).toBe(0);
    });

    it('ahead of the free slots while jobs are quick, unless another queue has a right to the slots', () => {
      widen();
      expect(fetcher.claimLimit(0, Infinity, true)).toBeGreaterThan(0);
      expect(fetcher.claimLimit(0, Infinity, false)).toBe(0);
    });

    it('nothing ahead in a queue with limits, where a waiting job would take the place of another one', () => {
      widen();
      ask({ ...EMPTY, more: true, limited: true });
      fetcher.signal();
      expect(fetcher.claimLimit(0, Infinity, true)).toBe(0);
      expect(fetcher.claimLimit(2, Infinity, true)).toBe(2);
      fetcher.send(1, false);
      expect(fetcher.claimLimit(5, Infinity, true)).toBe(0);
    });

    it('with a second poll only while jobs are quick and the queue has more', () => {
      fetcher.send(1, false);
      fetcher.signal();
      expect(fetcher.claimLimit(5, Infinity, true)).toBe(0);
      widen();
      expect(fetcher.claimLimit(5, Infinity, true)).toBeGreaterThan(0);
      expect(fetcher.claimLimit(5, Infinity, false)).toBe(0);
      fetcher.observe(EMPTY, true);
      expect(fetcher.claimLimit(5, Infinity, true)).toBe(0);
    });

    it('half of the slots with each of two polls in a queue with limits, never more than are free', () => {
      window.concurrency = 40;
      widen();
      ask({ ...EMPTY, more: true, limited: true });
      fetcher.signal();
      expect(fetcher.claimLimit(40, Infinity, true)).toBe(20);
      fetcher.send(20, false);
      expect(fetcher.claimLimit(20, Infinity, true)).toBe(20);
      expect(fetcher.claimLimit(19, Infinity, true)).toBe(0);
    });

    it.each([
      ['if fewer than half of the slots are free', { concurrency: 40, free: 5, limit: 5 }],
      ['if the worker has few slots', { concurrency: 31, free: 31, limit: 31 }],
    ])('with one poll alone in a queue with limits %s', (_, { concurrency, free, limit }) => {
      window.concurrency = concurrency;
      widen();
      ask({ ...EMPTY, more: true, limited: true });
      fetcher.signal();
      expect(fetcher.claimLimit(free, Infinity, true)).toBe(limit);
    });

    it('with one poll alone in a queue with limits if jobs are slow, it has no more, or another queue has a right to the slots', () => {
      window.concurrency = 40;
      ask({ ...EMPTY, more: true, limited: true });
      fetcher.signal();
      expect(fetcher.claimLimit(40, Infinity, true)).toBe(40);
      widen();
      expect(fetcher.claimLimit(40, Infinity, false)).toBe(40);
      ask({ ...EMPTY, limited: true });
      fetcher.signal();
      expect(fetcher.claimLimit(40, Infinity, true)).toBe(40);
    });

    it('nothing before claimed jobs have begun, if fewer than half of the slots are free and the queue has more', () => {
      const waits = (): boolean[] => [0, 19, 20].map((free) => fetcher.waitsForJobs(free));
      window.concurrency = 40;
      ask({ ...EMPTY, more: true, limited: true });
      // Nobody knows yet if the jobs are quick.
      expect(waits()).toEqual([false, false, false]);
      widen();
      expect(waits()).toEqual([true, true, false]);
      window.concurrency = 31;
      expect(waits()).toEqual([false, false, false]);
      window.concurrency = 40;
      ask({ ...EMPTY, limited: true });
      expect(waits()).toEqual([false, false, false]);
    });

    it('nothing before all requeues are sent', () => {
      for (let fence = 1; fence <= 126; fence++) {
        fetcher.batcher.settle({ kind: 'release', id: `${fence}`, fence, delay: 0, position: 'front' });
      }
      expect(fetcher.claimLimit(5, Infinity, true)).toBe(0);
    });
  });

  it('reserves slots for each poll until its reply was handled', () => {
    const first = fetcher.send(3, true);
    const second = fetcher.send(4, false);
    expect(fetcher.reserved).toBe(7);
    fetcher.done(first);
    expect(fetcher.reserved).toBe(4);
    fetcher.failed(second);
    expect(fetcher.reserved).toBe(0);
    expect(sent.map(({ limit, recovered }) => ({ limit, recovered }))).toEqual([
      { limit: 3, recovered: true },
      { limit: 4, recovered: false },
    ]);
  });

  it('reports a lost lease once, and again after the next reply', () => {
    expect([fetcher.loseLease(), fetcher.loseLease()]).toEqual([true, false]);
    fetcher.keepLease();
    expect(fetcher.loseLease()).toBe(true);
  });
});
