import { beforeEach, describe, expect, it } from '@jest/globals';
import type { QueueConsumer } from '../../../lib/drivers/queue-driver.interface.js';
import { ClaimAhead } from '../../../lib/worker/claim-ahead.js';
import { LaneSet } from '../../../lib/worker/lane-set.js';
import { QueueLane } from '../../../lib/worker/queue-lane.js';
import { deferred } from '../../support/deferred.js';
import { FakeClock } from '../../support/fake-clock.js';

describe('LaneSet', () => {
  let clock: FakeClock;
  let closed: string[];
  let a: QueueLane;
  let b: QueueLane;
  let lanes: LaneSet;

  const open = (queue: string): QueueLane => {
    const consumer: QueueConsumer = {
      queue,
      step: () => deferred<never>().promise,
      close: async () => void closed.push(queue),
    };
    return new QueueLane(queue, consumer, new ClaimAhead(10, 0, clock));
  };
  const hungry = (): string =>
    [a, b]
      .filter((lane) => lanes.isHungry(lane))
      .map(({ queue }) => queue)
      .join('');

  beforeEach(() => {
    clock = new FakeClock();
    closed = [];
    a = open('a');
    b = open('b');
    lanes = new LaneSet([a, b], false, clock);
  });

  it('is hungry at first, and not where it was asked', () => {
    expect(hungry()).toBe('ab');
    lanes.asked(a);
    expect(hungry()).toBe('b');
    expect(lanes.anyHungry).toBe(true);
    lanes.asked(b);
    expect(lanes.anyHungry).toBe(false);
  });

  it('can be made hungry, one or all', () => {
    lanes.asked(a);
    lanes.asked(b);
    lanes.setHungry('b');
    expect(hungry()).toBe('b');
    lanes.setHungry(null);
    expect(hungry()).toBe('ab');
  });

  it('looks at a queue again after 100 ms, where another one has more than enough', async () => {
    lanes.asked(b);
    await clock.advance(0.04);
    lanes.asked(a);
    lanes.overflowed(a);
    expect(hungry()).toBe('a');
    await clock.advance(0.059);
    expect(hungry()).toBe('a');
    await clock.advance(0.001);
    expect(hungry()).toBe('ab');
    lanes.asked(b);
    await clock.advance(1);
    expect(hungry()).toBe('a');
  });

  it('is hungry for suspects, as long as none runs or is asked for', () => {
    lanes.asked(a);
    lanes.asked(b);
    a.suspectsLeft = true;
    expect(hungry()).toBe('a');
    a.heldSuspects++;
    expect(hungry()).toBe('');
    a.heldSuspects--;
    void b.step(1, true);
    expect(hungry()).toBe('');
    b.done();
    expect(hungry()).toBe('a');
  });

  it('lets a queue rest for a second: it is not at work, not hungry, and nothing is still', async () => {
    let over = false;
    lanes.letRest(a, () => (over = true));
    expect(hungry()).toBe('b');
    expect(lanes.atWork).toEqual([b]);
    expect(lanes.isStill).toBe(false);
    await clock.advance(0.999);
    expect(over).toBe(false);
    await clock.advance(0.001);
    expect(over).toBe(true);
    expect(lanes.atWork).toEqual([a, b]);
    expect(lanes.isStill).toBe(true);
  });

  it('is hungry after a rest, whatever was asked before', async () => {
    lanes.asked(a);
    lanes.letRest(a, () => {});
    await clock.advance(1);
    expect(hungry()).toBe('ab');
  });

  it('knows what is under way and what is not told yet', () => {
    a.settle({ kind: 'complete', id: '1', fence: 1 });
    expect(lanes).toMatchObject({ isStill: true, isFlushed: false, reserved: 0 });
    void a.step(3, false);
    void b.step(4, false);
    expect(lanes).toMatchObject({ isStill: false, isFlushed: false, reserved: 7 });
    a.done();
    b.done();
    expect(lanes).toMatchObject({ isStill: true, isFlushed: true, reserved: 0 });
  });

  it('closes its queues, and leaves no timer', async () => {
    lanes.letRest(a, () => {});
    await lanes.close();
    expect(closed).toEqual(['a', 'b']);
    expect(clock.pending).toBe(0);
  });

  describe('claiming ahead', () => {
    it('is not allowed before the other queues have been asked', () => {
      expect([lanes.mayClaimAhead(a), lanes.mayClaimAhead(b)]).toEqual([false, false]);
    });

    it('is allowed where no other queue has more', () => {
      a.hasMore = false;
      expect([lanes.mayClaimAhead(a), lanes.mayClaimAhead(b)]).toEqual([false, true]);
      b.hasMore = false;
      expect([lanes.mayClaimAhead(a), lanes.mayClaimAhead(b)]).toEqual([true, true]);
    });

    it('minds only the queues before it in a strict order', () => {
      lanes = new LaneSet([a, b], true, clock);
      expect([lanes.mayClaimAhead(a), lanes.mayClaimAhead(b)]).toEqual([true, false]);
      a.hasMore = false;
      expect(lanes.mayClaimAhead(b)).toBe(true);
    });
  });
});
