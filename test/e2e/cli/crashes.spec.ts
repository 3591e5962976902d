import { describe, expect, test } from '@jest/globals';
import { GreetJob, PoisonJob, SloppyJob } from './fixture/jobs.js';
import { useWorkers } from './workers.js';

describe('queue-worker and errors that nobody catches', () => {
  const workers = useWorkers();
  const statusOf = (id: string) => workers.queue.getJobStatus(id);

  test('ends with 1 after exceptions, lets the job beside them end, and logs no more than 20 of them', async () => {
    const { worker, id: innocent } = await workers.startHolding();

    const sloppy = await workers.queue.push(SloppyJob, [
      'a timer',
      'a timer that throws a text',
      'a timer that throws nothing',
      'an event',
      'a timer that throws again and again',
    ]);
    await worker.prints(/Further errors that nobody catches are not logged/, 'stderr');
    const waiting = await workers.queue.push(GreetJob, 'Ann');
    worker.input('\n');

    await worker.endsWith(1);
    const ofJob = `FATAL [queue-worker] An error of job SloppyJob ${sloppy} (queue default, its code had ended)`;
    expect(worker.stderr).toContain(ofJob);
    for (const message of ['a timer', 'an event']) {
      expect(worker.stderr).toMatch(new RegExp(`Error: nobody catches this: ${message}\\n {4}at `));
    }
    expect(worker.stderr).toMatch(/Error: nobody catches this: a text/);
    expect(worker.stderr).toMatch(/A value that is no Error was thrown \(undefined\)/);
    expect(worker.stderr.match(/was not caught/g)).toHaveLength(20);
    expect(worker.stderr.match(/the worker stops, and ends with exit code 1/g)).toHaveLength(1);
    expect(worker.lines.at(-1)).toMatch(/Stopped \(on an error that was not caught\): 2 attempts in .*: 2 completed$/);
    expect(await statusOf(innocent)).toMatchObject({ status: 'completed' });
    expect(await statusOf(waiting)).toMatchObject({ status: 'queued', attempt: 0 });
  });

  test('ends with 1 after rejections, and requeues the job beside them that does not end in time, uncounted', async () => {
    const { worker, id: innocent } = await workers.startHolding(['--json', '--shutdown-timeout', '0.05']);

    await workers.queue.push(SloppyJob, ['a rejection', 'a rejection without an error']);

    await worker.endsWith(1);
    expect(worker.stderr).toMatch(/Error: nobody catches this: a rejection\n {4}at /);
    expect(worker.stderr).toMatch(/The promise rejected with the reason "nobody catches this: a text"/);
    expect(JSON.parse(worker.lines.at(-1)!)).toMatchObject({ event: 'stopped', reason: 'stopped', uncaughtErrors: 2 });
    expect(await workers.redis.client.lrange('queue:default', 0, -1)).toEqual([innocent]);
    expect(await workers.redis.client.exists('queue:default:recovered', 'queue:default:attempts')).toBe(0);
    expect(await workers.queue.counts()).toMatchObject({ ready: 1, reserved: 0 });
  });

  test('fails the attempt that runs and caused it, so that the job cannot end one process after the other', async () => {
    // Without a pause before the retry the worker could claim the job again, and requeue it.
    const poison = await workers.queue.push(PoisonJob, 'handle', { retryDelay: '1h' });

    const worker = workers.start();

    await worker.endsWith(1);
    expect(worker.stderr).toMatch(new RegExp(`An error of job PoisonJob ${poison} \\(queue default\\) was not caught`));
    expect(await statusOf(poison)).toMatchObject({ status: 'retrying', attempt: 1, error: 'poison in handle' });
  });

  test('ends a failed() that runs and caused it', async () => {
    const poison = await workers.queue.push(PoisonJob, 'failed', { maxTries: 1 });

    await workers.start().endsWith(1);

    expect(await statusOf(poison)).toMatchObject({ status: 'failed', error: 'calls failed()' });
  });

  test('shows it and ends with 1 if it comes before the worker runs', async () => {
    await workers.project.write(
      'dist/crashing.module.js',
      "setTimeout(() => { throw new Error('too early'); });\nawait new Promise(() => setInterval(() => {}, 1000));\n",
    );

    const worker = workers.start(['--module', 'dist/crashing.module.js']);

    await worker.endsWith(1);
    expect(worker.stderr).toMatch(/^queue-worker: Error: too early\n {4}at /);
  });
});
