import type {
  QueueAdmin,
  QueueDriver,
  QueueHealth,
  QueueManager,
  QueueSchedules,
  ResolvedQueueOptions,
} from '../../index.js';
import type { ExitCode } from '../command-error.js';
import type { QueueIo } from './queue-io.js';
import type { QueueOutput } from './queue-output.js';

/** The tools of a command. */
export interface QueueTools {
  readonly admin: QueueAdmin;
  readonly queue: QueueManager;
  readonly health: QueueHealth;
  readonly schedules: QueueSchedules;
  readonly driver: QueueDriver;
  readonly options: ResolvedQueueOptions;
  readonly out: QueueOutput;
  readonly io: QueueIo;
}

/** Connects, does the work of a command, and closes the connection. Without a result the exit code is 0. */
export type RunCommand = (work: (tools: QueueTools) => Promise<ExitCode | void>) => Promise<void>;
