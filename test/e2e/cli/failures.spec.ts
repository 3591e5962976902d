import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from '../../support/child.js';
import { startRedis } from '../../support/redis-server.js';
import { useRedis } from '../../support/use-redis.js';
import { redisVariables } from './command.js';
import { createProject, type Project } from './project.js';

const BUILD_MS = 120_000;

// Each test starts a process that loads all of Nest.
jest.setTimeout(60_000);

interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe('queue-worker that cannot start', () => {
  const redis = useRedis();
  let project: Project;
  let elsewhere: string;

  beforeAll(async () => {
    project = await createProject('es6');
    elsewhere = await mkdtemp(join(tmpdir(), 'nestjs-job-queue-empty-'));
    // Without a package.json here, the command would read one of a folder above.
    await writeFile(join(elsewhere, 'package.json'), '{}');
  }, BUILD_MS);
  afterAll(async () => {
    await project.remove();
    await rm(elsewhere, { recursive: true });
  });

  const run = async (args: readonly string[], env: NodeJS.ProcessEnv = {}, cwd = project.folder): Promise<Result> => {
    const variables = { PATH: process.env['PATH'], ...redisVariables(redis), ...env };
    const child = new Child([project.command, ...args], { cwd, env: variables });
    const { code } = await child.exited;
    return { code, stdout: child.stdout, stderr: child.stderr };
  };

  test.each([
    ['an unknown option', ['--concurency', '2'], /unknown option '--concurency'/],
    [
      'a bad number',
      ['--concurrency', 'many'],
      /'--concurrency <n>' argument 'many' is invalid\. Expected a whole number/,
    ],
    ['a bad queue name', ['emails', 'a:b'], /value 'a:b' is invalid for argument 'queue'\. Expected a queue name/],
  ])('ends with exit code 2 on %s, before it loads the application', async (_case, args, message) => {
    const result = await run(args, {}, elsewhere);

    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toMatch(/^queue-worker: /);
    expect(result.stderr).toMatch(message);
    expect(result.stderr).not.toMatch(/^ +at /m);
  });

  test('lists the paths at which it looked for the module', async () => {
    const result = await run([], {}, elsewhere);

    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toBe(
      `queue-worker: The application's module was not found. The command looked for it at
  dist/app.module.js
  dist/src/app.module.js
Build the project first (npm run build), or say where its module is:
  queue-worker --module dist/path/to/app.module.js
or in package.json:
  "queue": { "module": "dist/path/to/app.module.js" }
`,
    );
  });

  test('shows why the module cannot be loaded', async () => {
    await project.write('dist/broken.module.js', "import 'a-package-that-is-not-there';\n");

    const result = await run(['--module', 'dist/broken.module.js']);

    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toContain('dist/broken.module.js cannot be loaded.');
    expect(result.stderr).toContain("Cannot find package 'a-package-that-is-not-there'");
    expect(result.stderr).not.toContain('node:internal');
  });

  test('fails if the module has no queue', async () => {
    const result = await run(['--module', 'dist/app.module.js#BareModule']);

    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toMatch(
      /^queue-worker: BareModule \(.*\) has no queue: add QueueModule\.forRoot\(\) to its imports, or name another module with --module\n$/,
    );
  });

  test('names the wrong option of the application', async () => {
    const result = await run([], { REDIS_PORT: 'many' });

    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toMatch(/^queue-worker: Option "REDIS_PORT": expected .*, got "many"\n$/);
  });

  test('names the dependency of a job class that no module provides, also if the option "worker" is off', async () => {
    await project.write(
      'dist/mail.module.js',
      `import { Inject, Module } from '@nestjs/common';
import { Job, QueueModule } from 'nestjs-job-queue';
class MailJob { handle() {} }
Inject('MAILER')(MailJob.prototype, 'mailer');
Job()(MailJob);
export class MailModule {}
Module({ imports: [QueueModule.forRoot({ worker: false }), QueueModule.forFeature([MailJob])] })(MailModule);
`,
    );
    const result = await run(['--module', 'dist/mail.module.js', '--stop-when-empty']);

    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toBe(
      'queue-worker: Job class MailJob: property "mailer" needs "MAILER", which is no provider of MailModule or of what it imports\n',
    );
  });

  test('fails if the server refuses the password', async () => {
    const server = await startRedis({ config: ['--requirepass', 'right'] });
    const result = await run([], { REDIS_PORT: String(server.port), REDIS_PASSWORD: 'wrong' });
    await server.stop();

    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toMatch(/^queue-worker: .* refuses these credentials/);
    expect(result.stderr).not.toMatch(/^ +at /m);
  });

  test('prints the help with --help and the version with --version', async () => {
    const help = await run(['--help'], {}, elsewhere);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toMatch(/^Usage: queue-worker \[options\] \[queue\.\.\.\]/);
    expect(help.stdout).toContain('Exit codes:');

    expect(await run(['--version'], {}, elsewhere)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+/),
      stderr: '',
    });
  });
});
