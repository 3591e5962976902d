import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Child } from '../../support/child.js';
import { useRedis } from '../../support/use-redis.js';
import { startCommand } from './command.js';
import { BrokenJob, GreetJob } from './fixture/jobs.js';
import { useProducer } from './producer.js';
import { createProject, type ModuleFormat, type Project } from './project.js';

const BUILD_MS = 120_000;

// Each test starts a process of its own, which loads all of Nest.
jest.setTimeout(60_000);

describe.each<ModuleFormat>(['es6', 'commonjs'])('queue-worker in a project of the format %s', (format) => {
  const redis = useRedis();
  const producer = useProducer(redis);
  let project: Project;
  let child: Child | undefined;

  beforeAll(async () => {
    project = await createProject(format);
  }, BUILD_MS);
  afterEach(async () => {
    await child?.stop();
  });
  afterAll(async () => {
    await project.remove();
  });

  const start = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Child =>
    (child = startCommand(project, args, redis, env));

  test('works the default queue and prints a line for each attempt', async () => {
    const id = await producer.queue.push(GreetJob, 'Ann');
    const broken = await producer.queue.push(BrokenJob, 'no\u001B[2J\nway', { maxTries: 2 });

    const worker = start(['--stop-when-empty']);

    await worker.endsWith(0);
    expect(worker.stdout).toContain('Hello Ann\n');
    expect(worker.lines[0]).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}Working default of AppModule \(redis\), 10 at once/,
    );
    const time = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`;
    expect(worker.stdout).toMatch(new RegExp(`^${time}  GreetJob {12}  ${id}  #1   completed +\\d+ ms$`, 'm'));
    expect(worker.stdout).toMatch(
      new RegExp(`^${time}  BrokenJob {11}  ${broken}  #1   retrying  +\\d+ ms  no \\[2J way$`, 'm'),
    );
    expect(worker.stdout).toMatch(
      new RegExp(`^${time}  BrokenJob {11}  ${broken}  #2   failed    +\\d+ ms  no \\[2J way$`, 'm'),
    );
    expect(worker.lines.at(-1)).toMatch(
      /Stopped \(the queues are empty\): 3 attempts in [\d.]+ m?s: 1 completed, 1 retrying, 1 failed$/,
    );
    expect(await producer.queue.getJobStatus(id)).toMatchObject({ status: 'completed' });
  });

  test('prints JSON lines and nothing else with --json', async () => {
    const id = await producer.queue.push(GreetJob, 'Ann', 'letters');
    const broken = await producer.queue.push(BrokenJob, 'no way', { maxTries: 1, queue: 'letters' });

    const worker = start(['letters', '--json', '--stop-when-empty', '--concurrency', '1']);

    await worker.endsWith(0);
    expect(worker.lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({ event: 'started', module: 'AppModule', queues: ['letters'], concurrency: 1 }),
      {
        event: 'job',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        queue: 'letters',
        name: 'GreetJob',
        id,
        attempt: 1,
        outcome: 'completed',
        duration: expect.any(Number),
      },
      expect.objectContaining({ event: 'job', id: broken, outcome: 'failed', error: 'no way' }),
      expect.objectContaining({
        event: 'stopped',
        reason: 'empty',
        attempts: 2,
        outcomes: { completed: 1, failed: 1 },
      }),
    ]);
    expect(worker.stderr).toContain('Hello Ann\n');
  });

  test('prints errors only with --quiet', async () => {
    await producer.queue.push(BrokenJob, 'no way', { maxTries: 2 });

    const worker = start(['--quiet', '--stop-when-empty']);

    await worker.endsWith(0);
    expect(worker.stdout).toBe('');
    expect(worker.stderr).toMatch(
      /^\S+ \S+ {2}ERROR \[Queue\] BrokenJob .* failed for good: no way\nError: no way\n {4}at /,
    );
  });
});

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

  test('gives jobs as many tries as --tries says', async () => {
    const id = await producer.queue.push(BrokenJob, 'no way');

    const worker = start(['--tries', '2', '--stop-when-empty']);

    await worker.endsWith(0);
    expect(await producer.queue.getJobStatus(id)).toMatchObject({ status: 'failed', attempt: 2 });
  });

  test('reads .env before the application, and leaves what is set', async () => {
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
    expect(worker.lines[0]).toContain('Working letters of AppModule');
  });

  test('warns that the jobs of the array driver are its own', async () => {
    const worker = start(['--stop-when-empty'], { QUEUE_DRIVER: 'array' });

    await worker.endsWith(0);
    expect(worker.stderr).toContain('WARN  [queue-worker] The application uses the "array" driver');
  });
});
