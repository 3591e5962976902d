import { Inject, Module, type DynamicModule, type FactoryProvider, type NestModule } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { QueueAdmin } from '../admin/queue-admin.js';
import { QueueManager } from '../dispatch/queue.manager.js';
import type { QueueDriver } from '../drivers/queue-driver.interface.js';
import { QUEUE_DRIVER, RESOLVED_QUEUE_OPTIONS } from '../queue.tokens.js';
import type { ResolvedQueueOptions } from '../queue.options.js';
import { QueueSchedules } from '../schedules/queue-schedules.js';
import { systemClock } from '../support/clock.js';
import { createQueueLogger } from '../support/queue-logger.js';
import { boardController, routeBelow } from './board-controller.js';
import { assertGuarded, readBoardOptions, type CheckedBoardOptions, type QueueBoardOptions } from './board-options.js';
import { BoardReads } from './board-reads.js';
import { BoardServer } from './board-server.js';
import { BoardPages } from './pages/board-pages.js';

const BOARD_OPTIONS = Symbol('BoardOptions');
const BOARD_CONTROLLER = Symbol('BoardController');

const serverProvider: FactoryProvider<BoardServer> = {
  provide: BoardServer,
  inject: [BOARD_OPTIONS, QueueAdmin, QueueManager, QueueSchedules, QUEUE_DRIVER, RESOLVED_QUEUE_OPTIONS],
  useFactory: (
    options: CheckedBoardOptions,
    admin: QueueAdmin,
    manager: QueueManager,
    schedules: QueueSchedules,
    driver: QueueDriver,
    { logger: given }: ResolvedQueueOptions,
  ) => {
    const logger = createQueueLogger(given, 'QueueBoard');
    if (!assertGuarded(options, process.env['NODE_ENV'])) {
      logger.warn(
        `The board at /${options.path} has no guards: everybody may use it. It does not start like this in production`,
      );
    }
    // Pages are shown to people: an application with a clock of its own may stand still meanwhile.
    const reads = new BoardReads(driver, admin, () => systemClock.monotonic());
    const { title, readOnly } = options;
    const pages = new BoardPages({ title, readOnly, admin, manager, driver, reads, schedules });
    return new BoardServer({ title, readOnly, admin, manager, reads, pages, logger });
  },
};

/**
 * A board for operators: bull-board over the queues of this library, and pages for what it has none. It needs the packages `@bull-board/api`
 * and `@bull-board/ui`, and `QueueModule` in the root module.
 */
@Module({})
export class QueueBoardModule implements NestModule {
  constructor(
    private readonly host: HttpAdapterHost,
    @Inject(BOARD_CONTROLLER) private readonly controller: ReturnType<typeof boardController>,
  ) {}

  /** Nest calls this when it knows its HTTP server, and before it reads the routes; in a process without a server never. */
  configure(): void {
    routeBelow(this.controller, this.host.httpAdapter.getType());
  }

  /**
   * Adds a board to the application.
   *
   * @throws InvalidOptionError for a wrong option; at the start in production, for a board without guards that does not say `guards: false`
   */
  static forRoot(options: QueueBoardOptions = {}): DynamicModule {
    const checked = readBoardOptions(options);
    const controller = boardController(checked);
    return {
      module: QueueBoardModule,
      imports: checked.imports,
      controllers: [controller],
      providers: [
        { provide: BOARD_OPTIONS, useValue: checked },
        { provide: BOARD_CONTROLLER, useValue: controller },
        serverProvider,
      ],
    };
  }
}
