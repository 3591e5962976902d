import { request } from 'node:http';
import { afterEach } from '@jest/globals';
import {
  type CanActivate,
  type ExecutionContext,
  type INestApplication,
  Injectable,
  type ModuleMetadata,
  UnauthorizedException,
} from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { Job, QueueManager, QueueModule, Worker, type JobContext, type QueueModuleOptions } from 'nestjs-job-queue';
import { QueueBoardModule, type QueueBoardOptions } from 'nestjs-job-queue/board';
import { deferred, type Deferred } from '../../support/deferred.js';

export const SERVERS = ['express', 'fastify'] as const;
export type ServerName = (typeof SERVERS)[number];

/** Lets requests in that have the header `x-admin`. */
@Injectable()
export class AdminGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string> }>();
    if (headers['x-admin'] === 'yes') return true;
    throw new UnauthorizedException();
  }
}

export interface Task {
  readonly of: string;
  readonly fails?: boolean;
  readonly hangs?: boolean;
}

/** What the jobs of a test wait for. */
export const held: Deferred<void>[] = [];

@Job({ queue: 'mail', keepResult: true })
export class TaskJob {
  async handle({ of, fails, hangs }: Task, job: JobContext): Promise<string> {
    await job.log(`began ${of}`);
    if (hangs) {
      const gate = deferred();
      held.push(gate);
      await gate.promise;
    }
    if (fails) throw new Error(`${of} is broken`);
    return `${of} is done`;
  }
}

export interface BoardAppOptions {
  readonly server?: ServerName;
  readonly board?: QueueBoardOptions;
  readonly queue?: QueueModuleOptions;
  readonly metadata?: ModuleMetadata;
  /** Is called before the application starts. */
  readonly before?: (app: INestApplication) => unknown;
}

const open = new Set<INestApplication>();

/** Closes the applications of each test. */
export function useBoardApps(): void {
  afterEach(closeBoardApps);
}

export async function closeBoardApps(): Promise<void> {
  for (const gate of held.splice(0)) gate.resolve();
  for (const app of open) await app.close();
  open.clear();
}

/** Starts an application with a board on a free port. Its worker is stopped: jobs run when the test lets them. */
export async function startBoardApp(options: BoardAppOptions = {}): Promise<BoardApp> {
  const { server = 'express', board = { guards: false }, queue = {}, metadata = {}, before } = options;
  const { imports = [], providers = [], ...others } = metadata;
  const defaults = { driver: 'array', logger: false, jobs: { maxTries: 1, retryDelay: 0 } } as const;
  const module = await Test.createTestingModule({
    imports: [QueueModule.forRoot({ ...defaults, ...queue }), QueueBoardModule.forRoot(board), ...imports],
    providers: [TaskJob, ...providers],
    ...others,
  }).compile();
  const app: INestApplication =
    server === 'fastify'
      ? module.createNestApplication<NestFastifyApplication>(new FastifyAdapter())
      : module.createNestApplication(new ExpressAdapter());
  open.add(app);
  await before?.(app);
  await app.listen(0, '127.0.0.1');
  await app.get(Worker).stop();
  return new BoardApp(app, await app.getUrl());
}

/** An application with a board, and a client of it. */
export class BoardApp {
  readonly queue: QueueManager;

  constructor(
    readonly app: INestApplication,
    readonly origin: string,
  ) {
    this.queue = app.get(QueueManager);
  }

  /** Runs the ready jobs. */
  async run(): Promise<void> {
    await this.app.get(Worker).runOnce();
  }

  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.origin + path, { redirect: 'manual', ...init });
  }

  async text(path: string): Promise<string> {
    return (await this.fetch(path)).text();
  }

  async json<T = Record<string, unknown>>(path: string, init?: RequestInit): Promise<T> {
    return (await (await this.fetch(path, init)).json()) as T;
  }

  /** Sends a request whose path no client has put in order. @returns the status */
  async statusOf(method: string, path: string): Promise<number> {
    const { hostname, port } = new URL(this.origin);
    const headers = ['POST', 'PUT', 'PATCH'].includes(method) ? { 'content-type': 'application/json' } : {};
    return new Promise((resolve, reject) => {
      const sent = request({ hostname, port, method, path, headers, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode!);
      });
      sent.on('error', reject);
      sent.end('content-type' in headers ? '{}' : undefined);
    });
  }

  /** Sends JSON. @returns the status */
  async send(method: string, path: string, body?: unknown): Promise<number> {
    const init =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    return (await this.fetch(path, { method, ...init })).status;
  }
}
