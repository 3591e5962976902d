import {
  Controller,
  Delete,
  Get,
  HttpCode,
  HttpStatus,
  NotFoundException,
  Param,
  Post,
  UseGuards,
} from '@nestjs/common';
import { QueueAdmin, type JobDetails } from 'nestjs-job-queue';
import { accepted, type AcceptedJob } from '../common/accepted-job.js';
import { AdminGuard } from './admin.guard.js';

@Controller('admin/jobs')
@UseGuards(AdminGuard)
export class AdminJobsController {
  constructor(private readonly admin: QueueAdmin) {}

  /** Tells all that is stored of a job: its data, its error, its failures. */
  @Get(':id')
  async job(@Param('id') id: string): Promise<JobDetails> {
    const job = await this.admin.job(id);
    if (!job) throw new NotFoundException(`Nothing is stored of job ${id}`);
    return job;
  }

  /** Puts a failed job back to the end of its queue. */
  @Post(':id/retry')
  @HttpCode(HttpStatus.ACCEPTED)
  async retry(@Param('id') id: string): Promise<AcceptedJob> {
    if ((await this.admin.retry(id)) === 0) throw new NotFoundException(`There is no failed job ${id}`);
    return accepted(id);
  }

  /** Removes a job that does not run, with all that is kept of it. */
  @Delete(':id')
  @HttpCode(HttpStatus.NO_CONTENT)
  async remove(@Param('id') id: string): Promise<void> {
    if ((await this.admin.remove(id)) === 0) throw new NotFoundException(`There is no job ${id} that can be removed`);
  }
}
