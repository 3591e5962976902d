import { describe, expect, it } from '@jest/globals';
import { attemptsAreBounded, nothingStartedEarly } from '../../chaos/checks/attempts.js';
import { countExtraRuns, countHeldByLost, onlyLostJobsRanAgain } from '../../chaos/checks/extra-runs.js';
import {
  droppedJobsNeverStart,
  everyPushRan,
  noWorkerEndedByItself,
  onlyPushedJobsRan,
  onlyPutBackJobsRanAgain,
  nothingRunsAfterItsEnd,
} from '../../chaos/checks/runs.js';
import { checkTimeline } from '../../chaos/checks/check-all.js';
import { at, claimed, lost, pushed, putBack, QUEUE, run, settled, started, timelineOf } from './histories.js';

describe('checkTimeline', () => {
  it('finds nothing in a correct history', () => {
    const timeline = timelineOf(
      [pushed('a'), pushed('b', { sentAt: 5, delay: 2 }), pushed('c', { acknowledged: false }), lost('dead')],
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
    expect(checkTimeline(timeline, {})).toEqual([]);
  });
});

describe('the checks of pushes', () => {
  it('report an acknowledged push that never started', () => {
    const timeline = timelineOf([pushed('a'), pushed('b'), pushed('c', { acknowledged: false })], {
      one: [...run('a', 1), claimed('b', 2), settled('b', 2)],
    });
    expect(everyPushRan(timeline, {})).toEqual(['b was pushed and never started']);
    expect(everyPushRan(timeline, { mayBeGone: ({ id }) => id === 'b' })).toEqual([]);
  });

  it('report a started job that nobody pushed, but not one whose push had an unknown outcome', () => {
    const timeline = timelineOf([pushed('a', { acknowledged: false })], { one: [...run('a', 1), ...run('b', 2)] });
    expect(onlyPushedJobsRan(timeline)).toEqual(['b was started and never pushed']);
  });
});

describe('nothingRunsAfterItsEnd', () => {
  it.each(['complete', 'fail'] as const)('reports a job that starts after its %s', (kind) => {
    const timeline = timelineOf([pushed('a')], { one: run('a', 1, {}, { kind }), two: run('a', 2) });
    expect(nothingRunsAfterItsEnd(timeline)).toEqual(['a had ended under fence 1 and was started under 2']);
  });

  it('accepts a start after a refused or unanswered settlement, a retry or a release', () => {
    for (const how of [{ accepted: false }, { accepted: undefined }, { kind: 'retry' }, { kind: 'release' }] as const) {
      const timeline = timelineOf([pushed('a')], { one: run('a', 1, {}, how), two: run('a', 2) });
      expect(nothingRunsAfterItsEnd(timeline)).toEqual([]);
    }
  });
});

describe('a failed job that an operator put back', () => {
  const failed = { kind: 'fail' } as const;

  it('may run again, with attempts and crashes that begin anew', () => {
    const timeline = timelineOf([pushed('a', { maxTries: 1 }), putBack(1)], {
      one: [...run('a', 1, { crashes: 1 }, failed), ...run('a', 2)],
    });
    expect(checkTimeline(timeline, {})).toEqual([]);
    expect(countExtraRuns(timeline)).toBe(0);
  });

  it('may run again if its process was killed before the storage said that it failed', () => {
    for (const told of [[], [settled('a', 1, { ...failed, accepted: undefined })]]) {
      const dead = [claimed('a', 1), started('a', 1), ...told];
      const timeline = timelineOf([pushed('a'), putBack(1), lost('dead')], { dead, two: run('a', 2) });
      expect(timeline.lives.get('a')).toHaveLength(2);
      expect(checkTimeline(timeline, {})).toEqual([]);
    }
  });

  it('is recovered in the same life', () => {
    const dead = [claimed('a', 1), started('a', 1)];
    const timeline = timelineOf([pushed('a'), putBack(1), lost('dead')], { dead, two: run('a', 2, { crashes: 1 }) });
    expect(timeline.lives.get('a')).toHaveLength(1);
    expect(countExtraRuns(timeline)).toBe(1);
  });

  it('is reported if it runs more often than it was put back', () => {
    const one = [...run('a', 1, {}, failed), ...run('a', 2, {}, failed), ...run('a', 3)];
    const timeline = timelineOf([pushed('a'), putBack(1)], { one });
    expect(onlyPutBackJobsRanAgain(timeline)).toEqual(['2 failed jobs ran again, and operators put 1 back']);
  });
});

describe('a job that an operator removed or cancelled', () => {
  it('is reported if it starts after that', () => {
    const timeline = timelineOf([pushed('a'), at(5, { type: 'dropped', id: 'a' })], { one: run('a', 6) });
    expect(droppedJobsNeverStart(timeline)).toEqual(['a was removed or cancelled, and started after that']);
  });

  it('need not run', () => {
    const timeline = timelineOf([pushed('a'), at(5, { type: 'dropped', id: 'a' })], {});
    expect(checkTimeline(timeline, {})).toEqual([]);
  });
});

describe('noWorkerEndedByItself', () => {
  it('reports a worker that neither drained nor was killed', () => {
    const timeline = timelineOf([lost('dead')], { dead: [], gone: [] }, false);
    expect(noWorkerEndedByItself(timeline)).toEqual(['gone ended by itself']);
    expect(noWorkerEndedByItself(timelineOf([], { fine: [] }))).toEqual([]);
  });
});

describe('onlyLostJobsRanAgain', () => {
  const unsettled = [claimed('a', 1), started('a', 1)];

  it('accepts an extra run if the process that held the job was lost', () => {
    const timeline = timelineOf([pushed('a'), lost('dead')], { dead: unsettled, two: run('a', 2, { crashes: 1 }) });
    expect(onlyLostJobsRanAgain(timeline, {})).toEqual([]);
    expect(countExtraRuns(timeline)).toBe(1);
    expect(countHeldByLost(timeline)).toBe(1);
    expect(onlyLostJobsRanAgain(timeline, { mostExtraRuns: 0 })).toEqual(['1 extra runs, at most 0 are allowed']);
  });

  it('reports an extra run if no process was lost', () => {
    const timeline = timelineOf([pushed('a')], { one: unsettled, two: run('a', 2) });
    expect(onlyLostJobsRanAgain(timeline, {})).toEqual(['a ran again, although one held it (fence 1)']);
    expect(countExtraRuns(timeline)).toBe(0);
  });

  it('reports an extra run if the settlement of the lost process was accepted', () => {
    const timeline = timelineOf([pushed('a'), lost('dead')], { dead: run('a', 1), two: run('a', 2) });
    expect(onlyLostJobsRanAgain(timeline, {})).toEqual(['a ran again, although dead held it (fence 1)']);
    expect(countHeldByLost(timeline)).toBe(0);
  });

  it('counts no extra run after a retry or a release', () => {
    const timeline = timelineOf([pushed('a'), pushed('b')], {
      one: [...run('a', 1, {}, { kind: 'retry' }), ...run('b', 2, {}, { kind: 'release' })],
      two: [...run('a', 3, { attempt: 2 }), ...run('b', 4)],
    });
    expect(onlyLostJobsRanAgain(timeline, {})).toEqual([]);
    expect(countExtraRuns(timeline)).toBe(0);
  });

  it('reports two starts under one fence', () => {
    const timeline = timelineOf([pushed('a'), lost('dead')], { dead: [...unsettled, started('a', 1)] });
    expect(onlyLostJobsRanAgain(timeline, {})).toEqual(['a was started 2 times under fence 1']);
  });
});

describe('attemptsAreBounded', () => {
  const failed = { kind: 'retry' } as const;

  it('reports more attempts than maxTries', () => {
    const timeline = timelineOf([pushed('a', { maxTries: 1 })], {
      one: [...run('a', 1, {}, failed), ...run('a', 2, { attempt: 2 })],
    });
    expect(attemptsAreBounded(timeline)).toEqual(['a had attempt 2 of 1']);
  });

  it.each([
    ['without a retry', 2, { kind: 'release' }, 'a had attempt 2 after 1, which no retry counted'],
    ['by a refused retry', 2, { ...failed, accepted: false }, 'a had attempt 2 after 1, which no retry counted'],
    ['twice by one retry', 3, failed, 'a had attempt 3 after 1, which no retry counted'],
  ] as const)('reports attempts that are counted %s', (_, attempt, how, violation) => {
    const timeline = timelineOf([pushed('a')], { one: [...run('a', 1, {}, how), ...run('a', 2, { attempt })] });
    expect(attemptsAreBounded(timeline)).toEqual([violation]);
  });

  it('accepts that a killed process sent a retry that it did not record', () => {
    const ended = at(1, { type: 'end', queue: QUEUE, id: 'a', fence: 1, error: 'no luck' });
    const cut = [claimed('a', 1), started('a', 1)];
    const next = run('a', 2, { attempt: 2 });
    const histories = [pushed('a'), lost('dead')];
    expect(attemptsAreBounded(timelineOf(histories, { dead: [...cut, ended], two: next }))).toEqual([]);
    const violation = 'a had attempt 2 after 1, which no retry counted';
    expect(attemptsAreBounded(timelineOf(histories, { dead: cut, two: next }))).toEqual([violation]);
    expect(attemptsAreBounded(timelineOf([pushed('a')], { one: [...cut, ended], two: next }))).toEqual([violation]);
  });

  it('reports a first attempt that is not 1', () => {
    expect(attemptsAreBounded(timelineOf([pushed('a')], { one: run('a', 1, { attempt: 2 }) }))).toEqual([
      'a began with attempt 2',
    ]);
  });
});

describe('nothingStartedEarly', () => {
  it('reports a start before the job is due', () => {
    const timeline = timelineOf([pushed('a', { sentAt: 100, delay: 1 })], { one: [started('a', 1, { time: 1_090 })] });
    expect(nothingStartedEarly(timeline, {})).toEqual(['a started 10 ms too early, in attempt 1']);
    expect(nothingStartedEarly(timeline, { earliness: 10 })).toEqual([]);
  });

  it('reports a start before the time to which an operator moved it', () => {
    const moved = at(0, { type: 'due-changed', id: 'a', due: 300 });
    const timeline = timelineOf([pushed('a', { sentAt: 100, delay: 1 }), moved], {
      one: [started('a', 1, { time: 290 })],
    });
    expect(nothingStartedEarly(timeline, {})).toEqual(['a started 10 ms too early, in attempt 1']);
  });

  it('reports a start before the pause after a failed attempt has passed', () => {
    const retry = settled('a', 1, { kind: 'retry', delay: 2, sentAt: 50 });
    const timeline = timelineOf([pushed('a')], {
      one: [started('a', 1), retry, started('a', 2, { attempt: 2, time: 2_000 })],
    });
    expect(nothingStartedEarly(timeline, {})).toEqual(['a started 50 ms too early, in attempt 2']);
  });
});
