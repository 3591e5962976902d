import { Body, Controller, HttpCode, HttpStatus, Post } from '@nestjs/common';
import { QueueManager } from 'nestjs-job-queue';
import { accepted, type AcceptedJob } from '../common/accepted-job.js';
import { PasswordResetDto, SendEmailDto, SendEmailLaterDto } from './send-email.dto.js';
import { SendEmailJob } from './send-email.job.js';
import { SendPasswordResetJob } from './send-password-reset.job.js';

@Controller('emails')
export class EmailsController {
  constructor(private readonly queue: QueueManager) {}

  @Post()
  @HttpCode(HttpStatus.ACCEPTED)
  async send(@Body() email: SendEmailDto): Promise<AcceptedJob> {
    return accepted(await this.queue.push(SendEmailJob, email));
  }

  @Post('later')
  @HttpCode(HttpStatus.ACCEPTED)
  async sendLater(@Body() { delay, ...email }: SendEmailLaterDto): Promise<AcceptedJob> {
    return accepted(await this.queue.later(SendEmailJob, email, delay));
  }

  /** A second request for an address within a minute is answered with the job of the first one. */
  @Post('password-reset')
  @HttpCode(HttpStatus.ACCEPTED)
  async resetPassword(@Body() reset: PasswordResetDto): Promise<AcceptedJob> {
    return accepted(await this.queue.push(SendPasswordResetJob, reset));
  }
}
