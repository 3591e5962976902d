import type { Expectations } from './expectations.js';
import { wasAccepted, wasStarted, type Timeline } from './timeline.js';

/** Checks that every job of an acknowledged push was started at least once. */
export function everyPushRan({ pushes, runs }: Timeline, { mayBeGone }: Expectations): string[] {
  return [...pushes.values()]
    .filter((job) => job.acknowledged && !runs.get(job.id)?.some(wasStarted) && !mayBeGone?.(job))
    .map(({ id }) => `${id} was pushed and never started`);
}

/** Checks that no job was started that nobody pushed. */
export function onlyPushedJobsRan({ pushes, runs }: Timeline): string[] {
  return [...runs]
    .filter(([id, ofJob]) => !pushes.has(id) && ofJob.some(wasStarted))
    .map(([id]) => `${id} was started and never pushed`);
}

/** Checks that no job starts after the storage accepted its end. */
export function nothingRunsAfterItsEnd({ runs }: Timeline): string[] {
  const wrong: string[] = [];
  for (const [id, ofJob] of runs) {
    const end = ofJob.findIndex((run) => wasAccepted(run, 'complete', 'fail'));
    const later = end < 0 ? undefined : ofJob.slice(end + 1).find(wasStarted);
    if (later) wrong.push(`${id} had ended under fence ${ofJob[end]!.fence} and was started under ${later.fence}`);
  }
  return wrong;
}

/** Checks that every worker drained, unless the test killed it. */
export function noWorkerEndedByItself({ workers, lost }: Timeline): string[] {
  return [...workers]
    .filter(([process, { drained }]) => !drained && !lost.has(process))
    .map(([process]) => `${process} ended by itself`);
}
