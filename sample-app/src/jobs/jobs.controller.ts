import { Controller, Get, NotFoundException, Param } from '@nestjs/common';
import { QueueManager, type JobStatus } from 'nestjs-job-queue';

@Controller('jobs')
export class JobsController {
  constructor(private readonly queue: QueueManager) {}

  @Get(':id')
  async status(@Param('id') id: string): Promise<JobStatus> {
    const status = await this.queue.getJobStatus(id);
    if (!status) throw new NotFoundException(`There is no job ${id}`);
    return status;
  }
}
