import { eachLife, type Run, type Settlement, type Timeline } from './timeline.js';

/** Checks that no fence is given twice, that the fences of a process grow, and that the counters of a job grow. */
export function fencesGrow({ runs, lives, claims }: Timeline): string[] {
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
  for (const [id, life] of eachLife(lives)) {
    for (const [run, next] of pairs(life.filter(({ crashes }) => crashes >= 0))) {
      if (!run.forgotten && (next.attempt < run.attempt || next.crashes < run.crashes)) {
        wrong.push(`${id} had attempt ${run.attempt}, crash ${run.crashes}, then ${next.attempt}, ${next.crashes}`);
      }
    }
  }
  return wrong;
}

/**
 * Checks that a process cannot settle a job that was recovered from it: neither end it, nor send any settlement after
 * another process has started it.
 */
export function zombiesAreRefused({ runs, lives }: Timeline): string[] {
  const wrong: string[] = [];
  for (const [id, ofJob] of runs) {
    for (const [i, run] of ofJob.entries()) {
      const laters = ofJob.slice(i + 1);
      const life = lives.get(id)!.find((each) => each.includes(run))!;
      const recovered = life
        .slice(life.indexOf(run) + 1)
        .some((later) => run.crashes >= 0 && later.crashes > run.crashes);
      const isWrong = ({ kind, sentAt, accepted }: Settlement): boolean =>
        accepted === true &&
        // After a release, a later process may have lost the job, so more crashes alone prove nothing.
        ((recovered && (kind === 'complete' || kind === 'fail')) ||
          laters.some(({ startedAt }) => startedAt.some((at) => at < sentAt)));
      const counted = run.settlements.find(isWrong);
      if (counted) wrong.push(`${id} was recovered from ${run.process}, but its "${counted.kind}" was accepted`);
    }
  }
  return wrong;
}

/** Counts the refused settlements. */
export function countRefused({ runs }: Timeline): number {
  return [...runs.values()]
    .flat()
    .flatMap((run) => run.settlements)
    .filter(({ accepted }) => accepted === false).length;
}

function pairs(runs: readonly Run[]): [Run, Run][] {
  return runs.slice(1).map((next, i) => [runs[i]!, next]);
}
