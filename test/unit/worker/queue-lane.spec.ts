import { beforeEach, describe, expect, it } from '@jest/globals';
import type {
  QueueConsumer,
  Settlement,
  StepRequest,
  StepResult,
} from '../../../lib/drivers/queue-driver.interface.js';
import { ClaimAhead } from '../../../lib/worker/claim-ahead.js';
import { QueueLane } from '../../../lib/worker/queue-lane.js';
import { deferred, type Deferred } from '../../support/deferred.js';
import { FakeClock } from '../../support/fake-clock.js';

const complete = (id: number): Settlement => ({ kind: 'complete', id: `${id}`, fence: id });

describe('QueueLane', () => {
  let sent: StepRequest[];
  let answers: Deferred<StepResult>[];
  let lane: QueueLane;
  let consumer: QueueConsumer;

  beforeEach(() => {
    sent = [];
    answers = [];
    const step = (request: StepRequest): Promise<StepResult> => {
      sent.push(request);
      answers.push(deferred());
      return answers.at(-1)!.promise;
    };
    const ahead = new ClaimAhead(10, 0, new FakeClock());
    consumer = { queue: 'mail', step, close: async () => {} };
    lane = new QueueLane('mail', consumer, ahead);
  });

  it('is hungry, idle and without news at first', () => {
    expect(lane).toMatchObject({ hungry: true, isBusy: false, hasNews: false, reserved: 0, asksForSuspect: false });
  });

  it('sends what there is to tell, and keeps the slots until the answer was taken in', async () => {
    lane.settle(complete(1));
    lane.settle(complete(2));
    const step = lane.step(5, true);
    expect(sent).toEqual([{ settlements: [complete(1), complete(2)], limit: 5, suspects: true }]);
    const underWay = { isBusy: true, hasNews: false, reserved: 5, asksForSuspect: true };
    expect(lane).toMatchObject(underWay);
    answers[0]!.resolve({} as StepResult);
    await step;
    expect(lane).toMatchObject(underWay);
    lane.done();
    expect(lane).toMatchObject({ isBusy: false, hasNews: false, reserved: 0, asksForSuspect: false });
  });

  it('keeps what could not be told, before what came later', async () => {
    lane.settle(complete(1));
    const step = lane.step(5, false);
    lane.settle(complete(2));
    answers[0]!.reject(new Error('not now'));
    await expect(step).rejects.toThrow('not now');
    lane.failed();
    expect(lane).toMatchObject({ isBusy: false, hasNews: true, reserved: 0 });
    void lane.step(0, false);
    expect(sent[1]!.settlements).toEqual([complete(1), complete(2)]);
  });

  it('tells 300 ends at once, and the rest with the next step', () => {
    for (let id = 1; id <= 301; id++) lane.settle(complete(id));
    void lane.step(0, false);
    expect(sent[0]!.settlements).toHaveLength(300);
    expect(lane.hasNews).toBe(true);
    lane.done();
    void lane.step(0, false);
    expect(sent[1]!.settlements).toEqual([complete(301)]);
  });

  it('can forget what it was to tell', () => {
    lane.settle(complete(1));
    lane.forget();
    expect(lane.hasNews).toBe(false);
  });

  describe('with a second one', () => {
    const giveBack = (fence: number): Settlement => ({
      kind: 'release',
      id: `${fence}`,
      fence,
      delay: 0,
      position: 'front',
    });
    let second: QueueLane;

    beforeEach(() => {
      second = new QueueLane('mail', consumer, lane.ahead, lane);
    });

    it('is one of the two lanes of its queue', () => {
      expect(lane.both).toEqual([lane, second]);
      expect(second.first).toBe(lane);
      expect(lane.first).toBe(lane);
    });

    it('gives back in turns what was claimed in turns, the last one first', () => {
      for (const fence of [5, 1, 2]) lane.settle(giveBack(fence));
      for (const fence of [3, 4]) second.settle(giveBack(fence));
      const order = [lane, second, lane].map((next) => {
        const held = next === lane ? second : lane;
        expect([next.isHeldBack, held.isHeldBack]).toEqual([false, true]);
        void next.step(0, false);
        expect(held.isHeldBack).toBe(held.hasNews);
        next.done();
        return sent.at(-1)!.settlements.map(({ fence }) => fence);
      });
      expect(order).toEqual([[5], [3, 4], [1, 2]]);
      expect(lane.hasNews || second.hasNews).toBe(false);
    });

    it('claims nothing before all has gone back that has to', () => {
      expect([lane.mayClaim, second.mayClaim]).toEqual([true, true]);
      lane.settle(giveBack(1));
      expect([lane.mayClaim, second.mayClaim]).toEqual([true, false]);
      void lane.step(0, false);
      expect(second.mayClaim).toBe(false);
      lane.done();
      expect([lane.mayClaim, second.mayClaim]).toEqual([true, true]);
      for (let fence = 1; fence <= 301; fence++) lane.settle(giveBack(fence));
      expect(lane.mayClaim).toBe(false);
    });

    it('gives back more than one step can tell from the end', () => {
      for (let fence = 1; fence <= 301; fence++) lane.settle(giveBack(fence));
      void lane.step(0, false);
      lane.done();
      void lane.step(0, false);
      expect(sent.map(({ settlements }) => settlements.map(({ fence }) => fence))).toEqual([
        Array.from({ length: 300 }, (_, i) => i + 2),
        [1],
      ]);
    });

    it('keeps in order what it could not give back', () => {
      for (const fence of [1, 3]) lane.settle(giveBack(fence));
      void lane.step(0, false);
      lane.settle(giveBack(2));
      lane.failed();
      void lane.step(0, false);
      expect(sent[1]!.settlements.map(({ fence }) => fence)).toEqual([1, 2, 3]);
    });
  });
});
