import { describe, expect, it } from '@jest/globals';
import { QueueBoardModule, type QueueBoardOptions } from 'nestjs-job-queue/board';
import { readRequest, type HttpRequest } from '../../../lib/board/http.js';
import { readNewJobOptions } from '../../../lib/board/new-job-options.js';
import { isForged } from '../../../lib/board/own-requests.js';
import { findRoute, routesOf } from '../../../lib/board/routes.js';

describe('a request to a board', () => {
  const read = (originalUrl: string, route: Partial<HttpRequest>) =>
    readRequest({ method: 'GET', originalUrl, headers: {}, query: {}, body: undefined, ...route });

  it.each([
    ['/queues', { route: { path: '/queues' } }, '/queues/', []],
    ['/queues/', { route: { path: '/queues' } }, '/queues/', []],
    ['/queues/api/queues?a=/b', { route: { path: '/queues/*path' } }, '/queues/', ['api', 'queues']],
    ['/QUEUES/a%2Fb', { route: { path: '/queues/*path' } }, '/QUEUES/', ['a/b']],
    ['/x/v1/queues/a', { baseUrl: '/x', route: { path: '/v1/queues/*path' } }, '/x/v1/queues/', ['a']],
    ['/v1/queues/a/', { routeOptions: { url: '/v1/queues/*' } }, '/v1/queues/', ['a']],
    ['/queues//a', { routeOptions: { url: '/queues/*' } }, '/queues/', ['', 'a']],
  ])('%s is read by its route', (url, route, base, parts) => {
    expect(read(url, route)).toMatchObject({ base, parts });
  });

  it('whose path is no text is none', () => {
    expect(read('/queues/%E0%A4', { routeOptions: { url: '/queues/*' } })).toBeUndefined();
  });

  it.each([
    ['GET', { 'sec-fetch-site': 'cross-site' }, false],
    ['PUT', { 'sec-fetch-site': 'cross-site' }, true],
    ['PUT', { 'sec-fetch-site': 'same-site' }, true],
    ['PUT', { 'sec-fetch-site': 'same-origin' }, false],
    ['PUT', {}, false],
    ['POST', { 'content-type': 'text/plain' }, true],
    ['POST', {}, true],
    ['POST', { 'content-type': 'application/json; charset=utf-8' }, false],
  ])('%s with %j: forged %s', (method, headers, expected) => {
    expect(isForged({ method, headers })).toBe(expected);
  });

  it('finds the first route that fits, whatever its parts are called', () => {
    const routes = [
      ...routesOf('get', ['/', '/a/:id/x'], 1),
      ...routesOf(['get', 'put'], '/a/b/:id', 2),
      ...routesOf('get', '/a/:one/:two', 3),
    ];
    expect(findRoute(routes, 'get', [])).toEqual({ handler: 1, params: {} });
    expect(findRoute(routes, 'get', ['a', 'b', 'x'])).toEqual({ handler: 1, params: { id: 'b' } });
    expect(findRoute(routes, 'put', ['a', 'b', '__proto__'])?.params).toEqual({ id: '__proto__' });
    expect(findRoute(routes, 'get', ['a', '', 'c'])).toEqual({ handler: 3, params: { one: '', two: 'c' } });
    expect(findRoute(routes, 'put', ['a', 'c', 'd'])).toBeUndefined();
  });
});

describe('the options of a board', () => {
  it.each<[QueueBoardOptions, string]>([
    [{ path: '' }, 'board.path'],
    [{ path: '/' }, 'board.path'],
    [{ path: 'a/:id' }, 'board.path'],
    [{ path: 'a//b' }, 'board.path'],
    [{ path: '*' }, 'board.path'],
    [{ guards: true as never }, 'board.guards'],
    [{ guards: ['AdminGuard'] as never }, 'board.guards'],
    [{ imports: {} as never }, 'board.imports'],
    [{ title: ' ' }, 'board.title'],
    [{ guard: [] } as never, 'board.guard'],
  ])('%j is refused', (options, option) => {
    expect(() => QueueBoardModule.forRoot(options)).toThrow(expect.objectContaining({ option }));
  });
});

describe('the options of a job that a user adds', () => {
  it('are those of bull-board and of a push', () => {
    const given = {
      delay: 1_500,
      attempts: 4,
      group: { id: 'g' },
      priority: 2,
      state: 'failed',
      tags: ['a'],
      backoff: null,
    };
    expect(readNewJobOptions(given)).toEqual({ delay: 1.5, maxTries: 4, group: 'g', priority: 2, tags: ['a'] });
    expect(() => readNewJobOptions({ removeOnFail: true })).toThrow(
      expect.objectContaining({ option: 'options.removeOnFail' }),
    );
    expect(() => readNewJobOptions({ id: 'a' })).toThrow(/one of delay, attempts/);
  });
});
