import { afterEach, describe, expect, test } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync } from 'node:fs';
import { eventually } from '../../support/eventually.js';
import { redisVariables } from './command.js';
import { GreetJob, HoldJob } from './fixture/jobs.js';
import { useWorkers } from './workers.js';

/** Linux refuses each write to it, as to a full disk. */
const FULL_DISK = '/dev/full';

(existsSync(FULL_DISK) ? describe : describe.skip)('queue-worker on a full disk', () => {
  const workers = useWorkers();
  let child: ChildProcess | undefined;

  afterEach(() => {
    child?.kill('SIGKILL');
  });

  test.each([[[]], [['--json']], [['--quiet']]])('works jobs that write, and stops in order: %j', async (args) => {
    const full = openSync(FULL_DISK, 'w');
    const held = await workers.queue.push(HoldJob, null);
    const writes = await workers.queue.push(GreetJob, 'Ann');
    child = spawn(process.execPath, [workers.project.command, ...args], {
      cwd: workers.project.folder,
      env: { PATH: process.env['PATH'], ...redisVariables(workers.redis) },
      stdio: ['pipe', full, full],
    });
    const exit = once(child, 'exit');
    const statusOf = (id: string) => workers.queue.getJobStatus(id);

    const limit = { timeout: 30_000 };
    await eventually(async () => expect(await statusOf(writes)).toMatchObject({ status: 'completed' }), limit);
    await eventually(async () => expect(await statusOf(held)).toMatchObject({ status: 'processing' }), limit);
    child.kill('SIGTERM');
    child.stdin!.write('\n');

    expect(await exit).toEqual([0, null]);
    expect(await statusOf(held)).toMatchObject({ status: 'completed' });
  });
});
