import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { QueueConnectionError } from '../../../../lib/queue.errors.js';
import { RedisDrivers } from '../../../support/redis-drivers.js';
import { startRedisTls, type TestRedisTls } from '../../../support/redis-tls.js';
import { expectJourney } from './journey.js';

describe('a server with TLS', () => {
  const drivers = new RedisDrivers();
  let server: TestRedisTls;

  beforeAll(async () => {
    server = await startRedisTls();
  }, 120_000);
  afterAll(() => server.stop());

  it('is reached by a rediss:// URL', async () => {
    const driver = await drivers.connect({ redis: { url: server.tlsUrl, tls: { ca: server.ca } } });
    await expectJourney(driver);
  });

  it('is reached by host and port', async () => {
    const redis = { host: 'localhost', port: server.tlsPort, tls: { ca: server.ca } };
    const driver = await drivers.connect({ redis });
    await expectJourney(driver, 'by-host');
    const listener = driver.listen(['by-host']);
    const waiting = listener.wait(60_000);
    await driver.push('by-host', [{ id: 'b', body: 'b', delay: 0 }], false);
    expect(await waiting).toBe('by-host');
  });

  it('is refused with the reason if its certificate is not trusted', async () => {
    const driver = drivers.create({ redis: { url: server.tlsUrl, connectDeadline: 0.5 } });
    const failure = driver.connect();
    await expect(failure).rejects.toBeInstanceOf(QueueConnectionError);
    await expect(failure).rejects.toThrow(
      `Redis at 127.0.0.1:${server.tlsPort} cannot be reached within 0.5 s (self-signed certificate)`,
    );
  });

  it('is not reached without TLS', async () => {
    const driver = drivers.create({ redis: { host: server.host, port: server.tlsPort, connectDeadline: 0.5 } });
    await expect(driver.connect()).rejects.toBeInstanceOf(QueueConnectionError);
  });

  it('is given up at the deadline if the TLS options are wrong', async () => {
    const driver = drivers.create({
      redis: { url: server.tlsUrl, tls: { cert: 'no certificate', key: 'no key' }, connectDeadline: 1 },
    });
    await expect(driver.connect()).rejects.toThrow(/cannot be reached within 1 s \(.*PEM/);
  });
});
