/** What a storage has to know of a job beyond its record and its place. Each feature that needs it adds a field. */
export interface JobTraits {
  /** Higher first, within its queue. Default: 0. */
  readonly priority?: number;
  readonly unique?: UniqueKey;
  readonly debounce?: DebounceKey;
  /**
   * Jobs of one queue with the same group are served in their order, and the groups in turn. 1 to 256 UTF-16 units without control
   * characters. Missing: none. All jobs without a group together are one side, and all groups are the other one: while both have ready
   * jobs, each side gets every second claimed job.
   */
  readonly group?: string;
  /** The place of the job in a flow. */
  readonly flow?: FlowPlace;
  /** True for a job of a schedule: its id stays known for a while after its end, because its push may arrive again. */
  readonly isScheduled?: true;
}

/** The place of a job in a flow: see `QueueFlows`. */
export interface FlowPlace {
  readonly ref: string;
  readonly node: number;
}

/**
 * The key of a unique job. While a job of the queue has it, the push of a job with the same key adds nothing. The storage takes it with the
 * job, and frees it together with what the key waits for: it can neither outlive its job, nor be forgotten before.
 *
 * A failed job that is put back takes its key again. If another live job has it, the failed one stays.
 */
export interface UniqueKey {
  /** Without a line feed, and not beginning with `~`. */
  readonly key: string;
  /** `start`: up to the first claim of the job. `end`: until it has completed, failed, was cancelled or dropped. */
  readonly until: 'start' | 'end';
  /** The key stays taken for so many seconds after the push anyway, unless the job is cancelled, dropped or removed. */
  readonly for?: number;
}

/**
 * The key of a job that later pushes may replace. While a job with the key waits for its first claim, the push of a job with the same key
 * replaces its record and its traits, and puts it off by the delay of the push: the job keeps its id. Else the push adds its job.
 */
export interface DebounceKey {
  /** As that of a {@link UniqueKey}. */
  readonly key: string;
  /** A job is put off at most until so many seconds after its first push. */
  readonly maxWait?: number;
  /** The push does nothing unless the job that waits has this record; `null`: unless none waits. Missing: whatever waits. */
  readonly over?: string | null;
}
