import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { applicationOfPackage } from '../../../lib/options/application.js';
import { resolveOptions } from '../../../lib/options/options.resolver.js';

let folder: string;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'nestjs-job-queue-application-')));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Writes a file, and returns its path. */
async function write(path: string, content: unknown = ''): Promise<string> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

test('the application is named by the package of its program', async () => {
  await write('package.json', { name: 'whole' });
  await write('apps/shop/package.json', { name: '@acme/shop' });
  const main = await write('apps/shop/dist/main.js');
  await write('elsewhere/package.json', { name: 'elsewhere' });
  expect(applicationOfPackage(main, join(folder, 'elsewhere'))).toBe('@acme/shop');
});

test('a package without a readable name is passed', async () => {
  await write('package.json', { name: 'whole' });
  await write('dist/package.json', { type: 'module' });
  expect(applicationOfPackage(await write('dist/main.js'), '/')).toBe('whole');
  await write('broken/package.json', '{');
  expect(applicationOfPackage(await write('broken/main.js'), '/')).toBe('whole');
});

test('an installed program works for the package of its directory', async () => {
  await write('package.json', { name: 'whole' });
  await write('node_modules/tool/package.json', { name: 'tool' });
  const tool = await write('node_modules/tool/main.js');
  const link = join(folder, 'tool');
  await symlink(tool, link);
  expect(applicationOfPackage(link, folder)).toBe('whole');
  expect(applicationOfPackage(undefined, folder)).toBe('whole');
});

test('an application without a package has a name all the same', () => {
  expect(applicationOfPackage(undefined, '/')).toBe('application');
});

test('the option beats the variable, and a bad name is refused', () => {
  expect(resolveOptions({}, {}).application).toBeUndefined();
  expect(resolveOptions({}, { QUEUE_APPLICATION: 'shop' }).application).toBe('shop');
  expect(resolveOptions({ application: 'blog' }, { QUEUE_APPLICATION: 'shop' }).application).toBe('blog');
  for (const application of ['', 'a b', 'x'.repeat(215), 5]) {
    expect(() => resolveOptions({ application: application as string }, {})).toThrow('Option "application"');
  }
});
