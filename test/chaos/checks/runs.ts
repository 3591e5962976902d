import type { Expectations } from './expectations.js';
import { wasAccepted, wasStarted, type Story } from './story.js';

/** Each acknowledged push was started at least once. */
export function everyPushWasRun({ pushes, runs }: Story, { mayBeGone }: Expectations): string[] {
  return [...pushes.values()]
    .filter((job) => job.sure && !runs.get(job.id)?.some(wasStarted) && !mayBeGone?.(job))
    .map(({ id }) => `${id} was pushed and never started`);
}

/** Nothing was started that was not pushed. */
export function nothingElseWasRun({ pushes, runs }: Story): string[] {
  return [...runs]
    .filter(([id, ofJob]) => !pushes.has(id) && ofJob.some(wasStarted))
    .map(([id]) => `${id} was started and never pushed`);
}

/** Nothing starts after its end was accepted. */
export function nothingRunsAfterItsEnd({ runs }: Story): string[] {
  const wrong: string[] = [];
  for (const [id, ofJob] of runs) {
    const end = ofJob.findIndex((run) => wasAccepted(run, 'complete', 'fail'));
    const later = end < 0 ? undefined : ofJob.slice(end + 1).find(wasStarted);
    if (later) wrong.push(`${id} had ended under fence ${ofJob[end]!.fence} and was started under ${later.fence}`);
  }
  return wrong;
}

/** Every process that worked ended as it should, unless the test did something to it. */
export function nobodyDiedUnasked({ workers, lost }: Story): string[] {
  return [...workers]
    .filter(([process, { drained }]) => !drained && !lost.has(process))
    .map(([process]) => `${process} ended without being told to`);
}
