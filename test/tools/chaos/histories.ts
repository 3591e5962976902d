import type { RawState, RawStatus } from '../../chaos/harness/raw-state.js';
import { buildTimeline, type Histories, type Timeline } from '../../chaos/checks/timeline.js';
import type { ChaosEvent, HeldJob, NewEvent, SettledJob } from '../../chaos/process/history.js';

/** The queue of all events that this file makes. */
export const QUEUE = 'default';

export function at(time: number, event: NewEvent): ChaosEvent {
  return { at: time, ...event };
}

export function pushed(id: string, { sentAt = 0, delay = 0, maxTries = 3, acknowledged = true } = {}): ChaosEvent {
  const jobs = { ids: [id], name: 'QuickJob', queue: QUEUE, delay, maxTries, sentAt };
  return at(sentAt, { type: acknowledged ? 'pushed' : 'push-unknown', ...jobs });
}

export const putBack = (count: number): ChaosEvent => at(0, { type: 'put-back', queue: QUEUE, count });
export const up = (): ChaosEvent => at(0, { type: 'up', pid: 1 });
export const drained = (): ChaosEvent => at(9_999, { type: 'drained' });
export const lost = (process: string): ChaosEvent => at(0, { type: 'lost', process, how: 'killed' });

export function claimed(id: string, fence: number, facts: Partial<HeldJob> = {}): ChaosEvent {
  return at(fence, { type: 'claimed', queue: QUEUE, jobs: [{ id, fence, attempt: 1, crashes: 0, ...facts }] });
}

export function started(id: string, fence: number, { attempt = 1, time = fence } = {}): ChaosEvent {
  return at(time, { type: 'start', queue: QUEUE, id, name: 'QuickJob', attempt, fence });
}

export function settled(id: string, fence: number, how: Partial<SettledJob> & { sentAt?: number } = {}): ChaosEvent {
  const { sentAt = fence, ...facts } = how;
  const job = { id, fence, kind: 'complete' as const, delay: 0, accepted: true, ...facts };
  return at(fence, { type: 'settled', queue: QUEUE, sentAt, jobs: [job] });
}

/** Makes the events of a run, from its claim to its accepted settlement. */
export function run(
  id: string,
  fence: number,
  facts: Partial<HeldJob> = {},
  how: Partial<SettledJob> & { sentAt?: number } = {},
): ChaosEvent[] {
  return [claimed(id, fence, facts), started(id, fence, facts), settled(id, fence, how)];
}

/** Builds the timeline of the test's events and of workers that start and, by default, drain. */
export function timelineOf(test: ChaosEvent[], workers: Record<string, ChaosEvent[]>, drainsAll = true): Timeline {
  const histories: Record<string, ChaosEvent[]> = { test };
  for (const [name, events] of Object.entries(workers))
    histories[name] = [up(), ...events, ...(drainsAll ? [drained()] : [])];
  return buildTimeline(histories satisfies Histories);
}

/** Makes the state of an empty queue. */
export function rawOf(left: Partial<RawState> = {}): RawState {
  return {
    queue: QUEUE,
    base: `queue:${QUEUE}`,
    ready: [],
    recovered: [],
    delayed: [],
    records: [],
    hasAttempts: [],
    consumers: [],
    claimed: {},
    keys: {},
    statuses: {},
    ...left,
  };
}

export const status = (word: string, ttl = 1_000): RawStatus => ({ status: word, attempt: 1, ttl });
