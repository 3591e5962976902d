import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Child } from '../../support/child.js';
import { useRedis } from '../../support/use-redis.js';
import { startCommand } from './command.js';
import { BrokenJob, GreetJob } from './fixture/jobs.js';
import { useProducer } from './producer.js';
import { createProject, type Project } from './project.js';

const BUILD_MS = 120_000;

// Each test starts a process that loads all of Nest.
jest.setTimeout(60_000);

describe('queue-worker', () => {
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

  const start = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Child =>
    (child = startCommand(project, args, redis, env));

  test('works queues in the order given', async () => {
    const second = await producer.queue.push(GreetJob, 'Bob', 'low');
    const first = await producer.queue.push(GreetJob, 'Ann', 'high');

    const worker = start(['high', 'low', '--json', '--concurrency', '1', '--stop-when-empty']);

    await worker.endsWith(0);
    const ids = worker.lines.map((line) => (JSON.parse(line) as { id?: string }).id).filter(Boolean);
    expect(ids).toEqual([first, second]);
  });

  test('ends at --max-jobs', async () => {
    await producer.queue.pushMany(GreetJob, ['Ann', 'Bob', 'Cid']);

    const worker = start(['--max-jobs', '2']);

    await worker.endsWith(0);
    expect(worker.lines.at(-1)).toContain('Stopped (--max-jobs is reached): 2 attempts');
    expect(await producer.queue.counts()).toMatchObject({ ready: 1, reserved: 0 });
  });

  test('ends at --max-time', async () => {
    const worker = start(['--max-time', '0.1', '--json']);

    await worker.endsWith(0);
    expect(JSON.parse(worker.lines.at(-1)!)).toMatchObject({ event: 'stopped', reason: 'max-time', attempts: 0 });
  });

  test('ends above --memory', async () => {
    const worker = start(['--memory', '1', '--json']);

    await worker.endsWith(0);
    expect(JSON.parse(worker.lines.at(-1)!)).toMatchObject({ event: 'stopped', reason: 'max-memory' });
  });

  test('fails a job after the attempts that --tries allows', async () => {
    const id = await producer.queue.push(BrokenJob, 'no way');

    const worker = start(['--tries', '2', '--stop-when-empty']);

    await worker.endsWith(0);
    expect(await producer.queue.getJobStatus(id)).toMatchObject({ status: 'failed', attempt: 2 });
  });

  test('reads .env before it loads the application, and keeps variables that are set', async () => {
    await project.write('.env', 'QUEUE_DEFAULT=letters\nREDIS_PORT=1\n');
    await producer.queue.push(GreetJob, 'Ann', 'letters');
    try {
      const worker = start(['--stop-when-empty']);

      await worker.endsWith(0);
      expect(worker.stdout).toContain('Hello Ann\n');
    } finally {
      await project.write('.env', '');
    }
  });

  test('reads the file of --env-file', async () => {
    await project.write('worker.env', 'QUEUE_DEFAULT=letters\n');

    const worker = start(['--env-file', 'worker.env', '--stop-when-empty']);

    await worker.endsWith(0);
    expect(worker.lines[0]).toContain('Working queue letters of AppModule');
  });

  test('warns once about a queue that a job class names and that it does not work', async () => {
    const worker = start(['default', 'letters', '--stop-when-empty']);

    await worker.endsWith(0);
    const warning = /WARN {2}\[queue-worker\] Queue archive is named by job classes but not worked here/g;
    expect(worker.stderr.match(warning)).toHaveLength(1);
  });

  test('works the default queue alone without names, and says so if job classes name others', async () => {
    const archived = await producer.queue.push(GreetJob, 'Ann', 'archive');
    const worker = start(['--stop-when-empty']);

    await worker.endsWith(0);
    expect(worker.lines[0]).toContain('Working queue default of AppModule');
    expect(worker.stderr).toContain('Without names queue-worker works the default queue alone, default;');
    expect(await producer.queue.getJobStatus(archived)).toMatchObject({ status: 'queued' });
  });

  test('works every queue that a job class names with --all', async () => {
    await producer.queue.push(GreetJob, 'Ann', 'archive');
    await producer.queue.push(GreetJob, 'Bob');
    const worker = start(['--all', '--stop-when-empty']);

    await worker.endsWith(0);
    expect(worker.lines[0]).toContain('Working queues default, archive of AppModule');
    expect(worker.stdout).toContain('Hello Ann\n');
    expect(worker.stdout).toContain('Hello Bob\n');
    expect(worker.stderr).toBe('');
  });

  test('warns of a misspelt queue, also with --json', async () => {
    const worker = start(['archvie', '--json', '--stop-when-empty']);

    await worker.endsWith(0);
    expect(worker.stderr).toContain('WARN  [queue-worker] No job class names the queue archvie');
    expect(worker.stderr).toContain('did you mean archive?');
  });

  test('gives no such warning if it works every queue that a job class names', async () => {
    const worker = start(['default', 'archive', '--stop-when-empty']);

    await worker.endsWith(0);
    expect(worker.lines[0]).toContain('Working queues default, archive of AppModule');
    expect(worker.stderr).not.toContain('not worked here');
  });

  test('warns that the array driver gets no jobs of other processes', async () => {
    const worker = start(['--stop-when-empty'], { QUEUE_DRIVER: 'array' });

    await worker.endsWith(0);
    expect(worker.stderr).toContain('WARN  [queue-worker] The application uses the "array" driver');
  });
});
