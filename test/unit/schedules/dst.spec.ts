import { describe, expect, test } from '@jest/globals';
import { Occurrences } from '../../../lib/schedules/occurrences.js';

/** The occurrences of a span, as UTC times. */
function occurrences(cron: string, timeZone: string, from: string, to: string): string[] {
  const all = new Occurrences({ cron, timeZone }, 0);
  const times: string[] = [];
  for (let time = all.after(Date.parse(`${from}Z`) - 1); time !== undefined; time = all.after(time)) {
    if (time > Date.parse(`${to}Z`)) break;
    times.push(new Date(time).toISOString().slice(0, 16));
  }
  return times;
}

const quarters = (from: string, count: number, minutes = 15): string[] =>
  Array.from({ length: count }, (_, i) => {
    return new Date(Date.parse(`${from}Z`) + i * minutes * 60_000).toISOString().slice(0, 16);
  });

/** The occurrences on the days on which clocks change: expression, zone, span and times in UTC. */
const TABLE: readonly (readonly [
  title: string,
  cron: string,
  zone: string,
  from: string,
  to: string,
  times: readonly string[],
])[] = [
  [
    '02:30, which is skipped',
    '30 2 * * *',
    'Europe/Berlin',
    '2026-03-28T23:00',
    '2026-03-29T21:59',
    ['2026-03-29T01:00'],
  ],
  [
    '02:30, which comes twice',
    '30 2 * * *',
    'Europe/Berlin',
    '2026-10-24T22:00',
    '2026-10-25T22:59',
    ['2026-10-25T00:30'],
  ],
  [
    '03:00 behind the hour that comes twice',
    '0 3 * * *',
    'Europe/Berlin',
    '2026-10-24T22:00',
    '2026-10-25T22:59',
    ['2026-10-25T02:00'],
  ],
  [
    'each hour, of which one is skipped',
    '15 * * * *',
    'Europe/Berlin',
    '2026-03-29T00:00',
    '2026-03-29T03:00',
    ['2026-03-29T00:15', '2026-03-29T01:15', '2026-03-29T02:15'],
  ],
  [
    'each half hour, of which two come twice',
    '*/30 1-3 * * *',
    'Europe/Berlin',
    '2026-10-24T22:00',
    '2026-10-25T22:59',
    quarters('2026-10-24T23:00', 8, 30),
  ],
  [
    '02:30 in New York, which is skipped',
    '30 2 * * *',
    'America/New_York',
    '2026-03-08T05:00',
    '2026-03-09T03:59',
    ['2026-03-08T07:00'],
  ],
  [
    '01:30 in New York, which comes twice',
    '30 1 * * *',
    'America/New_York',
    '2026-11-01T04:00',
    '2026-11-02T04:59',
    ['2026-11-01T05:30'],
  ],
  [
    'each hour in New York, of which one is skipped',
    '0 * * * *',
    'America/New_York',
    '2026-03-08T05:00',
    '2026-03-08T09:00',
    quarters('2026-03-08T05:00', 5, 60),
  ],
  [
    'each hour in New York, of which one comes twice',
    '0 * * * *',
    'America/New_York',
    '2026-11-01T04:00',
    '2026-11-01T08:00',
    quarters('2026-11-01T04:00', 5, 60),
  ],
  [
    '02:15 on Lord Howe, in a gap of half an hour',
    '15 2 * * *',
    'Australia/Lord_Howe',
    '2026-10-03T13:30',
    '2026-10-04T12:59',
    ['2026-10-03T15:30'],
  ],
  [
    'each quarter on Lord Howe, of which two are skipped',
    '*/15 1-3 * * *',
    'Australia/Lord_Howe',
    '2026-10-03T13:30',
    '2026-10-04T12:59',
    quarters('2026-10-03T14:30', 10),
  ],
  [
    'each hour on Lord Howe, of which half of one comes twice',
    '0 * * * *',
    'Australia/Lord_Howe',
    '2026-04-04T13:00',
    '2026-04-04T17:30',
    ['2026-04-04T13:00', '2026-04-04T14:00', '2026-04-04T15:30', '2026-04-04T16:30', '2026-04-04T17:30'],
  ],
  [
    'each quarter on Lord Howe, of which two come twice',
    '*/15 1-2 * * *',
    'Australia/Lord_Howe',
    '2026-04-04T13:00',
    '2026-04-05T12:00',
    quarters('2026-04-04T14:00', 10),
  ],
  [
    'midnight in Havana, which is skipped',
    '0 0 * * *',
    'America/Havana',
    '2026-03-08T04:30',
    '2026-03-09T03:00',
    ['2026-03-08T05:00'],
  ],
  [
    'midnight in Cairo, which is skipped',
    '0 0 * * *',
    'Africa/Cairo',
    '2026-04-23T21:30',
    '2026-04-24T20:00',
    ['2026-04-23T22:00'],
  ],
  [
    'two times of a day, of which one is skipped',
    '30 2,14 * * *',
    'Europe/Berlin',
    '2026-03-28T23:00',
    '2026-03-29T21:59',
    ['2026-03-29T01:00', '2026-03-29T12:30'],
  ],
  [
    'two times of a day, of which one comes twice',
    '30 2,14 * * *',
    'Europe/Berlin',
    '2026-10-24T22:00',
    '2026-10-25T22:59',
    ['2026-10-25T00:30', '2026-10-25T13:30'],
  ],
];

describe('on the days on which clocks change', () => {
  test.each(TABLE)('%s', (_, cron, zone, from, to, times) => {
    expect(occurrences(cron, zone, from, to)).toEqual(times);
  });

  test.each(TABLE)('the last occurrences are those that come: %s', (_, cron, zone, from, to, times) => {
    const all = new Occurrences({ cron, timeZone: zone }, 0);
    const [first, last] = [times[0]!, to].map((time) => Date.parse(`${time}Z`)) as [number, number];
    const found = all.between(first, last, 1_000).map((time) => new Date(time).toISOString().slice(0, 16));
    expect(found).toEqual(times);
    expect(Date.parse(`${from}Z`)).toBeLessThanOrEqual(first);
  });
});

test.each([
  ['29 February', '0 0 29 2 *', ['2028-02-29T00:00', '2032-02-29T00:00']],
  ['the last day of a month', '0 0 L * *', ['2026-01-31T00:00', '2026-02-28T00:00', '2026-03-31T00:00']],
  ['the last weekday of a month', '0 0 LW * *', ['2026-01-30T00:00', '2026-02-27T00:00']],
  ['the second Monday', '0 0 * * 1#2', ['2026-01-12T00:00', '2026-02-09T00:00']],
  ['seconds', '*/30 * * * * *', ['2026-01-01T00:00', '2026-01-01T00:00', '2026-01-01T00:01']],
])('%s', (_, cron, times) => {
  const all = new Occurrences({ cron, timeZone: 'UTC' }, 0);
  let at = Date.UTC(2026, 0, 1) - 1;
  for (const time of times) {
    at = all.after(at)!;
    expect(new Date(at).toISOString().slice(0, 16)).toBe(time);
  }
});
