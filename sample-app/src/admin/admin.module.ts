import { Module } from '@nestjs/common';
import { QueueBoardModule } from 'nestjs-job-queue/board';
import { AdminGuard } from './admin.guard.js';
import { AdminJobsController } from './admin-jobs.controller.js';
import { AdminQueuesController } from './admin-queues.controller.js';
import { AdminWorkersController } from './admin-workers.controller.js';
import { BoardGuard } from './board.guard.js';

/** What an operator does over HTTP: look at queues, jobs and workers, put failed jobs back, remove jobs, pause queues. The board is for browsers. */
@Module({
  imports: [QueueBoardModule.forRoot({ path: 'queues', guards: [BoardGuard] })],
  controllers: [AdminQueuesController, AdminJobsController, AdminWorkersController],
  providers: [AdminGuard],
})
export class AdminModule {}
