import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Global, Inject, Injectable, Module, Scope, type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory, REQUEST } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import {
  Job,
  MissingQueueError,
  NotInitializedError,
  QueueManager,
  QueueModule,
  Worker,
  type QueueModuleOptions,
} from 'nestjs-job-queue';
import { useRedis } from '../../support/use-redis.js';
import { TEST_OPTIONS } from './queue-app.js';

const redis = useRedis();
const ran: unknown[] = [];
const closings: (() => Promise<void>)[] = [];

afterEach(async () => {
  ran.length = 0;
  for (const close of closings.splice(0)) await close();
});

@Injectable()
class Mailer {
  send(to: string): void {
    ran.push(to);
  }
}

@Job()
class MailJob {
  constructor(private readonly mailer: Mailer) {}

  handle(to: string): void {
    this.mailer.send(to);
  }
}

@Job()
class CarriedJob {
  @Inject() private readonly mailer!: Mailer;
  constructor(readonly to: string) {}

  handle(): void {
    this.mailer.send(this.to);
  }
}

@Injectable({ scope: Scope.REQUEST })
class RequestMailer {
  constructor(
    private readonly mailer: Mailer,
    @Inject(REQUEST) readonly request: unknown,
  ) {}

  send(to: string): void {
    this.mailer.send(to);
  }
}

@Job()
class ScopedJob {
  constructor(private readonly mailer: RequestMailer) {}

  handle(to: string): void {
    this.mailer.send(to);
  }
}

@Controller()
class Mails {
  constructor(readonly queue: QueueManager) {}
}

const DRIVERS: readonly [name: string, options: () => QueueModuleOptions][] = [
  ['array', () => ({ ...TEST_OPTIONS, worker: false })],
  ['redis', () => ({ ...TEST_OPTIONS, worker: false, driver: 'redis', redis: { host: redis.host, port: redis.port } })],
];

function appOf(options: QueueModuleOptions, more: Type[] = [], imports: (Type | DynamicModule)[] = []): Type {
  @Module({
    imports: [...imports, QueueModule.forRoot(options), QueueModule.forFeature([CarriedJob])],
    providers: [Mailer, RequestMailer, MailJob, ScopedJob, ...more],
    controllers: [Mails],
  })
  class AppModule {}
  return AppModule;
}

describe.each(DRIVERS)('before the start of an application, on the %s driver', (_name, options) => {
  it('pushes, counts, pops and runs jobs of all forms once the modules are compiled', async () => {
    const module = await Test.createTestingModule({ imports: [appOf(options())] }).compile();
    closings.push(() => module.close());
    const queue = module.get(QueueManager);
    await queue.push(MailJob, 'ada');
    await queue.push(new CarriedJob('bob'));
    await queue.push(ScopedJob, 'cyd');
    await queue.later(MailJob, 'dan', '1h');
    await queue.pushMany(MailJob, ['eve']);
    expect(await queue.counts()).toMatchObject({ ready: 4, delayed: 1 });
    expect(await queue.ping()).toBe(true);
    await (await queue.pop())!.complete();
    expect(await module.get(Worker).runOnce()).toBe(3);
    expect(new Set(ran)).toEqual(new Set(['bob', 'cyd', 'eve']));
    await module.init();
    await queue.push(MailJob, 'fay');
  });

  it('pushes for a message that arrives before listen() in a hybrid application', async () => {
    const app = await NestFactory.create(appOf(options()), { logger: false, abortOnError: false });
    closings.push(() => app.close());
    await app.get(Mails).queue.push(MailJob, 'ada');
    await app.listen(0, '127.0.0.1');
    expect(await app.get(Worker).runOnce()).toBe(1);
    expect(ran).toEqual(['ada']);
  });

  it.each([true, false])('pushes in onModuleInit of a global module that comes first: %j', async (isFirst) => {
    @Global()
    @Module({})
    class EagerModule {
      constructor(private readonly queue: QueueManager) {}
      async onModuleInit(): Promise<void> {
        await this.queue.push(MailJob, 'ada');
      }
    }
    const imports = isFirst
      ? [EagerModule, QueueModule.forRoot(options())]
      : [QueueModule.forRoot(options()), EagerModule];
    const module = await Test.createTestingModule({ imports, providers: [Mailer, MailJob] }).compile();
    closings.push(() => module.close());
    await module.init();
    expect(await module.get(Worker).runOnce()).toBe(1);
  });

  it('says that a push in a constructor is too early', async () => {
    const failures: Promise<unknown>[] = [];
    @Injectable()
    class Eager {
      constructor(queue: QueueManager) {
        failures.push(queue.push(MailJob, 'ada').catch((error: unknown) => error));
        failures.push(queue.push(new CarriedJob('ada')).catch((error: unknown) => error));
      }
    }
    const module = await Test.createTestingModule({ imports: [appOf(options(), [Eager])] }).compile();
    closings.push(() => module.close());
    for (const failure of await Promise.all(failures)) {
      expect(failure).toBeInstanceOf(NotInitializedError);
      expect(failure).toMatchObject({ code: 'ERR_NOT_INITIALIZED' });
      expect((failure as Error).message).toMatch(
        /^Too early for job class (Mail|Carried)Job: .*has not been initialized/,
      );
    }
    await module.init();
    await module.get(QueueManager).push(MailJob, 'ada');
  });

  it('says that a push in an asynchronous factory of a provider is too early', async () => {
    const useFactory = async (queue: QueueManager): Promise<string> => {
      await new Promise((resolve) => void setImmediate(resolve));
      return queue.push(MailJob, 'ada');
    };
    const builder = Test.createTestingModule({
      imports: [appOf(options())],
      providers: [{ provide: 'id', inject: [QueueManager], useFactory }],
    });
    await expect(builder.compile()).rejects.toThrow(NotInitializedError);
  });

  it('still says what is wrong with a class that is not registered', async () => {
    @Job()
    class StrangeJob {
      handle(): void {}
    }
    const module = await Test.createTestingModule({ imports: [appOf(options())] }).compile();
    closings.push(() => module.close());
    await expect(module.get(QueueManager).push(StrangeJob)).rejects.toThrow('Job class StrangeJob is not registered');
  });
});

describe('QueueModule.forFeature()', () => {
  it('stops the start of an application without QueueModule.forRoot()', async () => {
    const module = await Test.createTestingModule({
      imports: [QueueModule.forFeature([CarriedJob])],
      providers: [Mailer],
    }).compile();
    const start = module.init();
    await expect(start).rejects.toThrow(MissingQueueError);
    await expect(start).rejects.toMatchObject({ code: 'ERR_MISSING_QUEUE', message: /QueueModule\.forRoot\(\)/ });
  });
});
