import { describe, expect, test } from '@jest/globals';
import { BrokenJob, GreetJob } from './fixture/jobs.js';
import { useWorkers } from './workers.js';

describe('queue-worker', () => {
  const workers = useWorkers();

  test('works queues in the order given, and fails a job after --tries', async () => {
    const second = await workers.queue.push(GreetJob, 'Bob', 'low');
    const first = await workers.queue.push(GreetJob, 'Ann', 'high');
    const broken = await workers.queue.push(BrokenJob, 'no way', 'high');

    const args = ['high', 'low', 'default', '--json', '--concurrency', '1', '--tries', '2', '--stop-when-empty'];
    const worker = workers.start(args);

    await worker.endsWith(0);
    const ids = worker.lines.map((line) => (JSON.parse(line) as { id?: string }).id).filter(Boolean);
    expect([...new Set(ids)]).toEqual([first, broken, second]);
    expect(await workers.queue.getJobStatus(broken)).toMatchObject({ status: 'failed', attempt: 2 });
    expect(JSON.parse(worker.lines[0]!)).toMatchObject({ notWorked: ['archive'] });
  });

  test('reads the file of --env-file, and ends at --max-jobs', async () => {
    await workers.project.write('worker.env', 'QUEUE_DEFAULT=letters\n');
    await workers.queue.pushMany(GreetJob, ['Ann', 'Bob', 'Cid'], 'letters');

    const worker = workers.start(['--env-file', 'worker.env', '--max-jobs', '2']);

    await worker.endsWith(0);
    expect(worker.lines[0]).toContain('Working queue letters of AppModule');
    expect(worker.lines.at(-1)).toContain('Stopped (--max-jobs is reached): 2 attempts');
    expect(await workers.queue.counts('letters')).toMatchObject({ ready: 1, reserved: 0 });
  });

  test('ends at --max-time, and warns of a misspelt queue, also with --json', async () => {
    const worker = workers.start(['archvie', '--max-time', '0.1', '--json']);

    await worker.endsWith(0);
    expect(JSON.parse(worker.lines.at(-1)!)).toMatchObject({ event: 'stopped', reason: 'max-time', attempts: 0 });
    expect(worker.stderr).toContain('WARN  [queue-worker] No job class names the queue archvie');
    expect(worker.stderr).toContain('did you mean archive?');
  });

  test('ends above --memory, and warns that the array driver gets no jobs of other processes', async () => {
    const worker = workers.start(['--memory', '1', '--json'], { QUEUE_DRIVER: 'array' });

    await worker.endsWith(0);
    expect(JSON.parse(worker.lines.at(-1)!)).toMatchObject({ event: 'stopped', reason: 'max-memory' });
    expect(worker.stderr).toContain('WARN  [queue-worker] The application uses the "array" driver');
  });

  test('reads .env, keeps variables that are set, and works the default queue alone without names, and says so once', async () => {
    await workers.project.write('.env', 'QUEUE_DEFAULT=letters\nREDIS_PORT=1\n');
    await workers.queue.push(GreetJob, 'Ann', 'letters');
    const archived = await workers.queue.push(GreetJob, 'Ann', 'archive');
    try {
      const worker = workers.start(['--stop-when-empty']);

      await worker.endsWith(0);
      expect(worker.lines[0]).toContain('Working queue letters of AppModule');
      expect(worker.stdout).toContain('Hello Ann\n');
      const warning = /WARN {2}\[queue-worker\] Queue archive is named by job classes but not worked here/g;
      expect(worker.stderr.match(warning)).toHaveLength(1);
      expect(worker.stderr).toContain('Without names queue-worker works the default queue alone, letters;');
      expect(await workers.queue.getJobStatus(archived)).toMatchObject({ status: 'queued' });
    } finally {
      await workers.project.write('.env', '');
    }
  });

  test('works every queue that a job class names with --all, and warns of none', async () => {
    await workers.queue.push(GreetJob, 'Ann', 'archive');
    await workers.queue.push(GreetJob, 'Bob');
    const worker = workers.start(['--all', '--stop-when-empty']);

    await worker.endsWith(0);
    expect(worker.lines[0]).toContain('Working queues default, archive of AppModule');
    expect(worker.stdout).toContain('Hello Ann\n');
    expect(worker.stdout).toContain('Hello Bob\n');
    expect(worker.stderr).toBe('');
  });
});
