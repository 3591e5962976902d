import { describe, expect, it } from '@jest/globals';
import { QUICK } from '../../bench/effort.js';
import type { Bench } from '../../bench/measurements/measurement.interface.js';
import type { SystemName } from '../../bench/systems/system.interface.js';
import { chooseCount, inTurn, mapSamples, measureRate, warmUp } from '../../bench/measurements/rounds.js';

/** Makes a bench of systems that do nothing and a server that records its calls in `events`. */
function makeBench(events: string[], timeLimit = 60, systems: SystemName[] = ['ours', 'bullmq']): Bench {
  return {
    server: { empty: async () => void events.push('empty') },
    subjects: systems.map((system) => ({ system })),
    effort: { ...QUICK, timeLimit, rounds: 4, minRounds: 3, otherRounds: 2 },
  } as unknown as Bench;
}

describe('inTurn', () => {
  it('alternates the systems, each time on an empty server', async () => {
    const events: string[] = [];
    await inTurn(makeBench(events), 2, async ({ system }) => events.push(system));
    expect(events).toEqual(['empty', 'ours', 'empty', 'bullmq', 'empty', 'ours', 'empty', 'bullmq']);
  });

  it('keeps the values in the order of the rounds', async () => {
    let value = 0;
    expect(await inTurn(makeBench([]), 2, async () => ++value)).toEqual({ ours: [1, 3], bullmq: [2, 4] });
  });

  it('stops after the least number of rounds at the time limit', async () => {
    const samples = await inTurn(makeBench([], 0), 10, async () => 1);
    expect(samples).toEqual({ ours: [1, 1, 1], bullmq: [1, 1, 1] });
  });
});

describe('inTurn with more systems', () => {
  it('gives fewer rounds to the systems that are measured for orientation', async () => {
    const bench = makeBench([], 60, ['ours', 'bullmq', 'bull', 'bee-queue', 'bare']);
    const samples = await inTurn(bench, 4, async () => 1);
    const rounds = Object.entries(mapSamples(samples, String)).map(([system, values]) => [system, values.length]);
    expect(Object.fromEntries(rounds)).toEqual({ ours: 4, bullmq: 4, bull: 2, 'bee-queue': 2, bare: 4 });
  });

  it('keeps the data of the server with keepData', async () => {
    const events: string[] = [];
    await inTurn(makeBench(events), 1, async ({ system }) => events.push(system), true);
    expect(events).toEqual(['ours', 'bullmq']);
  });
});

describe('mapSamples', () => {
  it('maps the value of each round of each system', () => {
    const samples = { ours: [{ rate: 1 }, { rate: 2 }], bare: [{ rate: 3 }] };
    expect(mapSamples(samples, ({ rate }) => rate * 10)).toEqual({ ours: [10, 20], bare: [30] });
  });
});

describe('warmUp', () => {
  it('repeats the task until the time is up, and returns the last rate', async () => {
    const bench = makeBench([], 60, ['ours']);
    const rates = [1_000, 10_000, 20_000];
    let section = 0;
    const found = await warmUp(
      { ...bench, effort: { ...bench.effort, warmUp: 0.6, seconds: 0.2 } },
      async (_, jobs) => {
        const rate = rates[Math.min(section++, 2)]!;
        return { jobs, seconds: jobs / rate, processor: 0 };
      },
    );
    expect(section).toBeGreaterThan(1);
    expect(found.get(bench.subjects[0]!)).toBeCloseTo(rates[Math.min(section - 1, 2)]!);
  });
});

describe('chooseCount', () => {
  const effort = { ...QUICK, seconds: 0.5, maxJobs: 20_000 };

  it('chooses the jobs that take the wanted time', () => {
    expect(chooseCount(10_000, effort)).toBe(5_000);
  });

  it('stays between 200 and maxJobs', () => {
    expect(chooseCount(1e6, effort)).toBe(20_000);
    expect(chooseCount(1, effort)).toBe(200);
  });
});

describe('measureRate', () => {
  it('gives each system the number of jobs that it can run in the time', async () => {
    const rates: Partial<Record<SystemName, number>> = { ours: 100_000, bullmq: 10_000 };
    const counts: Record<string, number> = {};
    const samples = await measureRate(makeBench([]), async ({ system }, jobs) => {
      counts[system] = jobs;
      return { jobs, seconds: jobs / rates[system]!, processor: 0 };
    });
    expect(counts).toEqual({ ours: 100_000 * QUICK.seconds, bullmq: 10_000 * QUICK.seconds });
    expect(samples.ours).toHaveLength(4);
    for (const rate of samples.ours!) expect(rate).toBeCloseTo(100_000);
  });
});
