/** What a process of `--processes` tells the one that has started it. */
export type FromProcess =
  | { readonly type: 'started'; readonly shutdownTimeout: number }
  | { readonly type: 'probed'; readonly number: number; readonly isAlive: boolean; readonly state: ProbedState };

/** What the process that has started it asks. */
export interface ToProcess {
  readonly type: 'probe';
  readonly number: number;
}

/** The state of the queue as JSON. */
export interface ProbedState {
  readonly status: string;
  readonly message?: string;
}
