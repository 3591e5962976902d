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
      if (!run.forgotten && (next.attempt < run.attempt || next.crashes < run.crashes)) {
        wrong.push(`${id} had attempt ${run.attempt}, crash ${run.crashes}, then ${next.attempt}, ${next.crashes}`);
      }
    }
  }
  return wrong;
}

/** What a process says of a job that was taken over from it is refused: an end, or whatever it says after another one began. */
export function zombiesWereRefused({ runs }: Story): string[] {
  const wrong: string[] = [];
  for (const [id, ofJob] of runs) {
    for (const [i, run] of ofJob.entries()) {
      const laters = ofJob.slice(i + 1);
      const takenOver = laters.some((later) => run.crashes >= 0 && later.crashes > run.crashes);
      const isWrong = ({ kind, sentAt, accepted }: Settlement): boolean =>
        accepted === true &&
        // A job that was put back may have been lost by others since.
        ((takenOver && (kind === 'complete' || kind === 'fail')) ||
          laters.some(({ startedAt }) => startedAt.some((at) => at < sentAt)));
      const counted = run.settlements.find(isWrong);
      if (counted) wrong.push(`${id} was taken over from ${run.process}, whose "${counted.kind}" counted`);
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

function pairs(runs: readonly Run[]): [Run, Run][] {
  return runs.slice(1).map((next, i) => [runs[i]!, next]);
}
