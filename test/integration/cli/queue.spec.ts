import { describe, expect, it } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import { compress, encrypt, jobSpec, QueueManager, QueueModule } from 'nestjs-job-queue';
import { useRedis } from '../../support/use-redis.js';
import { SendEmailJob, useQueueCommand } from './queue.js';

const ADA = { to: 'ada@example.org' };
const NOBODY = { to: '' };

describe('the command queue', () => {
  const redis = useRedis();
  const scene = useQueueCommand(redis);
  const push = (data: { to: string }, options: { delay?: number; tags?: string[] } = {}) =>
    scene.queue.push(SendEmailJob, data, options);
  const fail = async (): Promise<string> => {
    const id = await push(NOBODY);
    await scene.work();
    return id;
  };

  it('lists the queues with their server, their jobs and their pauses', async () => {
    expect(await scene.run('list')).toMatchObject({ code: 0, stdout: expect.stringContaining('No queues on redis ') });
    await push(ADA);
    await push(ADA, { delay: 60 });
    await scene.admin.pause('emails');
    const { stdout } = await scene.run('list');
    expect(stdout).toMatch(/^redis 127\.0\.0\.1:\d+\/\d+\n\nqueue +ready +blocked +delayed +running +failed +oldest/);
    expect(stdout).toMatch(/^emails +1 +0 +1 +0 +0 +0 s +0 {2}paused$/m);
    expect(await scene.json('list emails')).toMatchObject([{ name: 'emails', counts: { ready: 1 }, paused: true }]);
    expect(await scene.json('list others')).toEqual([]);
  });

  it('shows statistics', async () => {
    await push(ADA);
    await fail();
    expect(await scene.json('stats emails')).toMatchObject({ total: { completed: 1, failed: 1 } });
    expect((await scene.run('stats --step 30m')).stdout).toMatch(/^in all +1 +1 +0 /m);
  });

  it('lists jobs by state, page by page, and shows one', async () => {
    const first = await push(ADA, { tags: ['news'] });
    const second = await push(ADA);
    const page = (await scene.json('jobs emails --limit 1')) as { jobs: { id: string }[]; cursor: string };
    expect(page.jobs.map(({ id }) => id)).toEqual([first]);
    const next = await scene.json(`jobs emails --limit 1 --cursor ${page.cursor}`);
    expect(next).toMatchObject({ jobs: [{ id: second }] });
    expect(await scene.json('jobs emails --tag news --state queued,delayed')).toMatchObject({ jobs: [{ id: first }] });
    expect((await scene.run('jobs emails')).stdout).toMatch(
      new RegExp(`^${first} +SendEmailJob +queued +0 +pushed `, 'm'),
    );
    expect((await scene.run('jobs emails --state failed')).stdout).toBe('No jobs\n');
    expect(await scene.json(`show ${first}`)).toMatchObject({ kind: 'job', data: ADA, tags: ['news'] });
    expect((await scene.run(`show ${first}`)).stdout).toMatch(/^data +\{"to":"ada@example\.org"\}$/m);
    expect(await scene.run('show nobody')).toMatchObject({
      code: 1,
      stderr: 'queue: nothing is known of nobody: neither a job nor a chain, a batch or a workflow\n',
    });
  });

  it('shows a batch', async () => {
    const { id } = await scene.queue.batch([jobSpec(SendEmailJob, ADA), jobSpec(SendEmailJob, ADA)]);
    expect(await scene.json(`show ${id}`)).toMatchObject({ kind: 'batch', state: 'running', total: 2 });
  });

  it('leaves out the control characters of jobs', async () => {
    const id = await push({ to: 'a\u001B[2J\u009Bb' }, { tags: ['\u202Ex'] });
    for (const line of [`show ${id}`, 'jobs emails']) {
      expect((await scene.run(line)).stdout).toMatch(/^[\P{C}\n]*$/u);
    }
  });

  it('shows a chain', async () => {
    const { id } = await scene.queue.chain([jobSpec(SendEmailJob, ADA), jobSpec(SendEmailJob, ADA)]);
    expect(await scene.json(`show ${id}`)).toMatchObject({ kind: 'chain', state: 'running', total: 2 });
  });

  it('lists failed jobs, and puts them back by id, by queue, or all', async () => {
    const id = await fail();
    expect(await scene.json('failed')).toMatchObject([
      { id, queue: 'emails', error: expect.stringContaining('no address') },
    ]);
    expect((await scene.run('failed emails --limit 5')).stdout).toMatch(
      new RegExp(`^${id} +emails +SendEmailJob +1 `, 'm'),
    );
    expect(await scene.json(`retry ${id}`)).toEqual({ retried: 1 });
    expect(await scene.run(`retry ${id}`)).toMatchObject({
      code: 1,
      stdout: 'Put back 0 jobs\n',
      stderr: 'queue: 1 of the jobs are not known, or have not failed\n',
    });
    await scene.work();
    expect(await scene.json('retry --queue emails --name OtherJob')).toEqual({ retried: 0 });
    expect(await scene.json('retry --queue emails --since 1h')).toEqual({ retried: 1 });
    await scene.work();
    expect(await scene.json('retry all --to slow')).toEqual({ retried: 1 });
    expect(await scene.queue.counts('slow')).toMatchObject({ ready: 1 });
  });

  it('removes jobs, and failed jobs by their age', async () => {
    const id = await fail();
    expect(await scene.json('flush --hours 1')).toEqual({ removed: 0 });
    expect(await scene.json('flush emails --older-than 1h')).toEqual({ removed: 0 });
    expect(await scene.json('flush')).toEqual({ removed: 1 });
    const waiting = await push(ADA);
    expect(await scene.json(`remove ${waiting}`)).toEqual({ removed: 1 });
    expect(await scene.run(`forget ${id}`)).toMatchObject({ code: 1, stdout: 'Removed 0 jobs\n' });
  });

  it('pauses and resumes queues', async () => {
    await push(ADA);
    expect((await scene.run('pause emails --for 10m')).stdout).toBe('Paused emails for 600 s\n');
    expect(await scene.admin.queue('emails')).toMatchObject({ paused: true, pausedUntil: expect.any(Date) });
    expect((await scene.run('resume emails')).stdout).toBe('Resumed emails\n');
    expect(await scene.admin.queue('emails')).toMatchObject({ paused: false });
    expect(await scene.json('pause emails')).toEqual({ paused: ['emails'] });
    expect(await scene.json('continue emails')).toEqual({ resumed: ['emails'] });
  });

  it('clears a queue only with --force, or after a question', async () => {
    await push(ADA);
    expect(await scene.run('clear emails')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^queue: --force is needed to remove the waiting jobs of emails on redis /),
    });
    expect(await scene.run('clear emails', { answer: false })).toMatchObject({ code: 1 });
    expect(await scene.queue.counts('emails')).toMatchObject({ ready: 1 });
    expect(await scene.run('clear emails', { answer: true })).toMatchObject({ code: 0, stdout: 'Removed 1 job\n' });
    await fail();
    expect(await scene.json('clear emails --force')).toEqual({ removed: 0 });
    expect(await scene.json('clear emails --state failed --force')).toEqual({ removed: 1 });
  });

  it('cancels and promotes jobs', async () => {
    const id = await push(ADA, { delay: 60 });
    expect(await scene.json(`promote ${id}`)).toEqual({ promoted: 1 });
    expect(await scene.run(`promote ${id}`)).toMatchObject({
      code: 1,
      stderr: 'queue: 1 of the jobs are not delayed\n',
    });
    expect(await scene.json(`cancel ${id} --reason wrong`)).toEqual({ cancelled: 1 });
    expect(await scene.queue.getJobStatus(id)).toMatchObject({ status: 'cancelled', error: 'wrong' });
    expect(await scene.run(`cancel ${id}`)).toMatchObject({ code: 1 });
    await push(ADA, { tags: ['news'] });
    await push(ADA);
    expect(await scene.json('cancel --queue emails --tag news')).toEqual({ cancelled: 1 });
  });

  it('pushes a job by its name, which a worker of the application runs', async () => {
    const line = [
      'push',
      'SendEmailJob',
      '{"to":"ada@example.org"}',
      '--queue',
      'emails',
      '--id',
      'first',
      '--tag',
      'a,b',
    ];
    expect((await scene.run(line)).stdout).toBe('first queued in emails\n');
    expect((await scene.run(line)).stdout).toBe('first duplicate in emails\n');
    expect(await scene.admin.job('first')).toMatchObject({ data: ADA, tags: ['a', 'b'] });
    await scene.work();
    expect(await scene.queue.getJobStatus('first')).toMatchObject({ status: 'completed' });
    const input = await scene.run('push SendEmailJob - --delay 1m --priority -5', { input: '{"to":"grace"}' });
    expect(input.stdout).toMatch(/^\w+ delayed in default\n$/);
  });

  it('says that pushed data is not encoded as long as no job tells if the application encodes data', async () => {
    const line = ['push', 'SendEmailJob', '{"to":"ada@example.org"}', '--queue', 'emails'];
    const first = await scene.run(line);
    expect(first).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^queue: note: the data is stored as it is/),
    });
    expect(await scene.run(line)).toMatchObject({ code: 0, stderr: '' });
  });

  it('refuses to push plain data into a queue whose jobs are encrypted', async () => {
    const codecs = [encrypt({ keys: { k1: Buffer.alloc(32, 7) }, current: 'k1' })];
    const options = { driver: 'redis', redis: { url: redis.url }, worker: false, logger: false, codecs } as const;
    const sealed = await NestFactory.createApplicationContext(QueueModule.forRoot(options), { logger: false });
    await sealed.get(QueueManager).push('SendEmailJob', ADA, { queue: 'emails' });
    await sealed.close();
    const { code, stdout, stderr } = await scene.run('push SendEmailJob {} --queue emails');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(
      /^queue: The data of jobs in emails is encoded by aes-256-gcm, which this command does not know/,
    );
    expect(stderr).toContain('queue push --module dist/app.module.js');
    expect(await scene.queue.counts('emails')).toMatchObject({ ready: 1 });
    expect(await scene.run('push SendEmailJob {} --queue others')).toMatchObject({ code: 0 });
  });

  it('pushes among compressed data, which is readable beside plain data', async () => {
    const options = { driver: 'redis', redis: { url: redis.url }, worker: false, logger: false } as const;
    const module = QueueModule.forRoot({ ...options, codecs: [compress({ above: 10 })] });
    const compressing = await NestFactory.createApplicationContext(module, { logger: false });
    await compressing.get(QueueManager).push('SendEmailJob', { to: 'a'.repeat(500) }, { queue: 'emails' });
    await compressing.close();
    expect(await scene.run('push SendEmailJob {} --queue emails')).toMatchObject({ code: 0, stderr: '' });
  });

  it('takes no other server beside the module of an application', async () => {
    expect(await scene.run('push SendEmailJob {} --module dist/app.module.js')).toMatchObject({
      code: 2,
      stderr: 'queue: --module takes the server of the application: leave --url away\n',
    });
  });

  it('lists the workers that run', async () => {
    expect((await scene.run('workers')).stdout).toBe('No worker runs\n');
  });

  it('lists the schedules', async () => {
    expect((await scene.run('schedules')).stdout).toBe('No schedules\n');
    const job = jobSpec(SendEmailJob, ADA);
    await scene.schedules.set('report', { cron: '0 8 * * 1-5', timeZone: 'Europe/Berlin', job });
    await scene.schedules.set('poll', { every: '10m', job });
    await scene.schedules.pause('poll');
    expect(await scene.json('schedules')).toMatchObject([
      { name: 'poll', every: 600, paused: true },
      { name: 'report', cron: '0 8 * * 1-5', job: { name: 'SendEmailJob', queue: 'emails' } },
    ]);
    const { stdout } = await scene.run('schedules');
    expect(stdout).toMatch(/^report +0 8 \* \* 1-5 Europe\/Berlin +SendEmailJob +emails +\d{4}-/m);
    expect(stdout).toMatch(/^poll +every 600 s +SendEmailJob +emails +- .* 0 +paused$/m);
  });

  it('checks queues against limits, with the exit code 1 if one is exceeded', async () => {
    await push(ADA);
    await push(ADA);
    expect((await scene.run('monitor emails,default --max 2')).code).toBe(0);
    const { code, stdout } = await scene.run('monitor --max 1');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^emails +2 +0 s +0 {2}ALERT: queue emails has 2 ready jobs, more than 1$/m);
    expect((await scene.run('monitor emails --min-workers 1')).code).toBe(1);
  });

  it.each([
    ['faild', "queue: unknown command 'faild'\n(Did you mean failed?)"],
    ['list --jsn', "queue: unknown option '--jsn'\n(Did you mean --json?)"],
    ['jobs emails --state faild', 'Did you mean failed?'],
    ['jobs emails --limit 501', 'Expected a whole number from 1 to 500.'],
    ['jobs a:b', 'Expected'],
    ['retry', 'queue: Say which: ids, all, or --queue <queue>'],
    ['retry one --name X', 'queue: --name is for all failed jobs, not for ids'],
    ['cancel', 'queue: Say which: ids, or --queue <queue>'],
    ['cancel one --tag x', 'queue: --tag is not for ids'],
    ['push SendEmailJob {to', 'queue: The data is no JSON'],
    ['push SendEmailJob --priority 5000', 'priority'],
    ['stats --from soon', 'Expected a duration before now'],
    ['flush --hours many', 'Expected a number of hours.'],
  ])('refuses "%s" with the exit code 2 and a hint', async (line, hint) => {
    const { code, stdout, stderr } = await scene.run(line);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(hint);
  });

  it('tells the name that was meant if nothing was ever pushed to a queue', async () => {
    await push(ADA);
    expect((await scene.run('failed emials')).stderr).toBe(
      'queue: no job was ever pushed to emials: did you mean emails?\n',
    );
    expect((await scene.run('failed emails')).stderr).toBe('');
  });

  it('shows its help, and its version', async () => {
    expect(await scene.run('--help')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Usage: queue [options]'),
    });
    expect((await scene.run('retry --help')).stdout).toMatch(/Usage: queue retry .*--to <queue>.*--json/s);
    expect((await scene.run('--version')).stdout).toMatch(/^\d+\.\d+\.\d+/);
  });

  it('ends with 1 if the server cannot be reached, and names it', async () => {
    const { code, stderr } = await scene.run(['--url', 'redis://127.0.0.1:1', 'list']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^queue: Redis at 127\.0\.0\.1:1 cannot be reached/);
  }, 20_000);

  it('works on the keys of a prefix', async () => {
    expect(await scene.json('push SendEmailJob --prefix other: --id first')).toMatchObject({ id: 'first' });
    expect(await redis.client.exists('other:queue:default:jobs')).toBe(1);
    expect(await scene.json('list')).toEqual([]);
  });
});

describe('the command queue, of a queue with partitions', () => {
  const scene = useQueueCommand(useRedis(), { emails: { partitions: 8 } });
  const fill = (count: number) =>
    scene.queue.pushMany(
      SendEmailJob,
      Array.from({ length: count }, (_, number) => ({ to: number % 3 === 0 ? '' : 'ada@example.org' })),
    );

  it('finds the partitions by their names, and speaks of the queue as one', async () => {
    const ids = await fill(60);
    expect(await scene.json('list')).toMatchObject([{ name: 'emails', counts: { ready: 60 } }]);
    expect(await scene.json('jobs emails --limit 70')).toMatchObject({ jobs: { length: 60 }, total: 60 });
    expect(await scene.json(`show ${ids[7]!}`)).toMatchObject({ kind: 'job', queue: 'emails' });
    await scene.json('pause emails');
    expect(await scene.admin.queue('emails')).toMatchObject({ paused: true });
    await scene.json('resume emails');
    await scene.work();
    expect(await scene.json('stats emails')).toMatchObject({ total: { completed: 40, failed: 20 } });
    await scene.json('retry all --queue emails');
    expect(await scene.queue.counts('emails')).toMatchObject({ ready: 20, failed: 0 });
    await scene.json('push SendEmailJob {"to":"x"} --queue emails --group acme');
    expect(await scene.queue.counts('emails')).toMatchObject({ ready: 21 });
    await scene.json('clear emails --force');
    expect(await scene.queue.counts('emails')).toMatchObject({ ready: 0 });
  });
});
