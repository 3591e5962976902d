import { describe, expect, it } from '@jest/globals';
import { countRefused, fencesGrow, zombiesAreRefused } from '../../chaos/checks/fences.js';
import { countExtraRuns, onlyLostJobsRanAgain } from '../../chaos/checks/extra-runs.js';
import { nothingRunsAfterItsEnd } from '../../chaos/checks/runs.js';
import { buildTimeline } from '../../chaos/checks/timeline.js';
import { claimed, drained, pushed, run, settled, started, timelineOf, up } from './histories.js';

describe('fencesGrow', () => {
  it('reports a process whose fence is lower than the one before', () => {
    const timeline = timelineOf([], {
      one: [claimed('a', 5), claimed('b', 4)],
      two: [claimed('c', 1), claimed('d', 9)],
    });
    expect(fencesGrow(timeline)).toEqual(['one got fence 4 of default after 5']);
  });

  it('reports a fence that two jobs have', () => {
    const timeline = timelineOf([], { one: [claimed('a', 5)], two: [claimed('b', 5)] });
    expect(fencesGrow(timeline)).toEqual(['fence 5 was given to a and b']);
  });

  it.each([
    ['attempts', { attempt: 2 }, { attempt: 1 }, 'a had attempt 2, crash 0, then 1, 0'],
    ['crashes', { crashes: 2 }, { crashes: 1 }, 'a had attempt 1, crash 2, then 1, 1'],
  ])('reports %s that decrease', (_, first, second, violation) => {
    const timeline = timelineOf([], { one: [claimed('a', 1, first)], two: [claimed('a', 2, second)] });
    expect(fencesGrow(timeline)).toEqual([violation]);
  });
});

describe('zombiesAreRefused', () => {
  const recovered = run('a', 2, { crashes: 1 });

  it.each(['complete', 'fail', 'retry', 'release'] as const)('reports an accepted "%s" of a zombie', (kind) => {
    const zombie = [claimed('a', 1), started('a', 1), settled('a', 1, { kind, sentAt: 9 })];
    const timeline = timelineOf([pushed('a')], { zombie, successor: recovered });
    expect(zombiesAreRefused(timeline)).toEqual([`a was recovered from zombie, but its "${kind}" was accepted`]);
  });

  it('accepts a refused settlement, which countRefused counts', () => {
    const timeline = timelineOf([pushed('a')], { zombie: run('a', 1, {}, { accepted: false }), successor: recovered });
    expect(zombiesAreRefused(timeline)).toEqual([]);
    expect(countRefused(timeline)).toBe(1);
  });

  it('accepts a process that released the job in time', () => {
    const timeline = timelineOf([pushed('a')], {
      one: [claimed('a', 1), started('a', 1), settled('a', 1, { kind: 'release' })],
      two: run('a', 2),
    });
    expect(zombiesAreRefused(timeline)).toEqual([]);
  });

  it('accepts a process that released the job before other processes lost it', () => {
    const one = [claimed('a', 1), started('a', 1), settled('a', 1, { kind: 'release' })];
    const timeline = timelineOf([pushed('a')], { one, two: run('a', 5, { crashes: 1 }) });
    expect(zombiesAreRefused(timeline)).toEqual([]);
  });
});

describe('a server that loses acknowledged writes', () => {
  const forgotten = (at: number): boolean => at >= 5 && at < 9;
  const test = [pushed('a', { sentAt: 0 }), pushed('b', { sentAt: 6 }), pushed('c', { sentAt: 10 })];

  it('may have lost the pushes of that time, and no other', () => {
    const { pushes } = buildTimeline({ test }, forgotten);
    expect([...pushes.values()].map(({ id, acknowledged, forgotten: gone }) => [id, acknowledged, gone])).toEqual([
      ['a', true, false],
      ['b', false, true],
      ['c', true, false],
    ]);
  });

  it('may cause an extra run of a job that was claimed or settled at that time', () => {
    const claimedThen = buildTimeline({ test, one: [up(), ...run('a', 6), drained()], two: run('a', 12) }, forgotten);
    expect(onlyLostJobsRanAgain(claimedThen, {})).toEqual([]);
    expect(nothingRunsAfterItsEnd(claimedThen)).toEqual([]);
    expect(countExtraRuns(claimedThen)).toBe(1);
    const claimedBefore = buildTimeline({ test, one: [up(), ...run('a', 2), drained()], two: run('a', 12) }, forgotten);
    expect(onlyLostJobsRanAgain(claimedBefore, {})).toEqual(['a ran again, although one held it (fence 2)']);
  });
});
