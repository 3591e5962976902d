import type { RawState } from '../harness/raw-state.js';
import { attemptsAreBounded, nothingRanEarly } from './attempts.js';
import type { Expectations } from './expectations.js';
import { countExtraRuns, countHeldByLost, onlyTheHeldRanTwice } from './extra-runs.js';
import { countRefused, fencesGrow, zombiesWereRefused } from './fences.js';
import { everyPushWasRun, nobodyDiedUnasked, nothingElseWasRun, nothingRunsAfterItsEnd } from './runs.js';
import { everyJobEnded, everyRecordHasOnePlace, nothingStaysForEver, queueIsDrained } from './storage.js';
import { tell, wasStarted, type Histories, type Story } from './story.js';

/** What came of a fault: what went wrong, and the figures. */
export interface Verdict {
  readonly wrong: readonly string[];
  readonly story: Story;
  readonly figures: Figures;
}

export interface Figures {
  /** Pushed. */
  readonly jobs: number;
  /** Acknowledged, and never started. */
  readonly lost: number;
  readonly runs: number;
  /** Runs made over because a process was lost. */
  readonly extra: number;
  /** Jobs that lost processes had started and not settled: as many may be run over. */
  readonly held: number;
  /** Settlements that were refused. */
  readonly refused: number;
}

/** All checks that hold at any time: they need the histories alone. */
export function checkStory(story: Story, expectations: Expectations): string[] {
  return [
    everyPushWasRun(story, expectations),
    nothingElseWasRun(story),
    nothingRunsAfterItsEnd(story),
    nobodyDiedUnasked(story),
    onlyTheHeldRanTwice(story, expectations),
    fencesGrow(story),
    zombiesWereRefused(story),
    attemptsAreBounded(story),
    nothingRanEarly(story, expectations),
  ].flat();
}

/** All checks of what is left in Redis when everything has ended. */
export function checkStorage(story: Story, raw: RawState, expectations: Expectations): string[] {
  return [
    queueIsDrained(raw),
    everyRecordHasOnePlace(raw),
    everyJobEnded(story, raw, expectations),
    nothingStaysForEver(raw),
  ].flat();
}

/** How many jobs were acknowledged and never started, forgotten ones included. */
function countLost({ pushes, runs }: Story): number {
  return [...pushes.values()].filter((job) => (job.sure || job.forgotten) && !runs.get(job.id)?.some(wasStarted))
    .length;
}

/** Judges a test whose processes have ended. */
export function judge(histories: Histories, raws: readonly RawState[], expectations: Expectations): Verdict {
  const story = tell(histories, expectations.forgotten);
  const wrong = [...checkStory(story, expectations), ...raws.flatMap((raw) => checkStorage(story, raw, expectations))];
  return {
    wrong,
    story,
    figures: {
      jobs: story.pushes.size,
      lost: countLost(story),
      runs: [...story.runs.values()].flat().filter(wasStarted).length,
      extra: countExtraRuns(story),
      held: countHeldByLost(story),
      refused: countRefused(story),
    },
  };
}
