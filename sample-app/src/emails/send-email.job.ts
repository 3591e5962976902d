import { Logger } from '@nestjs/common';
import { Job, type JobContext, type JobHandler } from 'nestjs-job-queue';
import type { Email } from './email.js';
import { Mailer } from './mailer.js';

/** A handler: a provider with injected services. A push gives it its data. Customers are served in turn. */
@Job({
  queue: 'emails',
  group: ({ customer }: Email) => customer,
  maxTries: 5,
  retryDelay: 10,
  timeout: '1m',
})
export class SendEmailJob implements JobHandler<Email, string> {
  private readonly logger = new Logger(SendEmailJob.name);

  constructor(private readonly mailer: Mailer) {}

  async handle(email: Email, job: JobContext): Promise<string> {
    const place = await this.mailer.send(email, job.id);
    this.logger.log(`E-mail to ${email.to}: ${place}`);
    return place;
  }

  failed(error: Error, email: Email, job: JobContext): void {
    this.logger.error(`E-mail to ${email.to} failed after ${job.attempt} attempts: ${error.message}`);
  }
}
