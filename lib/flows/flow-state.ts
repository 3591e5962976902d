import type { StoredFlow } from '../drivers/queue-flows.interface.js';
import { flowEndState, type FlowEndState } from '../job/flow-end.js';

/** The state of a chain, a batch or a workflow. Times are those of the storage's clock. */
export interface FlowState {
  readonly id: string;
  readonly name?: string;
  /** `running` as long as something of it can run; then `failed` if a job has failed, `cancelled` if one was cancelled. */
  readonly state: 'running' | FlowEndState;
  /** How many jobs it has; callbacks do not count. */
  readonly total: number;
  readonly completed: number;
  /** Failed for good, and not retried yet. */
  readonly failed: number;
  /** Cancelled, cleared or removed, or behind such a job. */
  readonly cancelled: number;
  /** The part of its jobs that has ended, from 0 to 1. */
  readonly progress: number;
  /** The ids of the failed jobs, at most the first 100. */
  readonly failedIds: readonly string[];
  readonly createdAt: Date;
  /** When nothing of it could run any more. A retry takes it back. */
  readonly finishedAt?: Date;
}

/** Makes the state of a flow from its stored form. */
export function toState(id: string, stored: StoredFlow): FlowState {
  const { total, completed, failed, cancelled, createdAt, finishedAt, ...rest } = stored;
  return {
    id,
    state: finishedAt === undefined ? 'running' : flowEndState(stored),
    total,
    completed,
    failed,
    cancelled,
    progress: total === 0 ? 1 : (completed + failed + cancelled) / total,
    ...rest,
    createdAt: new Date(createdAt),
    ...(finishedAt !== undefined && { finishedAt: new Date(finishedAt) }),
  };
}
