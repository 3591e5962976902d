import { Body, Controller, Get, HttpCode, HttpStatus, Param, Post, Query, UseGuards } from '@nestjs/common';
import { QueueAdmin, type JobList, type QueueInfo } from 'nestjs-job-queue';
import { AdminGuard } from './admin.guard.js';
import { ListJobsDto } from './list-jobs.dto.js';
import { PauseQueueDto } from './pause-queue.dto.js';
import { RetryQueueDto } from './retry-queue.dto.js';

@Controller('admin/queues')
@UseGuards(AdminGuard)
export class AdminQueuesController {
  constructor(private readonly admin: QueueAdmin) {}

  /** Lists the queues with their counts, and says which are paused. */
  @Get()
  async list(): Promise<QueueInfo[]> {
    return this.admin.queues();
  }

  /** Lists jobs with their data, errors and failures. The `cursor` of a page asks for the next one. */
  @Get(':queue/jobs')
  async jobs(@Param('queue') queue: string, @Query() { state, ...page }: ListJobsDto): Promise<JobList> {
    return this.admin.jobs(queue, state, page);
  }

  /** Puts the failed jobs of a queue back, the one that failed first at the front. */
  @Post(':queue/retry')
  @HttpCode(HttpStatus.OK)
  async retry(
    @Param('queue') queue: string,
    @Body() { name, limit }: RetryQueueDto,
  ): Promise<{ readonly retried: number }> {
    return { retried: await this.admin.retryAll(queue, { name, limit }) };
  }

  /** Pauses a queue for all processes. */
  @Post(':queue/pause')
  @HttpCode(HttpStatus.OK)
  async pause(@Param('queue') queue: string, @Body() { for: length }: PauseQueueDto): Promise<QueueInfo> {
    await this.admin.pause(queue, { for: length });
    return this.admin.queue(queue);
  }

  @Post(':queue/resume')
  @HttpCode(HttpStatus.OK)
  async resume(@Param('queue') queue: string): Promise<QueueInfo> {
    await this.admin.resume(queue);
    return this.admin.queue(queue);
  }
}
