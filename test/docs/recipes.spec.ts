import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModuleMetadata, NestInterceptor, Type } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { Redis } from 'ioredis';
import { type JobClass, type JobHandler, QueueManager, QueueModule, Worker } from 'nestjs-job-queue';
import { createTransport } from 'nodemailer';
import { lastValueFrom, of, throwError, type Observable } from 'rxjs';
import sharp from 'sharp';
import { deferred } from '../support/deferred.js';
import { eventually } from '../support/eventually.js';
import { useRedis } from '../support/use-redis.js';
import type { CustomerService } from './fixtures/customer.service.js';
import type { ShopDatabase } from './fixtures/shop.database.js';
import { readDocs } from './docs.js';
import { PLACES } from './places.js';
import { RunnableExamples } from './run-examples.js';

describe('the recipes', () => {
  const examples = new RunnableExamples();
  let app: TestingModule;
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'recipes-'));
  });

  afterEach(async () => {
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const queue = (): QueueManager => app.get(QueueManager);
  const runAll = (): Promise<string> => app.get(Worker).run({ stopWhenEmpty: true });
  const statusOf = async (id: string) => queue().getJobStatus(id);

  async function start(parts: ModuleMetadata): Promise<void> {
    const forRoot = QueueModule.forRoot({ driver: 'array', worker: false, logger: false });
    app = await Test.createTestingModule({ ...parts, imports: [forRoot, ...(parts.imports ?? [])] }).compile();
    app.useLogger(false);
    await app.init();
  }

  async function find<T>(file: string, name: string): Promise<Type<T>> {
    return (await examples.load<Record<string, Type<T>>>(file))[name]!;
  }

  function findJob<Data>(file: string, name: string): Promise<JobClass<JobHandler<Data>>> {
    return find(file, name);
  }

  describe('on mail', () => {
    const mail = { to: 'ada@example.org', subject: 'Hello', text: 'How are you?' };

    async function startMail(transporter: object): Promise<JobClass<JobHandler<typeof mail>>> {
      const SendMailJob = await findJob<typeof mail>('send-mail.job', 'SendMailJob');
      const { TRANSPORTER } = await examples.load<{ TRANSPORTER: symbol }>('send-mail.job');
      await start({ providers: [SendMailJob, { provide: TRANSPORTER, useValue: transporter }] });
      return SendMailJob;
    }

    it('sends it, with the id of the job', async () => {
      const transporter = createTransport({ jsonTransport: true });
      const sent: unknown[] = [];
      transporter.use('compile', ({ data }, done) => {
        sent.push(data);
        done();
      });
      const SendMailJob = await startMail(transporter);
      const id = await queue().push(SendMailJob, mail);
      await runAll();
      const { to, subject, text } = mail;
      expect(sent).toMatchObject([{ to: [{ address: to }], subject, text, messageId: `<${id}@example.org>` }]);
      expect(await statusOf(id)).toMatchObject({ status: 'completed' });
    });

    it.each([
      [550, 'failed'],
      [421, 'retrying'],
      [undefined, 'retrying'],
    ])('ends at the code %p as %s', async (responseCode, status) => {
      const error = Object.assign(new Error('no'), { responseCode });
      const SendMailJob = await startMail({ sendMail: () => Promise.reject(error) });
      const id = await queue().push(SendMailJob, mail);
      await runAll();
      expect(await statusOf(id)).toMatchObject({ status, attempt: 1, error: 'no' });
    });

    it('has a module that connects to a mail server', async () => {
      const MailModule = await find('mail.module', 'MailModule');
      await start({ imports: [MailModule] });
      const { TRANSPORTER } = await examples.load<{ TRANSPORTER: symbol }>('send-mail.job');
      expect(app.get(TRANSPORTER, { strict: false })).toHaveProperty('sendMail');
    });
  });

  describe('on a webhook', () => {
    let server: Server;
    let requests: IncomingMessage[];

    afterEach(() => new Promise((resolve) => void server.close(resolve)));

    it.each([
      [204, {}, 'completed', 1],
      [429, { 'retry-after': '120' }, 'delayed', 0],
      [503, {}, 'retrying', 1],
      [408, {}, 'retrying', 1],
      [404, {}, 'failed', 1],
    ] as const)('ends at the answer %d %p as %s', async (code, headers, status, attempt) => {
      requests = [];
      server = createServer((request, response) => {
        requests.push(request);
        response.writeHead(code, headers).end();
      }).listen(0, '127.0.0.1');
      await new Promise((resolve) => void server.once('listening', resolve));
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      const CallWebhookJob = await findJob<{ url: string; event: object }>('call-webhook.job', 'CallWebhookJob');
      await start({ providers: [CallWebhookJob] });
      const id = await queue().push(CallWebhookJob, { url, event: { type: 'paid', order: 7 } });
      await app.get(Worker).runOnce();
      expect(await statusOf(id)).toMatchObject({ status, attempt });
      expect(requests.map((request) => request.headers['idempotency-key'])).toEqual([id]);
    });
  });

  it('on a picture: makes a thumbnail, and fails if the file is no picture', async () => {
    const source = join(folder, 'a.png');
    const target = join(folder, 'a.webp');
    const text = join(folder, 'a.txt');
    writeFileSync(
      source,
      await sharp({ create: { width: 40, height: 20, channels: 3, background: 'red' } })
        .png()
        .toBuffer(),
    );
    writeFileSync(text, 'no picture');
    const MakeThumbnailJob = await findJob<object>('make-thumbnail.job', 'MakeThumbnailJob');
    await start({ providers: [MakeThumbnailJob] });
    const ids = await queue().pushMany(MakeThumbnailJob, [
      { source, target, width: 10 },
      { source: text, target: join(folder, 'b.webp'), width: 10 },
      { source: join(folder, 'missing.png'), target: join(folder, 'c.webp'), width: 10 },
    ]);
    await app.get(Worker).runOnce();
    expect(await sharp(target).metadata()).toMatchObject({ format: 'webp', width: 10, height: 5 });
    const ends = await Promise.all(ids.map(async (id) => (await statusOf(id))?.status));
    expect(ends).toEqual(['completed', 'failed', 'retrying']);
    expect(readdirSync(folder).sort()).toEqual(['a.png', 'a.txt', 'a.webp']);
  });

  it('on a CSV file: imports each line once if the import runs twice', async () => {
    const path = join(folder, 'customers.csv');
    const lines = Array.from({ length: 2500 }, (_, index) => `c${index}@example.org,Customer ${index}`);
    writeFileSync(path, ['', ...lines, ''].join('\r\n'));
    const CustomerService = await find<CustomerService>('customer.service', 'CustomerService');
    const ImportCustomerJob = await find('import-customers.job', 'ImportCustomerJob');
    const ImportCustomersJob = await findJob<{ path: string }>('import-customers.job', 'ImportCustomersJob');
    await start({ providers: [CustomerService, ImportCustomerJob, ImportCustomersJob] });
    await queue().pushMany(ImportCustomersJob, [{ path }, { path }]);
    await runAll();
    const { names } = app.get(CustomerService);
    expect([names.size, names.get('c2499@example.org')]).toEqual([2500, 'Customer 2499']);
  });

  it('on a limit: counts the job out again if its handler throws', async () => {
    const LimitInterceptor = await find<NestInterceptor>('limit.interceptor', 'LimitInterceptor');
    const interceptor = new LimitInterceptor(1);
    const released: unknown[] = [];
    const context = { getArgByIndex: () => ({ release: (delay: unknown) => released.push(delay) }) } as never;
    const fails = interceptor.intercept(context, { handle: () => throwError(() => new Error('no')) });
    await expect(lastValueFrom((await fails) as Observable<unknown>)).rejects.toThrow('no');
    const works = await interceptor.intercept(context, { handle: () => of('done') });
    expect(await lastValueFrom(works)).toBe('done');
    expect(released).toEqual([]);
  });

  it('on a limit: runs two jobs at once, and releases the others uncounted', async () => {
    const MakeReportJob = await findJob<{ month: string }>('make-report.job', 'MakeReportJob');
    await start({ providers: [MakeReportJob] });
    const ids = await queue().pushMany(
      MakeReportJob,
      ['a', 'b', 'c', 'd'].map((month) => ({ month })),
    );
    await app.get(Worker).runOnce();
    const first = await Promise.all(ids.map(statusOf));
    expect(first.map((status) => [status?.status, status?.attempt])).toEqual([
      ['completed', 1],
      ['completed', 1],
      ['delayed', 0],
      ['delayed', 0],
    ]);
  });

  it('on a definition: runs the example of the chapter, whose service pushes the job that needs it', async () => {
    const ParcelService = await find<{
      ship(order: string): Promise<string>;
      shipAll(orders: readonly string[]): Promise<string[]>;
      packed: Map<string, string>;
    }>('parcel.service', 'ParcelService');
    await start({ providers: [ParcelService, await find('ship-order.handler', 'ShipOrderHandler')] });
    const parcels = app.get(ParcelService);
    const id = await parcels.ship('4711');
    const ids = await parcels.shipAll(['4712', '4713']);
    expect(await queue().counts('parcels')).toMatchObject({ ready: 3, delayed: 1 });
    await runAll();
    expect([...parcels.packed]).toEqual([
      ['4711', id],
      ['4712', ids[0]],
      ['4713', ids[1]],
    ]);
  });

  it.each(['checkout.service', 'send-receipt.job'])('on two services: loads in each order, %s first', async (file) => {
    await examples.load(file);
    const ReceiptService = await find<{ sent: number[] }>('receipt.service', 'ReceiptService');
    const CheckoutService = await find<{ pay(order: number): Promise<string> }>('checkout.service', 'CheckoutService');
    await start({ providers: [ReceiptService, CheckoutService, await find('send-receipt.job', 'SendReceiptJob')] });
    await app.get(CheckoutService).pay(7);
    await runAll();
    expect(app.get(ReceiptService).sent).toEqual([7]);
  });

  it('on forwardRef: loads files that import each other, and injects the service', async () => {
    const SubscriptionService = await find<{ subscribe(customer: number): Promise<string>; renewed: number[] }>(
      'subscription.service',
      'SubscriptionService',
    );
    const RenewSubscriptionJob = await findJob<{ customer: number }>('renew-subscription.job', 'RenewSubscriptionJob');
    await start({ providers: [SubscriptionService, RenewSubscriptionJob] });
    await app.get(SubscriptionService).subscribe(7);
    expect(await queue().counts()).toMatchObject({ delayed: 1 });
    await queue().push(RenewSubscriptionJob, { customer: 8 });
    await runAll();
    expect(app.get(SubscriptionService).renewed).toEqual([8]);
  });

  it('on a chain: pushes the next job once, also if the first job runs twice', async () => {
    const EncodeVideoJob = await findJob<{ path: string }>('publish-video.jobs', 'EncodeVideoJob');
    const UploadVideoJob = await find<{ uploaded: string[] }>('publish-video.jobs', 'UploadVideoJob');
    await start({ providers: [EncodeVideoJob, UploadVideoJob] });
    const id = await queue().push(EncodeVideoJob, { path: 'a.mp4' });
    const popped = await queue().pop<{ path: string }>('videos');
    await app.get<JobHandler<{ path: string }>>(EncodeVideoJob).handle(popped!.data, { id } as never);
    await popped!.release();
    await runAll();
    expect(app.get(UploadVideoJob).uploaded).toEqual(['a.webm']);
  });

  describe('on transactions', () => {
    let database: ShopDatabase;
    let sent: number[];

    interface Shop {
      place(product: string): Promise<number>;
      flush(): Promise<void>;
    }

    async function startShop(file: string, name: string): Promise<Shop> {
      const Service = await find<Shop>(file, name);
      const Database = await find<ShopDatabase>('shop.database', 'ShopDatabase');
      const ReceiptService = await find<{ sent: number[] }>('receipt.service', 'ReceiptService');
      const SendReceiptJob = await find('send-receipt.job', 'SendReceiptJob');
      await start({ providers: [Service, Database, ReceiptService, SendReceiptJob] });
      database = app.get(Database);
      ({ sent } = app.get(ReceiptService));
      return app.get(Service);
    }

    it('pushes after the commit', async () => {
      const shop = await startShop('place-order.service', 'PlaceOrderService');
      await shop.place('book');
      await runAll();
      expect([[...database.tables.orders], sent]).toEqual([[[1, 'book']], [1]]);
    });

    it('pushes the rows of the outbox once, also if a row could not be deleted', async () => {
      const shop = await startShop('outbox.service', 'OutboxService');
      await shop.place('book');
      expect(await queue().counts()).toMatchObject({ ready: 0 });
      const deleting = jest.spyOn(database, 'deleteOutbox').mockRejectedValueOnce(new Error('connection lost'));
      await expect(shop.flush()).rejects.toThrow('connection lost');
      await shop.flush();
      expect(deleting).toHaveBeenCalledTimes(2);
      await runAll();
      expect([database.tables.outbox, sent]).toEqual([[], [1]]);
    });
  });

  it('on request scope: injects the job context into a service', async () => {
    const CleanUpJob = await findJob<{ path: string }>('clean-up.job', 'CleanUpJob');
    await start({
      providers: [await find('trace.service', 'TraceService'), await find('clean-up.job', 'FileService'), CleanUpJob],
    });
    const lines: unknown[] = [];
    app.useLogger({ log: (line: unknown) => void lines.push(line), error: () => {}, warn: () => {} });
    const id = await queue().push(CleanUpJob, { path: 'a.txt' });
    await runAll();
    expect(lines).toEqual([`${id}#1: removes a.txt`]);
  });

  it('on job.id: adds the credits once if the job runs twice', async () => {
    const Database = await find<ShopDatabase>('shop.database', 'ShopDatabase');
    const AddCreditsJob = await findJob<{ customer: number; credits: number }>('add-credits.job', 'AddCreditsJob');
    await start({ providers: [Database, AddCreditsJob] });
    const data = { customer: 1, credits: 10 };
    const id = await queue().push(AddCreditsJob, data);
    await app.get<JobHandler<typeof data>>(AddCreditsJob).handle(data, { id } as never);
    await runAll();
    expect(app.get(Database).tables.credits.get(1)).toBe(10);
    await queue().push(AddCreditsJob, data);
    await runAll();
    expect(app.get(Database).tables.credits.get(1)).toBe(20);
  });

  it('on job.fence: refuses the write of a late worker', async () => {
    const Database = await find<ShopDatabase>('shop.database', 'ShopDatabase');
    const SyncStockJob = await findJob<{ product: string; supplier: string }>('sync-stock.job', 'SyncStockJob');
    await start({ providers: [Database, SyncStockJob] });
    const answers = ['7', '3'];
    const fetching = jest.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response(answers.shift()));
    const data = { product: 'book', supplier: 'https://supplier.example.org' };
    await queue().push(SyncStockJob, data);
    const late = await queue().pop<typeof data>('stock');
    await late!.release();
    await runAll();
    await app.get<JobHandler<typeof data>>(SyncStockJob).handle(data, { fence: late!.fence } as never);
    fetching.mockRestore();
    expect(app.get(Database).tables.stock.get('book')).toMatchObject({ count: 7 });
  });

  describe('on a lock', () => {
    const redis = useRedis();

    it('runs one job of a customer at a time, and unlocks at its end', async () => {
      const client = new Redis(redis.url);
      const { REDIS } = await examples.load<{ REDIS: symbol }>('customer-lock.interceptor');
      const BillCustomerJob = await findJob<{ customer: number; credits: number }>(
        'bill-customer.job',
        'BillCustomerJob',
      );
      const Database = await find<ShopDatabase>('shop.database', 'ShopDatabase');
      await start({ providers: [Database, BillCustomerJob, { provide: REDIS, useValue: client }] });
      const started = deferred();
      const finish = deferred();
      const database = app.get(Database);
      const transaction = database.transaction.bind(database);
      jest.spyOn(database, 'transaction').mockImplementationOnce(async (work) => {
        started.resolve();
        await finish.promise;
        return transaction(work);
      });
      const [first, second, other] = await queue().pushMany(BillCustomerJob, [
        { customer: 1, credits: 5 },
        { customer: 1, credits: 5 },
        { customer: 2, credits: 5 },
      ]);
      const ended = deferred();
      let count = 0;
      app.get(Worker).reports$.subscribe(() => void (++count === 2 && ended.resolve()));
      const run = app.get(Worker).runOnce();
      await started.promise;
      await ended.promise;
      await eventually(async () => expect(await statusOf(second!)).toMatchObject({ status: 'delayed', attempt: 0 }));
      await eventually(async () => expect(await statusOf(other!)).toMatchObject({ status: 'completed' }));
      expect(await client.pttl('lock:customer:1')).toBeGreaterThan(60_000);
      finish.resolve();
      await run;
      expect(await statusOf(first!)).toMatchObject({ status: 'completed' });
      expect(database.tables.credits.get(1)).toBe(-5);
      expect(await client.exists('lock:customer:1', 'lock:customer:2')).toBe(0);
      await client.quit();
    });
  });
});

describe('the files of the recipes', () => {
  it('are all loaded by a test', () => {
    const text = readFileSync(new URL(import.meta.url), 'utf8');
    const blocks = readDocs()
      .of(PLACES.recipes)
      .blocks.filter(({ lang }) => lang === 'ts');
    const names = blocks.map((block) => /^\/\/ ([\w.-]+)\.ts\n/.exec(block.text)?.[1] ?? block.text);
    expect(names.length).toBeGreaterThan(15);
    expect(names.filter((name) => !text.includes(`'${name}'`))).toEqual([]);
  });
});
