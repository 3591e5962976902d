import { beforeEach, describe, expect, it } from '@jest/globals';
import type { QueueConsumer } from '../../../lib/drivers/queue-driver.interface.js';
import { PrefetchWindow } from '../../../lib/worker/prefetch-window.js';
import { inTurn, strictOrder, type QueueOrder } from '../../../lib/worker/queue-order.js';
import { QueueFetcher } from '../../../lib/worker/queue-fetcher.js';
import { FakeClock } from '../../support/fake-clock.js';

const namesOf = ({ fetchers }: QueueOrder): string => fetchers.map(({ queue }) => queue).join('');

describe('the order of queues', () => {
  let a: QueueFetcher;
  let b: QueueFetcher;
  let c: QueueFetcher;

  beforeEach(() => {
    const open = (queue: string): QueueFetcher =>
      new QueueFetcher(queue, {} as QueueConsumer, new PrefetchWindow(10, 0, new FakeClock()));
    [a, b, c] = [open('a'), open('b'), open('c')];
    for (const fetcher of [a, b, c]) fetcher.hungry = false;
  });

  describe('strict', () => {
    it('never changes', () => {
      const order = strictOrder([a, b, c]);
      for (const fetcher of [a, c, b, a]) order.asked(fetcher);
      expect(order.strict).toBe(true);
      expect(namesOf(order)).toBe('abc');
    });

    it('asks those before a queue again that had more', () => {
      strictOrder([a, b, c]).overflowed(b);
      expect([a, b, c].map(({ hungry }) => hungry)).toEqual([true, false, false]);
      strictOrder([a, b, c]).overflowed(c);
      expect([a, b, c].map(({ hungry }) => hungry)).toEqual([true, true, false]);
    });
  });

  describe('in turn', () => {
    it('puts who was asked behind all others', () => {
      const order = inTurn([a, b, c]);
      expect(order.strict).toBe(false);
      expect(namesOf(order)).toBe('abc');
      order.asked(a);
      expect(namesOf(order)).toBe('bca');
      order.asked(c);
      expect(namesOf(order)).toBe('bac');
      order.asked(c);
      expect(namesOf(order)).toBe('bac');
    });

    it('gives each queue as many turns as any other', () => {
      const order = inTurn([a, b, c]);
      const turns = new Map<string, number>();
      for (let turn = 0; turn < 300; turn++) {
        const [first] = order.fetchers;
        turns.set(first!.queue, (turns.get(first!.queue) ?? 0) + 1);
        order.asked(first!);
      }
      expect([...turns.values()]).toEqual([100, 100, 100]);
    });

    it('remembers that nobody hears of the others while one has more', () => {
      inTurn([a, b, c]).overflowed(b);
      expect([a, b, c].map(({ unheard }) => unheard)).toEqual([true, false, true]);
      expect([a, b, c].map(({ hungry }) => hungry)).toEqual([false, false, false]);
    });

    it('leaves the list it was given alone', () => {
      const fetchers = [a, b];
      inTurn(fetchers).asked(a);
      expect(fetchers).toEqual([a, b]);
    });
  });
});
