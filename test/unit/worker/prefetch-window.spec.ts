import { beforeEach, describe, expect, it } from '@jest/globals';
import { PrefetchWindow, type Claim } from '../../../lib/worker/prefetch-window.js';
import { FakeClock } from '../../support/fake-clock.js';

describe('PrefetchWindow', () => {
  let clock: FakeClock;
  let window: PrefetchWindow;

  beforeEach(() => {
    clock = new FakeClock();
    window = new PrefetchWindow(10, 30, clock);
  });

  const end = (claim: Claim): void => {
    while (claim.left > 0) window.ended(claim);
  };
  /** Claims quick jobs so many times, from a queue with more jobs. */
  const beQuick = (claims: number): void => {
    for (let i = 0; i < claims; i++) end(window.taken(10, true));
  };

  it('claims only for free slots at first', () => {
    expect(window.isOn).toBe(false);
    expect([10, 3, 0, -5].map((free) => window.limit(free))).toEqual([10, 3, 0, 0]);
  });

  it('doubles after each claim of quick jobs, up to its limit', () => {
    const limits = Array.from({ length: 7 }, () => {
      const limit = window.limit(0);
      beQuick(1);
      return limit;
    });
    // The last one is half of the 10 jobs that run and the 30 that wait.
    expect(limits).toEqual([0, 1, 2, 4, 8, 13, 20]);
  });

  it('claims half of the jobs that the worker may hold', () => {
    beQuick(10);
    expect(window.limit(10)).toBe(20);
    expect(window.limit(-10)).toBe(20);
    expect(window.limit(-25)).toBe(5);
    expect(window.limit(-30)).toBe(0);
    expect(window.limit(-40)).toBe(0);
  });

  it('claims a third with two polls under way, from a width of 32', () => {
    window = new PrefetchWindow(10, 50, clock);
    const far = Array.from({ length: 8 }, () => {
      beQuick(1);
      return [window.isFar, window.limit(0)];
    });
    expect(far.slice(3)).toEqual([
      [false, 8],
      [false, 13],
      [true, 14],
      [true, 20],
      [true, 20],
    ]);
  });

  it('claims at least for each free slot', () => {
    beQuick(1);
    expect(window.limit(10)).toBe(10);
  });

  it('claims only for free slots while a claim is older than 5 ms', async () => {
    beQuick(10);
    const claim = window.taken(10, true);
    await clock.advance(0.005);
    expect(window.limit(0)).toBe(20);
    await clock.advance(0.001);
    expect(window.isOn).toBe(false);
    expect(window.limit(0)).toBe(0);
    end(claim);
    expect(window.isOn).toBe(true);
  });

  it('halves after each claim that took longer than 5 ms', async () => {
    beQuick(10);
    const allowances: number[] = [];
    for (let i = 0; i < 6; i++) {
      const claim = window.taken(10, true);
      await clock.advance(0.006);
      end(claim);
      allowances.push(window.limit(0));
    }
    // The widths are 15, 7, 3, 1 and 0; the first limit is half of 25.
    expect(allowances).toEqual([13, 7, 3, 1, 0, 0]);
  });

  it('is off while one job of an older claim runs, even if later jobs are quick', async () => {
    beQuick(10);
    window.taken(1, true);
    await clock.advance(0.006);
    beQuick(3);
    expect(window.isOn).toBe(false);
  });

  it('closes when the queue is empty', () => {
    beQuick(10);
    window.taken(4, false);
    expect(window.limit(0)).toBe(0);
  });

  it('does not grow after the last jobs of a queue', () => {
    end(window.taken(10, false));
    expect(window.isOn).toBe(false);
  });

  it('closes when it is reset', () => {
    beQuick(10);
    window.reset();
    expect(window.limit(0)).toBe(0);
  });

  it('stays closed with a limit of 0', () => {
    window = new PrefetchWindow(10, 0, clock);
    beQuick(10);
    expect(window.isOn).toBe(false);
    expect(window.limit(3)).toBe(3);
  });
});
