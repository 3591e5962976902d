import { Controller, Get } from '@nestjs/common';
import { HealthCheck, HealthCheckService, type HealthCheckResult } from '@nestjs/terminus';
import { QueueHealth } from 'nestjs-job-queue';

@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly queue: QueueHealth,
  ) {}

  /** Answers with 503 if the storage does not answer, or if e-mails wait for longer than a quarter of an hour. */
  @Get()
  @HealthCheck()
  async check(): Promise<HealthCheckResult> {
    return this.health.check([() => this.queue.check('emails', { queues: ['emails'], maxAge: '15m' })]);
  }
}
