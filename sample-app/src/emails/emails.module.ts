import { Module } from '@nestjs/common';
import { AppConfig } from '../config/app.config.js';
import { EmailsController } from './emails.controller.js';
import { Mailer } from './mailer.js';
import { OutboxMailer } from './outbox.mailer.js';
import { SendEmailJob } from './send-email.job.js';
import { SendPasswordResetJob } from './send-password-reset.job.js';
import { SmtpMailer } from './smtp.mailer.js';

@Module({
  controllers: [EmailsController],
  providers: [
    SendEmailJob,
    SendPasswordResetJob,
    {
      provide: Mailer,
      inject: [AppConfig],
      useFactory: ({ smtpUrl, outbox, mailFrom }: AppConfig): Mailer =>
        smtpUrl ? new SmtpMailer(smtpUrl, mailFrom) : new OutboxMailer(outbox, mailFrom),
    },
  ],
  exports: [Mailer],
})
export class EmailsModule {}
