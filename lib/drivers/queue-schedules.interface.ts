import type { JobTraits } from './job-traits.interface.js';

/** The most due schedules that one call takes: a storage cannot serve others while it reads them. */
export const MAX_TAKEN = 100;

/** For so long a taken schedule is left to the process that has taken it, in milliseconds. If that process dies, another one takes it then. */
export const TAKEN_FOR = 1_000;

/**
 * The schedules of all processes. A schedule has a next time, and a state and a text that the storage does not read. A process takes the
 * schedules that are due, decides which jobs have to be pushed, and changes their states: of several processes that do so at once, one succeeds.
 *
 * A change records durably which jobs have to be pushed, in the same operation. The process that made it pushes them; if it dies, another
 * process does so with its next {@link take}. Each job is pushed once, since its id is known before.
 *
 * Times are milliseconds on the clock of the storage.
 */
export interface ScheduleStore {
  /** False if no other process can have the storage: then no process has to give signs of life. */
  readonly isShared: boolean;

  /** Reads schedules by their names; one that does not exist is left out. @throws QueueConnectionError */
  read(names: readonly string[]): Promise<ReadSchedules>;

  /** Reads all schedules, in any order. One that is set or removed meanwhile may be missing or not. @throws QueueConnectionError */
  readAll(): Promise<StoredSchedule[]>;

  /**
   * Sets, changes or removes a schedule if its state is still the expected one. A change that arrives twice is made once.
   *
   * @returns false if its state is another one
   * @throws QueueConnectionError, StorageFullError; then it may be called again
   */
  change(change: ScheduleChange): Promise<boolean>;

  /**
   * Takes schedules that are due, the earliest ones first: for {@link TAKEN_FOR} no other call gets them. Pushes the jobs that another process
   * has left.
   *
   * @param limit at most {@link MAX_TAKEN}; 0 only to look
   * @throws QueueConnectionError
   */
  take(limit: number): Promise<TakenSchedules>;

  /** Tells whether a job lives, or has still to be pushed by a {@link change}. @throws QueueConnectionError */
  lives(id: string): Promise<boolean>;

  /** Calls the listener each time when something may be due earlier than before. */
  watch(listener: () => void): ScheduleWatch;

  /**
   * Tells that a process of an application declares schedules, for `keep` milliseconds or until the next {@link sign}. Then the schedules of
   * the application are removed that no live process of it declares.
   *
   * @throws QueueConnectionError
   */
  join(member: DeclaringProcess, keep: number): Promise<JoinResult>;

  /**
   * Tells that a process still runs. If others have died meanwhile, it removes the schedules that nobody declares any more.
   *
   * @returns false if the process is not known: it has to join again
   * @throws QueueConnectionError
   */
  sign(application: string, process: string, keep: number): Promise<boolean>;

  /**
   * Tells that a process stops. Removes the schedules that it alone declared; if no other process of the application lives, all of them stay.
   *
   * @throws QueueConnectionError
   */
  leave(application: string, process: string): Promise<void>;

  /** Resolves when this process pushes no jobs of schedules any more. */
  settled(): Promise<void>;
}

export interface StoredSchedule {
  readonly name: string;
  readonly text: string;
  /** No two states of schedules of one name are the same. */
  readonly state: string;
}

export interface ReadSchedules {
  readonly now: number;
  readonly schedules: readonly StoredSchedule[];
}

export interface TakenSchedules {
  readonly now: number;
  readonly due: readonly StoredSchedule[];
  /** When to look again; missing if nothing is to come. */
  readonly next?: number;
  /** True if more may be due. */
  readonly hasMore: boolean;
}

export interface ScheduleChange {
  /** 1 to 256 UTF-16 units without control characters. */
  readonly name: string;
  /** The state that it has; `null` if there is no such schedule. */
  readonly expected: string | null;
  /** `null` to remove it. */
  readonly to: NewScheduleState | null;
  /** The jobs to push. Default: none. */
  readonly jobs?: readonly ScheduledJob[];
}

export interface NewScheduleState {
  readonly state: string;
  /** Missing: as it is. */
  readonly text?: string;
  /** When it is due; missing for never. */
  readonly next?: number;
  /** The application whose processes declare it; missing if none does. */
  readonly application?: string;
}

/** A job that a schedule pushes. */
export interface ScheduledJob {
  /** No other occurrence has it. */
  readonly id: string;
  readonly queue: string;
  /** The record of the job as text. */
  readonly body: string;
  /** Seconds. */
  readonly delay: number;
  readonly traits?: JobTraits;
}

export interface ScheduleWatch {
  close(): void;
}

/** A process that declares schedules. */
export interface DeclaringProcess {
  /** Neither it nor the process has white space in its name. */
  readonly application: string;
  readonly process: string;
  /** The names of the schedules. */
  readonly names: readonly string[];
}

export interface JoinResult {
  /**
   * True if the storage knows the process from now on. False if the application has no schedules and declares none: then nothing has to be
   * told any more.
   */
  readonly isKnown: boolean;
  /** Those of the names that a live process of another application declares. Then the process has not joined. */
  readonly conflicts: readonly { readonly name: string; readonly application: string }[];
}
