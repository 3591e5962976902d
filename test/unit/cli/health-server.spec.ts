import { afterEach, describe, expect, it } from '@jest/globals';
import { HealthServer } from '../../../lib/cli/health-server.js';
import { freePort } from '../../support/free-port.js';

describe('the server that answers probes', () => {
  const servers: HealthServer[] = [];
  const listen = async (port: number): Promise<HealthServer> => {
    const server = new HealthServer();
    servers.push(server);
    await server.listen(port);
    return server;
  };
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });
  const ask = async (port: number, path: string, method = 'GET') => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method });
    const text = await response.text();
    return [response.status, text === '' ? '' : (JSON.parse(text) as unknown)];
  };

  it('is alive, and not ready, while the application starts', async () => {
    const port = await freePort();
    await listen(port);
    expect(await ask(port, '/live')).toEqual([200, { status: 'up' }]);
    expect(await ask(port, '/ready')).toEqual([503, { status: 'down', message: 'The application is starting' }]);
  });

  it('answers 200 or 503 as the application says', async () => {
    const port = await freePort();
    const server = await listen(port);
    let [isAlive, status] = [true, 'up'];
    server.serve({ isAlive: () => isAlive, state: () => Promise.resolve({ status }) });
    expect(await ask(port, '/live?probe=1')).toEqual([200, { status: 'up' }]);
    expect(await ask(port, '/ready')).toEqual([200, { status: 'up' }]);
    [isAlive, status] = [false, 'down'];
    expect(await ask(port, '/live')).toEqual([503, { status: 'down' }]);
    expect(await ask(port, '/live', 'HEAD')).toEqual([503, '']);
    expect(await ask(port, '/ready')).toEqual([503, { status: 'down' }]);
  });

  it.each([
    ['/livez', '/live'],
    ['/healthz', '/live'],
    ['/health', '/live'],
    ['/', '/live'],
    ['/readyz', '/ready'],
  ])('answers %s as %s', async (path, other) => {
    const port = await freePort();
    const server = await listen(port);
    server.serve({ isAlive: () => true, state: () => Promise.resolve({ status: 'down' }) });
    expect(await ask(port, path)).toEqual(await ask(port, other));
  });

  it('refuses other paths and other methods', async () => {
    const port = await freePort();
    await listen(port);
    expect(await ask(port, '/metrics')).toEqual([404, { message: 'Known are /live and /ready' }]);
    expect(await ask(port, '/live', 'POST')).toEqual([405, { message: 'Ask with GET' }]);
  });

  it('names the port that it cannot open', async () => {
    const port = await freePort();
    await listen(port);
    await expect(listen(port)).rejects.toThrow(`--health-port ${port} cannot be opened: listen EADDRINUSE`);
  });
});
