import { fileURLToPath } from 'node:url';
import type { QueueModuleOptions } from 'nestjs-job-queue';

export const DEFAULT_PORT = 3000;

/** The settings of this application. Tests replace them. */
export class AppConfig {
  /** The folder of messages and pictures. */
  outbox = fileURLToPath(new URL('../../outbox', import.meta.url));
  /** The URL of the mail server. Without it, e-mails go to the outbox. */
  smtpUrl?: string;
  mailFrom = 'Sample <sample@example.com>';
  /** The token that opens the routes of operators. Without it they are closed. */
  adminToken?: string;
  /** Below this URL are the webhooks of merchants. By default this application plays the merchants. */
  merchantsUrl = `http://localhost:${DEFAULT_PORT}/merchants`;
  queue: QueueModuleOptions = {};

  static fromEnvironment(env: NodeJS.ProcessEnv = process.env): AppConfig {
    const config = new AppConfig();
    if (env['OUTBOX']) config.outbox = env['OUTBOX'];
    if (env['SMTP_URL']) config.smtpUrl = env['SMTP_URL'];
    if (env['MAIL_FROM']) config.mailFrom = env['MAIL_FROM'];
    if (env['ADMIN_TOKEN']) config.adminToken = env['ADMIN_TOKEN'];
    if (env['PORT']) config.merchantsUrl = `http://localhost:${env['PORT']}/merchants`;
    if (env['MERCHANTS_URL']) config.merchantsUrl = env['MERCHANTS_URL'];
    config.queue = {
      // The library reads QUEUE_DRIVER itself. Its default is Redis, but this application has to start without a Redis.
      ...(!env['QUEUE_DRIVER'] && { driver: 'array' }),
      // With QUEUE_WORKER=off this process only serves requests, and leaves the jobs to `npm run worker`.
      // The jobs of a worker that was killed come back after ten seconds: soon enough to watch.
      worker: { enabled: env['QUEUE_WORKER'] !== 'off', lease: '10s' },
      // The live page hears of the jobs of all processes.
      ...(env['QUEUE_DRIVER'] === 'redis' && { events: { everywhere: true } }),
    };
    return config;
  }
}
