import type { FlowEndState } from '../job/flow-end.js';
import type { ReleaseOptions } from '../job/hold.js';
import type { JobLabels } from '../job/job-labels.js';

/** The parts that all events have. */
interface QueueEventBase {
  readonly time: Date;
  /** Its place among the events of all processes, for `QueueEvents.since()`; only with `events.everywhere`. */
  readonly cursor?: string;
}

/** An event of one job, with the metadata and the tags of its push, if it had any. */
export interface JobEvent extends QueueEventBase, JobLabels {
  readonly queue: string;
  readonly id: string;
  /** The name of the job; empty if its record could not be read. */
  readonly name: string;
  /** The number of the attempt, from 1; 0 before the first one. */
  readonly attempt: number;
}

/** The end of an attempt. */
export interface AttemptEndEvent extends JobEvent {
  /** Milliseconds. */
  readonly duration: number;
}

/** The end of a flow: nothing of it can run any more. After a retry it ends once more. */
export interface FlowFinishedEvent extends QueueEventBase {
  /** The id of the flow. */
  readonly id: string;
  /** The name of the flow, if it was given one. */
  readonly name?: string;
  readonly state: FlowEndState;
  /** How many jobs it has; callbacks do not count. */
  readonly total: number;
  readonly completed: number;
  /** Failed for good, and not retried. */
  readonly failed: number;
  /** Cancelled, cleared or removed, or behind such a job. */
  readonly cancelled: number;
  /** Milliseconds, from its dispatch to its end. */
  readonly duration: number;
}

/** The events, by type. */
export interface QueueEventMap {
  /** A job is stored: by a push of this process, or by a flow or a schedule at whose turn this process was. */
  pushed: JobEvent;
  /** A push added nothing, because the job of this id is there already. */
  duplicate: JobEvent;
  /** The job is ready to run, and `handle` is called next. */
  started: JobEvent;
  /** The job told how far it is. At most ten of these events a second for each job. */
  progress: JobEvent & { readonly progress: unknown };
  /** The result is what `handle` returned, kept or not. */
  completed: AttemptEndEvent & { readonly result?: unknown };
  /** An attempt failed, and there will be another attempt after `delay` seconds. */
  retrying: AttemptEndEvent & { readonly error: Error; readonly delay: number };
  /** The job failed for good. */
  failed: AttemptEndEvent & { readonly error: Error };
  /**
   * The job was cancelled. The process that cancelled it tells so if the job waited (with an empty `name` if another process moved it
   * meanwhile); else the worker that ended it, with a duration in milliseconds.
   */
  cancelled: JobEvent & { readonly reason?: string; readonly duration?: number };
  /** The job was not started within its `expiresIn`: it has ended, as a cancelled one. Its attempt is 0. */
  expired: JobEvent;
  /** The handler released the job, or the process does not know its name: then there is an error. Seconds. */
  released: AttemptEndEvent & { readonly delay: number; readonly error?: Error } & ReleaseOptions;
  /** The worker stopped before the attempt had ended. */
  requeued: AttemptEndEvent;
  /** The worker of a job was lost: the job will run again. */
  recovered: JobEvent & { readonly consumer: string };
  /** A worker learned that a queue was paused for all processes. */
  'queue-paused': QueueEventBase & { readonly queue: string };
  /** A worker learned that the pause of a queue is over. */
  'queue-resumed': QueueEventBase & { readonly queue: string };
  /** Nothing of the queue is ready, blocked or running, in any process. Several workers may tell of the same moment. */
  'queue-drained': QueueEventBase & { readonly queue: string };
  'worker-started': QueueEventBase & { readonly queues: readonly string[] };
  'worker-stopped': QueueEventBase & { readonly queues: readonly string[]; readonly reason: string };
  /** A worker lost its lease: another worker may run the jobs that it had claimed. */
  'lease-lost': QueueEventBase & { readonly queue: string };
  /** The process tells so that handed over the last end to the flow, or cancelled or sealed it. */
  'batch-finished': FlowFinishedEvent;
  'chain-finished': FlowFinishedEvent;
  'workflow-finished': FlowFinishedEvent;
}

export type QueueEventType = keyof QueueEventMap;

/** An event as listeners get it: of one type, or of any. */
export type QueueEvent<T extends QueueEventType = QueueEventType> = {
  [Type in T]: QueueEventMap[Type] & { readonly type: Type };
}[T];
