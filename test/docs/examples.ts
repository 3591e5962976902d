import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { anchorOf, type Block, type Docs, readDocs, REPOSITORY } from './docs.js';
import { PLACES } from './places.js';

/** A source file of the examples in the documents. */
export interface ExampleFile {
  /** Such as `send-email.job.ts`. */
  readonly name: string;
  readonly text: string;
  /** The block that it comes from; `undefined` for a fixture. */
  readonly block?: Block;
}

/** The imports and parameters of a block that is no file of its own. */
export interface Prelude {
  /** Import statements, one after the other. */
  readonly imports: string;
  /** The parameters of the function that the block becomes. */
  readonly parameters: string;
}

/** The folder in which the compiler sees the examples, beside the fixtures that are really there. */
export const EXAMPLES = join(REPOSITORY, 'test/docs/fixtures');

/** The preludes by document and key: the anchor of the heading, from its second block on with a number. */
export const PRELUDES: Readonly<Record<string, Readonly<Record<string, Prelude>>>> = {
  [PLACES.dispatch]: {
    'push-later-pushmany': {
      imports: `import type { QueueManager } from 'nestjs-job-queue';
        import { ResizeImageJob } from './resize-image.job.js'; import { type Email, SendEmailJob } from './send-email.job.js';`,
      parameters: 'queue: QueueManager, email: Email, emails: readonly Email[]',
    },
    'metadata-and-tags': {
      imports: `import type { QueueManager } from 'nestjs-job-queue'; import { SendInvoiceJob } from './send-invoice.job.js';`,
      parameters: 'queue: QueueManager',
    },
    'jobs-of-all-kinds-in-one-call': {
      imports: `import { jobSpec, type QueueManager } from 'nestjs-job-queue'; import { ResizeImageJob } from './resize-image.job.js';
        import { type Email, SendEmailJob } from './send-email.job.js'; import { SendInvoiceJob } from './send-invoice.job.js';`,
      parameters: 'queue: QueueManager, email: Email',
    },
    'what-became-of-a-push': {
      imports: `import type { QueueManager } from 'nestjs-job-queue'; import { SendInvoiceJob } from './send-invoice.job.js';`,
      parameters: 'queue: QueueManager',
    },
    'pushing-once': {
      imports: `import type { QueueManager } from 'nestjs-job-queue'; import { SendInvoiceJob } from './send-invoice.job.js';`,
      parameters: 'queue: QueueManager',
    },
    'pushing-once-2': {
      imports: `import { type QueueManager, UnknownOutcomeError } from 'nestjs-job-queue';
        import { SendInvoiceJob } from './send-invoice.job.js';`,
      parameters: 'queue: QueueManager',
    },
    'pushing-once-3': {
      imports: `import type { QueueManager } from 'nestjs-job-queue'; import { SendInvoiceJob } from './send-invoice.job.js';`,
      parameters: 'queue: QueueManager',
    },
    'job-status': {
      imports: `import type { QueueManager } from 'nestjs-job-queue';`,
      parameters: 'queue: QueueManager, id: string',
    },
  },
  [PLACES.limits]: {
    'at-run-time': { imports: `import type { QueueAdmin } from 'nestjs-job-queue';`, parameters: 'admin: QueueAdmin' },
    'told-to-wait': {
      imports: `import type { QueueAdmin } from 'nestjs-job-queue';`,
      parameters: 'admin: QueueAdmin',
    },
  },
  [PLACES.definitions]: {
    'push-by-name': {
      imports: `import type { QueueManager } from 'nestjs-job-queue';`,
      parameters: 'queue: QueueManager',
    },
  },
  [PLACES.results]: {
    results: {
      imports: `import type { QueueManager } from 'nestjs-job-queue';`,
      parameters: 'queue: QueueManager, id: string',
    },
  },
  [PLACES.job]: {
    'a-time-for-tries': {
      imports: `import type { QueueManager } from 'nestjs-job-queue'; import { type Email, SendEmailJob } from './send-email.job.js';`,
      parameters: 'queue: QueueManager, email: Email',
    },
  },
  [PLACES.expiry]: {
    'jobs-that-expire': {
      imports: `import type { QueueManager } from 'nestjs-job-queue'; import { type Email, SendEmailJob } from './send-email.job.js';`,
      parameters: 'queue: QueueManager, email: Email',
    },
  },
  [PLACES.debounce]: {
    'debounced-jobs': {
      imports: `import type { QueueManager } from 'nestjs-job-queue'; import { SendInvoiceJob } from './send-invoice.job.js';`,
      parameters: 'queue: QueueManager',
    },
  },
  [PLACES.middleware]: {
    middleware: {
      imports: `import { QueueModule } from 'nestjs-job-queue'; import { Stamp } from './stamp.middleware.js';
        import { Timing } from './timing.middleware.js';`,
      parameters: '',
    },
  },
  [PLACES.validation]: {
    'checked-data': {
      imports: `import type { QueueManager } from 'nestjs-job-queue'; import { SendVoucherJob } from './send-voucher.job.js';`,
      parameters: 'queue: QueueManager',
    },
  },
  [PLACES.context]: {
    'the-context-of-a-push': {
      imports: `import { QueueModule } from 'nestjs-job-queue'; import { tenantCarrier } from './tenant.carrier.js';`,
      parameters: '',
    },
  },
  [PLACES.deferral]: {
    deferpushes: {
      imports: `import type { QueueManager } from 'nestjs-job-queue'; import { SendInvoiceJob } from './send-invoice.job.js';
        import type { ShopDatabase } from './shop.database.js';`,
      parameters: 'queue: QueueManager, database: ShopDatabase',
    },
    aftercommit: {
      imports: `import { QueueModule } from 'nestjs-job-queue'; import { OrmTransactions } from './orm-transactions.js';`,
      parameters: '',
    },
  },
  [PLACES.events]: {
    events: {
      imports: `import { filter } from 'rxjs'; import type { QueueEvents } from 'nestjs-job-queue';`,
      parameters: 'events: QueueEvents',
    },
    'events-of-all-processes': { imports: `import { QueueModule } from 'nestjs-job-queue';`, parameters: '' },
    'events-of-all-processes-2': {
      imports: `import type { QueueEvents } from 'nestjs-job-queue';`,
      parameters: 'events: QueueEvents',
    },
  },
  [PLACES.unique]: {
    'unique-jobs': {
      imports: `import type { QueueManager } from 'nestjs-job-queue'; import { SendInvoiceJob } from './send-invoice.job.js';`,
      parameters: 'queue: QueueManager',
    },
  },
  [PLACES.flows]: {
    chains: {
      imports: `import { jobSpec, type QueueManager } from 'nestjs-job-queue';
        import { AlertJob, ChargeOrderJob, type Order, PackOrderJob, ShipOrderJob } from './charge-order.job.js';`,
      parameters: 'queue: QueueManager, order: Order',
    },
    workflows: {
      imports: `import { jobSpec, type QueueManager } from 'nestjs-job-queue';
        import { AlertJob, ChargeOrderJob, type Order, PackOrderJob, ShipOrderJob } from './charge-order.job.js';`,
      parameters: 'queue: QueueManager, order: Order',
    },
  },
  [PLACES.schedules]: {
    'set-at-run-time': {
      imports: `import type { QueueSchedules } from 'nestjs-job-queue';`,
      parameters: 'schedules: QueueSchedules',
    },
  },
  [PLACES.batches]: {
    batches: {
      imports: `import { jobSpec, type QueueManager } from 'nestjs-job-queue';
        import { ImportRowJob, TellJob } from './read-folder.job.js';`,
      parameters: 'queue: QueueManager, rows: readonly { id: string }[]',
    },
    'very-many-jobs': {
      imports: `import { jobSpec, type QueueManager } from 'nestjs-job-queue'; import { ImportRowJob } from './read-folder.job.js';`,
      parameters:
        'queue: QueueManager, table: { name: string; rows(options: { order: string }): AsyncIterable<{ id: string }> }',
    },
    'cancel-and-retry': {
      imports: `import type { QueueManager } from 'nestjs-job-queue';`,
      parameters: 'queue: QueueManager, id: string',
    },
  },
  [PLACES.cancellation]: {
    'cancelling-jobs': {
      imports: `import type { QueueManager } from 'nestjs-job-queue';`,
      parameters: 'queue: QueueManager, id: string',
    },
  },
  [PLACES.workers]: {
    'workers-that-run': {
      imports: `import type { QueueAdmin } from 'nestjs-job-queue';`,
      parameters: 'admin: QueueAdmin',
    },
  },
  [PLACES.waiting]: {
    'waiting-for-jobs': {
      imports: `import type { QueueManager } from 'nestjs-job-queue'; import type { Totals } from './sum-orders.job.js';`,
      parameters: `queue: QueueManager, id: string, request: { on(event: 'close', listener: () => void): void }`,
    },
  },
  [PLACES.progress]: {
    progress: {
      imports: `import type { QueueManager } from 'nestjs-job-queue';`,
      parameters: 'queue: QueueManager, id: string',
    },
  },
  [PLACES.logs]: {
    'the-log-of-a-job': {
      imports: `import type { QueueAdmin } from 'nestjs-job-queue';`,
      parameters: 'admin: QueueAdmin, id: string',
    },
  },
  [PLACES.stats]: {
    statistics: { imports: `import { QueueModule } from 'nestjs-job-queue';`, parameters: '' },
  },
  [PLACES.lists]: {
    'lists-of-jobs': {
      imports: `import type { QueueAdmin } from 'nestjs-job-queue';`,
      parameters: 'admin: QueueAdmin',
    },
    'one-job': {
      imports: `import type { QueueManager } from 'nestjs-job-queue'; import type { Email } from './send-email.job.js';`,
      parameters: 'queue: QueueManager, id: string',
    },
  },
  [PLACES.admin]: {
    queues: { imports: `import type { QueueAdmin } from 'nestjs-job-queue';`, parameters: 'admin: QueueAdmin' },
    statistics: { imports: `import type { QueueAdmin } from 'nestjs-job-queue';`, parameters: 'admin: QueueAdmin' },
    pauses: { imports: `import type { QueueAdmin } from 'nestjs-job-queue';`, parameters: 'admin: QueueAdmin' },
    cancellations: { imports: `import type { QueueAdmin } from 'nestjs-job-queue';`, parameters: 'admin: QueueAdmin' },
    'failed-jobs': {
      imports: `import type { QueueAdmin } from 'nestjs-job-queue';`,
      parameters: 'admin: QueueAdmin, id: string',
    },
    'whole-queues': { imports: `import type { QueueAdmin } from 'nestjs-job-queue';`, parameters: 'admin: QueueAdmin' },
    'waiting-jobs': {
      imports: `import type { QueueAdmin } from 'nestjs-job-queue';`,
      parameters: 'admin: QueueAdmin, id: string',
    },
  },
  [PLACES.priority]: {
    priority: {
      imports: `import { Job, type JobHandler } from 'nestjs-job-queue'; interface Newsletter { readonly to: string }`,
      parameters: '',
    },
    'priority-2': {
      imports: `import type { JobHandler, QueueManager } from 'nestjs-job-queue'; interface Newsletter { readonly to: string }`,
      parameters: 'queue: QueueManager, NewsletterJob: new () => JobHandler<Newsletter>',
    },
    'a-new-priority': {
      imports: `import type { QueueAdmin } from 'nestjs-job-queue';`,
      parameters: 'admin: QueueAdmin, id: string',
    },
  },
  [PLACES.groups]: {
    groups: {
      imports: `import type { QueueAdmin, QueueManager } from 'nestjs-job-queue'; import { SendInvoiceJob } from './send-invoice.job.js';`,
      parameters: 'queue: QueueManager, admin: QueueAdmin',
    },
  },
  [PLACES.retention]: {
    'retention-what-is-kept-of-ended-jobs-2': {
      imports: `import { Job, type JobHandler } from 'nestjs-job-queue'; interface ResetPassword { readonly user: string }`,
      parameters: '',
    },
    'retention-what-is-kept-of-ended-jobs-3': {
      imports: `import type { JobHandler, QueueManager } from 'nestjs-job-queue'; interface ResetPassword { readonly user: string }`,
      parameters: 'queue: QueueManager, ResetPasswordJob: new () => JobHandler<ResetPassword>, reset: ResetPassword',
    },
  },
  [PLACES.reserve]: {
    'taking-jobs-by-hand': {
      imports: `import type { QueueManager } from 'nestjs-job-queue'; import type { Email } from './send-email.job.js';`,
      parameters: 'queue: QueueManager, deliver: (email: Email) => Promise<void>',
    },
  },
  [PLACES.worker]: {
    pools: {
      imports: `import type { QueueModuleOptions, Worker } from 'nestjs-job-queue';`,
      parameters: 'worker: Worker',
    },
    'every-queue': { imports: `import type { QueueModuleOptions } from 'nestjs-job-queue';`, parameters: '' },
    'start-stop-run': { imports: `import type { Worker } from 'nestjs-job-queue';`, parameters: 'worker: Worker' },
  },
  [PLACES.options]: {
    configuration: { imports: `import { QueueModule } from 'nestjs-job-queue';`, parameters: '' },
    'configuration-2': {
      imports: `import { QueueModule } from 'nestjs-job-queue';
        import { SettingsModule, SettingsService } from './settings.module.js';`,
      parameters: '',
    },
    'connecting-to-redis': {
      imports: `import type { Redis } from 'ioredis'; import type { QueueRedisOptions } from 'nestjs-job-queue';`,
      parameters: 'ca: string, redis: Redis, makeToken: () => Promise<string>',
    },
  },
  [PLACES.migration]: {
    module: {
      imports: `import { Module } from '@nestjs/common'; import { QueueModule } from 'nestjs-job-queue';
        import { AccountController } from './account.controller.js'; import { MailerService } from './mailer.service.js';
        import { ReminderEmailJob, WelcomeEmailJob } from './account-emails.jobs.js';`,
      parameters: '',
    },
    pushing: {
      imports: `import type { QueueManager } from 'nestjs-job-queue';
        import { ReminderEmailJob, WelcomeEmailJob } from './account-emails.jobs.js';`,
      parameters: 'queue: QueueManager, to: string, account: number, others: readonly string[]',
    },
    events: { imports: `import type { Worker } from 'nestjs-job-queue';`, parameters: 'worker: Worker' },
    tests: {
      imports: `import { Test } from '@nestjs/testing'; import { QueueManager, QueueModule, Worker } from 'nestjs-job-queue';
        import { MailerService } from './mailer.service.js'; import { WelcomeEmailJob } from './account-emails.jobs.js';`,
      parameters: '',
    },
  },
  [PLACES.redis]: {
    'health-check': { imports: `import type { Redis } from 'ioredis';`, parameters: '' },
  },
};

/**
 * Makes files of the TypeScript blocks in the documents. All of them stand in one folder, so that a block of one document
 * can import a block of another one. A block whose first line is a comment with a file name is that file. Any other
 * block becomes a function in a file that is named after its document and heading; a block that exports something stays
 * a module. A prelude stands before the first line of its block, so that no line changes its number.
 */
export function docExamples(docs: Docs = readDocs()): ExampleFile[] {
  return docs.files.flatMap(({ file, blocks }) => {
    const unnamed = new Map<string, number>();
    return blocks
      .filter(({ lang }) => lang === 'ts')
      .map((block) => {
        const name = /^\/\/ ([\w.-]+\.ts)\n/.exec(block.text)?.[1];
        if (name !== undefined) return { name, text: block.text, block };
        const stem = anchorOf(block.heading);
        const count = (unnamed.get(stem) ?? 0) + 1;
        unnamed.set(stem, count);
        const key = count === 1 ? stem : `${stem}-${count}`;
        return { name: `${exampleName(file, key)}.ts`, text: withPrelude(block, PRELUDES[file]?.[key]), block };
      });
  });
}

/** Names the file of an unnamed block, without `.ts`: `lib/job/README.md`, `attempts` -> `lib-job.attempts`. */
export function exampleName(file: string, key: string): string {
  const document = file.replace(/(?:(?<=\/)README)?\.md$/, '').replace(/\/$/, '');
  return `${document.toLowerCase().replaceAll('/', '-')}.${key}`;
}

function withPrelude({ text }: Block, prelude: Prelude | undefined): string {
  if (!prelude) return text;
  const imports = prelude.imports.replaceAll(/\s+/g, ' ');
  if (/^export /m.test(text)) return `${imports} ${text}`;
  return `${imports} export default async function (${prelude.parameters}): Promise<void> { ${text}\n}\n`;
}

/** Reads the files that the examples import and that no document shows. */
export function fixtures(): ExampleFile[] {
  return readdirSync(EXAMPLES).map((name) => ({ name, text: readFileSync(join(EXAMPLES, name), 'utf8') }));
}
