import { closeSync, openSync, writeSync } from 'node:fs';

/** The settlement of an attempt. `accepted` is `undefined` if the storage sent no reply. */
export interface SettledJob {
  readonly id: string;
  readonly fence: number;
  readonly kind: 'complete' | 'fail' | 'cancel' | 'retry' | 'release';
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
  /** The time at which the push was sent. No job is due before this time plus its delay. */
  readonly sentAt: number;
}

/** An event that a process records about itself, or that a test records about a process. */
export type ChaosEvent = { readonly at: number } & (
  | { readonly type: 'up'; readonly pid: number }
  | ({ readonly type: 'pushed' } & PushedJobs)
  /** The push had an unknown outcome: its jobs may be stored or not. */
  | ({ readonly type: 'push-unknown' } & PushedJobs)
  | { readonly type: 'push-refused'; readonly code: string }
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
  /** An operator put failed jobs back. */
  | { readonly type: 'put-back'; readonly queue: string; readonly count: number }
  /** An operator removed or cancelled a job that no worker had. */
  | { readonly type: 'dropped'; readonly id: string }
  /** An operator is about to make a job due at this time, in milliseconds. */
  | { readonly type: 'due-changed'; readonly id: string; readonly due: number }
  /** A job of a schedule has run. */
  | { readonly type: 'tick'; readonly id: string; readonly schedule: string; readonly time: string }
  /** A job with checkpoints has done an item. */
  | { readonly type: 'item'; readonly id: string; readonly item: number }
  | { readonly type: 'settled'; readonly queue: string; readonly sentAt: number; readonly jobs: readonly SettledJob[] }
  | { readonly type: 'lease-lost'; readonly queue: string }
  /** A poll rejected. */
  | { readonly type: 'poll-failed'; readonly queue: string; readonly error: string }
  /** Recorded in the last shutdown hook: the worker has settled everything. */
  | { readonly type: 'drained' }
  | { readonly type: 'exit'; readonly code: number }
  /** The test killed the process, or stopped it for longer than its lease: others may recover its jobs. */
  | { readonly type: 'lost'; readonly process: string; readonly how: string }
);

/** An event without its time. */
export type NewEvent = ChaosEvent extends infer Event ? (Event extends ChaosEvent ? Omit<Event, 'at'> : never) : never;

/** Returns the time of the machine, also in a process whose clock is set ahead later: histories of all processes are compared. */
export const timeOfMachine = Date.now.bind(Date);

/** Writes events to a file, each with its own system call, so that a killed process loses none. */
export class History {
  private readonly file: number;

  constructor(path: string) {
    this.file = openSync(path, 'a');
  }

  write(event: NewEvent): void {
    writeSync(this.file, `${JSON.stringify({ at: timeOfMachine(), ...event })}\n`);
  }

  close(): void {
    closeSync(this.file);
  }
}
