import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  UseGuards,
  UseInterceptors,
  UsePipes,
  type CallHandler,
  type CanActivate,
  type ExecutionContext,
  type NestInterceptor,
  type PipeTransform,
} from '@nestjs/common';
import { of, type Observable } from 'rxjs';
import { Job, QueueModule } from 'nestjs-job-queue';
import { closeQueueApps, startQueueApp } from './queue-app.js';

const tenant = new AsyncLocalStorage<string>();
const seen: unknown[] = [];

beforeEach(() => void seen.splice(0));
afterEach(closeQueueApps);

const passing = (answer: unknown): CanActivate => ({ canActivate: () => answer as boolean });
const entering: CanActivate = {
  canActivate() {
    tenant.enterWith('guard');
    return true;
  },
};
const asIs: NestInterceptor = { intercept: (_: ExecutionContext, next: CallHandler) => next.handle() };
const enteringPipe: PipeTransform = {
  transform(value: unknown) {
    tenant.enterWith('pipe');
    return value;
  },
};

@Job()
class ReadJob {
  handle(): void {
    seen.push(tenant.getStore());
  }
}

describe('the context that a guard enters', () => {
  @Job()
  @UseGuards(passing(true), entering)
  class SecondJob extends ReadJob {}
  @Job()
  @UseGuards(passing(true), passing(true), entering, passing(true))
  class MiddleJob extends ReadJob {}
  @Job()
  @UseGuards(passing(Promise.resolve(true)), entering)
  class AfterPromiseJob extends ReadJob {}
  @Job()
  @UseGuards(passing(of(true)), entering)
  class AfterObservableJob extends ReadJob {}
  @Job()
  @UseGuards(passing(true), entering)
  @UseInterceptors(asIs)
  class InterceptedJob extends ReadJob {}
  const classes = { SecondJob, MiddleJob, AfterPromiseJob, AfterObservableJob, InterceptedJob };

  test.each(Object.entries(classes))('reaches the handler, and ends with the attempt (%s)', async (_, jobClass) => {
    const app = await startQueueApp({ providers: [jobClass, ReadJob] });
    for (const job of [jobClass, ReadJob, jobClass, ReadJob]) {
      await app.queue.push(job);
      await app.run();
    }
    expect(seen).toEqual(['guard', undefined, 'guard', undefined]);
  });

  test('reaches the handler of a job that carries its data, and its failed()', async () => {
    @Job()
    @UseGuards(passing(true), entering)
    class CarrierJob {
      handle(): void {
        seen.push(tenant.getStore());
        throw new Error('no luck');
      }
      failed(): void {
        seen.push(tenant.getStore());
      }
    }
    const app = await startQueueApp({ imports: [QueueModule.forFeature([CarrierJob])], providers: [ReadJob] });
    await app.queue.push(new CarrierJob());
    await app.run();
    await app.queue.push(ReadJob);
    await app.run();
    expect(seen).toEqual(['guard', 'guard', undefined]);
  });
});

test('the context that a pipe enters reaches the handler, behind another pipe as well', async () => {
  @Job()
  class PipedJob {
    @UsePipes({ transform: (value: unknown) => value }, enteringPipe)
    handle(_data: string): void {
      seen.push(tenant.getStore());
    }
  }
  const app = await startQueueApp({ providers: [PipedJob, ReadJob] });
  await app.queue.push(PipedJob, 'a');
  await app.run();
  await app.queue.push(ReadJob);
  await app.run();
  expect(seen).toEqual(['pipe', undefined]);
});

test('the context that an interceptor enters reaches the handler', async () => {
  const interceptor: NestInterceptor = {
    intercept(_: ExecutionContext, next: CallHandler): Observable<unknown> {
      tenant.enterWith('interceptor');
      return next.handle();
    },
  };
  @Job()
  @UseInterceptors(asIs, interceptor)
  class InterceptedJob extends ReadJob {}
  const app = await startQueueApp({ providers: [InterceptedJob, ReadJob] });
  for (const job of [InterceptedJob, ReadJob]) {
    await app.queue.push(job);
    await app.run();
  }
  expect(seen).toEqual(['interceptor', undefined]);
});
