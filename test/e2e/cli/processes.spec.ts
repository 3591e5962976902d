import { describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { freePort } from '../../support/free-port.js';
import { HoldJob } from './fixture/jobs.js';
import { useWorkers } from './workers.js';

describe('queue-worker --processes', () => {
  const workers = useWorkers();
  const pidsIn = (stdout: string): number[] =>
    [...stdout.matchAll(/"event":"started".*?"pid":(\d+)/g)].map((match) => Number(match[1]));
  const isRunning = (pid: number): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };

  test('starts a process again that has died, passes signals on, answers probes for all, and stops all', async () => {
    const port = await freePort();
    const worker = workers.start(['--processes', '2', '--json', '--health-port', String(port)]);
    const pids = await eventually(() => pidsIn(worker.stdout).length === 2 && pidsIn(worker.stdout), {
      timeout: 30_000,
    });
    const probe = await fetch(`http://127.0.0.1:${port}/ready`);
    expect([probe.status, await probe.json()]).toEqual([200, { status: 'up' }]);

    process.kill(pids[0]!, 'SIGKILL');
    await worker.prints(/Process \d+ has died \(SIGKILL\); another one starts in 1 s/, 'stderr');
    await eventually(() => pidsIn(worker.stdout).length === 3, { timeout: 30_000 });

    worker.kill('SIGUSR2');
    await eventually(() => worker.stdout.match(/"event":"paused"/g)?.length === 2);
    worker.kill('SIGCONT');
    await eventually(() => worker.stdout.match(/"event":"resumed"/g)?.length === 2);

    worker.kill('SIGTERM');
    await worker.endsWith(0);
    expect(worker.stdout.match(/"event":"stopped"/g)).toHaveLength(2);
    expect(pidsIn(worker.stdout).filter(isRunning)).toEqual([]);
  });

  test('ends its processes in order if it is killed itself', async () => {
    const worker = workers.start(['--processes', '2', '--json']);
    await eventually(() => pidsIn(worker.stdout).length === 2, { timeout: 30_000 });
    worker.kill('SIGKILL');
    await eventually(() => !pidsIn(worker.stdout).some(isRunning), { timeout: 20_000 });
    expect(await workers.redis.client.exists('queue:default:consumers')).toBe(0);
  });

  test('ends with the exit code of its processes if the application does not start', async () => {
    const worker = workers.start(['--processes', '2', '--module', 'dist/missing.js']);
    await worker.endsWith(1);
    expect(worker.stderr).not.toContain('has died');
  });

  test('ends when each process has found its queues empty', async () => {
    const worker = workers.start(['--processes', '2', '--stop-when-empty', '--json']);
    await worker.endsWith(0);
    expect(worker.stdout.match(/"event":"stopped"/g)).toHaveLength(2);
  });
});

describe('queue-worker and SIGUSR2', () => {
  const workers = useWorkers();

  test('starts no more jobs until SIGCONT, and lets the running job end', async () => {
    const { worker, id } = await workers.startHolding(['--concurrency', '2']);
    worker.kill('SIGUSR2');
    await worker.prints(/SIGUSR2: starting no more jobs/);
    const next = await workers.queue.push(HoldJob, null);
    worker.input('\n');
    await worker.prints(new RegExp(`${id} .*completed`));
    expect(await workers.queue.getJobStatus(next)).toMatchObject({ status: 'queued' });
    worker.kill('SIGCONT');
    await worker.prints(new RegExp(`holding ${next}`), 'stderr');
    worker.input('\n');
    await worker.prints(new RegExp(`${next} .*completed`));
    worker.kill('SIGTERM');
    await worker.endsWith(0);
  });
});
