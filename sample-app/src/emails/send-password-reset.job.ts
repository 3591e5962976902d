import { randomUUID } from 'node:crypto';
import { Job, type JobContext, type JobHandler } from 'nestjs-job-queue';
import { Mailer } from './mailer.js';

export interface PasswordReset {
  readonly to: string;
}

/**
 * Sends the link that sets a new password: before all other e-mails, because somebody waits for it, and at most once a minute to
 * one address.
 */
@Job({ queue: 'emails', priority: 10, unique: { key: ({ to }: PasswordReset) => to, for: '1m' }, timeout: '1m' })
export class SendPasswordResetJob implements JobHandler<PasswordReset, void> {
  constructor(private readonly mailer: Mailer) {}

  async handle({ to }: PasswordReset, job: JobContext): Promise<void> {
    // The token is made here, and not by the push: no secret is in the queue. A real application stores its hash.
    const link = `https://example.com/reset/${randomUUID()}`;
    await this.mailer.send({ to, subject: 'Your new password', body: `Open ${link} to choose it.` }, job.id);
  }
}
