/** A message of a process of `--processes` to the process that has started it. */
export type FromProcess =
  | { readonly type: 'started'; readonly shutdownTimeout: number }
  | { readonly type: 'probed'; readonly number: number; readonly isAlive: boolean; readonly state: ProbedState };

/** A message of that process. */
export interface ToProcess {
  readonly type: 'probe';
  readonly number: number;
}

/** The state of the queue as JSON. */
export interface ProbedState {
  readonly status: string;
  readonly message?: string;
}
