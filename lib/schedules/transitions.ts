import { Occurrences } from './occurrences.js';
import { digestOf, type ScheduleState, type ScheduleText } from './schedule-codec.js';

/** What a call of `set` decides beside the text. */
export interface SetOptions {
  readonly text: ScheduleText;
  /** The text as it is stored. */
  readonly stored: string;
  /** Missing: as it is. */
  readonly paused?: boolean;
}

/** A schedule as it is now. */
export interface KnownSchedule {
  readonly text: ScheduleText;
  readonly state: ScheduleState;
}

const RULE = ['cron', 'timeZone', 'every', 'startAt'] as const satisfies readonly (keyof ScheduleText)[];

/**
 * Returns the state of a schedule that is set, or set anew:
 *
 * 1. with another rule it begins anew, from now on;
 * 2. with the same rule its next time stays, also if it has passed: then it is made up for;
 * 3. it stays paused.
 */
export function stateAfterSet(
  known: KnownSchedule | undefined,
  { text, stored, paused }: SetOptions,
  now: number,
): ScheduleState {
  const isSame = known !== undefined && RULE.every((key) => known.text[key] === text[key]);
  const isPaused = paused ?? known?.state.isPaused ?? false;
  const createdAt = known?.state.createdAt ?? now;
  const runs = isSame ? known.state.runs : 0;
  const kept = isSame && !known.state.isPaused ? known.state.next : undefined;
  const hasEnded = kept !== undefined && kept > (text.endAt ?? Infinity);
  const next = hasEnded ? undefined : (kept ?? new Occurrences(text, createdAt).after(now));
  return withNext(
    {
      revision: (known?.state.revision ?? 0) + 1,
      digest: digestOf(stored),
      createdAt,
      runs,
      isPaused,
      ...(known?.state.last && { last: known.state.last }),
    },
    text,
    next,
  );
}

/** Returns the state of a schedule that is paused or resumed. Time in which it was paused is never made up for. */
export function stateAfterPause({ text, state }: KnownSchedule, isPaused: boolean, now: number): ScheduleState {
  const { next: _, ...rest } = state;
  const changed = { ...rest, revision: state.revision + 1, isPaused };
  return withNext(changed, text, isPaused ? undefined : new Occurrences(text, state.createdAt).after(now));
}

/** An occurrence that gets its job. */
export interface Occurrence {
  readonly time: number;
  readonly id: string;
}

/**
 * Decides what a due schedule does now.
 *
 * @param lastLives whether the job of its last occurrence lives; it is asked only if that matters
 * @returns its new state, and the occurrences that get their jobs
 */
export async function fire(
  { text, state }: KnownSchedule,
  now: number,
  idOf: (time: number) => string,
  lastLives: (id: string) => Promise<boolean>,
): Promise<{ readonly state: ScheduleState; readonly occurrences: readonly Occurrence[] }> {
  const { next, last, ...rest } = state;
  const due = new Occurrences(text, state.createdAt).due(next!, now, text.catchUp);
  const left = Math.max((text.limit ?? Infinity) - state.runs, 0);
  let times = due.times.slice(0, left);
  if (!text.overlap && times.length > 0) {
    // The job of the first one lives when the others are looked at.
    times = last && (await lastLives(last.id)) ? [] : times.slice(0, 1);
  }
  const occurrences = times.map((time) => ({ time, id: idOf(time) }));
  const changed = {
    ...rest,
    revision: state.revision + 1,
    runs: state.runs + occurrences.length,
    ...((occurrences.at(-1) ?? last) && { last: occurrences.at(-1) ?? last }),
  };
  return { state: withNext(changed, text, due.next), occurrences };
}

/** Adds the next time, unless the schedule is paused or has ended. */
function withNext(
  state: Omit<ScheduleState, 'next'>,
  { limit = Infinity }: ScheduleText,
  next: number | undefined,
): ScheduleState {
  return next === undefined || state.isPaused || state.runs >= limit ? state : { ...state, next };
}

/** Returns the next times of a schedule, at most so many. */
export function nextTimes({ text, state }: KnownSchedule, most: number): number[] {
  const occurrences = new Occurrences(text, state.createdAt);
  const count = Math.min(most, (text.limit ?? Infinity) - state.runs);
  const times: number[] = [];
  for (let { next } = state; next !== undefined && times.length < count; next = occurrences.after(next))
    times.push(next);
  return times;
}
