import { describe, expect, test } from '@jest/globals';
import {
  Catch,
  Inject,
  Injectable,
  Module,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
  type NestInterceptor,
  type PipeTransform,
} from '@nestjs/common';
import type { TestingModuleBuilder } from '@nestjs/testing';
import { Job, QueueModule, type JobContext, type JobInterface } from 'nestjs-job-queue';
import { buildQueueApp, initQueueApp, useSeen, type QueueApp } from './queue-app.js';

const seen = useSeen();

@Injectable()
class Mailer {
  send(to: string): void {
    seen.push(`real mail to ${to}`);
  }
}

@Job()
class SendEmailJob {
  constructor(private readonly mailer: Mailer) {}
  handle(to: string, _job?: JobContext): void {
    this.mailer.send(to);
  }
}

@Job()
class SendLetterJob implements JobInterface {
  @Inject() private readonly mailer!: Mailer;
  constructor(readonly to: string) {}
  handle(_job?: JobContext): void {
    this.mailer.send(this.to);
  }
}

const JOBS = [SendEmailJob, SendLetterJob];

@Module({ imports: [QueueModule.forFeature(JOBS)], providers: [Mailer] })
class MailModule {}

/** The same classes in a module without their dependencies: an override does not need them. */
@Module({ imports: [QueueModule.forFeature(JOBS)] })
class BareModule {}

/** Starts an application, pushes a job of each class, and runs them. */
async function runBoth(building: TestingModuleBuilder): Promise<QueueApp> {
  const app = await initQueueApp(await building.compile());
  await app.queue.push(SendEmailJob, 'ada');
  await app.queue.push(new SendLetterJob('bob'));
  await app.run();
  return app;
}

@Injectable()
class StubJob {
  private readonly word = 'stub';
  readonly to?: string;
  handle(data: unknown): void {
    seen.push([this.word, this.to ?? data]);
  }
}

describe.each([
  ['worker on', {}],
  ['worker off', { worker: false }],
] as const)('overrideProvider() of a class in forFeature(), %s', (_, options) => {
  test.each([
    ['a value', MailModule],
    ['a value, without the dependencies of the class', BareModule],
  ])('replaces the class by %s', async (_name, module) => {
    const building = buildQueueApp({ imports: [module] }, options);
    const value = { handle: (data: unknown) => void seen.push(typeof data === 'string' ? data : 'stub') };
    for (const type of JOBS) building.overrideProvider(type).useValue(value);
    const app = await runBoth(building);
    expect(seen).toEqual(['ada', 'stub']);
    expect(app.app.get(SendEmailJob)).toBe(value);
  });

  test.each([
    ['a class', { useClass: StubJob }],
    ['a factory', { useFactory: () => new StubJob() }],
  ] as const)('replaces the class by %s; this has the data that a job carries', async (_name, override) => {
    const building = buildQueueApp({ imports: [MailModule] }, options);
    for (const type of JOBS) {
      if ('useClass' in override) building.overrideProvider(type).useClass(override.useClass);
      else building.overrideProvider(type).useFactory({ factory: override.useFactory });
    }
    const app = await initQueueApp(await building.compile());
    await app.queue.push(SendEmailJob, 'ada');
    await app.queue.push(new SendLetterJob('bob'));
    await app.queue.pushMany([new SendLetterJob('eve')]);
    await app.run();
    expect(seen).toEqual([
      ['stub', 'ada'],
      ['stub', 'bob'],
      ['stub', 'eve'],
    ]);
  });

  test('leaves the other classes of the module alone', async () => {
    const building = buildQueueApp({ imports: [MailModule] }, options);
    building.overrideProvider(SendEmailJob).useValue({ handle: () => void seen.push('stub') });
    await runBoth(building);
    expect(seen).toEqual(['stub', 'real mail to bob']);
  });

  test('calls failed() of the value', async () => {
    const building = buildQueueApp({ imports: [MailModule] }, options);
    const value = {
      handle: () => {
        throw new Error('no');
      },
      failed: (error: Error, data: unknown) => void seen.push([error.message, typeof data]),
    };
    for (const type of JOBS) building.overrideProvider(type).useValue(value);
    await runBoth(building);
    expect(seen).toEqual([
      ['no', 'string'],
      ['no', 'object'],
    ]);
  });
});

test('a value without handle() in the place of a class stops the start', async () => {
  const building = buildQueueApp({ imports: [MailModule] })
    .overrideProvider(SendLetterJob)
    .useValue({});
  await expect(building.compile().then(initQueueApp)).rejects.toThrow(
    'Job class SendLetterJob: its provider gives an object without a method handle()',
  );
});

describe('enhancers of a class in forFeature()', () => {
  @Injectable()
  class Rules {
    readonly word = 'real';
  }

  @Injectable()
  class StrictGuard implements CanActivate {
    constructor(private readonly rules: Rules) {}
    canActivate(): boolean {
      seen.push(`guard ${this.rules.word}`);
      return true;
    }
  }

  @Injectable()
  class LoudInterceptor implements NestInterceptor {
    constructor(private readonly rules: Rules) {}
    intercept(_: ExecutionContext, next: CallHandler): ReturnType<NestInterceptor['intercept']> {
      seen.push(`interceptor ${this.rules.word}`);
      return next.handle();
    }
  }

  @Injectable()
  class TrimPipe implements PipeTransform {
    constructor(private readonly rules: Rules) {}
    transform(value: unknown): unknown {
      seen.push(`pipe ${this.rules.word}`);
      return value;
    }
  }

  @Catch()
  class TalkingFilter implements ExceptionFilter {
    constructor(private readonly rules: Rules) {}
    catch(error: Error, _host: ArgumentsHost): void {
      seen.push(`filter ${this.rules.word}: ${error.message}`);
    }
  }

  @Job()
  @UseGuards(StrictGuard)
  @UseFilters(TalkingFilter)
  class CheckedJob {
    @UseInterceptors(LoudInterceptor)
    @UsePipes(TrimPipe)
    handle(_data: unknown): void {
      throw new Error('no');
    }
  }

  @Job()
  @UseGuards(StrictGuard)
  @UseFilters(TalkingFilter)
  class CheckedLetterJob implements JobInterface {
    constructor(readonly to: string) {}
    @UseInterceptors(LoudInterceptor)
    @UsePipes(TrimPipe)
    handle(): void {
      throw new Error('no');
    }
  }

  @Module({ imports: [QueueModule.forFeature([CheckedJob, CheckedLetterJob])], providers: [Rules] })
  class CheckedModule {}

  const REAL = ['guard real', 'interceptor real', 'pipe real', 'filter real: no'];

  async function run(building: ReturnType<typeof buildQueueApp>): Promise<unknown[][]> {
    const app = await initQueueApp(await building.compile());
    await app.queue.push(CheckedJob, 'ada');
    await app.run();
    const handler = seen.splice(0);
    await app.queue.push(new CheckedLetterJob('bob'));
    await app.run();
    return [handler, seen.splice(0)];
  }

  test('run with the providers of the module that imports the feature', async () => {
    expect(await run(buildQueueApp({ imports: [CheckedModule] }))).toEqual([REAL, REAL]);
  });

  test('are replaced by overrideGuard(), overrideInterceptor(), overridePipe() and overrideFilter()', async () => {
    const building = buildQueueApp({ imports: [CheckedModule] })
      .overrideGuard(StrictGuard)
      .useValue({ canActivate: () => seen.push('guard stub') > 0 })
      .overrideInterceptor(LoudInterceptor)
      .useValue({
        intercept(_: unknown, next: CallHandler) {
          seen.push('interceptor stub');
          return next.handle();
        },
      })
      .overridePipe(TrimPipe)
      .useValue({ transform: (value: unknown) => (seen.push('pipe stub'), value) })
      .overrideFilter(TalkingFilter)
      .useValue({ catch: (error: Error) => void seen.push(`filter stub: ${error.message}`) });
    const stubs = ['guard stub', 'interceptor stub', 'pipe stub', 'filter stub: no'];
    expect(await run(building)).toEqual([stubs, stubs]);
  });

  test('are replaced one by one, by a class, which may inject what the module has', async () => {
    @Injectable()
    class OpenGuard implements CanActivate {
      constructor(private readonly rules: Rules) {}
      canActivate(): boolean {
        seen.push(`open ${this.rules.word}`);
        return true;
      }
    }
    const building = buildQueueApp({ imports: [CheckedModule] })
      .overrideGuard(StrictGuard)
      .useClass(OpenGuard);
    const expected = ['open real', ...REAL.slice(1)];
    expect(await run(building)).toEqual([expected, expected]);
  });
});
