import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * Tries `nestjs-job-queue/testing` as an application has it: packs the package, installs it in fresh projects from the registry, and runs
 * the same test under jest (ES modules and CommonJS), vitest and node:test. Arguments name some of the projects.
 */
const NEST_12 = ['@nestjs/common@12', '@nestjs/core@12', '@nestjs/testing@12', 'ioredis@6'];
const NEST_11 = ['@nestjs/common@11', '@nestjs/core@11', '@nestjs/testing@11', 'ioredis@5'];
const COMMON = ['reflect-metadata@0.2', 'rxjs@7', 'typescript@~6.0.3', '@types/node@20'];
const COMPILER = {
  target: 'es2022',
  strict: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  types: ['node'],
};
const SWC = {
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
  },
};
const JEST = ['node', '--experimental-vm-modules', 'node_modules/jest/bin/jest.js'];

const PROJECTS = {
  'jest-esm': {
    packages: [...NEST_12, 'jest@30', '@jest/globals@30', '@swc/core@1.16.18', '@swc/jest@0.2'],
    manifest: { type: 'module' },
    imports: `import { afterEach, beforeEach, expect, it } from '@jest/globals';`,
    files: {
      'jest.config.mjs': `export default {
        testEnvironment: 'node', extensionsToTreatAsEsm: ['.ts'], transform: { '^.+\\\\.ts$': ['@swc/jest', ${JSON.stringify(SWC)}] } };`,
    },
    compiler: { module: 'nodenext' },
    run: [JEST],
  },
  'jest-cjs': {
    packages: [...NEST_11, 'jest@30', '@jest/globals@30', 'ts-jest@29'],
    manifest: {
      jest: {
        testEnvironment: 'node',
        transform: { '^.+\\.(t|j)s$': 'ts-jest' },
        transformIgnorePatterns: ['/node_modules/(?!(?:\\.pnpm|nestjs-job-queue)/)'],
      },
    },
    imports: `import { afterEach, beforeEach, expect, it } from '@jest/globals';`,
    files: {},
    // As \`nest new\` of Nest 11 writes it.
    compiler: { module: 'nodenext', esModuleInterop: true, allowJs: true, isolatedModules: true },
    run: [['node', 'node_modules/jest/bin/jest.js']],
  },
  vitest: {
    packages: [...NEST_12, 'vitest@4'],
    manifest: { type: 'module' },
    imports: `import { afterEach, beforeEach, expect, it } from 'vitest';`,
    files: {},
    compiler: { module: 'nodenext' },
    run: [['node', 'node_modules/vitest/vitest.mjs', 'run']],
  },
  'node-test': {
    packages: NEST_12,
    manifest: { type: 'module' },
    imports: `import { afterEach, beforeEach, it } from 'node:test';
import assert from 'node:assert/strict';
const expect = (actual: unknown) => ({
  toEqual: (expected: unknown) => assert.deepEqual(actual, expected),
  toThrow: (message: string) =>
    assert.throws(actual as () => void, (error: Error) => error instanceof assert.AssertionError && error.message.includes(message)),
});`,
    files: {},
    compiler: { module: 'nodenext', outDir: 'built' },
    run: [
      ['node', 'node_modules/typescript/bin/tsc'],
      ['node', '--test', 'built/orders.spec.js'],
    ],
  },
};

const TEST = `import 'reflect-metadata';
import { Inject, Injectable, Module, type INestApplicationContext } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Job, jobSpec, QueueManager, QueueModule, type JobContext } from 'nestjs-job-queue';
import { fakeQueue, fakeQueueOptions, jobContext, QueueTestingModule, type FakeQueue } from 'nestjs-job-queue/testing';

@Injectable()
class Mailer {
  readonly sent: string[] = [];
}

@Job({ queue: 'emails' })
class SendEmail {
  constructor(@Inject(Mailer) private readonly mailer: Mailer) {}
  async handle({ to }: { to: string }, job: JobContext): Promise<string> {
    this.mailer.sent.push(\`\${to} \${job.attempt}\`);
    return to;
  }
}

@Module({ imports: [QueueModule.forRoot({ driver: 'redis' })], providers: [Mailer, SendEmail] })
class AppModule {}

const builders = [
  () => Test.createTestingModule({ imports: [QueueTestingModule.forRoot()], providers: [Mailer, SendEmail] }),
  () => fakeQueueOptions(Test.createTestingModule({ imports: [AppModule] })),
];

for (const build of builders) {
  let app: INestApplicationContext;
  let fake: FakeQueue;

  const start = async (): Promise<void> => {
    app = await build().compile();
    await app.init();
    fake = fakeQueue(app);
  };

  it('asserts what was pushed, and runs it in virtual time', async () => {
    await start();
    const queue = app.get(QueueManager);
    fake.assertNothingPushed();
    await queue.push(SendEmail, { to: 'ada' });
    await queue.later(SendEmail, { to: 'bob' }, '1h');
    await queue.chain([jobSpec(SendEmail, { to: 'eve' })]);
    fake.assertPushed(SendEmail, ({ to }) => to === 'ada');
    fake.assertDelayed(SendEmail, '1h');
    fake.assertChained([SendEmail]);
    expect(() => fake.assertPushedTimes(SendEmail, 5)).toThrow('SendEmail (queue emails): {"to":"ada"}');
    await fake.drain();
    expect(app.get(Mailer).sent).toEqual(['ada 1', 'eve 1']);
    await fake.travel('1h');
    expect(app.get(Mailer).sent).toEqual(['ada 1', 'eve 1', 'bob 1']);
    expect(await fake.runJob(SendEmail, { to: 'sue' }, { attempt: 2 })).toEqual('sue');
    expect(await new SendEmail(app.get(Mailer)).handle({ to: 'zoe' }, jobContext({ attempt: 3 }))).toEqual('zoe');
    expect(app.get(Mailer).sent.slice(3)).toEqual(['sue 2', 'zoe 3']);
    await app.close();
  });
}
void [beforeEach, afterEach];
`;

const folder = mkdtempSync(join(tmpdir(), 'try-testing-'));
try {
  execFileSync('npm', ['pack', '--loglevel=error', '--pack-destination', folder], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const tarball = join(folder, 'package.tgz');
  const [packed] = execFileSync('ls', [folder], { encoding: 'utf8' }).split('\n');
  cpSync(join(folder, packed), tarball);
  const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(PROJECTS);
  for (const name of names) tryIn(name, PROJECTS[name], tarball);
  console.log(`The testing kit works under ${names.join(', ')}.`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function tryIn(name, { packages, manifest, imports, files, compiler, run }, tarball) {
  console.log(`\n== ${name}`);
  const project = join(folder, name);
  mkdirSync(project);
  const write = (file, text) => {
    mkdirSync(dirname(join(project, file)), { recursive: true });
    writeFileSync(join(project, file), text);
  };
  write('package.json', JSON.stringify({ name, private: true, ...manifest }));
  write('tsconfig.json', JSON.stringify({ compilerOptions: { ...COMPILER, ...compiler }, include: ['*.ts'] }));
  for (const [file, text] of Object.entries(files)) write(file, text);
  write('orders.spec.ts', `${imports}\n${TEST}`);
  const execute = ([command, ...args]) => execFileSync(command, args, { cwd: project, stdio: 'inherit' });
  execute(['npm', 'install', '--no-audit', '--no-fund', '--loglevel=error', tarball, ...COMMON, ...packages]);
  for (const command of run) execute(command);
}
