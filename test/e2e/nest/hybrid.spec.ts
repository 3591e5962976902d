import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  Controller,
  Get,
  Injectable,
  UseFilters,
  UseGuards,
  UseInterceptors,
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ClientProxyFactory, MessagePattern, Transport, type ClientProxy } from '@nestjs/microservices';
import { firstValueFrom, tap, type Observable } from 'rxjs';
import supertest from 'supertest';
import { Job, JobContext, QueueManager, type QueueModuleOptions } from 'nestjs-job-queue';
import { freePort } from '../../support/free-port.js';
import { buildQueueApp, initQueueApp, closeQueueApps } from './queue-app.js';

const seen: unknown[] = [];
let client: ClientProxy | undefined;

beforeEach(() => void seen.splice(0));
afterEach(async () => {
  client?.close();
  await closeQueueApps();
});

/** Notes what it is called for, in front of handlers of HTTP, of messages, and of jobs. */
@Injectable()
class NotingGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    seen.push(['guard', context.getType(), context.getClass(), context.getHandler().name]);
    return true;
  }
}

@Injectable()
class NotingInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const rpc = context.switchToRpc();
    seen.push(['interceptor', context.getType(), rpc.getData(), rpc.getContext() instanceof JobContext]);
    return next.handle().pipe(tap((value) => seen.push(['result', value])));
  }
}

class NotingFilter implements ExceptionFilter {
  catch(error: Error, host: ArgumentsHost): never {
    seen.push(['filter', host.getType(), error.message]);
    throw error;
  }
}

@Job()
@UseGuards(NotingGuard)
@UseInterceptors(NotingInterceptor)
@UseFilters(NotingFilter)
class SumJob {
  handle(numbers: number[]): number {
    if (numbers.length === 0) throw new Error('no numbers');
    return numbers.reduce((sum, number) => sum + number);
  }
}

@Controller()
class SumController {
  constructor(private readonly queue: QueueManager) {}

  @Get()
  ask(): string {
    return 'over HTTP';
  }

  @MessagePattern('sum')
  @UseInterceptors(NotingInterceptor)
  async sum(numbers: number[]): Promise<string> {
    if (numbers.length === 0) throw new Error('no numbers');
    return this.queue.push(SumJob, numbers);
  }
}

/** Starts an application for HTTP with a microservice beside it. */
async function startHybrid(options: QueueModuleOptions = {}) {
  const global = { provide: APP_GUARD, useClass: NotingGuard };
  const module = await buildQueueApp(
    { controllers: [SumController], providers: [SumJob, global] },
    { globalEnhancers: true, ...options },
  ).compile();
  const server = module.createNestApplication({ logger: false });
  const address = { host: '127.0.0.1', port: await freePort() };
  server.connectMicroservice({ transport: Transport.TCP, options: address }, { inheritAppConfig: true });
  const app = await initQueueApp(server);
  await server.startAllMicroservices();
  client = ClientProxyFactory.create({ transport: Transport.TCP, options: address });
  const ask = (numbers: number[]): Promise<unknown> => firstValueFrom(client!.send<unknown>('sum', numbers));
  return { app, http: supertest(server.getHttpServer() as Parameters<typeof supertest>[0]), ask };
}

test('jobs of an application with a microservice have the context of a job, and HTTP and messages have theirs', async () => {
  const { app, http, ask } = await startHybrid();

  const id = (await ask([1, 2])) as string;
  expect(seen.splice(0)).toEqual([
    ['guard', 'rpc', SumController, 'sum'],
    ['interceptor', 'rpc', [1, 2], false],
    ['result', id],
  ]);

  expect(await app.run(id)).toMatchObject({ status: 'completed' });
  expect(seen.splice(0)).toEqual([
    ['guard', 'queue', SumJob, 'handle'],
    ['guard', 'queue', SumJob, 'handle'],
    ['interceptor', 'queue', [1, 2], true],
    ['result', 3],
  ]);

  await http.get('/').expect(200, 'over HTTP');
  expect(seen.splice(0)).toEqual([['guard', 'http', SumController, 'ask']]);
});

test('an error of a job fails its attempt, and an error of a message handler goes to its client as Nest has it', async () => {
  const { app, ask } = await startHybrid();

  await expect(ask([])).rejects.toEqual({ status: 'error', message: 'Internal server error' });
  const id = await app.queue.push(SumJob, []);
  expect(await app.run(id)).toMatchObject({ status: 'failed', error: 'no numbers' });
  expect(seen).toContainEqual(['filter', 'queue', 'no numbers']);
  expect(seen).not.toContainEqual(['filter', 'rpc', 'no numbers']);
});
