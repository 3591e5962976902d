import { describe, expect, it } from '@jest/globals';
import { QUICK } from '../../bench/effort.js';
import type { Bench } from '../../bench/measurements/measurement.interface.js';
import { chooseCount, inTurn, measureRate } from '../../bench/measurements/rounds.js';

/** Two systems that do nothing, and a server; `events` is what is asked of them. */
function makeBench(events: string[], patience = 60): Bench {
  return {
    server: { empty: async () => void events.push('empty') },
    subjects: [{ system: 'ours' }, { system: 'bullmq' }],
    effort: { ...QUICK, patience, rounds: 4 },
  } as unknown as Bench;
}

describe('inTurn', () => {
  it('alternates, each time on an empty server', async () => {
    const events: string[] = [];
    await inTurn(makeBench(events), 2, async ({ system }) => events.push(system));
    expect(events).toEqual(['empty', 'ours', 'empty', 'bullmq', 'empty', 'ours', 'empty', 'bullmq']);
  });

  it('keeps the values in the order of the rounds', async () => {
    let value = 0;
    expect(await inTurn(makeBench([]), 2, async () => ++value)).toEqual({ ours: [1, 3], bullmq: [2, 4] });
  });

  it('stops after three rounds where they take too long', async () => {
    const samples = await inTurn(makeBench([], 0), 10, async () => 1);
    expect(samples).toEqual({ ours: [1, 1, 1], bullmq: [1, 1, 1] });
  });
});

describe('chooseCount', () => {
  const effort = { ...QUICK, seconds: 0.5, maxJobs: 20_000 };

  it('is what takes the time wanted', () => {
    expect(chooseCount(10_000, effort)).toBe(5_000);
  });

  it('has limits', () => {
    expect(chooseCount(1e6, effort)).toBe(20_000);
    expect(chooseCount(1, effort)).toBe(200);
  });
});

describe('measureRate', () => {
  it('gives each system as many jobs as it can do in the time', async () => {
    const rates = { ours: 100_000, bullmq: 10_000 };
    const counts: Record<string, number> = {};
    const samples = await measureRate(makeBench([]), async ({ system }, jobs) => {
      counts[system] = jobs;
      return { jobs, seconds: jobs / rates[system], processor: 0 };
    });
    expect(counts).toEqual({ ours: 100_000 * QUICK.seconds, bullmq: 10_000 * QUICK.seconds });
    expect(samples.ours).toHaveLength(4);
    for (const rate of samples.ours) expect(rate).toBeCloseTo(100_000);
  });
});
