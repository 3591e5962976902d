import { fileURLToPath } from 'node:url';
import type { QueueModuleOptions } from 'nestjs-job-queue';

/** The settings of this application. Tests put others in their place. */
export class AppConfig {
  /** Where messages and pictures are written. */
  outbox = fileURLToPath(new URL('../../outbox', import.meta.url));
  /** Where e-mails are sent to; without it they are written to the outbox. */
  smtpUrl?: string;
  mailFrom = 'Sample <sample@example.com>';
  queue: QueueModuleOptions = {};

  static fromEnvironment(env: NodeJS.ProcessEnv = process.env): AppConfig {
    const config = new AppConfig();
    if (env['OUTBOX']) config.outbox = env['OUTBOX'];
    if (env['SMTP_URL']) config.smtpUrl = env['SMTP_URL'];
    if (env['MAIL_FROM']) config.mailFrom = env['MAIL_FROM'];
    config.queue = {
      // The library reads QUEUE_DRIVER itself, and would take Redis without it; this application runs without one.
      ...(!env['QUEUE_DRIVER'] && { driver: 'array' }),
      // With QUEUE_WORKER=off this process takes requests only, and leaves the jobs to `npm run worker`.
      worker: { enabled: env['QUEUE_WORKER'] !== 'off' },
    };
    return config;
  }
}
