import type { Expectations } from './expectations.js';
import { wasAccepted, wasStarted, type Run, type Story } from './story.js';

/**
 * A job is run over only where the process that ran it was lost, or the server forgot that it did, and its end was not
 * accepted: a retry or a release is no run over, a lost process that had its end accepted is no excuse.
 */
export function onlyTheHeldRanTwice(story: Story, { mostExtraRuns = Infinity }: Expectations): string[] {
  const { extra, unexcused } = compare(story);
  const wrong = unexcused.map(
    ({ id, fence, process }) => `${id} was run over, though ${process} had it (fence ${fence})`,
  );
  for (const ofJob of story.runs.values()) {
    for (const { id, fence, startedAt } of ofJob) {
      if (startedAt.length > 1) wrong.push(`${id} was started ${startedAt.length} times under fence ${fence}`);
    }
  }
  if (extra > mostExtraRuns) wrong.push(`${extra} runs over, where there may be ${mostExtraRuns}`);
  return wrong;
}

/** How many runs were made over because a process was lost. */
export function countExtraRuns(story: Story): number {
  return compare(story).extra;
}

/** How many jobs lost processes had started and not settled: the most that may be run over. */
export function countHeldByLost({ runs, lost }: Story): number {
  return [...runs.values()].flat().filter((run) => lost.has(run.process) && wasStarted(run) && !isSettled(run)).length;
}

function compare({ runs, lost }: Story): { extra: number; unexcused: Run[] } {
  const unexcused: Run[] = [];
  let extra = 0;
  for (const ofJob of runs.values()) {
    const started = ofJob.filter(wasStarted);
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
  return wasAccepted(run, 'complete', 'fail', 'retry', 'release');
}
