import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync } from 'node:fs';
import { eventually } from '../../support/eventually.js';
import { useRedis } from '../../support/use-redis.js';
import { redisVariables } from './command.js';
import { GreetJob, HoldJob } from './fixture/jobs.js';
import { useProducer } from './producer.js';
import { createProject, type Project } from './project.js';

const BUILD_MS = 120_000;
/** Linux refuses each write to it, as to a full disk. */
const FULL_DISK = '/dev/full';

// Each test starts a process that loads all of Nest.
jest.setTimeout(60_000);

(existsSync(FULL_DISK) ? describe : describe.skip)('queue-worker on a full disk', () => {
  const redis = useRedis();
  const producer = useProducer(redis);
  let project: Project;
  let child: ChildProcess | undefined;

  beforeAll(async () => {
    project = await createProject('es6');
  }, BUILD_MS);
  afterEach(() => {
    child?.kill('SIGKILL');
  });
  afterAll(async () => {
    await project.remove();
  });

  test.each([[[]], [['--json']], [['--quiet']]])('works jobs that write, and stops in order: %j', async (args) => {
    const full = openSync(FULL_DISK, 'w');
    const held = await producer.queue.push(HoldJob, null);
    const writes = await producer.queue.push(GreetJob, 'Ann');
    child = spawn(process.execPath, [project.command, ...args], {
      cwd: project.folder,
      env: { PATH: process.env['PATH'], ...redisVariables(redis) },
      stdio: ['pipe', full, full],
    });
    const exit = once(child, 'exit');
    const statusOf = (id: string) => producer.queue.getJobStatus(id);

    const limit = { timeout: 30_000 };
    await eventually(async () => expect(await statusOf(writes)).toMatchObject({ status: 'completed' }), limit);
    await eventually(async () => expect(await statusOf(held)).toMatchObject({ status: 'processing' }), limit);
    child.kill('SIGTERM');
    child.stdin!.write('\n');

    expect(await exit).toEqual([0, null]);
    expect(await statusOf(held)).toMatchObject({ status: 'completed' });
  });
});
