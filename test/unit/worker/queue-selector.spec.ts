import { beforeEach, describe, expect, it } from '@jest/globals';
import type { PollResult } from '../../../lib/drivers/queue-driver.interface.js';
import { RecoveryGate } from '../../../lib/recovery/recovery-gate.js';
import { PrefetchWindow } from '../../../lib/worker/prefetch-window.js';
import { QueueFetcher } from '../../../lib/worker/queue-fetcher.js';
import { QueueSelector } from '../../../lib/worker/queue-selector.js';
import { deferred } from '../../support/deferred.js';
import { FakeClock } from '../../support/fake-clock.js';
import { POLL_LIMITS } from '../../support/poll-limits.js';

const EMPTY = { more: false, recovered: false } as PollResult;

describe('QueueSelector', () => {
  let clock: FakeClock;
  let gate: RecoveryGate;
  let closed: string[];
  let changes: number;
  let fetchers: QueueFetcher[];
  let selector: QueueSelector;

  const open = (queue: string): QueueFetcher =>
    new QueueFetcher(
      queue,
      {
        queue,
        id: 'consumer',
        limits: POLL_LIMITS,
        poll: () => deferred<never>().promise,
        note: async () => true,
        close: async () => void closed.push(queue),
      },
      new PrefetchWindow(10, 0, clock),
      gate,
      clock,
    );
  const select = (strict: boolean): void => {
    selector = new QueueSelector(fetchers, strict, clock, () => changes++);
  };
  const send = (fetcher: QueueFetcher, limit = 1) => {
    const poll = fetcher.send(limit, false);
    selector.sent(fetcher, limit);
    return poll;
  };
  const answer = (fetcher: QueueFetcher, result = EMPTY): void => {
    fetcher.observe(result, true);
    fetcher.done(fetcher.batcher.inFlight[0]!);
    selector.answered(fetcher);
  };
  const ask = (fetcher: QueueFetcher, result = EMPTY): void => {
    send(fetcher);
    answer(fetcher, result);
  };
  const wanted = (): string =>
    fetchers
      .filter((fetcher) => fetcher.wantsJobs())
      .map(({ queue }) => queue)
      .join('');
  const order = (): string => selector.inOrder.map(({ queue }) => queue).join('');

  beforeEach(() => {
    clock = new FakeClock();
    gate = new RecoveryGate();
    closed = [];
    changes = 0;
    fetchers = ['a', 'b', 'c'].map(open);
    select(false);
  });

  it('wants every queue at first, and no queue that was found empty', () => {
    expect(wanted()).toBe('abc');
    for (const fetcher of fetchers) ask(fetcher);
    expect(wanted()).toBe('');
  });

  it('wants a queue after a signal, or all of them', () => {
    for (const fetcher of fetchers) ask(fetcher);
    selector.signal('b');
    expect(wanted()).toBe('b');
    selector.signal(null);
    expect(wanted()).toBe('abc');
  });

  describe('in turn', () => {
    it('asks the queue that was asked last after all others', () => {
      const [a, , c] = fetchers;
      ask(a!);
      expect(order()).toBe('bca');
      ask(c!);
      expect(order()).toBe('bac');
      send(c!, 0);
      expect(order()).toBe('bac');
    });

    it('asks the other queues again after 100 ms while one has more jobs than are claimed', async () => {
      for (const fetcher of fetchers) ask(fetcher);
      selector.overflowed(fetchers[1]!);
      expect(wanted()).toBe('b');
      await clock.advance(0.1);
      expect(wanted()).toBe('abc');
    });
  });

  it('asks each of many queues less often while one has more jobs than are claimed', async () => {
    fetchers = Array.from({ length: 300 }, (_, i) => open(`${i}`));
    select(false);
    for (const fetcher of fetchers) ask(fetcher);
    selector.overflowed(fetchers[1]!);
    await clock.advance(0.299);
    expect(wanted()).toBe('1');
    await clock.advance(0.001);
    expect(fetchers.filter((fetcher) => fetcher.wantsJobs())).toHaveLength(300);
  });

  describe('in strict order', () => {
    beforeEach(() => select(true));

    it('keeps the order of the list', () => {
      for (const fetcher of [...fetchers].reverse()) ask(fetcher);
      expect(order()).toBe('abc');
    });

    it('asks the queues in front of one that had more, before that one is asked again', () => {
      for (const fetcher of fetchers) ask(fetcher);
      selector.overflowed(fetchers[1]!);
      expect(wanted()).toBe('ab');
    });
  });

  describe('of queues with partitions', () => {
    const stored = (): string => selector.inOrder.map((fetcher) => fetcher.stored).join(' ');

    beforeEach(() => void (fetchers = ['a', 'b', 'b~1xx', 'b~2xx', 'c'].map(open)));

    it('turns among the partitions in strict order, and keeps the order of the queues', () => {
      select(true);
      ask(fetchers[1]!);
      expect(stored()).toBe('a b~1xx b~2xx b c');
      ask(fetchers[2]!);
      ask(fetchers[0]!);
      expect(stored()).toBe('a b~2xx b b~1xx c');
      expect(fetchers.map((fetcher) => selector.rankOf(fetcher))).toEqual([0, 1, 1, 1, 2]);
    });

    it('gives each queue its turn, and each partition within it', () => {
      select(false);
      ask(fetchers[1]!);
      expect(stored()).toBe('a c b~1xx b~2xx b');
      ask(fetchers[0]!);
      ask(fetchers[2]!);
      expect(stored()).toBe('c a b~2xx b b~1xx');
    });

    it('asks the queues in front before a partition that had more, and the other partitions after a while', async () => {
      select(true);
      for (const fetcher of fetchers) ask(fetcher);
      selector.overflowed(fetchers[2]!);
      const asked = (): string[] => fetchers.filter((fetcher) => fetcher.wantsJobs()).map((fetcher) => fetcher.stored);
      expect(asked()).toEqual(['a', 'b~1xx']);
      await clock.advance(0.1);
      expect(asked()).toEqual(['a', 'b', 'b~1xx', 'b~2xx']);
    });

    it('lets jobs be claimed beyond the free slots while no other queue has more', () => {
      select(false);
      for (const fetcher of fetchers) ask(fetcher);
      ask(fetchers[1]!, { ...EMPTY, more: true });
      ask(fetchers[2]!, { ...EMPTY, more: true });
      expect(fetchers.map((fetcher) => selector.mayPrefetch(fetcher))).toEqual([false, true, true, true, false]);
      select(true);
      ask(fetchers[0]!);
      ask(fetchers[4]!);
      expect(fetchers.map((fetcher) => selector.mayPrefetch(fetcher))).toEqual([true, true, true, true, false]);
    });

    it('puts partitions that come later beside the others of their queue', () => {
      select(true);
      const added = ['a~1xx', 'd'].map(open);
      fetchers.push(...added);
      selector.add(added);
      expect(stored()).toBe('a a~1xx b b~1xx b~2xx c d');
    });
  });

  describe('a probe', () => {
    const probe = (fetcher: QueueFetcher): void => {
      fetcher.probe();
      send(fetcher, 0);
    };

    it('is for a queue that may have jobs, and that no poll asks', () => {
      const [a, b, c] = fetchers;
      send(a!);
      probe(b!);
      expect(fetchers.map((fetcher) => selector.mayProbe(fetcher))).toEqual([false, false, true]);
      answer(b!);
      expect(selector.mayProbe(b!)).toBe(false);
      ask(c!);
      expect(selector.mayProbe(c!)).toBe(false);
    });

    it('is one of a hundred at a time', () => {
      fetchers = Array.from({ length: 101 }, (_, i) => open(`${i}`));
      select(false);
      for (const fetcher of fetchers.slice(0, 100)) probe(fetcher);
      expect(selector.mayProbe(fetchers[100]!)).toBe(false);
      answer(fetchers[0]!);
      expect(selector.mayProbe(fetchers[100]!)).toBe(true);
    });

    it('that finds jobs makes the worker ask that queue alone', async () => {
      for (const fetcher of fetchers) ask(fetcher);
      fetchers[1]!.signal(true);
      probe(fetchers[1]!);
      selector.overflowed(fetchers[1]!);
      answer(fetchers[1]!);
      await clock.advance(1);
      expect(wanted()).toBe('b');
    });
  });

  describe('claims ahead of the free slots', () => {
    it.each([
      { strict: false, withMore: 'abc', may: '' },
      { strict: false, withMore: 'b', may: 'b' },
      { strict: false, withMore: '', may: 'abc' },
      { strict: true, withMore: 'abc', may: 'a' },
      { strict: true, withMore: 'bc', may: 'ab' },
      { strict: true, withMore: 'c', may: 'abc' },
    ])('for "$may" if "$withMore" have more jobs (strict: $strict)', ({ strict, withMore, may }) => {
      select(strict);
      for (const fetcher of fetchers) ask(fetcher, { ...EMPTY, more: withMore.includes(fetcher.queue) });
      const allowed = fetchers.filter((fetcher) => selector.mayPrefetch(fetcher)).map(({ queue }) => queue);
      expect(allowed.join('')).toBe(may);
    });
  });

  describe('after an error', () => {
    it('pauses the queue for a second, and is not quiet meanwhile', async () => {
      const [a] = fetchers;
      selector.pause(a!);
      expect([wanted(), order(), selector.isQuiet]).toEqual(['bc', 'bc', false]);
      await clock.advance(0.999);
      expect(changes).toBe(0);
      await clock.advance(0.001);
      expect([changes, wanted(), order(), selector.isQuiet]).toEqual([1, 'abc', 'abc', true]);
    });

    it('asks the queue again after the pause, also if it was empty before', async () => {
      for (const fetcher of fetchers) ask(fetcher);
      selector.pause(fetchers[0]!);
      await clock.advance(1);
      expect(wanted()).toBe('a');
    });
  });

  describe('with a reply that does not come', () => {
    it('reserves slots for a second, then lets other queues use them', async () => {
      send(fetchers[0]!, 3);
      await clock.advance(0.5);
      send(fetchers[1]!, 2);
      expect(selector.overdueSlots).toBe(0);
      await clock.advance(0.5);
      expect([selector.overdueSlots, changes]).toEqual([3, 1]);
      await clock.advance(0.5);
      expect([selector.overdueSlots, changes]).toEqual([5, 2]);
      answer(fetchers[0]!);
      expect(selector.overdueSlots).toBe(2);
    });

    it('waits a second for the second poll of a queue too', async () => {
      send(fetchers[0]!, 3);
      await clock.advance(0.9);
      send(fetchers[0]!, 4);
      answer(fetchers[0]!);
      await clock.advance(0.9);
      expect(selector.overdueSlots).toBe(0);
      await clock.advance(0.1);
      expect(selector.overdueSlots).toBe(4);
    });
  });

  it('knows whether polls are under way and settlements are left', () => {
    const [a, b] = fetchers;
    a!.batcher.settle({ kind: 'complete', id: '1', fence: 1 });
    expect([selector.isQuiet, selector.isFlushed]).toEqual([true, false]);
    send(a!);
    send(b!);
    expect([selector.isQuiet, selector.isFlushed]).toEqual([false, false]);
    answer(a!);
    answer(b!);
    expect([selector.isQuiet, selector.isFlushed]).toEqual([true, true]);
  });

  it('closes its queues, and leaves no timer', async () => {
    selector.pause(fetchers[0]!);
    send(fetchers[1]!);
    await selector.close();
    expect(closed).toEqual(['a', 'b', 'c']);
    expect(clock.pending).toBe(0);
  });
});
