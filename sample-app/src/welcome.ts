import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ResolvedQueueOptions } from 'nestjs-job-queue';
import type { AppConfig } from './config/app.config.js';

const PICTURE = fileURLToPath(new URL('../picture.png', import.meta.url));

/** Formats the text that the application prints when it is ready: its address, and commands to try. */
export function welcome(url: string, { outbox, smtpUrl }: AppConfig, { driver, worker }: ResolvedQueueOptions): string {
  const folder = relative(process.cwd(), outbox) || '.';
  const json = (path: string, body: object): string =>
    `curl -s ${url}${path} -H 'content-type: application/json' -d '${JSON.stringify(body)}'`;
  const email = { to: 'ann@example.com', subject: 'Hello', body: 'Sent by a job.' };
  return [
    `The sample application is at ${url}`,
    'Open it in a browser to see its jobs move.',
    `Jobs are kept ${driver === 'redis' ? 'in Redis' : 'in the memory of this process (QUEUE_DRIVER=redis npm start keeps them in Redis)'}.`,
    ...(driver === 'redis' ? [describeWorkers(worker.enabled)] : []),
    `E-mails ${smtpUrl ? 'are sent by SMTP_URL' : `are written to ${folder}`}, pictures to ${join(folder, 'images')}.`,
    '',
    'Try these commands in another terminal, in the same folder:',
    ...[
      json('/emails', email),
      json('/emails/later', { ...email, delay: '10s' }),
      json('/emails/password-reset', { to: email.to }),
      json('/orders', { merchant: 'acme', total: 4200 }),
      `curl -s ${url}/images -F image=@${relative(process.cwd(), PICTURE)} -F width=320`,
      `id=$(${json('/examples', { duration: 2, failures: 1, retries: 2 })} | cut -d'"' -f4)`,
      `curl -s ${url}/jobs/$id`,
      `curl -s ${url}/counts`,
    ].map((line) => `  ${line}`),
    '',
  ].join('\n');
}

function describeWorkers(enabled: boolean): string {
  return enabled
    ? 'This process works all queues. "npm run worker -- emails" starts a second worker for the e-mails; QUEUE_WORKER=off npm start leaves all queues to such workers.'
    : 'This process only serves requests. "npm run worker -- emails images imports parcels search webhooks default" works the queues.';
}
