import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { RunLimits, type LimitOptions, type StopReason } from '../../../lib/worker/run-limits.js';
import { FakeClock } from '../../support/fake-clock.js';

describe('RunLimits', () => {
  let clock: FakeClock;
  let reached: StopReason[];
  let limits: RunLimits;

  const start = (options: LimitOptions): void => {
    limits = new RunLimits(options, clock, (reason) => reached.push(reason));
    limits.start();
  };

  beforeEach(() => {
    clock = new FakeClock();
    reached = [];
  });
  afterEach(() => {
    limits.stop();
    expect(clock.pending).toBe(0);
    jest.restoreAllMocks();
  });

  it('do not end a run without options, and arm no timer', () => {
    start({});
    expect(limits.remaining).toBe(Infinity);
    limits.remaining -= 1_000_000;
    expect(limits.remaining).toBe(Infinity);
    expect(clock.pending).toBe(0);
  });

  it('count down from maxJobs', () => {
    start({ maxJobs: 10 });
    limits.remaining -= 3;
    limits.remaining -= 4;
    expect(limits.remaining).toBe(3);
    limits.remaining -= 3;
    expect(limits.remaining).toBe(0);
  });

  it('report once when maxTime is over', async () => {
    start({ maxTime: 2.5 });
    await clock.advance(2.499);
    expect(reached).toEqual([]);
    await clock.advance(0.001);
    await clock.advance(60);
    expect(reached).toEqual(['max-time']);
  });

  it('read the memory once a second, and report once when it exceeds maxMemory', async () => {
    const rss = jest.spyOn(process.memoryUsage, 'rss').mockReturnValue(100);
    start({ maxMemory: 100 });
    await clock.advance(10);
    expect(rss).toHaveBeenCalledTimes(10);
    expect(reached).toEqual([]);
    rss.mockReturnValue(101);
    await clock.advance(10);
    expect(reached).toEqual(['max-memory']);
  });

  it('report nothing after they were stopped', async () => {
    jest.spyOn(process.memoryUsage, 'rss').mockReturnValue(100);
    start({ maxTime: 5, maxMemory: 200 });
    await clock.advance(3);
    limits.stop();
    jest.spyOn(process.memoryUsage, 'rss').mockReturnValue(1_000);
    await clock.advance(60);
    expect(reached).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});
