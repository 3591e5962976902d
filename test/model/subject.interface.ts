import type {
  NewJob,
  QueueCounts,
  PollRequest,
  PollResult,
  StoredStatus,
} from '../../lib/drivers/queue-driver.interface.js';

/** Seconds. */
export const LEASE = 30;
/** How often an awake consumerId gives a sign of life at the least, in milliseconds. */
export const INTERVAL = (LEASE * 1000) / 3;
/** How long nothing is recovered after a silence, in milliseconds, where there is a grace. */
export const GRACE = 2_500;
export const QUEUE = 'mail';
/** How many consumers there are; one that closes is followed by another in its slot. */
export const SLOTS = 3;
/** When each run begins. */
export const START = Date.UTC(2026, 0, 1);

/**
 * A driver under the model: one queue, some consumers, and a clock that stands still between commands. `twice` stands
 * for an answer that was lost: the client sends the same again, and sees the second answer alone.
 */
export interface Subject {
  readonly name: string;
  readonly traits: Traits;
  /** Begins a run, on an empty storage. */
  start(statusTtl: number): Promise<void>;
  push(jobs: readonly NewJob[], unique: boolean, twice: boolean): Promise<void>;
  /** Polls, and looks at what came of it. */
  poll(slot: number, request: PollRequest, twice: boolean, ask: Questions): Promise<Polled>;
  /** Sends two polls one behind the other, without waiting for the first answer, and looks at what came of both. */
  pollTwo(
    slot: number,
    requests: readonly [PollRequest, PollRequest],
    delivery: Delivery,
    ask: Questions,
  ): Promise<PolledTwo>;
  clear(twice: boolean): Promise<number>;
  /** Closes the consumer of a slot, and opens another one there. */
  close(slot: number, twice: boolean): Promise<void>;
  /**
   * Lets time pass: consumers that are not stalled give their signs of life, if not at once then before the next look.
   */
  advance(milliseconds: number): Promise<void>;
  /** The process of the consumer is stopped: it gives no sign of life of its own. */
  stall(slot: number): void;
  resume(slot: number): Promise<void>;
  /** What there is to see from outside and from inside. */
  look(ask: Questions): Promise<Snapshot>;
  /** Messages as they go over the wire, where there is one. */
  readonly wire?: Wire;
}

/**
 * How the polls arrive that a client sends one behind the other:
 *
 * - `in order`;
 * - `twice`: each arrives, and arrives again;
 * - `again in order`, `again in reverse`: both arrive, and after that both arrive again;
 * - `early`: the second one arrives before the first one.
 *
 * Of a poll that arrives twice the client sees the second answer alone.
 */
export type Delivery = 'in order' | 'twice' | 'again in order' | 'again in reverse' | 'early';

/** Where the contract leaves a driver free. */
export interface Traits {
  /** Whether a consumerId that holds nothing can be lost. */
  readonly idleConsumersAreLost: boolean;
  /** How many lost consumers one poll takes the jobs of. */
  readonly takeoversInAPoll: number;
  /** For how long nothing is taken over after a silence, in milliseconds. */
  readonly grace: number;
  /** What decides between jobs due at the same time. */
  readonly ties: 'id' | 'arrival';
  /** Whether counting makes due jobs ready. */
  readonly countingPromotes: boolean;
  /** Whether the status of every job can be asked for at once without a cost. */
  readonly asksAll: boolean;
}

/** What arrives late, or from who was given up long ago. Each resolves with what the server replied. */
export interface Wire {
  /**
   * The poll of a consumerId, as it was sent so many polls before its last one, arrives again.
   *
   * @param exceptFirst whether not to where it was the first one. To the first poll of somebody unknown the door is
   *   open: it has to be, since that may be the first of its copies
   */
  resendPoll(consumerId: string, back: number, exceptFirst: boolean): Promise<number | undefined>;
  /** A consumerId that was given up sends its next poll: settles these, and wants two jobs. */
  pollAsLost(consumerId: string, claims: readonly Claim[]): Promise<number>;
  /** The last push arrives again. */
  resendPush(): Promise<unknown>;
  /** What dropped the jobs of a place arrives again; `undefined` if there was no such thing. */
  resendClear(place: Place): Promise<unknown>;
  heartbeat(consumerId: string, twice: boolean): Promise<unknown>;
}

/** Where jobs wait. */
export type Place = 'ready' | 'recovered' | 'delayed';

export interface Claim {
  readonly id: string;
  readonly fence: number;
}

export interface Polled {
  /** Who the consumer was when it sent the poll: it goes on as another one when it is told that it was lost. */
  readonly consumerId: string;
  readonly result: PollResult;
  readonly seen: Snapshot;
}

export interface PolledTwo extends Omit<Polled, 'result'> {
  readonly results: readonly [PollResult, PollResult];
}

export interface Questions {
  /** Ids whose status is asked for. */
  readonly statuses: readonly string[];
  readonly counts: boolean;
}

/** The state of the queue as it is stored. */
export interface Snapshot {
  readonly ready: readonly string[];
  readonly recovered: readonly string[];
  /** Id and time in ms, in order. */
  readonly delayed: readonly (readonly [string, number])[];
  readonly consumers: ReadonlyMap<string, ConsumerSnapshot>;
  readonly records: ReadonlyMap<string, RecordSnapshot>;
  /** Whether somebody who begins to wait is woken. */
  readonly signalled: boolean;
  readonly counts: QueueCounts | undefined;
  readonly told: ReadonlyMap<string, StoredStatus | null>;
  /** Statuses as they are stored, with the milliseconds left; `undefined` where they follow from the rest. */
  readonly stored: ReadonlyMap<string, StoredSnapshot> | undefined;
  /** When nothing is taken over before, and when the last sign of life was; where there is such a thing. */
  readonly silence: { readonly seen: number; readonly graceEnd: number } | undefined;
  /** What nothing explains. */
  readonly leftOvers: readonly string[];
}

export interface ConsumerSnapshot {
  readonly expiresAt: number;
  /** By their fences. */
  readonly claims: readonly Claim[];
}

export interface RecordSnapshot {
  readonly body: string;
  readonly pushedAt: number;
  readonly attempts: number;
  readonly crashes: number;
  readonly unknownSince: number | undefined;
}

export interface StoredSnapshot {
  readonly status: StoredStatus;
  /** Milliseconds; -1 for ever. */
  readonly left: number;
}
