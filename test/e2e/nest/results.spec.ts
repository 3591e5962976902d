import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Injectable, Scope, UseInterceptors, type CallHandler, type ExecutionContext } from '@nestjs/common';
import { defer, lastValueFrom, Observable, of, tap, timeout, type TimeoutError } from 'rxjs';
import { Job, QueueModule, type JobContext } from 'nestjs-job-queue';
import { closeQueueApps, startQueueApp } from './queue-app.js';

const seen: unknown[] = [];

beforeEach(() => void seen.splice(0));
afterEach(closeQueueApps);

const post = (fails: boolean): Observable<void> =>
  defer(async () => {
    await Promise.resolve();
    seen.push('sent');
    if (fails) throw new Error('refused');
  });
const asIs = { intercept: (_: ExecutionContext, next: CallHandler) => next.handle() };

@Job()
class PlainJob {
  handle(fails: boolean): Observable<void> {
    return post(fails);
  }
  failed(error: Error): Observable<unknown> {
    return defer(() => of(seen.push(error.message)));
  }
}
@Job()
@UseInterceptors(asIs)
class InterceptedJob extends PlainJob {}
@Job()
@Injectable({ scope: Scope.REQUEST })
class ScopedJob extends PlainJob {}
@Job()
@Injectable({ scope: Scope.TRANSIENT })
class TransientJob extends PlainJob {}
@Job()
class PromisingJob extends PlainJob {
  override handle(fails: boolean): never {
    return Promise.resolve(post(fails)) as never;
  }
}
async function* generate(fails: boolean): AsyncGenerator<void> {
  await lastValueFrom(post(fails));
  yield;
}
@Job()
class GeneratingJob extends PlainJob {
  override handle(fails: boolean): never {
    return generate(fails) as never;
  }
}

const CLASSES = { PlainJob, InterceptedJob, ScopedJob, TransientJob, PromisingJob, GeneratingJob };

describe.each(Object.entries(CLASSES))('an unfinished result of handle() (%s)', (_, jobClass) => {
  test.each(['providers', 'forFeature'])('is run to its end, and its error fails the attempt (%s)', async (where) => {
    const metadata =
      where === 'providers' ? { providers: [jobClass] } : { imports: [QueueModule.forFeature([jobClass])] };
    const app = await startQueueApp(metadata);
    expect(await app.run(await app.queue.push(jobClass, false))).toMatchObject({ status: 'completed' });
    expect(await app.run(await app.queue.push(jobClass, true))).toMatchObject({ status: 'failed', error: 'refused' });
    expect(seen).toEqual(['sent', 'sent', 'refused']);
  });
});

test('the observable of a job that carries its data is run to its end, of its failed() as well', async () => {
  @Job()
  class CarrierJob {
    handle(): Observable<void> {
      return post(true);
    }
    failed(error: Error): never {
      return defer(() => of(seen.push(error.message))) as never;
    }
  }
  const app = await startQueueApp({ imports: [QueueModule.forFeature([CarrierJob])] });
  expect(await app.run(await app.queue.push(new CarrierJob()))).toMatchObject({ status: 'failed', error: 'refused' });
  expect(seen).toEqual(['sent', 'refused']);
});

test.each([
  ['without', []],
  ['with', [asIs]],
])('the timeout of a job unsubscribes from its observable (%s an interceptor)', async (_, interceptors) => {
  @Job({ timeout: 0.02 })
  @UseInterceptors(...interceptors)
  class SlowJob {
    handle(_data: unknown, job: JobContext): Observable<never> {
      return new Observable(() => () => seen.push(`unsubscribed ${job.signal.aborted}`));
    }
    failed(): Observable<unknown> {
      return defer(() => of(seen.push('failed')));
    }
  }
  const app = await startQueueApp({ providers: [SlowJob] });
  const id = await app.queue.push(SlowJob);
  expect(await app.run(id)).toMatchObject({
    status: 'failed',
    error: expect.stringMatching(/longer than its timeout/),
  });
  expect(seen).toEqual(['unsubscribed true', 'failed']);
});

test('interceptors see each value of the observable of handle(), and can unsubscribe from it', async () => {
  @Job()
  @UseInterceptors({
    intercept: (_: ExecutionContext, next: CallHandler) =>
      next.handle().pipe(
        tap((value) => seen.push(value)),
        timeout({ each: 20 }),
      ),
  })
  class CountingJob {
    handle(ends: boolean): Observable<number> {
      return ends ? of(1, 2) : new Observable(() => () => seen.push('unsubscribed'));
    }
    failed(error: TimeoutError): void {
      seen.push(error.name);
    }
  }
  const app = await startQueueApp({ providers: [CountingJob] });
  await app.run(await app.queue.push(CountingJob, true));
  await app.run(await app.queue.push(CountingJob, false));
  expect(seen).toEqual([1, 2, 'unsubscribed', 'TimeoutError']);
});
