import type { StartLimits } from '../../../lib/drivers/queue-limits.interface.js';
import type { Histories } from './timeline.js';

/** By so much two fences of starts may be nearer than the starts: a claim gives its jobs the fences of one millisecond. */
const BLUR = 2_000;

export interface LimitFigures {
  /** The most jobs whose handlers ran at once. */
  readonly atOnce: number;
  /** The shortest time from a start to the start that is `max` places later, in microseconds. */
  readonly shortest: number;
}

/**
 * Checks from the histories of all processes that a queue or a group with limits never ran too many jobs at once, and that no window had
 * too many starts: by the fences, which follow the clock of the server.
 *
 * @param killedAt when each process was killed, in milliseconds: its jobs do not run any more
 * @param counts whether a job is one of those that are limited together. Default: all jobs are
 */
export function limitsHeld(
  histories: Histories,
  { concurrency = Infinity, rateLimit }: StartLimits,
  killedAt: ReadonlyMap<string, number>,
  counts: (id: string) => boolean = () => true,
): { readonly wrong: readonly string[]; readonly figures: LimitFigures } {
  const changes: { readonly at: number; readonly by: 1 | -1 }[] = [];
  const fences: number[] = [];
  for (const [process, events] of Object.entries(histories)) {
    let running = 0;
    for (const event of events) {
      if (event.type === 'claimed') fences.push(...event.jobs.filter(({ id }) => counts(id)).map(({ fence }) => fence));
      if ((event.type !== 'start' && event.type !== 'end') || !counts(event.id)) continue;
      const by = event.type === 'start' ? 1 : -1;
      running += by;
      changes.push({ at: event.at, by });
    }
    const end = killedAt.get(process);
    if (end !== undefined) for (let i = 0; i < running; i++) changes.push({ at: end, by: -1 });
  }
  // At the same millisecond the ends come first.
  changes.sort((a, b) => a.at - b.at || a.by - b.by);
  let [running, atOnce] = [0, 0];
  for (const { by } of changes) atOnce = Math.max(atOnce, (running += by));
  fences.sort((a, b) => a - b);
  const max = rateLimit?.max ?? Infinity;
  let shortest = Infinity;
  for (let i = max; i < fences.length; i++) shortest = Math.min(shortest, fences[i]! - fences[i - max]!);
  const wrong: string[] = [];
  if (atOnce > concurrency) wrong.push(`${atOnce} jobs ran at once`);
  if (rateLimit && shortest < rateLimit.per * 1_000_000 - BLUR) wrong.push(`${max + 1} starts within ${shortest} us`);
  return { wrong, figures: { atOnce, shortest } };
}
