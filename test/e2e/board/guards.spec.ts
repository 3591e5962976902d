import { describe, expect, it } from '@jest/globals';
import { appRoutes } from '@bull-board/api/dist/routes.js';
import { Injectable, Module, type CanActivate, type INestApplication, VersioningType } from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import { QueueAdmin, QueueModule } from 'nestjs-job-queue';
import { QueueBoardModule } from 'nestjs-job-queue/board';
import { RecordingLogger } from '../../support/recording-logger.js';
import { AdminGuard, SERVERS, startBoardApp, TaskJob, useBoardApps } from './board-app.js';

/** Every route of bull-board, with a text in place of each parameter. */
const ROUTES = [...appRoutes.api, appRoutes.entryPoint].flatMap(({ method, route }) =>
  [route].flat().map((path) => [[method].flat()[0]!.toUpperCase(), path.replaceAll(/:\w+/g, 'mail')] as const),
);
const OWN = ['search', 'flows', 'flow', 'workers', 'job', 'cancel', 'priority', 'board.css', 'board.js', 'nothing'].map(
  (page) => `/pages/${page}`,
);
/** Paths that a router, a guard by its path, or a file server may read in another way. */
const ODD = [
  '/',
  '//',
  '//api/queues',
  '/api/queues/',
  '/api//queues',
  '/%61pi/queues',
  '/api%2Fqueues',
  '/api/%2e%2e/api/queues',
  '/API/QUEUES',
  '/api/queues;a=1',
  '/api/../api/queues',
  '/./api/queues',
  '/\\\\api/queues',
  '/api/queues?x=/static/',
  '/static/',
  '/static/images/logo.svg',
  '/%73tatic/images/logo.svg',
  '/static/..%2findex.ejs',
  '/static/%2e%2e%2f%2e%2e%2fpackage.json',
  '/static/locales/en-US/messages.json',
  '/a/b/c/d/e/f/g/h/i/j',
  '/.env',
];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

describe.each(SERVERS)('the guards of a board on %s', (server) => {
  useBoardApps();

  it('keep everybody out of every path below it that they do not let in', async () => {
    const app = await startBoardApp({ server, board: { guards: [AdminGuard] } });
    await app.queue.push(TaskJob, { of: 'a' }, { id: 'mail' });
    const requests = [
      ...ROUTES,
      ...[...OWN, ...ODD].flatMap((path) => METHODS.map((method) => [method, path] as const)),
    ];
    const open: string[] = [];
    for (const [method, path] of requests) {
      const status = await app.statusOf(method, `/queues${path === '/' ? '' : path}`);
      if (status !== 401) open.push(`${method} ${path}: ${status}`);
    }
    expect(open).toEqual([]);
    expect(requests.length).toBeGreaterThan(150);
    expect(await app.app.get(QueueAdmin).queue('mail')).toMatchObject({ paused: false, counts: { ready: 1 } });
    expect((await app.fetch('/queues', { headers: { 'x-admin': 'yes' } })).status).toBe(200);
  });

  it('may inject what modules export, and may be instances', async () => {
    @Injectable()
    class Doorman {
      readonly isOpen = false;
    }
    @Module({ providers: [Doorman], exports: [Doorman] })
    class DoorModule {}
    @Injectable()
    class DoorGuard implements CanActivate {
      constructor(private readonly doorman: Doorman) {}
      canActivate(): boolean {
        return this.doorman.isOpen;
      }
    }
    const app = await startBoardApp({ server, board: { imports: [DoorModule], guards: [DoorGuard] } });
    expect(await app.statusOf('GET', '/queues/api/queues')).toBe(403);
    const other = await startBoardApp({ server, board: { guards: [{ canActivate: () => false }] } });
    expect(await other.statusOf('GET', '/queues/api/queues')).toBe(403);
  });

  it('come behind the global ones, and hold below a global prefix', async () => {
    const metadata = { providers: [{ provide: APP_GUARD, useClass: AdminGuard }] };
    const before = (app: INestApplication): unknown => app.setGlobalPrefix('ops/v2');
    const app = await startBoardApp({ server, board: { path: '/admin/jobs/', guards: false }, metadata, before });
    for (const path of ['', '/', '/api/queues', '/static/images/logo.svg', '/pages/search']) {
      expect(await app.statusOf('GET', `/ops/v2/admin/jobs${path}`)).toBe(401);
    }
    const page = await app.fetch('/ops/v2/admin/jobs/queue/mail', { headers: { 'x-admin': 'yes' } });
    expect(await page.text()).toContain('<base href="/ops/v2/admin/jobs/" />');
    const list = await app.fetch('/ops/v2/admin/jobs/api/queues', { headers: { 'x-admin': 'yes' } });
    expect(list.status).toBe(200);
  });

  it('hold whatever the versions of the application are', async () => {
    const before = (app: INestApplication): unknown =>
      app.enableVersioning({ type: VersioningType.HEADER, header: 'x-version', defaultVersion: '7' });
    const app = await startBoardApp({ server, board: { guards: [AdminGuard] }, before });
    expect(await app.statusOf('GET', '/queues/api/queues')).toBe(401);
    expect((await app.fetch('/queues/api/queues', { headers: { 'x-admin': 'yes' } })).status).toBe(200);
  });

  it('of two boards are those of each', async () => {
    const metadata = { imports: [QueueBoardModule.forRoot({ path: 'open', guards: false, title: 'Open' })] };
    const app = await startBoardApp({ server, board: { path: 'closed', guards: [AdminGuard] }, metadata });
    expect(await app.statusOf('GET', '/closed/api/queues')).toBe(401);
    expect(await app.statusOf('GET', '/open/api/queues')).toBe(200);
    expect(await app.text('/open')).toContain('<title>Open</title>');
  });

  it('are not the only fence: a request that a page of another site could send is refused', async () => {
    const app = await startBoardApp({ server });
    await app.queue.push(TaskJob, { of: 'a' });
    const crossSite = { method: 'PUT', headers: { 'sec-fetch-site': 'cross-site' } };
    for (const path of ['api/queues/mail/pause', 'pages/cancel?id=a', 'pages/priority?id=a']) {
      expect((await app.fetch(`/queues/${path}`, crossSite)).status).toBe(403);
    }
    const form = {
      method: 'POST',
      body: 'name=TaskJob',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    };
    expect((await app.fetch('/queues/api/queues/mail/add', form)).status).toBe(403);
    expect(await app.app.get(QueueAdmin).queue('mail')).toMatchObject({ paused: false, counts: { ready: 1 } });
    const own = { method: 'PUT', headers: { 'sec-fetch-site': 'same-origin' } };
    expect((await app.fetch('/queues/api/queues/mail/pause', own)).status).toBe(200);
  });
});

describe('a board without guards', () => {
  const environment = process.env['NODE_ENV'];
  useBoardApps();

  async function start(
    environmentName: string,
    board: Parameters<typeof QueueBoardModule.forRoot>[0],
    logger: RecordingLogger,
  ) {
    process.env['NODE_ENV'] = environmentName;
    try {
      @Module({
        imports: [
          QueueModule.forRoot({ driver: 'array', logger, worker: { enabled: false } }),
          QueueBoardModule.forRoot(board),
        ],
      })
      class AppModule {}
      await (await NestFactory.create(AppModule, { logger: false, abortOnError: false })).close();
    } finally {
      process.env['NODE_ENV'] = environment;
    }
  }

  it('does not start in production, unless that is said', async () => {
    const logger = new RecordingLogger();
    const refusal = { code: 'ERR_INVALID_OPTION', option: 'board.guards' };
    await expect(start('production', {}, logger)).rejects.toMatchObject(refusal);
    await expect(start('production', { guards: [] }, logger)).rejects.toThrow(/guards in production/);
    await start('production', { guards: false }, logger);
    await start('production', { guards: [AdminGuard] }, logger);
    expect(logger.of('warn')).toEqual([]);
  });

  it('is warned of elsewhere', async () => {
    const logger = new RecordingLogger();
    await start('development', {}, logger);
    expect(logger.of('warn')).toEqual([expect.stringContaining('The board at /queues has no guards')]);
  });
});
