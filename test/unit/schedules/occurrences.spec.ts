import fc from 'fast-check';
import { describe, expect, test } from '@jest/globals';
import { MAX_CAUGHT_UP, Occurrences, type Timing } from '../../../lib/schedules/occurrences.js';

const START = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;

/** Lists all occurrences of a span, one after the other. */
function walk(occurrences: Occurrences, after: number, upTo: number): number[] {
  const times: number[] = [];
  for (let time = occurrences.after(after); time !== undefined && time <= upTo; time = occurrences.after(time)) {
    times.push(time);
  }
  return times;
}

describe('every', () => {
  const first = (timing: Timing, after: number): number | undefined => {
    const time = new Occurrences({ every: MINUTE, ...timing }, START).after(after);
    return time === undefined ? undefined : (time - START) / 1000;
  };

  test('is counted from when the schedule was first set', () => {
    expect(first({}, START)).toBe(60);
    expect(first({}, START + 59_999)).toBe(60);
    expect(first({}, START + MINUTE)).toBe(120);
    expect(first({}, START - 10 * MINUTE)).toBe(60);
  });

  test('is counted from startAt, which is an occurrence', () => {
    expect(first({ startAt: START + 30_000 }, START)).toBe(30);
    expect(first({ startAt: START + 30_000 }, START + 30_000)).toBe(90);
    expect(first({ startAt: START - 30_000 }, START)).toBe(30);
  });

  test('ends with endAt, which may be an occurrence', () => {
    expect(first({ endAt: START + MINUTE }, START)).toBe(60);
    expect(first({ endAt: START + MINUTE - 1 }, START)).toBeUndefined();
  });
});

test('a cron expression has no occurrence before startAt, which may be one, nor after endAt', () => {
  const daily = { cron: '0 12 * * *', timeZone: 'UTC' };
  const noon = START + 12 * 60 * MINUTE;
  expect(new Occurrences({ ...daily, startAt: noon }, 0).after(START)).toBe(noon);
  expect(new Occurrences({ ...daily, startAt: noon + 1 }, 0).after(START)).toBe(noon + 24 * 60 * MINUTE);
  expect(new Occurrences({ ...daily, endAt: noon }, 0).after(START)).toBe(noon);
  expect(new Occurrences({ ...daily, endAt: noon - 1 }, 0).after(START)).toBeUndefined();
});

const timings: fc.Arbitrary<Timing> = fc.oneof(
  fc.record({ every: fc.integer({ min: 100, max: 90 * MINUTE }) }),
  fc.record({
    cron: fc.constantFrom('* * * * *', '*/7 * * * * *', '30 2 * * *', '0 0 * * *', '*/15 1-3 * * *', '0 9 * * 1-5'),
    timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'Australia/Lord_Howe', 'America/Havana', 'Asia/Kolkata'),
  }),
);
/** Days on which clocks change, and some others. */
const days = fc
  .constantFrom('2026-03-29', '2026-10-25', '2026-10-03', '2026-04-04', '2026-03-08', '2026-07-01')
  .map(Date.parse);

describe('what is due', () => {
  test('is what a walk finds', () => {
    fc.assert(
      fc.property(timings, days, fc.nat(20 * 60 * MINUTE), fc.nat(90 * MINUTE), (timing, day, offset, late) => {
        const occurrences = new Occurrences(timing, day);
        const next = occurrences.after(day + offset)!;
        const now = next + late;
        const all = walk(occurrences, next - 1, now);
        const onTime = all.filter((time) => time >= now - 10_000);
        const following = occurrences.after(now);
        expect(occurrences.due(next, now, 'all')).toEqual({ times: all.slice(-MAX_CAUGHT_UP), next: following });
        expect(occurrences.due(next, now, 'none')).toEqual({ times: onTime, next: following });
        const last = onTime.length > 0 ? onTime : all.slice(-1);
        expect(occurrences.due(next, now, 'last')).toEqual({ times: last, next: following });
      }),
      { numRuns: 50 },
    );
  });

  test('is at most the last 1,000 of years', () => {
    const years = 3 * 365 * 24 * 60 * MINUTE;
    for (const timing of [{ every: 100 }, { cron: '* * * * * *', timeZone: 'UTC' }]) {
      const { times, next } = new Occurrences(timing, START).due(START + 1_000, START + years, 'all');
      const step = timing.every ?? 1_000;
      expect(times).toHaveLength(MAX_CAUGHT_UP);
      expect(times[0]).toBe(START + years - (MAX_CAUGHT_UP - 1) * step);
      expect(times.at(-1)).toBe(START + years);
      expect(next).toBe(START + years + step);
    }
  });

  test('is the last one before the end', () => {
    const occurrences = new Occurrences({ every: MINUTE, endAt: START + 5 * MINUTE }, START);
    expect(occurrences.due(START + MINUTE, START + 60 * MINUTE, 'last')).toEqual({ times: [START + 5 * MINUTE] });
  });
});
