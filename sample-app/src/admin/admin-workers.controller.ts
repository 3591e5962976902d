import { Controller, Get, UseGuards } from '@nestjs/common';
import { QueueAdmin, type WorkerInfo } from 'nestjs-job-queue';
import { AdminGuard } from './admin.guard.js';

@Controller('admin/workers')
@UseGuards(AdminGuard)
export class AdminWorkersController {
  constructor(private readonly admin: QueueAdmin) {}

  /** Lists the workers that run, in all processes. */
  @Get()
  async list(): Promise<WorkerInfo[]> {
    return this.admin.workers();
  }
}
