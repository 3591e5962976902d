import type { QueueAdmin } from '../../admin/queue-admin.js';
import type { QueueManager } from '../../dispatch/queue.manager.js';
import type { QueueDriver } from '../../drivers/queue-driver.interface.js';
import type { QueueSchedules } from '../../schedules/queue-schedules.js';
import type { BoardReads } from '../board-reads.js';
import type { Html } from './html.js';

/** The parts of the library that the pages read from. */
export interface PageParts {
  readonly title: string;
  /** True if nothing may be changed. */
  readonly readOnly: boolean;
  readonly admin: QueueAdmin;
  readonly manager: Pick<QueueManager, 'cancel'>;
  readonly driver: Pick<QueueDriver, 'flows' | 'queues'>;
  readonly reads: BoardReads;
  readonly schedules: Pick<QueueSchedules, 'list'>;
}

/** The content of a page. */
export interface Page {
  readonly title: string;
  readonly main: Html;
  readonly status?: number;
  /** After how many seconds it is read again. Default: never. */
  readonly refresh?: number;
}

/** The parameters of a page: the first one of each name. */
export type PageQuery = Readonly<Record<string, string>>;
