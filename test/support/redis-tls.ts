import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import { makeDir, startServer, type TestRedis } from './redis-server.js';
import { selfSignedCertificate } from './self-signed-certificate.js';

export interface TestRedisTls extends TestRedis {
  readonly tlsPort: number;
  /** The `rediss://` URL of the TLS port. */
  readonly tlsUrl: string;
  /** The certificate of the server. A client has to trust it to connect. */
  readonly ca: string;
}

/** Starts a server with a plain `port` and a `tlsPort`, and makes a certificate for it. */
export async function startRedisTls(): Promise<TestRedisTls> {
  const [port, tlsPort, dir] = await Promise.all([freePort(), freePort(), makeDir()]);
  const { certificate, key } = selfSignedCertificate();
  await writeFile(join(dir, 'server.crt'), certificate);
  await writeFile(join(dir, 'server.key'), key, { mode: 0o600 });
  const plain = ['--port', String(port), '--bind', '127.0.0.1', '--save', '3600 1000000', '--appendonly', 'no'];
  const tls = ['--tls-port', String(tlsPort), '--tls-auth-clients', 'no'];
  const files = ['--tls-cert-file', 'server.crt', '--tls-key-file', 'server.key', '--tls-ca-cert-file', 'server.crt'];
  const server = await startServer(port, dir, [...plain, ...tls, ...files]);
  return Object.defineProperties(server, {
    tlsPort: { value: tlsPort, enumerable: true },
    tlsUrl: { value: `rediss://127.0.0.1:${tlsPort}`, enumerable: true },
    ca: { value: certificate, enumerable: true },
  }) as TestRedisTls;
}
