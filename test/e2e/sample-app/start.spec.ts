import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import request from 'supertest';
import { builtSample } from '../../support/built-package.js';
import { Child } from '../../support/child.js';
import { eventually } from '../../support/eventually.js';
import { useRedis } from '../../support/use-redis.js';
import { redisVariables } from '../cli/command.js';
import { LivePage } from './live-page.js';
import { startSample, type Sample } from './sample.js';

const BUILD_MS = 120_000;

// Each test starts a process that loads all of Nest.
jest.setTimeout(60_000);

describe('the built sample application', () => {
  const redis = useRedis();
  let project: string;
  let outbox: string;
  let child: Child | undefined;
  let sample: Sample | undefined;

  beforeAll(async () => {
    project = await builtSample();
    outbox = await mkdtemp(join(tmpdir(), 'nestjs-job-queue-outbox-'));
  }, BUILD_MS);
  afterEach(async () => {
    await child?.stop();
    await sample?.close();
    sample = undefined;
  });
  afterAll(async () => {
    await rm(outbox, { recursive: true });
  });

  const start = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Child =>
    (child = new Child(args, { cwd: project, env: { PATH: process.env['PATH'], OUTBOX: outbox, ...env } }));

  test('starts without Redis, and prints requests that work', async () => {
    const app = start(['sample-app/dist/main.js'], { PORT: '0' });
    const [, url, type, body] = await app.prints(/^ {2}curl -s (http:\S+\/emails) -H '([^']+)' -d '([^']+)'$/m);

    const [header, value] = type!.split(': ');
    const response = await fetch(url!, { method: 'POST', headers: { [header!]: value! }, body });

    expect(response.status).toBe(202);
    const { id } = (await response.json()) as { id: string };
    await app.prints(new RegExp(`E-mail to ann@example\\.com: .*${id}\\.eml`));
    expect(await readFile(join(outbox, `${id}.eml`), 'utf8')).toContain('Subject: Hello\r\n');
    expect(app.stderr).toBe('');

    app.kill('SIGTERM');
    await app.exited;
  });

  test('calls a merchant who answers 429 until the merchant has got all orders', async () => {
    const app = start(['sample-app/dist/main.js'], { PORT: '0' });
    const [, url] = await app.prints(/^The sample application is at (http:\S+)$/m);
    for (let total = 1; total <= 5; total++) {
      const response = await fetch(`${url}/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ merchant: 'acme', total }),
      });
      expect(response.status).toBe(202);
    }

    const report = await eventually(
      async () => {
        const merchant = (await (await fetch(`${url}/merchants/acme`)).json()) as { orders: number; refused: number };
        expect(merchant.orders).toBe(5);
        return merchant;
      },
      { timeout: 15_000 },
    );
    expect(report.refused).toBeGreaterThanOrEqual(1);
    expect(app.stderr).toBe('');
  });

  test('prints one line with the reason if it cannot start', async () => {
    const app = start(['sample-app/dist/main.js'], { PORT: '0', QUEUE_DRIVER: 'paper' });

    await app.endsWith(1);

    expect(app.stderr).toBe(
      'The sample application could not start: Option "QUEUE_DRIVER": expected "redis" or "array", got "paper"\n',
    );
  });

  test('shows how the jobs of a killed worker process come back', async () => {
    const app = start(['sample-app/dist/main.js'], { ...redisVariables(redis), PORT: '0', QUEUE_WORKER: 'off' });
    const [, url] = await app.prints(/^The sample application is at (http:\S+)$/m);
    const page = await LivePage.open(url!);
    const call = async (method: string, path: string, body?: object): Promise<unknown> => {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${url}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
      return response.json();
    };
    const { pid: killed } = (await call('POST', '/live/workers')) as { pid: number };
    await page.sees(({ workers }) => workers.some((worker) => worker.pid === killed && worker.isChild));
    await call('POST', '/parcels', { count: 300 });
    await page.hears('completed');
    expect(await call('DELETE', '/live/workers')).toEqual({ pid: killed });

    const { pid: other } = (await call('POST', '/live/workers')) as { pid: number };
    await page.hears('recovered');
    await page.sees(({ queues }) => {
      const parcels = queues.find(({ name }) => name === 'parcels');
      return parcels?.ready === 0 && parcels.reserved === 0 && parcels.delayed === 0 && parcels.failed === 0;
    });
    page.close();

    app.kill('SIGTERM');
    await app.exited;
    await eventually(() => !isRunning(other));
  });

  test('leaves its e-mails to a worker process', async () => {
    const web = await startSample({ driver: 'redis', redis: { url: redis.url }, worker: false });
    sample = web;
    const email = { to: 'ann@example.com', subject: 'Hello', body: 'It works.' };
    const { body } = await request(web.server).post('/emails').send(email).expect(202);
    const options = ['--module', 'sample-app/dist/app.module.js', '--stop-when-empty'];

    const worker = start(['dist/cli/main.js', ...options, 'emails'], redisVariables(redis));

    await worker.prints(new RegExp(` {2}SendEmailJob +${body.id} {2}#1 +completed`));
    await worker.endsWith(0);
    await eventually(async () => expect(await web.status(body.id)).toMatchObject({ status: 'completed' }));
    expect(await readFile(join(outbox, `${body.id}.eml`), 'utf8')).toContain('Subject: Hello\r\n');
  });
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
