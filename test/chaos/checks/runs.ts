import type { Expectations } from './expectations.js';
import { eachLife, wasAccepted, wasStarted, type Timeline } from './timeline.js';

/** Checks that every job of an acknowledged push was started at least once, if no operator removed or cancelled it. */
export function everyPushRan({ pushes, runs, dropped }: Timeline, { mayBeGone }: Expectations): string[] {
  return [...pushes.values()]
    .filter((job) => job.acknowledged && !runs.get(job.id)?.some(wasStarted))
    .filter((job) => !dropped.has(job.id) && !mayBeGone?.(job))
    .map(({ id }) => `${id} was pushed and never started`);
}

/** Checks that no job was started that nobody pushed. */
export function onlyPushedJobsRan({ pushes, runs }: Timeline): string[] {
  return [...runs]
    .filter(([id, ofJob]) => !pushes.has(id) && ofJob.some(wasStarted))
    .map(([id]) => `${id} was started and never pushed`);
}

/** Checks that no job starts after the storage accepted its end. */
export function nothingRunsAfterItsEnd({ lives }: Timeline): string[] {
  const wrong: string[] = [];
  for (const [id, life] of eachLife(lives)) {
    const end = life.findIndex((run) => wasAccepted(run, 'complete', 'fail', 'cancel'));
    const later = end < 0 ? undefined : life.slice(end + 1).find(wasStarted);
    if (later) wrong.push(`${id} had ended under fence ${life[end]!.fence} and was started under ${later.fence}`);
  }
  return wrong;
}

/** Checks that no job starts after an operator removed or cancelled it. */
export function droppedJobsNeverStart({ runs, dropped }: Timeline): string[] {
  return [...dropped]
    .filter(([id, at]) => runs.get(id)?.some(({ startedAt }) => startedAt.some((time) => time > at)))
    .map(([id]) => `${id} was removed or cancelled, and started after that`);
}

/** Checks that every worker drained, unless the test killed it. */
export function noWorkerEndedByItself({ workers, lost }: Timeline): string[] {
  return [...workers]
    .filter(([process, { drained }]) => !drained && !lost.has(process))
    .map(([process]) => `${process} ended by itself`);
}

/** Checks that jobs run again after they failed only as often as operators put them back. */
export function onlyPutBackJobsRanAgain({ lives, putBack }: Timeline): string[] {
  let again = 0;
  for (const ofJob of lives.values()) again += ofJob.length - 1;
  return again > putBack ? [`${again} failed jobs ran again, and operators put ${putBack} back`] : [];
}
