/** How a flow has ended, once nothing of it can run any more. */
export type FlowEndState = 'completed' | 'failed' | 'cancelled';

/** Returns how a flow has ended: `failed` if a job has failed, `cancelled` if one was cancelled and none has failed. */
export function flowEndState(counts: {
  readonly total: number;
  readonly completed: number;
  readonly failed: number;
}): FlowEndState {
  if (counts.completed === counts.total) return 'completed';
  return counts.failed > 0 ? 'failed' : 'cancelled';
}
