import type { RawState } from '../harness/raw-state.js';
import { attemptsAreBounded, nothingStartedEarly } from './attempts.js';
import type { Expectations } from './expectations.js';
import { countExtraRuns, countHeldByLost, onlyLostJobsRanAgain } from './extra-runs.js';
import { countRefused, fencesGrow, zombiesAreRefused } from './fences.js';
import {
  droppedJobsNeverStart,
  everyPushRan,
  noWorkerEndedByItself,
  onlyPushedJobsRan,
  onlyPutBackJobsRanAgain,
  nothingRunsAfterItsEnd,
} from './runs.js';
import { everyJobEnded, everyRecordHasOnePlace, noKeyStaysForever, queueIsDrained } from './storage.js';
import { buildTimeline, wasStarted, type Histories, type Timeline } from './timeline.js';

/** The result of all checks: the violations and the figures of a fault. */
export interface CheckResult {
  readonly wrong: readonly string[];
  readonly timeline: Timeline;
  readonly figures: Figures;
}

export interface Figures {
  /** Pushed jobs. */
  readonly jobs: number;
  /** Jobs whose push was acknowledged and that never started. */
  readonly lost: number;
  readonly runs: number;
  /** Extra runs that lost processes caused. */
  readonly extra: number;
  /** Jobs that lost processes had started and not settled: each may have one extra run. */
  readonly held: number;
  /** Refused settlements. */
  readonly refused: number;
}

/** Runs the checks that need only the histories. */
export function checkTimeline(timeline: Timeline, expectations: Expectations): string[] {
  return [
    everyPushRan(timeline, expectations),
    onlyPushedJobsRan(timeline),
    nothingRunsAfterItsEnd(timeline),
    noWorkerEndedByItself(timeline),
    onlyLostJobsRanAgain(timeline, expectations),
    onlyPutBackJobsRanAgain(timeline),
    droppedJobsNeverStart(timeline),
    fencesGrow(timeline),
    zombiesAreRefused(timeline),
    attemptsAreBounded(timeline),
    nothingStartedEarly(timeline, expectations),
  ].flat();
}

/** Runs the checks of the keys that are left in Redis after all processes have ended. */
export function checkStorage(timeline: Timeline, raw: RawState, expectations: Expectations): string[] {
  return [
    queueIsDrained(raw),
    everyRecordHasOnePlace(raw),
    everyJobEnded(timeline, raw, expectations),
    noKeyStaysForever(raw),
  ].flat();
}

/** Counts the jobs that were acknowledged and never started, including those that the server may have lost. */
function countLost({ pushes, runs, dropped }: Timeline): number {
  return [...pushes.values()].filter(
    (job) => (job.acknowledged || job.forgotten) && !runs.get(job.id)?.some(wasStarted) && !dropped.has(job.id),
  ).length;
}

/** Runs all checks of a test whose processes have ended. */
export function checkAll(histories: Histories, raws: readonly RawState[], expectations: Expectations): CheckResult {
  const timeline = buildTimeline(histories, expectations.forgotten);
  const wrong = [
    ...checkTimeline(timeline, expectations),
    ...raws.flatMap((raw) => checkStorage(timeline, raw, expectations)),
  ];
  return {
    wrong,
    timeline,
    figures: {
      jobs: timeline.pushes.size,
      lost: countLost(timeline),
      runs: [...timeline.runs.values()].flat().filter(wasStarted).length,
      extra: countExtraRuns(timeline),
      held: countHeldByLost(timeline),
      refused: countRefused(timeline),
    },
  };
}
