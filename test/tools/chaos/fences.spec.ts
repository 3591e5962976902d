import { describe, expect, it } from '@jest/globals';
import { countRefused, fencesGrow, zombiesWereRefused } from '../../chaos/checks/fences.js';
import { countExtraRuns, onlyTheHeldRanTwice } from '../../chaos/checks/extra-runs.js';
import { nothingRunsAfterItsEnd } from '../../chaos/checks/runs.js';
import { tell } from '../../chaos/checks/story.js';
import { claimed, drained, pushed, run, settled, started, storyOf, up } from './histories.js';

describe('fences', () => {
  it('grow for each who claims', () => {
    const story = storyOf([], { one: [claimed('a', 5), claimed('b', 4)], two: [claimed('c', 1), claimed('d', 9)] });
    expect(fencesGrow(story)).toEqual(['one got fence 4 of default after 5']);
  });

  it('are given to one job each', () => {
    const story = storyOf([], { one: [claimed('a', 5)], two: [claimed('b', 5)] });
    expect(fencesGrow(story)).toEqual(['fence 5 was given to a and b']);
  });

  it.each([
    ['attempts', { attempt: 2 }, { attempt: 1 }, 'a had attempt 2, crash 0, then 1, 0'],
    ['crashes', { crashes: 2 }, { crashes: 1 }, 'a had attempt 1, crash 2, then 1, 1'],
  ])('come with %s that do not go back', (_, first, second, complaint) => {
    const story = storyOf([], { one: [claimed('a', 1, first)], two: [claimed('a', 2, second)] });
    expect(fencesGrow(story)).toEqual([complaint]);
  });
});

describe('a zombie', () => {
  const takenOver = run('a', 2, { crashes: 1 });

  it.each(['complete', 'fail', 'retry', 'release'] as const)('whose "%s" counts is told of', (kind) => {
    const zombie = [claimed('a', 1), started('a', 1), settled('a', 1, { kind, sentAt: 9 })];
    const story = storyOf([pushed('a')], { zombie, heir: takenOver });
    expect(zombiesWereRefused(story)).toEqual([`a was taken over from zombie, whose "${kind}" counted`]);
  });

  it('that was refused is counted', () => {
    const story = storyOf([pushed('a')], { zombie: run('a', 1, {}, { accepted: false }), heir: takenOver });
    expect(zombiesWereRefused(story)).toEqual([]);
    expect(countRefused(story)).toBe(1);
  });

  it('is nobody who put the job back in time', () => {
    const story = storyOf([pushed('a')], {
      one: [claimed('a', 1), started('a', 1), settled('a', 1, { kind: 'release' })],
      two: run('a', 2),
    });
    expect(zombiesWereRefused(story)).toEqual([]);
  });

  it('is nobody who put the job back before others lost it', () => {
    const one = [claimed('a', 1), started('a', 1), settled('a', 1, { kind: 'release' })];
    const story = storyOf([pushed('a')], { one, two: run('a', 5, { crashes: 1 }) });
    expect(zombiesWereRefused(story)).toEqual([]);
  });
});

describe('a server that forgets', () => {
  const forgotten = (at: number): boolean => at >= 5 && at < 9;
  const test = [pushed('a', { sentAt: 0 }), pushed('b', { sentAt: 6 }), pushed('c', { sentAt: 10 })];

  it('may have forgotten what it acknowledged then, and nothing else', () => {
    const { pushes } = tell({ test }, forgotten);
    expect([...pushes.values()].map(({ id, sure, forgotten: gone }) => [id, sure, gone])).toEqual([
      ['a', true, false],
      ['b', false, true],
      ['c', true, false],
    ]);
  });

  it('excuses a run over of what was claimed or settled then', () => {
    const claimedThen = tell({ test, one: [up(), ...run('a', 6), drained()], two: run('a', 12) }, forgotten);
    expect(onlyTheHeldRanTwice(claimedThen, {})).toEqual([]);
    expect(nothingRunsAfterItsEnd(claimedThen)).toEqual([]);
    expect(countExtraRuns(claimedThen)).toBe(1);
    const claimedBefore = tell({ test, one: [up(), ...run('a', 2), drained()], two: run('a', 12) }, forgotten);
    expect(onlyTheHeldRanTwice(claimedBefore, {})).toEqual(['a was run over, though one had it (fence 2)']);
  });
});
