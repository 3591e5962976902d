import { beforeEach, describe, expect, it } from '@jest/globals';
import type { QueueConsumer } from '../../../lib/drivers/queue-driver.interface.js';
import { PrefetchWindow } from '../../../lib/worker/prefetch-window.js';
import { QueueSelector } from '../../../lib/worker/queue-selector.js';
import { QueueFetcher } from '../../../lib/worker/queue-fetcher.js';
import { deferred } from '../../support/deferred.js';
import { POLL_LIMITS } from '../../support/poll-limits.js';
import { FakeClock } from '../../support/fake-clock.js';

describe('QueueSelector', () => {
  let clock: FakeClock;
  let closed: string[];
  let a: QueueFetcher;
  let b: QueueFetcher;
  let fetchers: QueueSelector;

  const open = (queue: string): QueueFetcher => {
    const consumer: QueueConsumer = {
      queue,
      limits: POLL_LIMITS,
      poll: () => deferred<never>().promise,
      close: async () => void closed.push(queue),
    };
    return new QueueFetcher(queue, consumer, new PrefetchWindow(10, 0, clock));
  };
  const hungry = (): string =>
    [a, b]
      .filter((fetcher) => fetchers.isHungry(fetcher))
      .map(({ queue }) => queue)
      .join('');

  beforeEach(() => {
    clock = new FakeClock();
    closed = [];
    a = open('a');
    b = open('b');
    fetchers = new QueueSelector([a, b], false, clock);
  });

  it('is hungry at first, and not where it was asked', () => {
    expect(hungry()).toBe('ab');
    fetchers.asked(a);
    expect(hungry()).toBe('b');
    expect(fetchers.anyHungry).toBe(true);
    fetchers.asked(b);
    expect(fetchers.anyHungry).toBe(false);
  });

  it('can be made hungry, one or all', () => {
    fetchers.asked(a);
    fetchers.asked(b);
    fetchers.setHungry('b');
    expect(hungry()).toBe('b');
    fetchers.setHungry(null);
    expect(hungry()).toBe('ab');
  });

  it('looks at a queue again after 100 ms, where another one has more than enough', async () => {
    fetchers.asked(b);
    await clock.advance(0.04);
    fetchers.asked(a);
    fetchers.overflowed(a);
    expect(hungry()).toBe('a');
    await clock.advance(0.059);
    expect(hungry()).toBe('a');
    await clock.advance(0.001);
    expect(hungry()).toBe('ab');
    fetchers.asked(b);
    await clock.advance(1);
    expect(hungry()).toBe('a');
  });

  it('is hungry for recovered, as long as none runs or is asked for', () => {
    fetchers.asked(a);
    fetchers.asked(b);
    a.recoveredLeft = true;
    expect(hungry()).toBe('a');
    a.heldRecovered++;
    expect(hungry()).toBe('');
    a.heldRecovered--;
    void b.poll(1, true);
    expect(hungry()).toBe('');
    b.done();
    expect(hungry()).toBe('a');
  });

  it('lets a queue rest for a second: it is not at work, not hungry, and nothing is still', async () => {
    let over = false;
    fetchers.letRest(a, () => (over = true));
    expect(hungry()).toBe('b');
    expect(fetchers.atWork).toEqual([b]);
    expect(fetchers.isStill).toBe(false);
    await clock.advance(0.999);
    expect(over).toBe(false);
    await clock.advance(0.001);
    expect(over).toBe(true);
    expect(fetchers.atWork).toEqual([a, b]);
    expect(fetchers.isStill).toBe(true);
  });

  it('is hungry after a rest, whatever was asked before', async () => {
    fetchers.asked(a);
    fetchers.letRest(a, () => {});
    await clock.advance(1);
    expect(hungry()).toBe('ab');
  });

  it('knows what is under way and what is not told yet', () => {
    a.settle({ kind: 'complete', id: '1', fence: 1 });
    expect(fetchers).toMatchObject({ isStill: true, isFlushed: false, reserved: 0 });
    void a.poll(3, false);
    void b.poll(4, false);
    expect(fetchers).toMatchObject({ isStill: false, isFlushed: false, reserved: 7 });
    a.done();
    b.done();
    expect(fetchers).toMatchObject({ isStill: true, isFlushed: true, reserved: 0 });
  });

  it('closes its queues, and leaves no timer', async () => {
    fetchers.letRest(a, () => {});
    await fetchers.close();
    expect(closed).toEqual(['a', 'b']);
    expect(clock.pending).toBe(0);
  });

  describe('claiming ahead', () => {
    it('is not allowed before the other queues have been asked', () => {
      expect([fetchers.mayPrefetch(a), fetchers.mayPrefetch(b)]).toEqual([false, false]);
    });

    it('is allowed where no other queue has more', () => {
      a.hasMore = false;
      expect([fetchers.mayPrefetch(a), fetchers.mayPrefetch(b)]).toEqual([false, true]);
      b.hasMore = false;
      expect([fetchers.mayPrefetch(a), fetchers.mayPrefetch(b)]).toEqual([true, true]);
    });

    it('minds only the queues before it in a strict order', () => {
      fetchers = new QueueSelector([a, b], true, clock);
      expect([fetchers.mayPrefetch(a), fetchers.mayPrefetch(b)]).toEqual([true, false]);
      a.hasMore = false;
      expect(fetchers.mayPrefetch(b)).toBe(true);
    });
  });
});
