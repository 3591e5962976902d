import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Child } from '../../support/child.js';
import { useRedis } from '../../support/use-redis.js';
import { startCommand } from './command.js';
import { type Crash, GreetJob, HoldJob, PoisonJob, SloppyJob } from './fixture/jobs.js';
import { useProducer } from './producer.js';
import { createProject, type Project } from './project.js';

const BUILD_MS = 120_000;

// Each test starts a process that loads all of Nest.
jest.setTimeout(60_000);

describe('queue-worker and an error that nobody catches', () => {
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

  const start = (args: readonly string[] = []): Child => (child = startCommand(project, args, redis));

  /** Starts a worker with a running job that does no wrong, and ends when the process gets a line of input. */
  const startHolding = async (args: readonly string[] = []): Promise<{ worker: Child; innocent: string }> => {
    const innocent = await producer.queue.push(HoldJob, null);
    const worker = start(args);
    await worker.prints(new RegExp(`holding ${innocent}`), 'stderr');
    return { worker, innocent };
  };

  test.each<[Crash, RegExp]>([
    ['a rejection', /Error: nobody catches this\n {4}at /],
    ['a rejection without an error', /The promise rejected with the reason "nobody catches this"/],
    ['a timer', /Error: nobody catches this\n {4}at /],
    ['a timer that throws a text', /Error: nobody catches this/],
    ['a timer that throws nothing', /A value that is no Error was thrown \(undefined\)/],
    ['an event', /Error: nobody catches this\n {4}at /],
  ])('ends with 1 after %s, and lets the job beside it end', async (crash, message) => {
    const { worker, innocent } = await startHolding();

    const sloppy = await producer.queue.push(SloppyJob, crash);
    await worker.prints(
      new RegExp(
        `FATAL \\[queue-worker\\] An error of job SloppyJob ${sloppy} \\(queue default, its code had ended\\)`,
      ),
      'stderr',
    );
    const waiting = await producer.queue.push(GreetJob, 'Ann');
    worker.input('\n');

    await worker.endsWith(1);
    expect(worker.stderr).toMatch(message);
    expect(worker.lines.at(-1)).toMatch(/Stopped \(on an error that was not caught\): 2 attempts in .*: 2 completed$/);
    expect(await producer.queue.getJobStatus(innocent)).toMatchObject({ status: 'completed' });
    expect(await producer.queue.getJobStatus(waiting)).toMatchObject({ status: 'queued', attempt: 0 });
  });

  test('requeues the job beside it that does not end in time, and counts neither an attempt nor a crash', async () => {
    const { worker, innocent } = await startHolding(['--json', '--shutdown-timeout', '0.05']);

    await producer.queue.push(SloppyJob, 'a rejection');

    await worker.endsWith(1);
    expect(JSON.parse(worker.lines.at(-1)!)).toMatchObject({ event: 'stopped', reason: 'stopped', uncaughtErrors: 1 });
    expect(await redis.client.lrange('queue:default', 0, -1)).toEqual([innocent]);
    expect(await redis.client.exists('queue:default:recovered', 'queue:default:attempts')).toBe(0);
    expect(await producer.queue.counts()).toMatchObject({ ready: 1, reserved: 0 });
  });

  test('stops in order although more errors come meanwhile, and logs no more than 20 of them', async () => {
    const { worker, innocent } = await startHolding();

    await producer.queue.push(SloppyJob, 'a timer that throws again and again');
    await worker.prints(/Further errors that nobody catches are not logged/, 'stderr');
    worker.input('\n');

    await worker.endsWith(1);
    expect(worker.stderr.match(/was not caught/g)).toHaveLength(20);
    expect(worker.stderr.match(/the worker stops, and ends with exit code 1/g)).toHaveLength(1);
    expect(await producer.queue.getJobStatus(innocent)).toMatchObject({ status: 'completed' });
  });

  test('fails the attempt that runs and caused it, so that the job cannot end one process after the other', async () => {
    const poison = await producer.queue.push(PoisonJob, 'handle');

    await start().endsWith(1);
    expect(child!.stderr).toMatch(new RegExp(`An error of job PoisonJob ${poison} \\(queue default\\) was not caught`));
    expect(await producer.queue.getJobStatus(poison)).toMatchObject({
      status: 'retrying',
      attempt: 1,
      error: 'poison in handle',
    });

    await start().endsWith(1);
    expect(await producer.queue.getJobStatus(poison)).toMatchObject({ status: 'failed', attempt: 2 });
  });

  test('ends a failed() that runs and caused it', async () => {
    const poison = await producer.queue.push(PoisonJob, 'failed', { maxTries: 1 });

    await start().endsWith(1);

    expect(await producer.queue.getJobStatus(poison)).toMatchObject({ status: 'failed', error: 'calls failed()' });
  });

  test('shows it and ends with 1 if it comes before the worker runs', async () => {
    await project.write(
      'dist/crashing.module.js',
      "setTimeout(() => { throw new Error('too early'); });\nawait new Promise(() => setInterval(() => {}, 1000));\n",
    );

    const worker = start(['--module', 'dist/crashing.module.js']);

    await worker.endsWith(1);
    expect(worker.stderr).toMatch(/^queue-worker: Error: too early\n {4}at /);
  });
});
