import type { Expectations } from './expectations.js';
import { eachLife, wasStarted, type PushedJob, type Run, type Timeline } from './timeline.js';

/** Checks that no job gets more attempts than `maxTries`, and that only a retry raises the number of its attempt. */
export function attemptsAreBounded({ pushes, lives, lost }: Timeline): string[] {
  const wrong: string[] = [];
  for (const [id, life] of eachLife(lives)) {
    const most = pushes.get(id)?.maxTries ?? Infinity;
    const started = life.filter(wasStarted);
    if (started[0] && started[0].attempt !== 1) wrong.push(`${id} began with attempt ${started[0].attempt}`);
    for (const [i, run] of started.entries()) {
      const next = started[i + 1];
      if (run.attempt > most) wrong.push(`${id} had attempt ${run.attempt} of ${most}`);
      if (
        !next ||
        run.forgotten ||
        next.attempt === run.attempt ||
        (next.attempt === run.attempt + 1 && mayHaveRetried(run, lost))
      )
        continue;
      wrong.push(`${id} had attempt ${next.attempt} after ${run.attempt}, which no retry counted`);
    }
  }
  return wrong;
}

/** Checks that no job starts before it is due, neither after its push nor after a failed attempt. */
export function nothingStartedEarly({ pushes, runs, dues }: Timeline, { earliness = 2 }: Expectations): string[] {
  const wrong: string[] = [];
  for (const [id, ofJob] of runs) {
    const pushed = pushes.get(id);
    let due = pushed ? Math.min(dueAt(pushed), dues.get(id) ?? Infinity) : 0;
    for (const run of ofJob) {
      const early = run.startedAt.find((at) => at < due - earliness);
      if (early !== undefined) wrong.push(`${id} started ${due - early} ms too early, in attempt ${run.attempt}`);
      for (const { accepted, sentAt, delay } of run.settlements) {
        if (accepted) due = Math.max(due, sentAt + delay * 1000);
      }
    }
  }
  return wrong;
}

function dueAt({ sentAt, delay }: PushedJob): number {
  return sentAt + delay * 1000;
}

/**
 * Returns true if the run was retried, or if it sent a retry that got no reply. A killed process may have sent one and not recorded
 * it.
 */
function mayHaveRetried({ settlements, hasFailed, process }: Run, lost: ReadonlySet<string>): boolean {
  if (settlements.length === 0 && hasFailed && lost.has(process)) return true;
  return settlements.some(({ kind, accepted }) => kind === 'retry' && accepted !== false);
}
