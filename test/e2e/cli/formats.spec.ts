import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Child } from '../../support/child.js';
import { useRedis } from '../../support/use-redis.js';
import { startCommand } from './command.js';
import { BrokenJob, GreetJob } from './fixture/jobs.js';
import { useProducer } from './producer.js';
import { createProject, type ModuleFormat, type Project } from './project.js';

const BUILD_MS = 120_000;

// Each test starts a process that loads all of Nest.
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
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}Working queue default of AppModule on redis.*, 10 jobs at once; pid \d+/,
    );
    const time = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`;
    expect(worker.stdout).toMatch(new RegExp(`^${time}  GreetJob {12}  ${id}  #1   completed +\\d+ ms$`, 'm'));
    expect(worker.stdout).toMatch(
      new RegExp(`^${time}  BrokenJob {11}  ${broken}  #1   retrying  +\\d+ ms  no \\[2J way$`, 'm'),
    );
    expect(worker.stdout).toMatch(
      new RegExp(`^${time}  BrokenJob {11}  ${broken}  #2   failed    +\\d+ ms  no \\[2J way$`, 'm'),
    );
    const [, totals] = /Stopped \(the queues are empty\): 3 attempts in [\d.]+ m?s: (.*)$/.exec(worker.lines.at(-1)!)!;
    // The two jobs run at the same time, so the order of their outcomes is open.
    expect(totals!.split(', ').sort()).toEqual(['1 completed', '1 failed', '1 retrying']);
    expect(await producer.queue.getJobStatus(id)).toMatchObject({ status: 'completed' });
  });

  test('prints only JSON lines on stdout with --json', async () => {
    const id = await producer.queue.push(GreetJob, 'Ann', 'letters');
    const broken = await producer.queue.push(BrokenJob, 'no way', { maxTries: 1, queue: 'letters' });

    const worker = start(['letters', '--json', '--stop-when-empty', '--concurrency', '1']);

    await worker.endsWith(0);
    expect(worker.lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({
        event: 'started',
        module: 'AppModule',
        driver: 'redis',
        queues: ['letters'],
        notWorked: ['archive'],
        concurrency: 1,
      }),
      {
        event: 'job',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        queue: 'letters',
        name: 'GreetJob',
        id,
        attempt: 1,
        outcome: 'completed',
        duration: expect.any(Number),
        wait: expect.any(Number),
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
    expect(worker.stderr).not.toContain('not worked here');
  });

  test('prints only errors with --quiet', async () => {
    await producer.queue.push(BrokenJob, 'no way', { maxTries: 2 });

    const worker = start(['--quiet', '--stop-when-empty']);

    await worker.endsWith(0);
    expect(worker.stdout).toBe('');
    expect(worker.stderr).toMatch(
      /^\S+ \S+ {2}ERROR \[Queue\] BrokenJob .* failed for good: no way\nError: no way\n {4}at /,
    );
  });
});
