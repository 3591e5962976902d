import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { SHUTDOWN_SIGNALS } from '../../../lib/support/shutdown-signal.js';
import type { Child } from '../../support/child.js';
import { useRedis } from '../../support/use-redis.js';
import { startCommand } from './command.js';
import { HoldJob } from './fixture/jobs.js';
import { useProducer } from './producer.js';
import { createProject, type Project } from './project.js';

const BUILD_MS = 120_000;

// Each test starts a process that loads all of Nest.
jest.setTimeout(60_000);

describe('queue-worker and signals', () => {
  const redis = useRedis();
  const producer = useProducer(redis);
  let project: Project;
  let child: Child | undefined;

  beforeAll(async () => {
    project = await createProject('es6');
  }, BUILD_MS);
  afterEach(async () => {
    await child?.stop();
  });
  afterAll(async () => {
    await project.remove();
  });

  /** Starts a worker with a running job that ends when the process gets a line of input. */
  const startHolding = async (args: readonly string[] = []): Promise<{ worker: Child; id: string }> => {
    const id = await producer.queue.push(HoldJob, null);
    const worker = startCommand(project, args, redis);
    child = worker;
    await worker.prints(new RegExp(`holding ${id}`), 'stderr');
    return { worker, id };
  };

  // Only Windows has SIGBREAK.
  const signals = SHUTDOWN_SIGNALS.filter((signal) => signal !== 'SIGBREAK');

  test.each(signals)('waits for the running job on %s, and takes no other', async (signal) => {
    const { worker, id } = await startHolding();

    worker.kill(signal);
    await worker.prints(new RegExp(`${signal}: taking no more jobs`));
    const waiting = await producer.queue.push(HoldJob, null);
    worker.input('\n');

    await worker.endsWith(0);
    expect(worker.lines.at(-1)).toMatch(new RegExp(`Stopped \\(on ${signal}\\): 1 attempt in .*: 1 completed$`));
    expect(await producer.queue.getJobStatus(id)).toMatchObject({ status: 'completed' });
    expect(await producer.queue.getJobStatus(waiting)).toMatchObject({ status: 'queued', attempt: 0 });
  });

  test.each(signals)('requeues the running job on %s if another signal came before', async (signal) => {
    const { worker, id } = await startHolding();

    worker.kill(signal === 'SIGTERM' ? 'SIGINT' : 'SIGTERM');
    await worker.prints(/taking no more jobs/);
    worker.kill(signal);

    await worker.endsWith(0);
    expect(await redis.client.lrange('queue:default', 0, -1)).toEqual([id]);
    expect(await redis.client.exists('queue:default:consumers', 'queue:default:attempts')).toBe(0);
  });

  test('requeues the running job on the second signal, without counting the attempt', async () => {
    const { worker, id } = await startHolding(['--json']);

    worker.kill('SIGTERM');
    await worker.prints(/"event":"stopping"/);
    worker.kill('SIGTERM');

    await worker.endsWith(0);
    expect(JSON.parse(worker.lines.at(-2)!)).toMatchObject({ event: 'job', id, outcome: 'requeued' });
    expect(JSON.parse(worker.lines.at(-1)!)).toMatchObject({ event: 'stopped', reason: 'stopped', signal: 'SIGTERM' });
    expect(await redis.client.lrange('queue:default', 0, -1)).toEqual([id]);
    expect(await producer.queue.counts()).toMatchObject({ ready: 1, reserved: 0 });
  });

  test('requeues the running job after --shutdown-timeout', async () => {
    const { worker, id } = await startHolding(['--shutdown-timeout', '0.05']);

    worker.kill('SIGTERM');

    await worker.endsWith(0);
    expect(await redis.client.lrange('queue:default', 0, -1)).toEqual([id]);
  });

  test('ends at once on the third signal', async () => {
    const { worker, id } = await startHolding();

    worker.kill('SIGTERM');
    await worker.prints(/SIGTERM: taking no more jobs/);
    worker.kill('SIGTERM');
    worker.kill('SIGINT');

    await worker.endsWith(1);
    expect(worker.stdout).not.toContain(id);
  });

  test('ends at once on a signal while the application boots', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const worker = startCommand(project, [], redis, { REDIS_PORT: String(port) });
    child = worker;
    const [connection] = (await once(silent, 'connection')) as [Socket];

    worker.kill('SIGTERM');

    await worker.endsWith(0);
    expect(worker.stdout).toBe('');
    connection.destroy();
    silent.close();
  });

  test('ends in order after its terminal was closed, so that nothing can be written any more', async () => {
    const { worker, id } = await startHolding();

    worker.closeOutput();
    worker.closeErrors();
    worker.kill('SIGHUP');
    worker.input('\n');

    await worker.endsWith(0);
    expect(await producer.queue.getJobStatus(id)).toMatchObject({ status: 'completed' });
    expect(await redis.client.exists('queue:default:consumers')).toBe(0);
  });

  test('keeps working after the reader of its output has gone', async () => {
    const { worker, id } = await startHolding();

    worker.closeOutput();
    worker.input('\n');
    const next = await producer.queue.push(HoldJob, null);
    await worker.prints(new RegExp(`holding ${next}`), 'stderr');
    worker.kill('SIGTERM');
    worker.input('\n');

    await worker.endsWith(0);
    expect(await producer.queue.getJobStatus(id)).toMatchObject({ status: 'completed' });
  });
});
