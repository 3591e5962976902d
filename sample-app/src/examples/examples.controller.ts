import { Body, Controller, HttpCode, HttpStatus, Post } from '@nestjs/common';
import { QueueManager } from 'nestjs-job-queue';
import { accepted, type AcceptedJob } from '../common/accepted-job.js';
import { ExampleJob } from './example.job.js';
import { RunExampleDto } from './run-example.dto.js';

@Controller('examples')
export class ExamplesController {
  constructor(private readonly queue: QueueManager) {}

  @Post()
  @HttpCode(HttpStatus.ACCEPTED)
  async run(@Body() { duration, failures, retries, retryDelay }: RunExampleDto): Promise<AcceptedJob> {
    const id = await this.queue.push(ExampleJob, { duration, failures }, { maxTries: retries + 1, retryDelay });
    return accepted(id);
  }
}
