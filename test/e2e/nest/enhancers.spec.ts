import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, test } from '@jest/globals';
import {
  Catch,
  createParamDecorator,
  ForbiddenException,
  Inject,
  Injectable,
  Module,
  Scope,
  SetMetadata,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
  ValidationPipe,
  type ArgumentMetadata,
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
  type NestInterceptor,
  type PipeTransform,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, Reflector, REQUEST } from '@nestjs/core';
import { IsEmail, IsInt } from 'class-validator';
import { EMPTY, finalize, map, of, tap, type Observable } from 'rxjs';
import { Job, JobContext, QueueModule, type QueueModuleOptions } from 'nestjs-job-queue';
import { buildQueueApp, initQueueApp, startQueueApp, useSeen } from './queue-app.js';

const seen = useSeen();

@Injectable()
class Words {
  say(word: unknown): void {
    seen.push(word);
  }
}

@Injectable()
class NotingGuard implements CanActivate {
  constructor(
    @Inject(Words) private readonly words: Words,
    private readonly reflector: Reflector,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    this.words.say(`guard ${this.reflector.getAllAndOverride('role', [context.getHandler(), context.getClass()])}`);
    return true;
  }
}

@Injectable()
class NotingInterceptor implements NestInterceptor {
  constructor(@Inject(Words) private readonly words: Words) {}

  intercept(_: ExecutionContext, next: CallHandler): Observable<unknown> {
    this.words.say('before');
    return next.handle().pipe(tap((result) => this.words.say(`after ${String(result)}`)));
  }
}

@Injectable()
class UpperCasePipe implements PipeTransform<string> {
  transform(value: string, { type, metatype }: ArgumentMetadata): string {
    seen.push(['pipe', type, metatype]);
    return value.toUpperCase();
  }
}

@Catch(RangeError)
class RangeFilter implements ExceptionFilter {
  catch(error: RangeError, host: ArgumentsHost): void {
    seen.push(['filter', error.message, host.getType(), host.getArgByIndex(0)]);
  }
}

test('guards, interceptors, pipes and filters run around the handler of a provider, as on a controller', async () => {
  @Job()
  @SetMetadata('role', 'class')
  @UseGuards(NotingGuard)
  @UseFilters(RangeFilter)
  class EnhancedJob {
    constructor(private readonly words: Words) {}

    @SetMetadata('role', 'method')
    @UseInterceptors(NotingInterceptor)
    @UsePipes(UpperCasePipe)
    handle(data: string, job: JobContext): string {
      this.words.say(['handle', data, job.name]);
      if (data === 'FAIL') throw new RangeError('out of range');
      if (data === 'FAIL OTHERWISE') throw new TypeError('of another type');
      return 'result';
    }
  }
  const app = await startQueueApp({ providers: [Words, EnhancedJob] });

  const good = await app.queue.push(EnhancedJob, 'good');
  expect(await app.run(good)).toMatchObject({ status: 'completed' });
  const pipe = ['pipe', 'body', String];
  expect(seen.splice(0)).toEqual(['guard method', 'before', pipe, ['handle', 'GOOD', 'EnhancedJob'], 'after result']);

  const caught = await app.queue.push(EnhancedJob, 'fail');
  expect(await app.run(caught)).toMatchObject({ status: 'completed' });
  expect(seen.splice(0)).toContainEqual(['filter', 'out of range', 'queue', 'fail']);

  const failing = await app.queue.push(EnhancedJob, 'fail otherwise');
  expect(await app.run(failing)).toMatchObject({ status: 'failed', error: 'of another type' });
});

test('the execution context has the type queue, the data and the job context', async () => {
  const guard: CanActivate = {
    canActivate(context) {
      const [data, job] = context.getArgs<[unknown, JobContext]>();
      seen.push(context.getType(), context.getClass(), context.getHandler() === LookingJob.prototype.handle);
      seen.push(data, job instanceof JobContext, context.getArgByIndex(1) === job);
      seen.push(context.switchToRpc().getData(), context.switchToRpc().getContext() === job);
      seen.push(context.switchToHttp().getRequest(), context.switchToWs().getClient());
      return true;
    },
  };
  @Job()
  class LookingJob {
    @UseGuards(guard)
    handle(_data: string): void {}
  }
  const app = await startQueueApp({ providers: [LookingJob] });
  await app.queue.push(LookingJob, 'data');
  await app.run();
  expect(seen).toEqual(['queue', LookingJob, true, 'data', true, true, 'data', true, 'data', 'data']);
});

describe('guards', () => {
  test.each([
    ['false', false],
    ['a promise of false', Promise.resolve(false)],
    ['an observable of false', of(true, false)],
    ['nothing', undefined],
  ])('fail the attempt if they return %s', async (_, answer) => {
    @Job()
    @UseGuards({ canActivate: () => answer as boolean })
    class GuardedJob {
      handle(): void {
        seen.push('ran');
      }
      failed(error: Error): void {
        seen.push(error);
      }
    }
    const app = await startQueueApp({ providers: [GuardedJob] });
    expect(await app.run(await app.queue.push(GuardedJob))).toMatchObject({
      status: 'failed',
      error: 'Forbidden resource',
    });
    expect(seen).toEqual([expect.any(ForbiddenException)]);
  });

  test('fail the attempt with the error that they throw', async () => {
    @Job()
    @UseGuards({
      canActivate: () => {
        throw new Error('not today');
      },
    })
    class GuardedJob {
      handle(): void {}
    }
    const app = await startQueueApp({ providers: [GuardedJob] });
    expect(await app.run(await app.queue.push(GuardedJob))).toMatchObject({ status: 'failed', error: 'not today' });
  });
});

describe('pipes', () => {
  class Email {
    @IsEmail()
    to!: string;
  }

  test('validate the data by its class, and make an instance of it, on handle()', async () => {
    @Job()
    class SendJob {
      @UsePipes(new ValidationPipe({ transform: true, whitelist: true }))
      handle(email: Email): void {
        seen.push(email);
      }
      failed(_: Error, email: Email): void {
        seen.push(email);
      }
    }
    const app = await startQueueApp({ providers: [SendJob] });
    await app.queue.push(SendJob, { to: 'ada@example.org', more: 1 } as Email);
    expect(await app.run(await app.queue.push(SendJob, { to: 'nobody' }))).toMatchObject({
      status: 'failed',
      error: expect.stringMatching(/Bad Request/),
    });
    expect(seen[0]).toBeInstanceOf(Email);
    expect(seen).toEqual([{ to: 'ada@example.org' }, { to: 'nobody' }]);
  });

  test('log a warning at the start if a ValidationPipe stands on the class only', async () => {
    @Job()
    @UsePipes(ValidationPipe)
    class SendJob {
      handle(_email: Email): void {}
    }
    const warnings: unknown[] = [];
    const logger = { log() {}, error() {}, warn: (message: unknown) => warnings.push(message) };
    await startQueueApp({ providers: [SendJob] }, { logger });
    expect(warnings).toEqual([expect.stringMatching(/SendJob has a ValidationPipe.*put @UsePipes\(\) on handle\(\)/)]);
  });

  test('get the instance of a pushed instance, and can refuse it', async () => {
    @Job()
    @UsePipes(new ValidationPipe({ transform: true }))
    class ResizeJob {
      @Inject(Words) private readonly words!: Words;
      @IsInt()
      readonly width: number;
      constructor(width: number) {
        this.width = width;
      }
      handle(job: JobContext): void {
        this.words.say([this.width, job instanceof JobContext]);
      }
    }
    const app = await startQueueApp({ imports: [QueueModule.forFeature([ResizeJob])], providers: [Words] });
    await app.queue.push(new ResizeJob(5));
    const bad = await app.queue.push(new ResizeJob(5.5));
    expect(await app.run(bad)).toMatchObject({ status: 'failed' });
    expect(seen).toEqual([[5, true]]);
  });
});

describe('interceptors', () => {
  test('run around each other in their order, and pass an AsyncLocalStorage to the handler', async () => {
    const storage = new AsyncLocalStorage<string>();
    const named = (name: string): NestInterceptor => ({
      intercept(_, next) {
        seen.push(`${name} before`);
        return storage.run(name, () => next.handle()).pipe(finalize(() => seen.push(`${name} after`)));
      },
    });
    @Job()
    @UseInterceptors(named('one'), named('two'))
    class WrappedJob {
      @UseInterceptors(named('three'))
      async handle(): Promise<void> {
        await Promise.resolve();
        seen.push(storage.getStore());
      }
    }
    const app = await startQueueApp({ providers: [WrappedJob] });
    await app.run(await app.queue.push(WrappedJob));
    expect(seen).toEqual([
      'one before',
      'two before',
      'three before',
      'three',
      'three after',
      'two after',
      'one after',
    ]);
  });

  test('can skip the handler, and can replace its result with an error', async () => {
    @Job()
    @UseInterceptors({ intercept: async () => EMPTY })
    class SkippedJob {
      handle(): void {
        seen.push('ran');
      }
    }
    @Job()
    @UseInterceptors({
      intercept: (_: ExecutionContext, next: CallHandler) =>
        next.handle().pipe(
          map(() => {
            throw new Error('too late');
          }),
        ),
    })
    class SpoiltJob {
      handle(): void {}
    }
    const app = await startQueueApp({ providers: [SkippedJob, SpoiltJob] });
    expect(await app.run(await app.queue.push(SkippedJob))).toMatchObject({ status: 'completed' });
    expect(await app.run(await app.queue.push(SpoiltJob))).toMatchObject({ status: 'failed', error: 'too late' });
    expect(seen).toEqual([]);
  });
});

describe('filters', () => {
  test('handle an error by the nearest matching filter, and may translate it into an error with it as the cause', async () => {
    @Catch()
    class AnyFilter implements ExceptionFilter {
      catch(error: Error): never {
        throw new Error('translated', { cause: error });
      }
    }
    @Job()
    @UseFilters(AnyFilter, new RangeFilter())
    class FilteredJob {
      @UseFilters({ catch: async (error: Error) => seen.push(`method ${error.message}`) } as ExceptionFilter)
      handle(data: string): void {
        throw new RangeError(data);
      }
    }
    @Job()
    @UseFilters(AnyFilter)
    class TranslatedJob {
      handle(): void {
        throw new Error('it');
      }
    }
    const app = await startQueueApp({ providers: [FilteredJob, TranslatedJob] });
    expect(await app.run(await app.queue.push(FilteredJob, 'a'))).toMatchObject({ status: 'completed' });
    expect(await app.run(await app.queue.push(TranslatedJob))).toMatchObject({
      status: 'failed',
      error: 'translated: it',
    });
    expect(seen).toEqual(['method a']);
  });

  test('leave the error of the job in place if they throw one of their own, which is logged', async () => {
    class HttpFilter implements ExceptionFilter {
      catch(_: Error, host: ArgumentsHost): void {
        host.switchToHttp().getResponse<{ status(code: number): void }>().status(500);
      }
    }
    class PayJob {
      handle(): void {
        throw new Error('card declined');
      }
      failed(error: Error): void {
        seen.push(error.message);
      }
    }
    @Job()
    @UseFilters(HttpFilter)
    class ProvidedJob extends PayJob {}
    @Job()
    @UseFilters({ catch: () => Promise.reject(new Error('too late')) })
    class CarrierJob extends PayJob {}
    const errors: unknown[] = [];
    const logger = { log() {}, warn() {}, error: (message: unknown) => errors.push(message) };
    const imports = [QueueModule.forFeature([CarrierJob])];
    const app = await startQueueApp({ imports, providers: [ProvidedJob] }, { logger });
    const ids = [await app.queue.push(ProvidedJob), await app.queue.push(new CarrierJob())];
    for (const id of ids) expect(await app.run(id)).toMatchObject({ status: 'failed', error: 'card declined' });
    expect(seen).toEqual(['card declined', 'card declined']);
    const logged = errors.join('\n');
    expect(logged).toMatch(/A filter of ProvidedJob \S+ threw, .*status is not a function/);
    expect(logged).toMatch(/A filter of CarrierJob \S+ threw, .*too late/);
  });
});

describe('parameter decorators', () => {
  const JobId = createParamDecorator(
    (_: unknown, context: ExecutionContext) => context.getArgByIndex<JobContext>(1).id,
  );
  const Part = createParamDecorator(
    (key: string, context: ExecutionContext) => context.getArgByIndex<Record<string, unknown>>(0)[key],
  );

  test('pass handle() its arguments through their pipes', async () => {
    @Job()
    class PickyJob {
      handle(@Part('word', UpperCasePipe) word: string, job: JobContext, @JobId() id: string): void {
        seen.push([word, job.id === id]);
      }
    }
    @Job()
    class PickyCarrier {
      readonly word = 'carried';
      handle(job: JobContext, @Part('word') word: string): void {
        seen.push([word, job instanceof JobContext]);
      }
    }
    const app = await startQueueApp({ imports: [QueueModule.forFeature([PickyCarrier])], providers: [PickyJob] });
    await app.queue.push(PickyJob as never, { word: 'data' });
    await app.queue.push(new PickyCarrier() as never);
    await app.run();
    expect(seen).toEqual([
      ['pipe', 'custom', String],
      ['DATA', true],
      ['carried', true],
    ]);
  });
});

describe('request-scoped guards', () => {
  @Injectable({ scope: Scope.REQUEST })
  class ScopedGuard implements CanActivate {
    constructor(@Inject(REQUEST) private readonly request: JobContext) {}
    canActivate(context: ExecutionContext): boolean {
      seen.push(this.request === context.getArgByIndex(1));
      return true;
    }
  }

  test('are made for each attempt', async () => {
    @Job()
    @UseGuards(ScopedGuard)
    class GuardedJob {
      handle(): void {}
    }
    const app = await startQueueApp({ providers: [GuardedJob] });
    await app.queue.pushMany(GuardedJob, [1, 2] as never[]);
    await app.run();
    expect(seen).toEqual([true, true]);
  });

  test('are made for each attempt of a class in forFeature() and of a request-scoped job', async () => {
    @Job()
    @UseGuards(ScopedGuard)
    class CarrierJob {
      handle(): void {}
    }
    @Job()
    @UseGuards(ScopedGuard)
    @Injectable({ scope: Scope.REQUEST })
    class ScopedJob {
      constructor(@Inject(REQUEST) private readonly request: JobContext) {}
      handle(_: unknown, job: JobContext): void {
        seen.push(this.request === job);
      }
    }
    const app = await startQueueApp({ imports: [QueueModule.forFeature([CarrierJob])], providers: [ScopedJob] });
    await app.queue.push(new CarrierJob());
    await app.queue.push(ScopedJob);
    await app.run();
    expect(seen).toEqual([true, true, true]);
  });
});

describe('a class in forFeature()', () => {
  @Job()
  @UseGuards(NotingGuard)
  class GuardedJob {
    @UseInterceptors(NotingInterceptor)
    handle(): string {
      return 'result';
    }
  }

  test('gets its enhancers with the providers of the importing module', async () => {
    @Module({ imports: [QueueModule.forFeature([GuardedJob])], providers: [Words] })
    class FeatureModule {}
    const app = await startQueueApp({ imports: [FeatureModule] });
    for (const push of [() => app.queue.push(new GuardedJob()), () => app.queue.push(GuardedJob)]) {
      await app.run(await push());
      expect(seen.splice(0)).toEqual(['guard undefined', 'before', 'after result']);
    }
  });

  test('stops the start if a dependency of an enhancer is missing, unless the process only dispatches', async () => {
    const metadata = { imports: [QueueModule.forFeature([GuardedJob])] };
    await expect(startQueueApp(metadata)).rejects.toThrow(
      /Job class GuardedJob, its NotingGuard: parameter 0 of its constructor needs Words/,
    );
    await startQueueApp(metadata, { worker: false });
  });

  test('uses a guard that the module provides, so that a test can override it', async () => {
    const module = await buildQueueApp({
      imports: [QueueModule.forFeature([GuardedJob])],
      providers: [Words, NotingGuard],
    })
      .overrideProvider(NotingGuard)
      .useValue({ canActivate: () => false })
      .compile();
    const app = await initQueueApp(module);
    expect(await app.run(await app.queue.push(new GuardedJob()))).toMatchObject({ status: 'failed' });
  });
});

test('overrideGuard() of a test replaces the guard of a provider', async () => {
  @Job()
  @UseGuards(NotingGuard)
  class GuardedJob {
    handle(): void {
      seen.push('ran');
    }
  }
  const module = await buildQueueApp({ providers: [Words, GuardedJob] })
    .overrideGuard(NotingGuard)
    .useValue({ canActivate: () => false })
    .compile();
  const app = await initQueueApp(module);
  expect(await app.run(await app.queue.push(GuardedJob))).toMatchObject({ status: 'failed' });
  expect(seen).toEqual([]);
});

describe('global enhancers', () => {
  @Job()
  class PlainJob {
    handle(data: string): string {
      seen.push(['handle', data]);
      if (data === 'FAIL') throw new RangeError('out of range');
      return 'result';
    }
  }
  @Injectable({ scope: Scope.REQUEST })
  class ScopedGlobalGuard implements CanActivate {
    constructor(@Inject(REQUEST) private readonly request: JobContext) {}
    canActivate(context: ExecutionContext): boolean {
      seen.push(['scoped', this.request === context.getArgByIndex(1)]);
      return true;
    }
  }
  const metadata = {
    providers: [
      Words,
      PlainJob,
      { provide: APP_GUARD, useClass: NotingGuard },
      { provide: APP_GUARD, useClass: ScopedGlobalGuard },
      { provide: APP_INTERCEPTOR, useClass: NotingInterceptor },
      { provide: APP_PIPE, useClass: UpperCasePipe },
      { provide: APP_FILTER, useClass: RangeFilter },
    ],
  };

  async function runWith(options: QueueModuleOptions): Promise<unknown> {
    const app = await startQueueApp(metadata, options);
    return app.run(await app.queue.push(PlainJob, 'fail'));
  }

  test('do not run for jobs by default', async () => {
    expect(await runWith({})).toMatchObject({ status: 'completed' });
    expect(seen).toEqual([['handle', 'fail']]);
  });

  test('run for jobs with globalEnhancers: true', async () => {
    expect(await runWith({ globalEnhancers: true })).toMatchObject({ status: 'completed' });
    expect(seen).toEqual([
      'guard undefined',
      ['scoped', true],
      'before',
      ['pipe', 'body', undefined],
      ['handle', 'FAIL'],
      ['filter', 'out of range', 'queue', 'fail'],
    ]);
  });
});
