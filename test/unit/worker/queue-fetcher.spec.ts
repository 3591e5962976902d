import { beforeEach, describe, expect, it } from '@jest/globals';
import type {
  QueueConsumer,
  Settlement,
  PollRequest,
  PollResult,
} from '../../../lib/drivers/queue-driver.interface.js';
import { PrefetchWindow } from '../../../lib/worker/prefetch-window.js';
import { QueueFetcher } from '../../../lib/worker/queue-fetcher.js';
import { deferred, type Deferred } from '../../support/deferred.js';
import { POLL_LIMITS } from '../../support/poll-limits.js';
import { FakeClock } from '../../support/fake-clock.js';

const complete = (id: number): Settlement => ({ kind: 'complete', id: `${id}`, fence: id });

describe('QueueFetcher', () => {
  let sent: PollRequest[];
  let answers: Deferred<PollResult>[];
  let fetcher: QueueFetcher;
  let consumer: QueueConsumer;

  beforeEach(() => {
    sent = [];
    answers = [];
    const poll = (request: PollRequest): Promise<PollResult> => {
      sent.push(request);
      answers.push(deferred());
      return answers.at(-1)!.promise;
    };
    const ahead = new PrefetchWindow(10, 0, new FakeClock());
    consumer = { queue: 'mail', limits: POLL_LIMITS, poll, close: async () => {} };
    fetcher = new QueueFetcher('mail', consumer, ahead);
  });

  it('is hungry, idle and without news at first', () => {
    expect(fetcher).toMatchObject({
      hungry: true,
      isBusy: false,
      hasNews: false,
      reserved: 0,
      asksForRecovered: false,
    });
  });

  it('sends what there is to tell, and keeps the slots until the answer was taken in', async () => {
    fetcher.settle(complete(1));
    fetcher.settle(complete(2));
    const poll = fetcher.poll(5, true);
    expect(sent).toEqual([{ settlements: [complete(1), complete(2)], limit: 5, recovered: true }]);
    const underWay = { isBusy: true, hasNews: false, reserved: 5, asksForRecovered: true };
    expect(fetcher).toMatchObject(underWay);
    answers[0]!.resolve({} as PollResult);
    await poll;
    expect(fetcher).toMatchObject(underWay);
    fetcher.done();
    expect(fetcher).toMatchObject({ isBusy: false, hasNews: false, reserved: 0, asksForRecovered: false });
  });

  it('keeps what could not be told, before what came later', async () => {
    fetcher.settle(complete(1));
    const poll = fetcher.poll(5, false);
    fetcher.settle(complete(2));
    answers[0]!.reject(new Error('not now'));
    await expect(poll).rejects.toThrow('not now');
    fetcher.failed();
    expect(fetcher).toMatchObject({ isBusy: false, hasNews: true, reserved: 0 });
    void fetcher.poll(0, false);
    expect(sent[1]!.settlements).toEqual([complete(1), complete(2)]);
  });

  it('tells 300 ends at once, and the rest with the next poll', () => {
    for (let id = 1; id <= 301; id++) fetcher.settle(complete(id));
    void fetcher.poll(0, false);
    expect(sent[0]!.settlements).toHaveLength(300);
    expect(fetcher.hasNews).toBe(true);
    fetcher.done();
    void fetcher.poll(0, false);
    expect(sent[1]!.settlements).toEqual([complete(301)]);
  });

  it('can forget what it was to tell', () => {
    fetcher.settle(complete(1));
    fetcher.forget();
    expect(fetcher.hasNews).toBe(false);
  });

  describe('with a second one', () => {
    const giveBack = (fence: number): Settlement => ({
      kind: 'release',
      id: `${fence}`,
      fence,
      delay: 0,
      position: 'front',
    });
    let second: QueueFetcher;

    beforeEach(() => {
      second = new QueueFetcher('mail', consumer, fetcher.ahead, fetcher);
    });

    it('is one of the two fetchers of its queue', () => {
      expect(fetcher.both).toEqual([fetcher, second]);
      expect(second.first).toBe(fetcher);
      expect(fetcher.first).toBe(fetcher);
    });

    it('gives back in turns what was claimed in turns, the last one first', () => {
      for (const fence of [5, 1, 2]) fetcher.settle(giveBack(fence));
      for (const fence of [3, 4]) second.settle(giveBack(fence));
      const order = [fetcher, second, fetcher].map((next) => {
        const held = next === fetcher ? second : fetcher;
        expect([next.isHeldBack, held.isHeldBack]).toEqual([false, true]);
        void next.poll(0, false);
        expect(held.isHeldBack).toBe(held.hasNews);
        next.done();
        return sent.at(-1)!.settlements.map(({ fence }) => fence);
      });
      expect(order).toEqual([[5], [3, 4], [1, 2]]);
      expect(fetcher.hasNews || second.hasNews).toBe(false);
    });

    it('claims nothing before all has gone back that has to', () => {
      expect([fetcher.mayClaim, second.mayClaim]).toEqual([true, true]);
      fetcher.settle(giveBack(1));
      expect([fetcher.mayClaim, second.mayClaim]).toEqual([true, false]);
      void fetcher.poll(0, false);
      expect(second.mayClaim).toBe(false);
      fetcher.done();
      expect([fetcher.mayClaim, second.mayClaim]).toEqual([true, true]);
      for (let fence = 1; fence <= 301; fence++) fetcher.settle(giveBack(fence));
      expect(fetcher.mayClaim).toBe(false);
    });

    it('gives back more than one poll can tell from the end', () => {
      for (let fence = 1; fence <= 301; fence++) fetcher.settle(giveBack(fence));
      void fetcher.poll(0, false);
      fetcher.done();
      void fetcher.poll(0, false);
      expect(sent.map(({ settlements }) => settlements.map(({ fence }) => fence))).toEqual([
        Array.from({ length: 300 }, (_, i) => i + 2),
        [1],
      ]);
    });

    it('keeps in order what it could not give back', () => {
      for (const fence of [1, 3]) fetcher.settle(giveBack(fence));
      void fetcher.poll(0, false);
      fetcher.settle(giveBack(2));
      fetcher.failed();
      void fetcher.poll(0, false);
      expect(sent[1]!.settlements.map(({ fence }) => fence)).toEqual([1, 2, 3]);
    });
  });
});
