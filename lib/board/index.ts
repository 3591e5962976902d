export type { BoardGuard, QueueBoardOptions } from './board-options.js';
export { QueueBoardModule } from './queue-board.module.js';
