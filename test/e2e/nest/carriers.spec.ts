import { AsyncLocalStorage } from 'node:async_hooks';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { Inject, Injectable, Scope, UseGuards } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import type { ClsServiceManager } from 'nestjs-cls';
import {
  clsCarrier,
  Job,
  JobContext,
  QueueEvents,
  QueueManager,
  QueueModule,
  type DispatchResult,
  type JobContextCarrier,
  type JobMiddleware,
  type PendingPush,
  type PushMiddleware,
} from 'nestjs-job-queue';
import { REPOSITORY } from '../../docs/docs.js';
import { startQueueApp, useSeen } from './queue-app.js';

const seen = useSeen();
const tenant = new AsyncLocalStorage<string>();
const trace = new AsyncLocalStorage<string>();

const tenantCarrier: JobContextCarrier = {
  name: 'tenant',
  capture: () => tenant.getStore(),
  restore: (value, next) => tenant.run(value, next),
};

/** As a tracing module does it: the attempt is a child of the push. */
const traceCarrier: JobContextCarrier = {
  name: 'traceparent',
  capture: () => trace.getStore(),
  restore: (value, next) => trace.run(`${value} process`, next),
};

const note = (place: string): void => void seen.push([place, tenant.getStore()]);

@Job()
class ReadJob {
  async handle(_place: string): Promise<void> {
    await Promise.resolve();
    note('handle');
  }
}

describe('the context of a push', () => {
  test('is restored around middleware, guards, handle and what they wait for', async () => {
    const middleware: JobMiddleware = { handle: (_, next) => (note('middleware'), next()) };
    @Job({ middleware: [middleware] })
    @UseGuards({ canActivate: () => (note('guard'), true) })
    class GuardedJob extends ReadJob {}
    const app = await startQueueApp({ providers: [GuardedJob] }, { carriers: [tenantCarrier] });
    const id = await tenant.run('acme', () => app.queue.push(GuardedJob, 'a'));
    expect(await app.run(id)).toMatchObject({ status: 'completed' });
    expect(seen).toEqual([
      ['middleware', 'acme'],
      ['guard', 'acme'],
      ['handle', 'acme'],
    ]);
  });

  test('is restored in each attempt and around failed(), and around cancelled()', async () => {
    @Job({ maxTries: 2 })
    class FailingJob {
      handle(_: string, job: JobContext): void {
        note(`handle ${job.attempt}`);
        throw new Error('no luck');
      }
      failed(): void {
        note('failed');
      }
    }
    @Job()
    class CancelledJob {
      constructor(private readonly queue: QueueManager) {}
      async handle(_: string, job: JobContext): Promise<void> {
        const aborted = new Promise((_resolve, reject) => {
          job.signal.addEventListener('abort', () => reject(job.signal.reason as Error));
        });
        await this.queue.cancel(job.id);
        await aborted;
      }
      cancelled(): void {
        note('cancelled');
      }
    }
    const app = await startQueueApp({ providers: [FailingJob, CancelledJob] }, { carriers: [tenantCarrier] });
    await tenant.run('acme', () => app.queue.push(FailingJob, 'a'));
    await app.run();
    await app.run();
    await tenant.run('globex', () => app.queue.push(CancelledJob, 'a'));
    await app.run();
    expect(seen).toEqual([
      ['handle 1', 'acme'],
      ['handle 2', 'acme'],
      ['failed', 'acme'],
      ['cancelled', 'globex'],
    ]);
  });

  test('does not leak into other jobs, and jobs that run at the same time have their own', async () => {
    const app = await startQueueApp({ providers: [ReadJob] }, { carriers: [tenantCarrier] });
    for (const name of ['a', 'b', 'c']) {
      await tenant.run(name, () => app.queue.push(ReadJob, name));
      await app.queue.push(ReadJob, 'none');
    }
    await tenant.run('of the test', () => app.run());
    const names = seen.map((each) => (each as [string, string])[1]);
    expect(names.sort()).toEqual(['a', 'b', 'c', undefined, undefined, undefined]);
  });

  test('is captured for each call of pushMany and later, and is passed on to jobs that jobs push', async () => {
    @Job()
    class ParentJob {
      constructor(private readonly queue: QueueManager) {}
      async handle(depth: number): Promise<void> {
        note(`depth ${depth}`);
        if (depth < 3) await this.queue.pushMany(ParentJob, [depth + 1]);
      }
    }
    const app = await startQueueApp({ providers: [ParentJob] }, { carriers: [tenantCarrier] });
    await tenant.run('acme', () => app.queue.later(ParentJob, 1, 0));
    for (let i = 0; i < 3; i++) await app.run();
    expect(seen).toEqual([
      ['depth 1', 'acme'],
      ['depth 2', 'acme'],
      ['depth 3', 'acme'],
    ]);
  });

  test('is passed on by failed() and by a listener', async () => {
    @Job()
    class FailingJob {
      constructor(private readonly queue: QueueManager) {}
      handle(): void {
        throw new Error('no luck');
      }
      async failed(): Promise<void> {
        await this.queue.push(ReadJob, 'a');
      }
    }
    const app = await startQueueApp({ providers: [FailingJob, ReadJob] }, { carriers: [tenantCarrier] });
    let pushing: Promise<unknown> | undefined;
    app.app.get(QueueEvents).on('failed', () => (pushing = app.queue.push(ReadJob, 'b')));
    await tenant.run('acme', () => app.queue.push(FailingJob));
    await app.run();
    await pushing;
    await app.run();
    expect(seen).toEqual([
      ['handle', 'acme'],
      ['handle', 'acme'],
    ]);
  });

  test('is restored around the listeners of each event, and ends with them', async () => {
    @Job({ maxTries: 1 })
    class TellingJob {
      async handle(data: string, job: JobContext): Promise<void> {
        await job.progress(50);
        if (data === 'fail') throw new Error('no luck');
      }
    }
    const app = await startQueueApp({ providers: [TellingJob] }, { carriers: [tenantCarrier] });
    const events = app.app.get(QueueEvents);
    for (const type of ['pushed', 'started', 'progress', 'completed', 'failed', 'cancelled'] as const) {
      events.on(type, () => {
        note(type);
        tenant.enterWith('leaked');
      });
    }
    await tenant.run('a', () => app.queue.push(TellingJob, 'fine'));
    await app.run();
    await tenant.run('b', () => app.queue.push(TellingJob, 'fail'));
    await app.run();
    await app.queue.cancel(await tenant.run('c', () => app.queue.push(TellingJob, 'waits')));
    expect(seen).toEqual([
      ...['pushed', 'started', 'progress', 'completed'].map((type) => [type, 'a']),
      ...['pushed', 'started', 'progress', 'failed'].map((type) => [type, 'b']),
      ...['pushed', 'cancelled'].map((type) => [type, 'c']),
    ]);
    expect(tenant.getStore()).toBeUndefined();
  });

  test('is there when request-scoped providers are made', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Tenant {
      readonly name = tenant.getStore();
      constructor(@Inject(REQUEST) readonly job: JobContext) {}
    }
    @Job()
    class ScopedJob {
      constructor(private readonly own: Tenant) {}
      handle(): void {
        seen.push(this.own.name);
      }
    }
    const app = await startQueueApp({ providers: [Tenant, ScopedJob] }, { carriers: [tenantCarrier] });
    await tenant.run('acme', () => app.queue.push(ScopedJob));
    await app.run();
    expect(seen).toEqual(['acme']);
  });

  test('is captured inside of the middleware around the push, so that a span of the push is the parent of the attempt', async () => {
    const spans: PushMiddleware = {
      push: (push: PendingPush, next: () => Promise<DispatchResult>) => trace.run(`push ${push.name}`, next),
    };
    @Job()
    class TracedJob {
      handle(): void {
        seen.push(trace.getStore());
      }
    }
    const app = await startQueueApp(
      { providers: [TracedJob] },
      { middleware: [spans], carriers: [tenantCarrier, traceCarrier] },
    );
    await tenant.run('acme', () => app.queue.push(TracedJob));
    await app.queue.pushMany(TracedJob, [undefined]);
    await app.run();
    expect(seen).toEqual(['push TracedJob process', 'push TracedJob process']);
  });

  test('is stored with jobs that carry their data, beside their options, and told by getJob()', async () => {
    @Job()
    class Carrier {
      constructor(readonly path: string) {}
      handle(): void {
        note(this.path);
      }
    }
    const app = await startQueueApp({ imports: [QueueModule.forFeature([Carrier])] }, { carriers: [tenantCarrier] });
    const id = await tenant.run('acme', () =>
      app.queue.push(new Carrier('a.png'), { maxTries: 7, metadata: { a: 'b' } }),
    );
    expect(await app.queue.getJob(id)).toMatchObject({
      options: { maxTries: 7, carried: { tenant: 'acme' } },
      metadata: { a: 'b' },
    });
    await app.run();
    expect(seen).toEqual([['a.png', 'acme']]);
  });

  test('that is too large, or cannot be captured, refuses the push', async () => {
    const app = await startQueueApp({ providers: [ReadJob] }, { carriers: [tenantCarrier] });
    const large = 'x'.repeat(9_000);
    await expect(tenant.run(large, () => app.queue.push(ReadJob, 'a'))).rejects.toMatchObject({
      code: 'ERR_INVALID_OPTION',
      message: expect.stringContaining('values of at most 8192 bytes in all (tenant)'),
    });
    await expect(tenant.run(large, () => app.queue.pushMany(ReadJob, ['a']))).rejects.toThrow(/8192/);
    expect(await app.queue.counts()).toMatchObject({ ready: 0 });
  });

  test('that cannot be restored fails the attempt, which counts, and harms no listener', async () => {
    let isBroken = true;
    const broken: JobContextCarrier = {
      ...tenantCarrier,
      restore: (value, next) => {
        if (isBroken) throw new Error('no such tenant');
        return tenantCarrier.restore(value, next);
      },
    };
    const error = jest.fn();
    const logger = { log() {}, warn() {}, error };
    const app = await startQueueApp({ providers: [ReadJob] }, { carriers: [broken], logger });
    app.app.get(QueueEvents).on('retrying', () => note('retrying'));
    const id = await tenant.run('acme', () => app.queue.push(ReadJob, 'a', { maxTries: 2 }));
    expect(await app.run(id)).toMatchObject({ status: 'retrying', attempt: 1, error: 'no such tenant' });
    expect(error).toHaveBeenCalledWith(
      expect.stringMatching(/listener of the event "retrying" threw: no such tenant/),
      expect.anything(),
      'Queue',
    );
    isBroken = false;
    expect(await app.run(id)).toMatchObject({ status: 'completed' });
    expect(seen).toEqual([['handle', 'acme']]);
  });
});

/** The whole package loads Nest with `require()`, which jest cannot do here. This part of it does not. */
const CLS = 'node_modules/nestjs-cls/dist/src/lib/cls-service-manager.js';

function loadCls(): typeof ClsServiceManager {
  const load = createRequire(join(REPOSITORY, 'package.json'));
  return (load(join(REPOSITORY, CLS)) as { ClsServiceManager: typeof ClsServiceManager }).ClsServiceManager;
}

describe('clsCarrier', () => {
  const cls = loadCls().getClsService<{ tenant: unknown; user: string; request: object }>();

  test('carries the keys that it names, and no others, and each attempt has a store of its own', async () => {
    @Job()
    class ClsJob {
      async handle(data: string): Promise<void> {
        await Promise.resolve();
        seen.push([data, cls.get('tenant'), cls.get('user'), cls.get('request')]);
        cls.set('user', 'changed');
      }
    }
    const app = await startQueueApp(
      { providers: [ClsJob] },
      { carriers: [clsCarrier(cls, ['tenant', 'user', 'missing'])] },
    );
    const value = { id: 7, since: new Date(0) };
    await cls.run(async () => {
      cls.set('tenant', value);
      cls.set('user', 'ada');
      cls.set('request', { headers: {} });
      await app.queue.pushMany(ClsJob, ['a', 'b']);
      await app.run();
      expect(cls.get('user')).toBe('ada');
    });
    expect(seen).toEqual([
      ['a', value, 'ada', undefined],
      ['b', value, 'ada', undefined],
    ]);
  });

  test('carries nothing outside of a store, or without values', async () => {
    @Job()
    class ClsJob {
      handle(): void {
        seen.push(cls.isActive());
      }
    }
    const app = await startQueueApp({ providers: [ClsJob] }, { carriers: [clsCarrier(cls, ['tenant'])] });
    await app.queue.push(ClsJob);
    await cls.run(() => app.queue.push(ClsJob));
    await app.run();
    expect(seen).toEqual([false, false]);
  });

  test('refuses values that cannot be stored, and wrong arguments', async () => {
    const app = await startQueueApp({ providers: [ReadJob] }, { carriers: [clsCarrier(cls, ['tenant'])] });
    const pushing = cls.run(() => {
      cls.set('tenant', new Map());
      return app.queue.push(ReadJob, 'a');
    });
    await expect(pushing).rejects.toThrow(/"carriers.cls.capture\(\)".*Map/);
    expect(() => clsCarrier(undefined as never, ['a'])).toThrow(/"clsCarrier\(cls\)": expected the ClsService/);
    expect(() => clsCarrier(cls, [])).toThrow(/"clsCarrier\(cls, keys\)": expected a list of keys/);
  });
});
