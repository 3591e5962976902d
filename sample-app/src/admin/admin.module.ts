import { Module } from '@nestjs/common';
import { AdminGuard } from './admin.guard.js';
import { AdminJobsController } from './admin-jobs.controller.js';
import { AdminQueuesController } from './admin-queues.controller.js';
import { AdminWorkersController } from './admin-workers.controller.js';

/** What an operator does over HTTP: look at queues, jobs and workers, put failed jobs back, remove jobs, pause queues. */
@Module({
  controllers: [AdminQueuesController, AdminJobsController, AdminWorkersController],
  providers: [AdminGuard],
})
export class AdminModule {}
