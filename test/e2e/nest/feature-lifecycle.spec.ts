import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Global, Inject, Injectable, Module, Scope } from '@nestjs/common';
import { Job, QueueModule, type JobInterface } from 'nestjs-job-queue';
import { closeQueueApps, startQueueApp } from './queue-app.js';

const seen: string[] = [];
beforeEach(() => void seen.splice(0));
afterEach(closeQueueApps);

class Hooks {
  constructor(private readonly of: string) {}
  onModuleInit(): void {
    seen.push(`${this.of} init`);
  }
  onApplicationBootstrap(): void {
    seen.push(`${this.of} bootstrap`);
  }
  onModuleDestroy(): void {
    seen.push(`${this.of} destroy`);
  }
  beforeApplicationShutdown(): void {
    seen.push(`${this.of} before shutdown`);
  }
  onApplicationShutdown(): void {
    seen.push(`${this.of} shutdown`);
  }
}

@Injectable()
class Mailer extends Hooks {
  constructor() {
    super('mailer');
  }
}

@Job()
class SendEmailJob extends Hooks {
  constructor(@Inject(Mailer) readonly mailer: Mailer) {
    super('handler');
  }
  handle(to: string): void {
    seen.push(`${to} by ${this.mailer instanceof Mailer}`);
  }
}

const feature = { imports: [QueueModule.forFeature([SendEmailJob])], providers: [Mailer] };

describe.each([
  ['worker on', {}],
  ['worker off', { worker: false }],
] as const)('a handler in forFeature(), %s', (_, options) => {
  test('has its hooks called: initialized after its dependencies, destroyed before them', async () => {
    @Module(feature)
    class MailModule {}
    const app = await startQueueApp({ imports: [MailModule] }, options);
    await app.queue.push(SendEmailJob, 'ada');
    await app.run();
    await app.app.close();
    expect(seen.join(', ')).toBe(
      'mailer init, handler init, mailer bootstrap, handler bootstrap, ada by true, handler destroy, mailer destroy, ' +
        'handler before shutdown, mailer before shutdown, handler shutdown, mailer shutdown',
    );
  });

  test('has its hooks called in a global module', async () => {
    @Global()
    @Module(feature)
    class MailModule {}
    const app = await startQueueApp({ imports: [MailModule] }, options);
    await app.app.close();
    expect(seen.filter((entry) => entry.startsWith('handler'))).toHaveLength(5);
    expect(seen.slice(0, 2)).toEqual(['mailer init', 'handler init']);
  });

  test('is the instance that app.get() returns', async () => {
    const app = await startQueueApp(feature, options);
    const handler = app.app.get(SendEmailJob);
    expect(handler).toBeInstanceOf(SendEmailJob);
    handler.handle = (to) => void seen.push(`spy ${to}`);
    await app.queue.push(SendEmailJob, 'ada');
    await app.run();
    expect(seen).toContain('spy ada');
  });
});

test('a class that two features and the providers list has its hooks called once, and app.get() returns its provider', async () => {
  @Module({ imports: [QueueModule.forFeature([SendEmailJob]), QueueModule.forFeature([SendEmailJob])] })
  class OtherModule {}
  const app = await startQueueApp({
    imports: [OtherModule, QueueModule.forFeature([SendEmailJob])],
    providers: [Mailer, SendEmailJob],
  });
  expect(seen.filter((entry) => entry === 'handler init')).toHaveLength(1);
  expect(app.app.get(SendEmailJob)).toBeInstanceOf(SendEmailJob);
});

test('an application that only dispatches makes no handler whose dependencies it lacks', async () => {
  await startQueueApp({ imports: [QueueModule.forFeature([SendEmailJob])] }, { worker: false });
  expect(seen).toEqual([]);
});

test('app.get() refuses a class in forFeature() that has no single instance', async () => {
  @Job()
  class LetterJob implements JobInterface {
    constructor(readonly to: string) {}
    handle(): void {}
  }
  @Injectable({ scope: Scope.REQUEST })
  @Job()
  class ScopedJob {
    handle(): void {}
  }
  const { app } = await startQueueApp({ imports: [QueueModule.forFeature([LetterJob, ScopedJob])] });
  for (const type of [LetterJob, ScopedJob]) expect(() => app.get(type)).toThrow(/scoped provider/);
});
