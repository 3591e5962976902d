import type { SystemName } from '../systems/system.interface.js';
import type { TaskName } from './tasks/tasks.js';

/** The arguments of the process, as JSON. */
export interface SubjectArguments {
  readonly system: SystemName;
  readonly host: string;
  readonly port: number;
  /** The folder for CPU profiles. */
  readonly profiles?: string;
}

export interface TaskRequest {
  readonly task: TaskName;
  readonly options: object;
}

export type TaskReply = { readonly result: unknown } | { readonly error: string };
