import type { RawState } from '../harness/raw-state.js';
import type { Expectations } from './expectations.js';
import type { Timeline } from './timeline.js';

/** Checks that each record is in exactly one place, and that each id in a place has a record. */
export function everyRecordHasOnePlace(raw: RawState): string[] {
  const places = new Map<string, string[]>(raw.records.map((id) => [id, []]));
  const wrong: string[] = [];
  const look = (place: string, ids: readonly string[]): void => {
    for (const id of ids) {
      const found = places.get(id);
      if (found) found.push(place);
      else wrong.push(`${id} is in ${place} without a record`);
    }
  };
  look('ready', raw.ready);
  look('recovered', raw.recovered);
  look('delayed', raw.delayed);
  for (const [consumer, ids] of Object.entries(raw.claimed)) look(`claimed by ${consumer}`, ids);
  for (const [id, found] of places) {
    if (found.length !== 1)
      wrong.push(`the record of ${id} is in ${found.length === 0 ? 'no place' : found.join(' and ')}`);
  }
  for (const id of raw.hasAttempts) if (!places.has(id)) wrong.push(`the attempts of ${id} are left`);
  return wrong;
}

/** Checks that no job waits and that no consumer holds a job. */
export function queueIsDrained(raw: RawState): string[] {
  const left = {
    ready: raw.ready.length,
    recovered: raw.recovered.length,
    delayed: raw.delayed.length,
    held: Object.values(raw.claimed).flat().length,
    records: raw.records.length,
  };
  return Object.entries(left)
    .filter(([, count]) => count > 0)
    .map(([place, count]) => `${count} jobs are left (${place}) of ${raw.queue}`);
}

/** Checks that the status of every job says that it ended. */
export function everyJobEnded(
  { pushes, runs, dropped }: Timeline,
  raw: RawState,
  { mayFail, mayBeGone }: Expectations,
): string[] {
  const wrong: string[] = [];
  for (const job of pushes.values()) {
    if (job.queue !== raw.queue || mayBeGone?.(job)) continue;
    const status = raw.statuses[job.id]?.status ?? 'unknown';
    if (dropped.has(job.id) && (status === 'cancelled' || status === 'unknown')) continue;
    if (status === 'completed' || (status === 'unknown' && job.forgotten) || (status === 'failed' && mayFail?.(job)))
      continue;
    if (job.acknowledged || runs.has(job.id)) wrong.push(`${job.id} ended as ${status}`);
  }
  return wrong;
}

/** Checks that every key expires, except the keys of live jobs and consumers. */
export function noKeyStaysForever(raw: RawState): string[] {
  const live = new Set(raw.records);
  const consumers = new Set(raw.consumers);
  const mayStay = (key: string): boolean => {
    if (['', ':delayed', ':jobs', ':attempts', ':recovered', ':consumers'].includes(key)) return true;
    if (key === ':marker') return live.size > 0 || consumers.size > 0;
    const consumer = /^:(?:claimed|polls):(.+)$/.exec(key)?.[1];
    return consumer !== undefined && consumers.has(consumer);
  };
  const keys = Object.entries(raw.keys)
    .filter(([key, ttl]) => ttl < 0 && !mayStay(key.slice(raw.base.length)))
    .map(([key]) => `${key} never expires`);
  const statuses = Object.entries(raw.statuses)
    .filter(([id, { ttl }]) => ttl < 0 && !live.has(id))
    .map(([id]) => `the status of ${id} never expires`);
  return [...keys, ...statuses];
}
