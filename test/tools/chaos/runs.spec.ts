import { describe, expect, it } from '@jest/globals';
import { attemptsAreBounded, nothingRanEarly } from '../../chaos/checks/attempts.js';
import { countExtraRuns, countHeldByLost, onlyTheHeldRanTwice } from '../../chaos/checks/extra-runs.js';
import {
  everyPushWasRun,
  nobodyDiedUnasked,
  nothingElseWasRun,
  nothingRunsAfterItsEnd,
} from '../../chaos/checks/runs.js';
import { checkStory } from '../../chaos/checks/verdict.js';
import { claimed, lost, pushed, run, settled, started, storyOf } from './histories.js';

describe('a history in which all is well', () => {
  it('is not complained of', () => {
    const story = storyOf(
      [pushed('a'), pushed('b', { sentAt: 5, delay: 2 }), pushed('c', { sure: false }), lost('dead')],
      {
        one: [
          ...run('a', 10, {}, { kind: 'retry', delay: 1 }),
          ...run('a', 1_010, { attempt: 2 }),
          ...run('b', 2_005),
          ...run('d', 2_100, { crashes: 1 }),
        ],
        dead: [claimed('d', 20), started('d', 20)],
        other: [pushed('d')],
      },
    );
    expect(checkStory(story, {})).toEqual([]);
  });
});

describe('a push', () => {
  it('that was acknowledged and never started is missed', () => {
    const story = storyOf([pushed('a'), pushed('b'), pushed('c', { sure: false })], {
      one: [...run('a', 1), claimed('b', 2), settled('b', 2)],
    });
    expect(everyPushWasRun(story, {})).toEqual(['b was pushed and never started']);
    expect(everyPushWasRun(story, { mayBeGone: ({ id }) => id === 'b' })).toEqual([]);
  });

  it('of which nobody knows may have been run, one that was never made may not', () => {
    const story = storyOf([pushed('a', { sure: false })], { one: [...run('a', 1), ...run('b', 2)] });
    expect(nothingElseWasRun(story)).toEqual(['b was started and never pushed']);
  });
});

describe('a job that ended', () => {
  it.each(['complete', 'fail'] as const)('by %s is not started again', (kind) => {
    const story = storyOf([pushed('a')], { one: run('a', 1, {}, { kind }), two: run('a', 2) });
    expect(nothingRunsAfterItsEnd(story)).toEqual(['a had ended under fence 1 and was started under 2']);
  });

  it('may be started again where its end was refused, or put off', () => {
    for (const how of [{ accepted: false }, { accepted: undefined }, { kind: 'retry' }, { kind: 'release' }] as const) {
      const story = storyOf([pushed('a')], { one: run('a', 1, {}, how), two: run('a', 2) });
      expect(nothingRunsAfterItsEnd(story)).toEqual([]);
    }
  });
});

describe('a worker', () => {
  it('that ended by itself is told of, one that was killed is not', () => {
    const story = storyOf([lost('dead')], { dead: [], gone: [] }, false);
    expect(nobodyDiedUnasked(story)).toEqual(['gone ended without being told to']);
    expect(nobodyDiedUnasked(storyOf([], { fine: [] }))).toEqual([]);
  });
});

describe('a run over', () => {
  const unsettled = [claimed('a', 1), started('a', 1)];

  it('is excused by the loss of who held it', () => {
    const story = storyOf([pushed('a'), lost('dead')], { dead: unsettled, two: run('a', 2, { crashes: 1 }) });
    expect(onlyTheHeldRanTwice(story, {})).toEqual([]);
    expect(countExtraRuns(story)).toBe(1);
    expect(countHeldByLost(story)).toBe(1);
    expect(onlyTheHeldRanTwice(story, { mostExtraRuns: 0 })).toEqual(['1 runs over, where there may be 0']);
  });

  it('is not excused where nobody was lost', () => {
    const story = storyOf([pushed('a')], { one: unsettled, two: run('a', 2) });
    expect(onlyTheHeldRanTwice(story, {})).toEqual(['a was run over, though one had it (fence 1)']);
    expect(countExtraRuns(story)).toBe(0);
  });

  it('is not excused where the lost one had its end accepted', () => {
    const story = storyOf([pushed('a'), lost('dead')], { dead: run('a', 1), two: run('a', 2) });
    expect(onlyTheHeldRanTwice(story, {})).toEqual(['a was run over, though dead had it (fence 1)']);
    expect(countHeldByLost(story)).toBe(0);
  });

  it('is none after a retry or a release', () => {
    const story = storyOf([pushed('a'), pushed('b')], {
      one: [...run('a', 1, {}, { kind: 'retry' }), ...run('b', 2, {}, { kind: 'release' })],
      two: [...run('a', 3, { attempt: 2 }), ...run('b', 4)],
    });
    expect(onlyTheHeldRanTwice(story, {})).toEqual([]);
    expect(countExtraRuns(story)).toBe(0);
  });

  it('is never excused under one fence', () => {
    const story = storyOf([pushed('a'), lost('dead')], { dead: [...unsettled, started('a', 1)] });
    expect(onlyTheHeldRanTwice(story, {})).toEqual(['a was started 2 times under fence 1']);
  });
});

describe('attempts', () => {
  const failed = { kind: 'retry' } as const;

  it('are no more than the job may have', () => {
    const story = storyOf([pushed('a', { maxTries: 1 })], {
      one: [...run('a', 1, {}, failed), ...run('a', 2, { attempt: 2 })],
    });
    expect(attemptsAreBounded(story)).toEqual(['a had attempt 2 of 1']);
  });

  it.each([
    ['by no retry', 2, { kind: 'release' }, 'a had attempt 2 after 1, which no retry counted'],
    ['by a refused retry', 2, { ...failed, accepted: false }, 'a had attempt 2 after 1, which no retry counted'],
    ['twice by one retry', 3, failed, 'a had attempt 3 after 1, which no retry counted'],
  ] as const)('are not counted %s', (_, attempt, how, complaint) => {
    const story = storyOf([pushed('a')], { one: [...run('a', 1, {}, how), ...run('a', 2, { attempt })] });
    expect(attemptsAreBounded(story)).toEqual([complaint]);
  });

  it('begin with the first', () => {
    expect(attemptsAreBounded(storyOf([pushed('a')], { one: run('a', 1, { attempt: 2 }) }))).toEqual([
      'a began with attempt 2',
    ]);
  });
});

describe('a start', () => {
  it('before the job is due is too early', () => {
    const story = storyOf([pushed('a', { sentAt: 100, delay: 1 })], { one: [started('a', 1, { time: 1_090 })] });
    expect(nothingRanEarly(story, {})).toEqual(['a started 10 ms too early, in attempt 1']);
    expect(nothingRanEarly(story, { earliness: 10 })).toEqual([]);
  });

  it('before the pause after a failed attempt has passed is too early', () => {
    const retry = settled('a', 1, { kind: 'retry', delay: 2, sentAt: 50 });
    const story = storyOf([pushed('a')], {
      one: [started('a', 1), retry, started('a', 2, { attempt: 2, time: 2_000 })],
    });
    expect(nothingRanEarly(story, {})).toEqual(['a started 50 ms too early, in attempt 2']);
  });
});
