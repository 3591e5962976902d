import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { useRedis } from '../../support/use-redis.js';
import { startCommand } from './command.js';
import { GreetJob } from './fixture/jobs.js';
import { useProducer } from './producer.js';
import { createProject, type Project } from './project.js';

const BUILD_MS = 120_000;

// Each test starts a process that loads all of Nest.
jest.setTimeout(60_000);

describe('queue-worker and a build with a copy of the library', () => {
  const redis = useRedis();
  const producer = useProducer(redis);
  let project: Project;

  /** A second copy of the library stands for the one in a bundle: its classes are others than those of the command. */
  beforeAll(async () => {
    project = await createProject('es6');
    const { folder } = project;
    await cp(join(folder, 'node_modules', 'nestjs-job-queue'), join(folder, 'bundle', 'library'), { recursive: true });
    for (const name of ['app.module', 'jobs']) {
      const code = await readFile(join(folder, 'dist', `${name}.js`), 'utf8');
      await project.write(`bundle/${name}.js`, code.replace(/(['"])nestjs-job-queue\1/, "'./library/dist/index.js'"));
    }
  }, BUILD_MS);
  afterAll(() => project.remove());

  test('works an application that holds another copy of the library', async () => {
    await producer.queue.push(GreetJob, 'Ann');

    const worker = startCommand(project, ['--module', 'bundle/app.module.js', '--stop-when-empty'], redis);

    await worker.endsWith(0);
    expect(worker.stdout).toContain('Hello Ann\n');
  });

  test('explains a main file, and starts no worker while it loads', async () => {
    const id = await producer.queue.push(GreetJob, 'Ann');
    await project.write(
      'dist/main.js',
      `import { NestFactory } from '@nestjs/core';
       import { AppModule } from './app.module.js';
       await NestFactory.createApplicationContext(AppModule, { logger: false });`,
    );

    const worker = startCommand(project, ['--module', 'dist/main.js'], redis);

    await worker.endsWith(1);
    expect(worker.stderr).toContain('A main file (main.js) exports nothing: it starts the whole application');
    expect(await producer.queue.getJobStatus(id)).toMatchObject({ status: 'queued' });
  });

  test('warns of globalEnhancers if no module provides a global enhancer', async () => {
    await project.write(
      'dist/guarded.module.js',
      `import { Module } from '@nestjs/common';
       import { QueueModule } from 'nestjs-job-queue';
       export class AppModule {}
       Module({ imports: [QueueModule.forRoot({ globalEnhancers: true })] })(AppModule);`,
    );

    const worker = startCommand(project, ['--module', 'dist/guarded.module.js', '--stop-when-empty'], redis);

    await worker.endsWith(0);
    expect(worker.stderr).toContain('queue-worker does not run main.ts: useGlobalGuards() and the like have no effect');
  });
});
