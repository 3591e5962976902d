import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { CommandError } from '../../../lib/cli/command-error.js';
import { findModule } from '../../../lib/cli/module-finder.js';

describe('findModule', () => {
  let root: string;
  let cwd: string;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'nestjs-job-queue-finder-'));
  });
  beforeEach(async () => {
    cwd = await mkdtemp(join(root, 'project-'));
  });
  afterAll(async () => {
    await rm(root, { recursive: true });
  });

  const write = async (path: string, content = ''): Promise<string> => {
    const file = join(cwd, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    return file;
  };
  const failure = (...args: Parameters<typeof findModule>): string => {
    try {
      findModule(...args);
    } catch (error) {
      expect(error).toBeInstanceOf(CommandError);
      expect(error).toMatchObject({ exitCode: 1 });
      return (error as CommandError).message;
    }
    throw new Error('findModule found a file');
  };

  test('takes the named file before the usual path', async () => {
    await write('dist/app.module.js');
    const path = await write('build/worker.js');
    expect(findModule(cwd, 'build/worker.js')).toEqual({ path });
    expect(findModule(cwd, './build/worker')).toEqual({ path });
    expect(findModule(cwd, path)).toEqual({ path });
  });

  test.each(['mjs', 'cjs'])('adds .%s to a path without extension', async (extension) => {
    const path = await write(`build/worker.${extension}`);
    expect(findModule(cwd, 'build/worker')).toEqual({ path });
  });

  test('reads the class name after the last #', async () => {
    const path = await write('build/a#1/worker.js');
    expect(findModule(cwd, 'build/a#1/worker.js#WorkerModule')).toEqual({ path, exportName: 'WorkerModule' });
    expect(findModule(cwd, 'build/a#1/worker.js')).toEqual({ path });
  });

  test('names the missing file in its error', () => {
    expect(failure(cwd, '../x/worker.js')).toMatch(
      /^--module names \.\.\/x\/worker\.js, which was not found\. The command looked for it at\n {2}\.\.\/x\/worker\.js\nBuild the project first/,
    );
  });

  test('does not take a folder for a file', async () => {
    await write('dist/app.module.js/x');
    expect(failure(cwd)).toContain("The application's module was not found.");
  });

  test.each([
    ['nested', { queue: { module: './build/worker.js#WorkerModule' } }],
    ['as one key with a dot', { 'queue.module': 'build/worker#WorkerModule' }],
  ])('takes the path in package.json, %s', async (_how, manifest) => {
    await write('dist/app.module.js');
    await write('package.json', JSON.stringify(manifest));
    const path = await write('build/worker.js');
    expect(findModule(cwd)).toEqual({ path, exportName: 'WorkerModule' });
  });

  test('resolves the path of a package.json in a folder above from that folder', async () => {
    await write('package.json', '{ "queue": { "module": "build/worker.js" } }');
    const path = await write('build/worker.js');
    await write('src/emails/x.ts');
    expect(findModule(join(cwd, 'src', 'emails'))).toEqual({ path });
  });

  test('throws if package.json is broken or names a missing file', async () => {
    await write('package.json', '{ "queue": { "module": 1 } }');
    expect(failure(cwd)).toMatch(/^"queue\.module" in .*package\.json: expected a path, got 1$/);
    await write('package.json', '{');
    expect(failure(cwd)).toMatch(/package\.json cannot be read: /);
    await write('package.json', '{ "queue": { "module": "gone.js" } }');
    expect(failure(cwd)).toMatch(/^"queue\.module" in package\.json names gone\.js, which was not found\./);
  });

  test.each(['{ "name": "app" }', '{ "queue": null }', 'null'])(
    'takes the usual path if package.json is %s',
    async (manifest) => {
      await write('package.json', manifest);
      const path = await write('dist/app.module.js');
      expect(findModule(cwd)).toEqual({ path });
    },
  );

  test.each(['dist/app.module.js', 'dist/src/app.module.js'])('takes %s if no path is given', async (usual) => {
    const path = await write(usual);
    expect(findModule(cwd)).toEqual({ path });
  });

  test('finds the usual path from a folder inside the project', async () => {
    await write('package.json', '{}');
    await write('src/main.ts');
    const path = await write('dist/app.module.js');
    expect(findModule(join(cwd, 'src'))).toEqual({ path });
  });
});
