import { closeSync, openSync, writeSync } from 'node:fs';

/** How an attempt was settled, and whether the storage took that: `undefined` where it did not answer. */
export interface SettledJob {
  readonly id: string;
  readonly fence: number;
  readonly kind: 'complete' | 'fail' | 'retry' | 'release';
  /** Seconds. */
  readonly delay: number;
  readonly accepted?: boolean;
}

export interface HeldJob {
  readonly id: string;
  readonly fence: number;
  readonly attempt: number;
  readonly crashes: number;
}

/** Jobs that were pushed together. Times are milliseconds, delays seconds. */
export interface PushedJobs {
  readonly ids: readonly string[];
  readonly name: string;
  readonly queue: string;
  readonly delay: number;
  readonly maxTries: number;
  /** When the push was sent: no job is due sooner than that and its delay. */
  readonly sentAt: number;
}

/** What a process tells of itself, or a test of what it did to one. */
export type ChaosEvent = { readonly at: number } & (
  | { readonly type: 'up'; readonly pid: number }
  | ({ readonly type: 'pushed' } & PushedJobs)
  /** Nobody knows whether it is stored. */
  | ({ readonly type: 'unsure' } & PushedJobs)
  | { readonly type: 'refused-push'; readonly code: string }
  | { readonly type: 'claimed'; readonly queue: string; readonly jobs: readonly HeldJob[] }
  | {
      readonly type: 'start';
      readonly queue: string;
      readonly id: string;
      readonly name: string;
      readonly attempt: number;
      readonly fence: number;
    }
  | {
      readonly type: 'end';
      readonly queue: string;
      readonly id: string;
      readonly fence: number;
      readonly error?: string;
    }
  | { readonly type: 'settled'; readonly queue: string; readonly sentAt: number; readonly jobs: readonly SettledJob[] }
  | { readonly type: 'lease-lost'; readonly queue: string }
  /** A poll was refused. */
  | { readonly type: 'trouble'; readonly queue: string; readonly error: string }
  /** Said in its last hook: everything is settled. */
  | { readonly type: 'drained' }
  | { readonly type: 'exit'; readonly code: number }
  /** The test ended it, stopped it for longer than its lease, or expected it to die: others may run what it held. */
  | { readonly type: 'lost'; readonly process: string; readonly how: string }
);

/** An event but for its time; of each kind by itself. */
export type NewEvent = ChaosEvent extends infer Event ? (Event extends ChaosEvent ? Omit<Event, 'at'> : never) : never;

/** Writes what happens to a file, each event at once: a process that is killed has lost no word. */
export class History {
  private readonly file: number;

  constructor(path: string) {
    this.file = openSync(path, 'a');
  }

  write(event: NewEvent): void {
    writeSync(this.file, `${JSON.stringify({ at: Date.now(), ...event })}\n`);
  }

  close(): void {
    closeSync(this.file);
  }
}
