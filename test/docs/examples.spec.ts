import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Injectable, type ModuleMetadata, type Type } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import {
  Job,
  type ChunkHandler,
  type JobClass,
  type JobHandler,
  type JobInterface,
  QueueManager,
  QueueModule,
  type QueueModuleOptions,
  Worker,
} from 'nestjs-job-queue';
import type { Database } from './fixtures/database.js';
import type { ImageService } from './fixtures/image.service.js';
import type { MailerService } from './fixtures/mailer.service.js';
import type { MemberService } from './fixtures/member.service.js';
import type { OrderService } from './fixtures/order.service.js';
import type { PaymentService } from './fixtures/payment.service.js';
import type { SearchService } from './fixtures/search.service.js';
import { PLACES } from './places.js';
import { RunnableExamples } from './run-examples.js';

const EMAIL = { to: 'ada@example.org', subject: 'Hello', body: 'How are you?' };

describe('the examples in the documents', () => {
  const examples = new RunnableExamples();
  const lines: string[] = [];
  let app: TestingModule;

  beforeEach(() => {
    lines.length = 0;
    jest.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await app.close();
  });

  const queue = (): QueueManager => app.get(QueueManager);
  const worker = (): Worker => app.get(Worker);
  const statusOf = async (id: string): Promise<string | undefined> => (await queue().getJobStatus(id))?.status;

  async function start(parts: ModuleMetadata, options: QueueModuleOptions = {}): Promise<void> {
    const forRoot = QueueModule.forRoot({ driver: 'array', worker: false, logger: false, ...options });
    app = await Test.createTestingModule({ ...parts, imports: [forRoot, ...(parts.imports ?? [])] }).compile();
    await app.init();
  }

  /** Finds a class that an example or a fixture exports. */
  async function find<T>(file: string, name: string): Promise<Type<T>> {
    return (await examples.load<Record<string, Type<T>>>(file))[name]!;
  }

  async function startMail(options: QueueModuleOptions = {}): Promise<MailerService> {
    const MailerService = await find<MailerService>('mailer.service', 'MailerService');
    const { ImageModule } = await examples.load<{ ImageModule: Type }>('image.module');
    await start(
      { imports: [ImageModule], providers: [await find('send-email.job', 'SendEmailJob'), MailerService] },
      options,
    );
    return app.get(MailerService);
  }

  it('run jobs that carry their data', async () => {
    await startMail();
    const ResizeImageJob = await find<JobInterface>('resize-image.job', 'ResizeImageJob');
    const images = app.get(await find<ImageService>('image.service', 'ImageService'));
    const done = await queue().push(new ResizeImageJob('a.png', 640));
    const broken = await queue().push(new ResizeImageJob('broken.png', 640), { maxTries: 1 });
    await worker().runOnce();
    expect(images.resized).toEqual(['a.png@640']);
    expect(images.broken).toEqual(['broken.png: not a picture']);
    expect([await statusOf(done), await statusOf(broken)]).toEqual(['completed', 'failed']);
  });

  it.each([
    [200, 'completed', 1, ['orders']],
    [429, 'delayed', 0, []],
    [404, 'failed', 1, []],
  ] as const)('use the job context if the server answers %d', async (answer, status, attempt, imported) => {
    const OrderService = await find<OrderService>('order.service', 'OrderService');
    const ImportOrdersJob = await find<JobHandler<{ url: string }>>('import-orders.job', 'ImportOrdersJob');
    await start({ providers: [OrderService, ImportOrdersJob] });
    app.get(OrderService).status = answer;
    const id = await queue().push(ImportOrdersJob, { url: 'http://localhost/orders' });
    await worker().runOnce();
    expect(await queue().getJobStatus(id)).toMatchObject({ status, attempt });
    expect(app.get(OrderService).imported).toEqual(imported);
  });

  it('dispatch jobs', async () => {
    await startMail();
    await examples.run(PLACES.dispatch, 'push-later-pushmany', queue(), EMAIL, [EMAIL, EMAIL, EMAIL]);
    expect(await queue().queues()).toEqual(['bulk-emails', 'default', 'emails', 'images']);
    expect(await queue().counts('emails')).toMatchObject({ ready: 4, delayed: 3 });
    expect(await queue().counts('bulk-emails')).toMatchObject({ ready: 1, delayed: 1 });
    expect(await queue().counts('default')).toMatchObject({ ready: 1, delayed: 1 });
    expect(await queue().counts('images')).toMatchObject({ ready: 3, delayed: 0 });
  });

  it.each(['pushing-once', 'pushing-once-2'])('store a job once if it is pushed twice: %s', async (block) => {
    await start({ providers: [await find('send-invoice.job', 'SendInvoiceJob')] });
    await examples.run(PLACES.dispatch, block, queue());
    await examples.run(PLACES.dispatch, block, queue());
    expect(await queue().counts()).toMatchObject({ ready: 1 });
    expect(await statusOf('invoice-4711')).toBe('queued');
  });

  it('reserve and settle jobs by hand', async () => {
    await startMail();
    const SendEmailJob = await find<JobHandler<typeof EMAIL>>('send-email.job', 'SendEmailJob');
    const delivered: unknown[] = [];
    const good = await queue().push(SendEmailJob, EMAIL);
    const bad = await queue().push(SendEmailJob, EMAIL);
    await examples.run(PLACES.reserve, 'taking-jobs-by-hand', queue(), async (email: unknown) => delivered.push(email));
    await examples.run(PLACES.reserve, 'taking-jobs-by-hand', queue(), () =>
      Promise.reject(new Error('no such address')),
    );
    await examples.run(PLACES.reserve, 'taking-jobs-by-hand', queue(), () => Promise.reject(new Error('none is left')));
    expect(delivered).toEqual([EMAIL]);
    expect([await statusOf(good), await statusOf(bad)]).toEqual(['completed', 'failed']);
  });

  it('read the status of a job', async () => {
    const mailer = await startMail();
    const SendEmailJob = await find<JobHandler<typeof EMAIL>>('send-email.job', 'SendEmailJob');
    mailer.broken = true;
    const id = await queue().push(SendEmailJob, EMAIL);
    await worker().runOnce();
    await examples.run(PLACES.dispatch, 'job-status', queue(), id);
    await examples.run(PLACES.dispatch, 'job-status', queue(), 'unknown');
    expect(lines).toEqual([
      expect.stringMatching(/^retrying since \d{4}-.*Z, attempt 1$/),
      'last error: mail server is down',
    ]);
  });

  it('control a worker from code', async () => {
    await startMail();
    const SendEmailJob = await find<JobHandler<typeof EMAIL>>('send-email.job', 'SendEmailJob');
    await queue().push(SendEmailJob, EMAIL);
    await examples.run(PLACES.worker, 'start-stop-run', worker());
    await queue().push(SendEmailJob, EMAIL);
    await worker().runOnce();
    expect(lines).toEqual(['ended: empty', expect.stringMatching(/^SendEmailJob completed after \d+ ms$/)]);
  });

  it('configure the module', async () => {
    await examples.run(PLACES.options, 'configuration');
    await examples.run(PLACES.options, 'configuration-2');
    await start({});
  });

  it('inject the job context into a provider', async () => {
    const JobLogger = await find<{ log(message: string): void }>('job-logger.service', 'JobLogger');
    const messages: string[] = [];

    @Job()
    @Injectable()
    class LoggingJob implements JobHandler<string> {
      constructor(readonly logger: object) {}
      async handle(message: string): Promise<void> {
        (this.logger as { log(text: string): void }).log(message);
      }
    }
    Reflect.defineMetadata('design:paramtypes', [JobLogger], LoggingJob);

    const logger = { log: (message: string) => void messages.push(message), error: () => {}, warn: () => {} };
    await start({ providers: [JobLogger, LoggingJob] });
    app.useLogger(logger);
    const id = await queue().push(LoggingJob, 'hello');
    await worker().runOnce();
    app.useLogger(false);
    expect(messages).toEqual([`LoggingJob ${id} #1: hello`]);
  });

  it('run pipes and filters around a handler', async () => {
    const MemberService = await find<MemberService>('member.service', 'MemberService');
    const SignUpJob = await find<JobHandler<{ email: string }>>('sign-up.job', 'SignUpJob');
    await start({ providers: [MemberService, SignUpJob] });
    const good = await queue().push(SignUpJob, { email: 'ada@example.org' });
    const bad = await queue().push(SignUpJob, { email: 'nonsense' });
    await worker().runOnce();
    expect(app.get(MemberService).members).toEqual(['ada@example.org']);
    expect([await statusOf(good), await statusOf(bad)]).toEqual(['completed', 'failed']);
  });

  it('run many jobs in one call', async () => {
    const SearchService = await find<SearchService>('search.service', 'SearchService');
    const IndexProducts = await find<ChunkHandler<{ sku: string; name: string }>>(
      'index-products.job',
      'IndexProducts',
    );
    await start({ providers: [SearchService, IndexProducts] });
    const products = ['table', '', 'busy', 'chair'].map((name, index) => ({ sku: `p-${index}`, name }));
    const ids = await queue().pushMany(IndexProducts, products);
    await worker().run({ queues: ['search'], stopWhenEmpty: true, maxJobs: 4 });
    expect(app.get(SearchService).calls).toEqual([['p-0', 'p-1', 'p-2', 'p-3']]);
    expect(await Promise.all(ids.map(statusOf))).toEqual(['completed', 'failed', 'retrying', 'completed']);
    expect(lines).toEqual([`p-1 is not in the index (${ids[1]}): p-1 was refused`]);
  });

  it('dispatch jobs from an application without a worker', async () => {
    const { ApiModule } = await examples.load<{ ApiModule: Type }>('api.module');
    const SendEmailJob = await find<JobHandler<typeof EMAIL>>('send-email.job', 'SendEmailJob');
    const ResizeImageJob = await find<JobInterface>('resize-image.job', 'ResizeImageJob');
    const driver = process.env['QUEUE_DRIVER'];
    process.env['QUEUE_DRIVER'] = 'array';
    try {
      app = await Test.createTestingModule({ imports: [ApiModule] }).compile();
      await app.init();
    } finally {
      if (driver === undefined) delete process.env['QUEUE_DRIVER'];
      else process.env['QUEUE_DRIVER'] = driver;
    }
    await queue().push(SendEmailJob, EMAIL);
    await queue().push(new ResizeImageJob('a.png', 640));
    expect(await queue().counts('emails')).toMatchObject({ ready: 1 });
    expect(await queue().counts()).toMatchObject({ ready: 1 });
    expect(worker().isRunning).toBe(false);
  });

  it('charge once if an idempotent handler runs twice', async () => {
    const PaymentService = await find<PaymentService>('payment.service', 'PaymentService');
    const Database = await find<Database>('database', 'Database');
    const ChargeJob = await find<JobHandler<{ order: number; cents: number }>>('charge.job', 'ChargeJob');
    await start({ providers: [PaymentService, Database, ChargeJob] });
    const { orders } = app.get(Database);
    const { charges } = app.get(PaymentService);
    orders.set(1, { receipt: '', fence: 0 });
    const id = await queue().push(ChargeJob, { order: 1, cents: 100 });
    const late = await queue().pop<{ order: number; cents: number }>('payments');
    await late!.release();
    await worker().run({ stopWhenEmpty: true, queues: ['payments'] });
    const { receipt, fence } = orders.get(1)!;
    expect(receipt).toBe(`receipt of ${id}`);
    expect(fence).toBeGreaterThan(late!.fence);
    // The first consumer of the job comes back: it charges nothing and writes nothing.
    await app.get<JobHandler<{ order: number; cents: number }>>(ChargeJob).handle(late!.data, late as never);
    expect([...charges]).toEqual([[id, 100]]);
    expect(orders.get(1)).toEqual({ receipt, fence });
  });

  it('report the health of queue and worker', async () => {
    const HealthController = await find<{ check(): Promise<unknown> }>('health.controller', 'HealthController');
    const SendInvoiceJob: JobClass<JobHandler<{ invoice: number }>> = await find('send-invoice.job', 'SendInvoiceJob');
    await start({ controllers: [HealthController], providers: [SendInvoiceJob] });
    await queue().push(SendInvoiceJob, { invoice: 1 });
    const controller = app.get<{ check(): Promise<unknown> }>(HealthController);
    expect(await controller.check()).toEqual({ ready: 1, failed: 0 });
    await queue().pushMany(
      SendInvoiceJob,
      Array.from({ length: 1000 }, (_, invoice) => ({ invoice })),
    );
    await expect(controller.check()).rejects.toThrow('1001 jobs wait');
  });
});
