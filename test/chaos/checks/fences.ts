import type { Run, Settlement, Story } from './story.js';

/** Fences are never handed out twice, grow for who claims, and so do the counters of a job. */
export function fencesGrow({ runs, claims }: Story): string[] {
  const wrong: string[] = [];
  for (const [process, ofProcess] of claims) {
    for (const [queue, fences] of ofProcess) {
      const back = fences.findIndex((fence, i) => i > 0 && fence <= fences[i - 1]!);
      if (back > 0) wrong.push(`${process} got fence ${fences[back]} of ${queue} after ${fences[back - 1]}`);
    }
  }
  const owners = new Map<string, Run>();
  for (const run of [...runs.values()].flat()) {
    const key = `${run.queue} ${run.fence}`;
    const owner = owners.get(key);
    if (owner) wrong.push(`fence ${run.fence} was given to ${owner.id} and ${run.id}`);
    owners.set(key, run);
  }
  for (const [id, ofJob] of runs) {
    for (const [run, next] of pairs(ofJob.filter(({ crashes }) => crashes >= 0))) {
      if (next.attempt < run.attempt || next.crashes < run.crashes) {
        wrong.push(`${id} had attempt ${run.attempt}, crash ${run.crashes}, then ${next.attempt}, ${next.crashes}`);
      }
    }
  }
  return wrong;
}

/**
 * What a process says of a job that was taken over from it is refused. Who put the job back before another one got it may
 * have had it taken: a later holder was lost.
 */
export function zombiesWereRefused({ runs }: Story): string[] {
  const wrong: string[] = [];
  for (const [id, ofJob] of runs) {
    for (const [i, run] of ofJob.entries()) {
      const heir = ofJob.slice(i + 1).find((later) => run.crashes >= 0 && later.crashes > run.crashes);
      const accepted = run.settlements.find((settlement) => settlement.accepted);
      if (heir && accepted && !wasPutBackBefore(heir, accepted))
        wrong.push(`${id} was taken over from ${run.process}, whose "${accepted.kind}" counted`);
    }
  }
  return wrong;
}

/** How many settlements were refused. */
export function countRefused({ runs }: Story): number {
  return [...runs.values()]
    .flat()
    .flatMap((run) => run.settlements)
    .filter(({ accepted }) => accepted === false).length;
}

function wasPutBackBefore({ startedAt }: Run, { kind, sentAt }: Settlement): boolean {
  return (kind === 'release' || kind === 'retry') && sentAt <= (startedAt[0] ?? Infinity);
}

function pairs(runs: readonly Run[]): [Run, Run][] {
  return runs.slice(1).map((next, i) => [runs[i]!, next]);
}
