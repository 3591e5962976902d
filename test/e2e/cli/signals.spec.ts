import { describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { COMMAND_SIGNALS } from '../../../lib/support/shutdown-signal.js';
import { BlockJob, HoldJob } from './fixture/jobs.js';
import { useWorkers } from './workers.js';

describe('queue-worker and signals', () => {
  const workers = useWorkers();
  const statusOf = (id: string) => workers.queue.getJobStatus(id);
  const readyIds = () => workers.redis.client.lrange('queue:default', 0, -1);

  test('waits for the running jobs on SIGTERM, and takes no other, although one of them blocks the event loop', async () => {
    const end = join(workers.project.folder, 'end-of-block');
    const { worker, id } = await workers.startHolding(['--concurrency', '2']);
    const blocking = await workers.queue.push(BlockJob, end);
    await worker.prints(/blocking/, 'stderr');

    const waiting = await workers.queue.push(HoldJob, null);
    worker.kill('SIGTERM');
    await workers.project.write('end-of-block', '');
    await worker.prints(/SIGTERM: taking no more jobs/);
    worker.input('\n');

    await worker.endsWith(0);
    expect(worker.lines.at(-1)).toMatch(/Stopped \(on SIGTERM\): 2 attempts in .*: 2 completed$/);
    for (const each of [id, blocking]) expect(await statusOf(each)).toMatchObject({ status: 'completed' });
    expect(await statusOf(waiting)).toMatchObject({ status: 'queued', attempt: 0 });
  });

  // Only Windows has SIGBREAK.
  const signals = COMMAND_SIGNALS.filter((signal) => signal !== 'SIGBREAK' && signal !== 'SIGTERM');
  /** Each signal comes first once, and comes as the second one once. */
  const pairs = signals.map((signal, index) => [signal, signals[(index + 1) % signals.length]!] as const);

  test.each([['SIGTERM', 'SIGTERM'] as const, ...pairs])(
    'takes no more jobs on %s, and requeues the running job on %s after it, without counting the attempt',
    async (first, second) => {
      const { worker, id } = await workers.startHolding(['--json']);

      worker.kill(first);
      await worker.prints(/"event":"stopping"/);
      worker.kill(second);

      await worker.endsWith(0);
      const [job, stopped] = worker.lines.slice(-2).map((line) => JSON.parse(line) as unknown);
      expect(job).toMatchObject({ event: 'job', id, outcome: 'requeued' });
      expect(stopped).toMatchObject({ event: 'stopped', reason: 'stopped', signal: first });
      expect(await readyIds()).toEqual([id]);
      expect(await workers.redis.client.exists('queue:default:consumers', 'queue:default:attempts')).toBe(0);
      expect(await workers.queue.counts()).toMatchObject({ ready: 1, reserved: 0 });
    },
  );

  test('requeues the running job after --shutdown-timeout', async () => {
    const { worker, id } = await workers.startHolding(['--shutdown-timeout', '0.05']);

    worker.kill('SIGTERM');

    await worker.endsWith(0);
    expect(await readyIds()).toEqual([id]);
  });

  test('ends at once on the third signal', async () => {
    const { worker, id } = await workers.startHolding();

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
    const worker = workers.start([], { REDIS_PORT: String(port) });
    const [connection] = (await once(silent, 'connection')) as [Socket];

    worker.kill('SIGTERM');

    await worker.endsWith(0);
    expect(worker.stdout).toBe('');
    connection.destroy();
    silent.close();
  });

  test('keeps working after the reader of its output has gone, and ends in order after its terminal was closed', async () => {
    const { worker, id } = await workers.startHolding();

    worker.closeOutput();
    worker.input('\n');
    const next = await workers.queue.push(HoldJob, null);
    await worker.prints(new RegExp(`holding ${next}`), 'stderr');
    worker.closeErrors();
    worker.kill('SIGHUP');
    worker.input('\n');

    await worker.endsWith(0);
    for (const each of [id, next]) expect(await statusOf(each)).toMatchObject({ status: 'completed' });
    expect(await workers.redis.client.exists('queue:default:consumers')).toBe(0);
  });
});
