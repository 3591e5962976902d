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

/** The tools of a command that works with the application itself: with its classes, its codecs and its options. */
export type ApplicationTools = Pick<QueueTools, 'queue' | 'options' | 'out' | 'io'>;

/** Does the work of a command. Without a result the exit code is 0. */
export interface RunCommand {
  /** Connects, does the work, and closes the connection. */
  (work: (tools: QueueTools) => Promise<ExitCode | void>): Promise<void>;
  /**
   * Starts the application without HTTP and without its worker, does the work, and closes the application.
   *
   * @param module the file of its module, and the name of the class behind `#`
   */
  inApplication(module: string, work: (tools: ApplicationTools) => Promise<ExitCode | void>): Promise<void>;
}
