import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Global, Injectable, Module, type INestApplicationContext, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { Job, QueueManager, QueueModule, Worker, type JobHandler, type QueueModuleOptions } from 'nestjs-job-queue';
import { deferred, type Deferred } from '../../support/deferred.js';
import { eventually } from '../../support/eventually.js';
import { quiet } from '../../support/quiet.js';
import { useRedis } from '../../support/use-redis.js';
import { TEST_OPTIONS } from './queue-app.js';

const redis = useRedis();
const events: string[] = [];
let app: INestApplicationContext | undefined;
let gate: Deferred<void>;

beforeEach(() => {
  events.length = 0;
  gate = deferred();
  gate.promise.catch(() => undefined);
});
afterEach(async () => {
  await app?.close().catch(() => undefined);
  app = undefined;
});

@Job()
class ReportJob implements JobHandler<void> {
  async handle(): Promise<void> {
    events.push('job');
  }
}

/** A job of it is ready before any bootstrap hook runs. */
@Injectable()
class Pusher {
  constructor(private readonly queue: QueueManager) {}

  async onModuleInit(): Promise<void> {
    await this.queue.push(ReportJob);
  }
}

/** Loads something in its bootstrap hook; the test says when it has ended. */
@Injectable()
class Tenants {
  async onApplicationBootstrap(): Promise<void> {
    events.push('loading');
    await gate.promise;
    events.push('loaded');
  }
}

@Module({ providers: [Tenants] })
class TenantsModule {}
@Global()
@Module({ providers: [Tenants] })
class GlobalTenantsModule {}
@Module({})
class ModuleClassHook {
  async onApplicationBootstrap(): Promise<void> {
    await new Tenants().onApplicationBootstrap();
  }
}
@Module({ imports: [TenantsModule] })
class DeepModule {}

/** Where the slow hook is: of the root module, of a module that it imports, and of a global module. */
const PLACES: readonly [name: string, build: (queue: Type[]) => Type][] = [
  ['a provider of the root module', (queue) => rootOf([...queue], [Tenants])],
  ['the root module itself', (queue) => rootOf([...queue], [], true)],
  ['an imported module', (queue) => rootOf([TenantsModule, ...queue], [])],
  ['an imported module class', (queue) => rootOf([...queue, ModuleClassHook], [])],
  ['a deep module', (queue) => rootOf([...queue, DeepModule], [])],
  ['a global module before the queue', (queue) => rootOf([GlobalTenantsModule, ...queue], [])],
  ['a global module behind the queue', (queue) => rootOf([...queue, GlobalTenantsModule], [])],
  ['a root module that is global', (queue) => globalRootOf([...queue], [Tenants])],
];

/** The place decides alike with every driver, so one driver tries all of them. */
const DRIVERS: readonly [name: string, options: () => QueueModuleOptions, places: typeof PLACES][] = [
  ['array', () => ({ ...TEST_OPTIONS }), PLACES],
  [
    'redis',
    () => ({ ...TEST_OPTIONS, driver: 'redis', redis: { host: redis.host, port: redis.port } }),
    PLACES.filter(([name]) => ['a deep module', 'a global module behind the queue'].includes(name)),
  ],
];

function rootOf(imports: unknown[], providers: Type[], own = false): Type {
  @Module({ imports: imports as Type[], providers: [ReportJob, Pusher, ...providers] })
  class AppModule {}
  return own ? withHook(AppModule) : AppModule;
}

function globalRootOf(imports: unknown[], providers: Type[]): Type {
  @Global()
  @Module({ imports: imports as Type[], providers: [ReportJob, Pusher, ...providers] })
  class AppModule {}
  return AppModule;
}

function withHook(type: Type): Type {
  Object.assign(type.prototype as object, {
    onApplicationBootstrap: Tenants.prototype.onApplicationBootstrap,
  });
  return type;
}

/** Resolves when the server has no connection of the library any more. */
async function noConnections(): Promise<void> {
  const names = async (): Promise<string[]> => {
    const list = (await redis.client.client('LIST')) as string;
    return Array.from(list.matchAll(/name=(queue:\w+)/g), ([, name]) => name!);
  };
  await eventually(async () => expect(await names()).toEqual([]));
}

describe.each(DRIVERS)('on the %s driver, the worker', (driver, options, places) => {
  it.each(places)('starts after an asynchronous bootstrap hook of %s', async (_place, build) => {
    const root = build([QueueModule.forRoot(options()) as unknown as Type]);
    const starting = NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
    await eventually(() => events.includes('loading'));
    await quiet();
    expect(events).toEqual(['loading']);
    gate.resolve();
    app = await starting;
    await eventually(() => events.includes('job'));
    expect(events).toEqual(['loading', 'loaded', 'job']);
  });

  it.each(places)('never starts if a bootstrap hook of %s fails', async (_place, build) => {
    const root = build([QueueModule.forRoot(options()) as unknown as Type]);
    gate.reject(new Error('migrations are missing'));
    const module = await Test.createTestingModule({ imports: [root] }).compile();
    await expect(module.init()).rejects.toThrow('migrations are missing');
    await quiet();
    expect(module.get(Worker).isRunning).toBe(false);
    expect(events).toEqual(['loading']);
    if (driver === 'redis') await noConnections();
  });

  it('starts with a server for HTTP, too', async () => {
    const root = rootOf([QueueModule.forRoot(options()), GlobalTenantsModule], []);
    const server = await NestFactory.create(root, { logger: false, abortOnError: false });
    app = server;
    const listening = server.listen(0, '127.0.0.1');
    await eventually(() => events.includes('loading'));
    await quiet();
    expect(server.get(Worker).isRunning).toBe(false);
    gate.resolve();
    await listening;
    await eventually(() => events.includes('job'));
  });
});

describe('a start that lasts long', () => {
  it('does not log the connection that the queue gives up meanwhile, and works after it', async () => {
    const lines: string[] = [];
    const keep = (line: string): void => void lines.push(line);
    const logger = { log: keep, warn: keep, error: keep };
    const given: QueueModuleOptions = { driver: 'redis', redis: { host: redis.host, port: redis.port }, logger };
    const root = rootOf([QueueModule.forRoot(given)], [Tenants]);
    const starting = NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
    await eventually(() => events.includes('loading'));
    await noConnections();
    gate.resolve();
    app = await starting;
    await eventually(() => events.includes('job'));
    expect(lines).toEqual([expect.stringContaining('Working queue default')]);
  });
});
