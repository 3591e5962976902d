import type { JobState } from '../../lib/job/job-status.js';
import type { Cancellation, CancelledSome } from '../../lib/drivers/queue-cancellations.interface.js';
import type { JobNote } from '../../lib/job/attempt-desk.interface.js';
import type { StartLimits } from '../../lib/drivers/queue-limits.interface.js';
import type { QueueRetention, StoredFailure } from '../../lib/drivers/queue-retention.interface.js';
import type {
  NewJob,
  PushException,
  QueueCounts,
  PollRequest,
  PollResult,
  StoredStatus,
} from '../../lib/drivers/queue-driver.interface.js';

/** Seconds. */
export const LEASE = 30;
/** The longest time between two signs of life of an awake consumer, in milliseconds. */
export const INTERVAL = (LEASE * 1000) / 3;
/** The time for which no job is recovered after a silence, in milliseconds, if the driver has a grace. */
export const GRACE = 2_500;
export const QUEUE = 'mail';
/** A queue that gets failed jobs of the first one. */
export const OTHER = 'other';
/** One of so many claimed jobs is of the lowest priority. */
export const LOW_EACH = 3;
/** The number of consumers. After a consumer closes, another consumer follows in its slot. */
export const SLOTS = 3;
/** The time at which each run begins. */
export const START = Date.UTC(2026, 0, 1);

/**
 * A driver under the model: one queue, some consumers, and a clock that stands still between commands. `twice` stands
 * for a lost answer: the client sends the same message again, and sees only the second answer.
 */
export interface Subject {
  readonly name: string;
  readonly traits: Traits;
  /** Begins a run, on an empty storage. */
  start(statusTtl: number, limits?: StartLimits): Promise<void>;
  push(jobs: readonly NewJob[], unique: boolean, twice: boolean): Promise<readonly PushException[] | undefined>;
  /** Polls, and reads the state after it. */
  poll(slot: number, request: PollRequest, twice: boolean, ask: Questions): Promise<Polled>;
  /** Sends two polls one behind the other, without waiting for the first answer, and reads the state after both. */
  pollTwo(
    slot: number,
    requests: readonly [PollRequest, PollRequest],
    delivery: Delivery,
    ask: Questions,
  ): Promise<PolledTwo>;
  /** Sends a note of a job. */
  note(slot: number, claim: Claim, number: number, note: JobNote, twice: boolean): Promise<boolean>;
  clear(twice: boolean): Promise<number>;
  /** Cancels a job. @param searches true if the storage may search long lists */
  cancel(id: string, reason: string | undefined, searches: boolean, twice: boolean): Promise<Cancellation | null>;
  /** Returns the ids of jobs that have not ended, and were pushed by then. */
  live(pushedBy: number): Promise<readonly string[]>;
  /** See `QueueCancellations.cancelSome`. */
  cancelSome(ids: readonly string[], pushedBy: number, searches: boolean, twice: boolean): Promise<CancelledSome>;
  /** Puts failed jobs back. @returns how many */
  retry(ids: readonly string[], twice: boolean): Promise<number>;
  /** Moves failed jobs to the other queue. @param diesAfter the step after which the mover dies @returns how many; -1 if it died */
  move(ids: readonly string[], diesAfter: MoveStep | undefined, twice: boolean): Promise<number>;
  /** Ends the moves of movers that died. */
  endMoves(twice: boolean): Promise<void>;
  /** Lets the first jobs of the other queue fail there, and moves them back, at most {@link MOVED_BACK}. @returns how many */
  moveBack(twice: boolean): Promise<number>;
  /** Removes jobs that no consumer holds. @param only see `QueueMending.remove` @returns how many */
  remove(
    ids: readonly string[],
    only: readonly JobState[] | undefined,
    searches: boolean,
    twice: boolean,
  ): Promise<number>;
  /** See `QueueMending`, as `reschedule` and `replace`. */
  promote(id: string, searches: boolean, twice: boolean): Promise<boolean>;
  reschedule(id: string, delay: number, searches: boolean, twice: boolean): Promise<boolean>;
  setPriority(id: string, priority: number, searches: boolean, twice: boolean): Promise<boolean>;
  replace(id: string, header: string, body: string, twice: boolean): Promise<boolean>;
  obliterate(twice: boolean): Promise<number>;
  /** Pauses the queue. @param milliseconds `null` without an end */
  pauseQueue(milliseconds: number | null, twice: boolean): Promise<void>;
  resumeQueue(twice: boolean): Promise<void>;
  /** An operator sets limits. @param limits `null` to take them back */
  setLimits(limits: StartLimits | null, twice: boolean): Promise<void>;
  /** Ends the hold of the queue. */
  endHold(twice: boolean): Promise<void>;
  /** Closes the consumer of a slot, and opens another one there. */
  close(slot: number, twice: boolean): Promise<void>;
  /** Advances the time. Consumers that are not stalled give their signs of life, at once or before the next look. */
  advance(milliseconds: number): Promise<void>;
  /** Stops the process of the consumer: it gives no sign of life by itself. */
  stall(slot: number): void;
  resume(slot: number): Promise<void>;
  /** Reads the state from outside and from inside. */
  look(ask: Questions): Promise<Snapshot>;
  /** The messages on the wire, if the driver has one. */
  readonly wire?: Wire;
}

/**
 * The order in which polls arrive that a client sends one behind the other:
 *
 * - `in order`;
 * - `twice`: each arrives, and arrives again;
 * - `again in order`, `again in reverse`: both arrive, and after that both arrive again;
 * - `early`: the second poll arrives before the first poll.
 *
 * If a poll arrives twice, the client sees only the second answer.
 */
export type Delivery = 'in order' | 'twice' | 'again in order' | 'again in reverse' | 'early';

/** The choices that the contract leaves to a driver. */
export interface Traits {
  /** True if a consumer that holds no job can be lost. */
  readonly idleConsumersAreLost: boolean;
  /** The number of lost consumers whose jobs one poll takes over. */
  readonly takeoversInAPoll: number;
  /** The time for which no job is recovered after a silence, in milliseconds. */
  readonly grace: number;
  /** The order of jobs that are due at the same time. */
  readonly ties: 'id' | 'arrival';
  /** True if counting promotes due jobs. */
  readonly countingPromotes: boolean;
  /** True if reading the status of every job at once is cheap. */
  readonly asksAll: boolean;
}

/**
 * Sends messages that arrive late, or come from a consumer that was lost long ago. Each resolves with the reply of the
 * server.
 */
export interface Wire {
  /**
   * Sends a poll of a consumer again, as it was sent so many polls before its last poll.
   *
   * @param exceptFirst true to skip a server where it would be the first poll. A server has to accept the first poll of
   *   an unknown consumer, since that may be the first of its copies
   */
  resendPoll(consumerId: string, back: number, exceptFirst: boolean): Promise<number | undefined>;
  /** Sends the next poll of a lost consumer: it settles these claims, and asks for two jobs. */
  pollAsLost(consumerId: string, claims: readonly Claim[]): Promise<number>;
  /** Sends the last push again. */
  resendPush(): Promise<unknown>;
  /** Sends the clear of a place again; resolves to `undefined` if there was none. */
  resendClear(place: Place): Promise<unknown>;
  heartbeat(consumerId: string, twice: boolean): Promise<unknown>;
}

/** The steps of a move. */
export const MOVE_STEPS = ['move-out', 'move-in', 'end-move'] as const;
export type MoveStep = (typeof MOVE_STEPS)[number];
/** No more failed jobs are kept. */
export const MOVED_BACK = 2;

/** The places where jobs wait. */
export const PLACES = ['prioritized', 'ready', 'grouped', 'recovered', 'delayed'] as const;
export type Place = (typeof PLACES)[number];

export interface Claim {
  readonly id: string;
  readonly fence: number;
}

export interface Polled {
  /** The id of the consumer when it sent the poll: after a loss it goes on under another id. */
  readonly consumerId: string;
  readonly result: PollResult;
  readonly seen: Snapshot;
}

export interface PolledTwo extends Omit<Polled, 'result'> {
  readonly results: readonly [PollResult, PollResult];
}

export interface Questions {
  /** The ids whose status is read. */
  readonly statuses: readonly string[];
  readonly counts: boolean;
}

/** The retention of the queue of the model. */
export function retentionOf(statusTtl: number): QueueRetention {
  return { completed: statusTtl, failed: statusTtl, maxCompleted: 3, maxFailed: 2 };
}

/** The state of the queue as it is stored. */
export interface Snapshot {
  /** Those without a group. */
  readonly ready: readonly string[];
  /** The groups of ready jobs that may give a job, the next one first. */
  readonly ring: readonly string[];
  /** The ids of the ready jobs of each group, by its name. */
  readonly groups: readonly (readonly [string, readonly string[]])[];
  readonly recovered: readonly string[];
  /** Ids and times in ms, in order. */
  readonly delayed: readonly (readonly [string, number])[];
  readonly consumers: ReadonlyMap<string, ConsumerSnapshot>;
  /** The records of live jobs. */
  readonly records: ReadonlyMap<string, RecordSnapshot>;
  /** The ended jobs whose time is not over, the oldest one first. */
  readonly completed: readonly EndedSnapshot[];
  readonly failed: readonly EndedSnapshot[];
  /** The failures of live jobs, and of ended jobs whose time is not over. */
  readonly failures: ReadonlyMap<string, readonly FailureSnapshot[]>;
  /** The logs of the same jobs, of those that have any lines. */
  readonly logs: ReadonlyMap<string, readonly string[]>;
  /** True if a listener that begins to wait is woken. */
  readonly signalled: boolean;
  readonly counts: QueueCounts | undefined;
  readonly told: ReadonlyMap<string, StoredStatus | null>;
  /** Stored statuses, with the milliseconds left; `undefined` if they follow from the rest. */
  readonly stored: ReadonlyMap<string, StoredSnapshot> | undefined;
  /** The time of the last sign of life, and the end of the grace; `undefined` if the driver has none. */
  readonly silence: { readonly seen: number; readonly graceEnd: number } | undefined;
  /** The counters of all hours together, and of the minutes that are kept. */
  readonly counted: { readonly hours: readonly number[]; readonly minutes: readonly number[] };
  /** Until when the queue is held back; 0 if it is not. */
  readonly heldUntil: number;
  /** The reasons of cancelled jobs that have not ended, by id. */
  readonly cancelled: ReadonlyMap<string, string | undefined>;
  /** The ids of the jobs that need their keys, by key; and the keys that are kept up to a time. */
  readonly keys: ReadonlyMap<string, string>;
  /** The ids of the jobs that may be replaced, and their first pushes, by key. */
  readonly debounce: ReadonlyMap<string, { readonly id: string; readonly first: number }>;
  readonly throttles: ReadonlyMap<string, { readonly id: string; readonly until: number }>;
  /** The ready jobs of the other queue: those without a group, then group by group in their turn. */
  readonly elsewhere: readonly ElsewhereSnapshot[];
  /** The keys and entries that nothing explains. */
  readonly leftOvers: readonly string[];
}

export interface ElsewhereSnapshot {
  readonly id: string;
  readonly body: string;
  readonly pushedAt: number;
}

export interface EndedSnapshot {
  readonly id: string;
  readonly body: string;
  readonly endedAt: number;
}

export type FailureSnapshot = Pick<StoredFailure, 'attempt' | 'endedAt' | 'error'>;

export interface ConsumerSnapshot {
  readonly expiresAt: number;
  /** Ordered by their fences. */
  readonly claims: readonly Claim[];
}

export interface RecordSnapshot {
  readonly body: string;
  readonly pushedAt: number;
  readonly attempts: number;
  readonly crashes: number;
  readonly unknownSince: number | undefined;
  readonly progress: string | undefined;
}

export interface StoredSnapshot {
  readonly status: StoredStatus;
  /** Milliseconds; -1 for ever. */
  readonly left: number;
}
