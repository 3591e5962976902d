import type { FlowCallback, FlowJob } from './queue-flows.interface.js';

/**
 * Batches, as a storage keeps them for all processes: flows whose members do not wait for each other. Up to {@link seal} members are fed by
 * number, so that a member that is fed again counts once.
 *
 * The first failure of a member stops the batch unless it allows failures: members that have not started are cancelled, and kept for
 * {@link retry}.
 */
export interface QueueBatches {
  /**
   * Stores a batch without members. If there is one with this reference already, changes nothing, and pushes those of its jobs that ought to be pushed.
   *
   * @throws QueueConnectionError, StorageFullError, StorageCorruptError; then it may be called again
   */
  open(batch: NewBatch): Promise<OpenBatch>;

  /**
   * Adds members, and pushes them. Those that are known are not added again, and pushed only if they may not have been pushed.
   *
   * @param first the number of the first one
   * @param members each with the id that `memberId()` tells: a storage need not keep it
   * @param pushed all members with lower numbers were pushed
   * @throws as {@link open}; UnknownOutcomeError, InvalidFlowError if the batch is gone, or has members in too many queues
   */
  feed(batch: BatchKey, first: number, members: readonly FlowJob[], pushed: number): Promise<void>;

  /**
   * Says that no member is fed any more. Only from then on `then` and `finally` are pushed.
   *
   * @returns how many members there are
   * @throws as {@link open}; InvalidFlowError if the batch is gone
   */
  seal(batch: BatchKey): Promise<number>;

  /**
   * Adds members to a batch of which something can run, and pushes them. If the process dies in between, another process does it.
   *
   * @returns how many members there are; `null` if there is no such batch, or if nothing of it can run any more
   * @throws as {@link open}
   */
  add(ref: string, members: readonly FlowJob[]): Promise<number | null>;

  /**
   * Puts back the failed members, and pushes those that a failure has cancelled: under other ids, since they have ended under theirs.
   *
   * @returns how many
   * @throws QueueConnectionError
   */
  retry(ref: string): Promise<number>;
}

/** A batch to store. */
export interface NewBatch {
  /** See `flowRef()`. */
  readonly ref: string;
  readonly name?: string;
  /** When it is made, on the clock of the caller, in milliseconds. */
  readonly createdAt: number;
  /** For how many seconds it is kept once nothing of it can run any more. */
  readonly retention: number;
  /** True if the failure of a member does not stop it. */
  readonly allowFailures: boolean;
  readonly callbacks?: Readonly<Partial<Record<FlowCallback, FlowJob>>>;
}

export interface OpenBatch {
  readonly createdAt: number;
  readonly isSealed: boolean;
  readonly total: number;
}

/** A batch that is being fed. */
export interface BatchKey {
  readonly ref: string;
  /** When it was stored first. */
  readonly createdAt: number;
  /** The queue of one of its callbacks: whoever works that queue seals the batch if its process dies at that moment. */
  readonly callbackQueue?: string;
  /** The queue of one of its members, for {@link QueueBatches.seal}: its workers do the same for a batch without callbacks whose end somebody wants to know of. */
  readonly memberQueue?: string;
}

/** Why a failure has cancelled a member. */
export const STOP_REASON = 'A job of its batch has failed';

/** How long a batch that is not sealed is kept after its last members were fed, in seconds. */
export const OPEN_FOR = 7 * 86_400;

/** The number of the first member of a batch that was added, and not fed. */
export const FIRST_ADDED = 1_000_000_000;
