import { beforeEach, describe, expect, it } from '@jest/globals';
import { PrefetchWindow, type Claim } from '../../../lib/worker/prefetch-window.js';
import { FakeClock } from '../../support/fake-clock.js';

describe('PrefetchWindow', () => {
  let clock: FakeClock;
  let ahead: PrefetchWindow;

  beforeEach(() => {
    clock = new FakeClock();
    ahead = new PrefetchWindow(10, 30, clock);
  });

  const end = (claim: Claim): void => {
    while (claim.left > 0) ahead.ended(claim);
  };
  /** So many claims of quick jobs, each of a queue that has more. */
  const beQuick = (claims: number): void => {
    for (let i = 0; i < claims; i++) end(ahead.taken(10, true));
  };

  it('asks only for the free slots at first', () => {
    expect(ahead.isOn).toBe(false);
    expect([10, 3, 0, -5].map((free) => ahead.limit(free))).toEqual([10, 3, 0, 0]);
  });

  it('asks for twice as many more after each claim of quick jobs, up to its limit', () => {
    const limits = Array.from({ length: 7 }, () => {
      const limit = ahead.limit(0);
      beQuick(1);
      return limit;
    });
    // The last ones: half of the 10 that run and the 30 that wait.
    expect(limits).toEqual([0, 1, 2, 4, 8, 13, 20]);
  });

  it('asks for half of what it may hold, so that it has the other half to run meanwhile', () => {
    beQuick(10);
    expect(ahead.limit(10)).toBe(20);
    expect(ahead.limit(-10)).toBe(20);
    expect(ahead.limit(-25)).toBe(5);
    expect(ahead.limit(-30)).toBe(0);
    expect(ahead.limit(-40)).toBe(0);
  });

  it('asks for a third of it with two claims under way, from 32 ahead on', () => {
    ahead = new PrefetchWindow(10, 50, clock);
    const far = Array.from({ length: 8 }, () => {
      beQuick(1);
      return [ahead.isFar, ahead.limit(0)];
    });
    expect(far.slice(3)).toEqual([
      [false, 8],
      [false, 13],
      [true, 14],
      [true, 20],
      [true, 20],
    ]);
  });

  it('never asks for fewer than there are slots free', () => {
    beQuick(1);
    expect(ahead.limit(10)).toBe(10);
  });

  it('asks for no more than free slots while a claim has been running for longer than 5 ms', async () => {
    beQuick(10);
    const claim = ahead.taken(10, true);
    await clock.advance(0.005);
    expect(ahead.limit(0)).toBe(20);
    await clock.advance(0.001);
    expect(ahead.isOn).toBe(false);
    expect(ahead.limit(0)).toBe(0);
    end(claim);
    expect(ahead.isOn).toBe(true);
  });

  it('halves its allowance with each claim that took longer', async () => {
    beQuick(10);
    const allowances: number[] = [];
    for (let i = 0; i < 6; i++) {
      const claim = ahead.taken(10, true);
      await clock.advance(0.006);
      end(claim);
      allowances.push(ahead.limit(0));
    }
    // 15, 7, 3, 1, 0, of which it asks for at most the half of 25.
    expect(allowances).toEqual([13, 7, 3, 1, 0, 0]);
  });

  it('is slow while one job of an older claim runs, however quick the later ones are', async () => {
    beQuick(10);
    ahead.taken(1, true);
    await clock.advance(0.006);
    beQuick(3);
    expect(ahead.isOn).toBe(false);
  });

  it('begins anew when the queue has run dry', () => {
    beQuick(10);
    ahead.taken(4, false);
    expect(ahead.limit(0)).toBe(0);
  });

  it('does not grow by the last jobs of a queue', () => {
    end(ahead.taken(10, false));
    expect(ahead.isOn).toBe(false);
  });

  it('can be told to begin anew', () => {
    beQuick(10);
    ahead.reset();
    expect(ahead.limit(0)).toBe(0);
  });

  it('never claims ahead with a limit of 0', () => {
    ahead = new PrefetchWindow(10, 0, clock);
    beQuick(10);
    expect(ahead.isOn).toBe(false);
    expect(ahead.limit(3)).toBe(3);
  });
});
