import { beforeEach, describe, expect, it } from '@jest/globals';
import type { PollRequest, PollResult } from '../../../lib/drivers/queue-driver.interface.js';
import { PrefetchWindow } from '../../../lib/worker/prefetch-window.js';
import { QueueFetcher } from '../../../lib/worker/queue-fetcher.js';
import { deferred } from '../../support/deferred.js';
import { FakeClock } from '../../support/fake-clock.js';
import { POLL_LIMITS } from '../../support/poll-limits.js';

const EMPTY = { more: false, recovered: false } as PollResult;

describe('QueueFetcher', () => {
  let sent: PollRequest[];
  let window: PrefetchWindow;
  let fetcher: QueueFetcher;

  beforeEach(() => {
    sent = [];
    window = new PrefetchWindow(10, 100, new FakeClock());
    const poll = (request: PollRequest): Promise<PollResult> => {
      sent.push(request);
      return deferred<PollResult>().promise;
    };
    fetcher = new QueueFetcher('mail', { queue: 'mail', limits: POLL_LIMITS, poll, close: async () => {} }, window);
  });

  /** Polls, and takes in a reply. */
  const ask = (result: PollResult, now = 0): void => {
    const poll = fetcher.send(1, false, now);
    fetcher.observe(result, true);
    fetcher.done(poll);
  };
  /** Makes jobs so quick that the window is wide. */
  const widen = (): void => {
    for (let i = 0; i < 8; i++) window.ended(window.taken(1, true));
  };

  describe('wants jobs', () => {
    it('at first, and not after a poll found the queue empty', () => {
      expect(fetcher.wantsJobs(false, 0)).toBe(true);
      ask(EMPTY);
      expect(fetcher.wantsJobs(true, 0)).toBe(false);
    });

    it('after a signal', () => {
      ask(EMPTY);
      fetcher.signal();
      expect(fetcher.wantsJobs(false, 0)).toBe(true);
    });

    it('if recovered jobs are left and may be claimed', () => {
      ask({ ...EMPTY, recovered: true });
      expect([fetcher.wantsJobs(false, 0), fetcher.wantsJobs(true, 0)]).toEqual([false, true]);
    });

    it('100 ms after the last poll, if nobody observes the queue', () => {
      ask(EMPTY, 1_000);
      fetcher.stopObserving();
      expect([fetcher.wantsJobs(false, 1_099), fetcher.wantsJobs(false, 1_100)]).toEqual([false, true]);
      ask(EMPTY, 1_100);
      expect(fetcher.wantsJobs(false, 9_999)).toBe(false);
    });

    it('not while it is paused, and again afterwards', () => {
      ask(EMPTY);
      fetcher.signal();
      fetcher.pause();
      expect([fetcher.isPaused, fetcher.wantsJobs(true, 0)]).toEqual([true, false]);
      fetcher.resume();
      expect([fetcher.isPaused, fetcher.wantsJobs(true, 0)]).toEqual([false, true]);
    });

    it('not while a reply is overdue', () => {
      const poll = fetcher.send(1, false, 0);
      fetcher.signal();
      fetcher.stall();
      expect(fetcher.wantsJobs(true, 0)).toBe(false);
      fetcher.done(poll);
      expect(fetcher.wantsJobs(true, 0)).toBe(true);
    });
  });

  describe('claims', () => {
    it.each([
      ['as many jobs as slots are free', { free: 5, most: Infinity, wanted: true }, 5],
      ['no more than the worker may claim', { free: 5, most: 3, wanted: true }, 3],
      ['no more than the driver allows', { free: 1_000, most: Infinity, wanted: true }, 300],
      ['nothing if no slot is free', { free: -2, most: Infinity, wanted: true }, 0],
      ['nothing if asking is not worth a poll', { free: 5, most: Infinity, wanted: false }, 0],
    ])('%s', (_, { free, most, wanted }, limit) => {
      expect(fetcher.claimLimit(free, most, true, wanted)).toBe(limit);
    });

    it('ahead of the free slots while jobs are quick, unless another queue has a right to the slots', () => {
      widen();
      expect(fetcher.claimLimit(0, Infinity, true, true)).toBeGreaterThan(0);
      expect(fetcher.claimLimit(0, Infinity, false, true)).toBe(0);
    });

    it('with a second poll only while jobs are quick and the queue has more', () => {
      fetcher.send(1, false, 0);
      expect(fetcher.claimLimit(5, Infinity, true, true)).toBe(0);
      widen();
      expect(fetcher.claimLimit(5, Infinity, true, false)).toBeGreaterThan(0);
      expect(fetcher.claimLimit(5, Infinity, false, true)).toBe(0);
      fetcher.observe(EMPTY, true);
      expect(fetcher.claimLimit(5, Infinity, true, true)).toBe(0);
    });

    it('nothing before all requeues are sent', () => {
      for (let fence = 1; fence <= 126; fence++) {
        fetcher.batcher.settle({ kind: 'release', id: `${fence}`, fence, delay: 0, position: 'front' });
      }
      expect(fetcher.claimLimit(5, Infinity, true, true)).toBe(0);
    });
  });

  it('reserves slots until the reply was taken in', () => {
    const first = fetcher.send(3, true, 0);
    const second = fetcher.send(4, false, 0);
    expect([fetcher.reserved, fetcher.keptSlots]).toEqual([7, 7]);
    fetcher.done(first);
    expect([fetcher.reserved, fetcher.keptSlots]).toEqual([4, 4]);
    fetcher.failed(second);
    expect([fetcher.reserved, fetcher.keptSlots]).toEqual([0, 0]);
    expect(sent.map(({ limit, recovered }) => ({ limit, recovered }))).toEqual([
      { limit: 3, recovered: true },
      { limit: 4, recovered: false },
    ]);
  });

  it('lets other queues use its slots while a reply is overdue', () => {
    fetcher.send(3, false, 0);
    fetcher.stall();
    expect([fetcher.isStalled, fetcher.reserved, fetcher.keptSlots]).toEqual([true, 3, 0]);
  });

  it('reports a lost lease once, until a reply came', () => {
    expect([fetcher.loseLease(), fetcher.loseLease()]).toEqual([true, false]);
    fetcher.keepLease();
    expect(fetcher.loseLease()).toBe(true);
  });
});
