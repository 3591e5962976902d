import type { Expectations } from './expectations.js';
import { eachLife, wasAccepted, wasStarted, type Run, type Timeline } from './timeline.js';

/**
 * Checks that a job runs again only if its process was lost, or if the server lost its claim, and if the storage had not
 * accepted its settlement. A run after a retry or a release is no extra run.
 */
export function onlyLostJobsRanAgain(timeline: Timeline, { mostExtraRuns = Infinity }: Expectations): string[] {
  const { extra, unexcused } = compare(timeline);
  const wrong = unexcused.map(
    ({ id, fence, process }) => `${id} ran again, although ${process} held it (fence ${fence})`,
  );
  for (const ofJob of timeline.runs.values()) {
    for (const { id, fence, startedAt } of ofJob) {
      if (startedAt.length > 1) wrong.push(`${id} was started ${startedAt.length} times under fence ${fence}`);
    }
  }
  if (extra > mostExtraRuns) wrong.push(`${extra} extra runs, at most ${mostExtraRuns} are allowed`);
  return wrong;
}

/** Counts the extra runs that lost processes caused. */
export function countExtraRuns(timeline: Timeline): number {
  return compare(timeline).extra;
}

/** Counts the jobs that lost processes had started and not settled: each may have one extra run. */
export function countHeldByLost({ runs, lost }: Timeline): number {
  return [...runs.values()].flat().filter((run) => lost.has(run.process) && wasStarted(run) && !isSettled(run)).length;
}

function compare({ lives, lost }: Timeline): { extra: number; unexcused: Run[] } {
  const unexcused: Run[] = [];
  let extra = 0;
  for (const [, life] of eachLife(lives)) {
    const started = life.filter(wasStarted);
    for (const [i, run] of started.entries()) {
      const next = started[i + 1];
      if (!next || wasAccepted(run, 'retry', 'release') || next.attempt > run.attempt) continue;
      if ((lost.has(run.process) || run.forgotten) && !isSettled(run)) extra++;
      else unexcused.push(run);
    }
  }
  return { extra, unexcused };
}

function isSettled(run: Run): boolean {
  return wasAccepted(run, 'complete', 'fail', 'cancel', 'retry', 'release');
}
