import { describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { Child } from '../../support/child.js';
import { redisVariables } from './command.js';
import { GreetJob } from './fixture/jobs.js';
import { useWorkers } from './workers.js';

describe('the command queue as a process', () => {
  const workers = useWorkers();
  const start = (args: readonly string[], env: NodeJS.ProcessEnv): Child => {
    const { folder, command } = workers.project;
    return new Child([join(command, '..', 'queue', 'main.js'), ...args], {
      cwd: folder,
      env: { PATH: process.env['PATH'], ...env },
    });
  };

  test('finds the server by the environment, and prints JSON', async () => {
    await workers.queue.push(GreetJob, 'Ann');
    const list = start(['list', '--json'], redisVariables(workers.redis));
    await list.endsWith(0);
    expect(JSON.parse(list.stdout)).toMatchObject([{ name: 'default', counts: { ready: 1 } }]);
    expect(list.stderr).toBe('');
  });

  test('reads .env, reads data from its input, and ends with 2 after a wrong word', async () => {
    const variables = Object.entries(redisVariables(workers.redis)).map(([name, value]) => `${name}=${value}`);
    await workers.project.write('queue.env', variables.join('\n'));
    const push = start(['push', 'GreetJob', '-', '--env-file', 'queue.env'], {});
    push.endInput('"Bob"');
    await push.endsWith(0);
    expect(await workers.queue.counts()).toMatchObject({ ready: 1 });

    const wrong = start(['lst'], {});
    await wrong.endsWith(2);
    expect(wrong.stderr).toContain("queue: unknown command 'lst'\n(Did you mean list?)");
  });

  test('pushes as the application does, with its codecs and options, and starts no worker', async () => {
    const variables = redisVariables(workers.redis);
    const sealed = ['--module', 'dist/app.module.js#SealedModule'];
    const push = start(['push', 'ArchiveJob', '"a secret"', ...sealed, '--priority', '5', '--json'], variables);
    await push.endsWith(0);
    expect(push.stderr).toBe('');
    expect(JSON.parse(push.stdout)).toMatchObject({ outcome: 'queued', queue: 'archive' });
    const { client } = workers.redis;
    const [record] = await client.hvals('queue:archive:jobs');
    expect(record).toContain('"z":["aes-256-gcm:k1"]');
    expect(record).not.toContain('secret');
    const plain = start(['push', 'ArchiveJob', '"a secret"', '--queue', 'archive'], variables);
    await plain.endsWith(2);
    expect(plain.stderr).toContain('is encoded by aes-256-gcm');
    const worker = workers.start(['archive', '--stop-when-empty', ...sealed]);
    await worker.endsWith(0);
    expect(worker.stdout).toContain('archived');
  });

  test('refuses a module whose queues are in memory', async () => {
    const push = start(['push', 'GreetJob', '--module', 'dist/app.module.js'], { QUEUE_DRIVER: 'array' });
    await push.endsWith(2);
    expect(push.stderr).toMatch(/^queue: The application uses the "array" driver/);
  });

  test('refuses queues in memory, and says why', async () => {
    const list = start(['list'], { QUEUE_DRIVER: 'array' });
    await list.endsWith(2);
    expect(list.stderr).toMatch(
      /^queue: QUEUE_DRIVER is "array": such queues live in the process of their application/,
    );
  });
});
