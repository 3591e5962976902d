import {
  ConflictException,
  Controller,
  Delete,
  Get,
  HttpCode,
  HttpStatus,
  NotFoundException,
  Param,
} from '@nestjs/common';
import { QueueManager, type JobStatus } from 'nestjs-job-queue';
import { accepted, type AcceptedJob } from '../common/accepted-job.js';

@Controller('jobs')
export class JobsController {
  constructor(private readonly queue: QueueManager) {}

  @Get(':id')
  async status(@Param('id') id: string): Promise<JobStatus> {
    const status = await this.queue.getJobStatus(id);
    if (!status) throw new NotFoundException(`There is no job ${id}`);
    return status;
  }

  /** Cancels a job. Its status tells when it has ended. */
  @Delete(':id')
  @HttpCode(HttpStatus.ACCEPTED)
  async cancel(@Param('id') id: string): Promise<AcceptedJob> {
    if (!(await this.queue.cancel(id, 'cancelled by a request'))) {
      throw new ConflictException(`The job ${id} has ended, or there is none of this id`);
    }
    return accepted(id);
  }
}
