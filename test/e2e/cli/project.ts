import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { transform } from '@swc/core';
import { builtPackage } from '../../support/built-package.js';
import { swcOptions } from '../../support/swc-options.mjs';

/** The packages that the library and the application load, in the versions of the running test suite. */
const PACKAGES = [
  '@nestjs/common',
  '@nestjs/core',
  'ioredis',
  'reflect-metadata',
  'rxjs',
  'commander',
  'croner',
  'dotenv',
  'ms',
];
const FIXTURE = join(import.meta.dirname, 'fixture');
const SOURCES = ['app.module', 'jobs'];

export type ModuleFormat = 'es6' | 'commonjs';

/** A user's project: the built fixture application, with the library installed beside Nest. */
export interface Project {
  readonly folder: string;
  /** The command of the installed library. */
  readonly command: string;
  write(path: string, content: string): Promise<void>;
  remove(): Promise<void>;
}

/** @param format the module format of the compiled application */
export async function createProject(format: ModuleFormat): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), 'nestjs-job-queue-cli-'));
  const installed = join(folder, 'node_modules', 'nestjs-job-queue');
  const write = async (path: string, content: string): Promise<void> => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  };
  await cp(await builtPackage(), installed, { recursive: true });
  for (const name of PACKAGES) await link(folder, name);
  await write('package.json', JSON.stringify({ type: format === 'es6' ? 'module' : 'commonjs' }));
  for (const source of SOURCES) await write(`dist/${source}.js`, await compile(source, format));
  return {
    folder,
    command: join(installed, 'dist', 'cli', 'main.js'),
    write,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function compile(source: string, type: ModuleFormat): Promise<string> {
  const filename = join(FIXTURE, `${source}.ts`);
  const options = { ...swcOptions, sourceMaps: false, module: { type }, filename };
  return (await transform(await readFile(filename, 'utf8'), options)).code;
}

/** Links a package into the project. The library itself is copied: through a link it would load Nest from elsewhere. */
async function link(folder: string, name: string): Promise<void> {
  const [, packageFolder] =
    /^(.*[/\\]node_modules[/\\](?:@[^/\\]+[/\\])?[^/\\]+)/.exec(createRequire(import.meta.url).resolve(name)) ?? [];
  const path = join(folder, 'node_modules', name);
  await mkdir(dirname(path), { recursive: true });
  await symlink(packageFolder!, path, 'dir');
}
