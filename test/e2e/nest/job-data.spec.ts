import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  Inject,
  Injectable,
  Scope,
  UseGuards,
  UsePipes,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import {
  ContextIdFactory,
  REQUEST,
  type ContextId,
  type ContextIdStrategy,
  type HostComponentInfo,
} from '@nestjs/core';
import { Job, JobContext, QueueModule } from 'nestjs-job-queue';
import { closeQueueApps, startQueueApp, type QueueApp } from './queue-app.js';

interface Order {
  tenant: string;
}

const seen: unknown[] = [];
let pools = 0;

beforeEach(() => {
  seen.splice(0);
  pools = 0;
});
afterEach(async () => {
  ContextIdFactory.apply(undefined as never);
  await closeQueueApps();
});

@Injectable({ scope: Scope.REQUEST })
class Tenant {
  constructor(@Inject(REQUEST) private readonly job: JobContext<Order>) {}
  get name(): string {
    return this.job.data.tenant;
  }
}

describe('the data of the context', () => {
  const lookingGuard: CanActivate = {
    canActivate(context: ExecutionContext) {
      seen.push(context.getArgByIndex<JobContext<Order>>(1).data.tenant);
      return true;
    },
  };
  @Job()
  class OrderJob {
    constructor(private readonly tenant: Tenant) {}
    handle(data: Order, job: JobContext<Order>): void {
      seen.push([this.tenant.name, job.data === data]);
      throw new Error('no luck');
    }
    failed(_: Error, data: Order, job: JobContext<Order>): void {
      seen.push([this.tenant.name, job.data === data]);
    }
  }

  test.each(['providers', 'forFeature'])(
    'is the one of handle(), in request-scoped providers too (%s)',
    async (where) => {
      const jobs =
        where === 'providers'
          ? { providers: [Tenant, OrderJob] }
          : { providers: [Tenant], imports: [QueueModule.forFeature([OrderJob])] };
      const app = await startQueueApp(jobs);
      await app.queue.push(OrderJob, { tenant: 'acme' });
      await app.run();
      expect(seen).toEqual([
        ['acme', true],
        ['acme', true],
      ]);
    },
  );

  test('is the stored properties of a job that carries its data', async () => {
    @Job()
    @UseGuards(lookingGuard)
    class CarrierJob {
      @Inject() private readonly owner!: Tenant;
      constructor(readonly tenant: string) {}
      handle(job: JobContext): void {
        seen.push(this.owner.name, job.data);
      }
    }
    const app = await startQueueApp({ imports: [QueueModule.forFeature([CarrierJob])], providers: [Tenant] });
    await app.queue.push(new CarrierJob('acme'));
    await app.run();
    expect(seen).toEqual(['acme', 'acme', { tenant: 'acme' }]);
  });

  test('is what the pipes made of it', async () => {
    @Job()
    class PipedJob {
      @UsePipes({ transform: ({ tenant }: Order) => ({ tenant: tenant.toUpperCase() }) })
      handle(data: Order, job: JobContext): void {
        seen.push(data.tenant, job.data === data);
      }
    }
    const app = await startQueueApp({ providers: [PipedJob] });
    await app.queue.push(PipedJob, { tenant: 'acme' });
    await app.run();
    expect(seen).toEqual(['ACME', true]);
  });
});

describe('durable providers', () => {
  /** The strategy of Nest's documentation, for requests and jobs. */
  class ByTenant implements ContextIdStrategy {
    private readonly ids = new Map<string, ContextId>();
    attach(contextId: ContextId, request: { headers?: Record<string, string>; data?: Order }) {
      const tenant = request.headers?.['x-tenant-id'] ?? request.data!.tenant;
      const parent = this.ids.get(tenant) ?? ContextIdFactory.create();
      this.ids.set(tenant, parent);
      return {
        resolve: (info: HostComponentInfo) => (info.isTreeDurable ? parent : contextId),
        payload: { tenantId: tenant },
      };
    }
  }
  @Injectable({ scope: Scope.REQUEST, durable: true })
  class Pool {
    readonly number = ++pools;
    constructor(@Inject(REQUEST) readonly request: { tenantId: string }) {}
  }
  @Job()
  class DurableJob {
    constructor(private readonly pool: Pool) {}
    handle(data: Order, job: JobContext): void {
      seen.push([data.tenant, this.pool.request.tenantId, this.pool.number, job instanceof JobContext]);
    }
  }
  @Job()
  class MixedJob {
    constructor(
      private readonly pool: Pool,
      private readonly tenant: Tenant,
    ) {}
    handle(): void {
      seen.push([this.tenant.name, this.pool.request.tenantId, this.pool.number, true]);
    }
  }
  @Job()
  class CarrierJob {
    @Inject() private readonly pool!: Pool;
    @Inject() private readonly owner!: Tenant;
    constructor(readonly tenant: string) {}
    handle(): void {
      seen.push([this.owner.name, this.pool.request.tenantId, this.pool.number, true]);
    }
  }

  async function poolOfRequest(app: QueueApp, tenant: string): Promise<number> {
    const id = ContextIdFactory.getByRequest({ headers: { 'x-tenant-id': tenant } });
    return (await app.app.resolve(Pool, id)).number;
  }

  test.each([
    ['providers', (app: QueueApp, order: Order) => app.queue.push(DurableJob, order)],
    ['providers with request-scoped ones', (app: QueueApp, order: Order) => app.queue.push(MixedJob, order as never)],
    ['jobs that carry their data', (app: QueueApp, { tenant }: Order) => app.queue.push(new CarrierJob(tenant))],
  ])('are made once for each tenant, for requests and jobs together (%s)', async (_, push) => {
    ContextIdFactory.apply(new ByTenant());
    const app = await startQueueApp({
      imports: [QueueModule.forFeature([CarrierJob])],
      providers: [Pool, Tenant, DurableJob, MixedJob],
    });
    expect(await poolOfRequest(app, 'a')).toBe(1);
    for (const tenant of ['a', 'a', 'b', 'a']) {
      await push(app, { tenant });
      await app.run();
    }
    expect(await poolOfRequest(app, 'b')).toBe(2);
    expect(seen).toEqual([
      ['a', 'a', 1, true],
      ['a', 'a', 1, true],
      ['b', 'b', 2, true],
      ['a', 'a', 1, true],
    ]);
  });

  test('fail an attempt with a clear error if the strategy throws for jobs; other jobs run', async () => {
    ContextIdFactory.apply({
      attach: (id, { headers }: { headers: Record<string, string> }) => (headers['x-tenant-id'] ? () => id : () => id),
    });
    @Job()
    class ScopedJob {
      constructor(private readonly tenant: Tenant) {}
      handle(): void {
        seen.push(this.tenant.name);
      }
    }
    const app = await startQueueApp({ providers: [Pool, Tenant, DurableJob, ScopedJob] });
    expect(await app.run(await app.queue.push(DurableJob, { tenant: 'a' }))).toMatchObject({
      status: 'failed',
      error: expect.stringMatching(/^Job DurableJob needs a durable provider, but the ContextIdStrategy .* throws/),
    });
    await app.queue.push(ScopedJob, { tenant: 'a' } as never);
    await app.run();
    expect(seen).toEqual(['a']);
  });
});
