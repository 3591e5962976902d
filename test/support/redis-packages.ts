import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The program of a Redis server, with the environment variables that it needs. */
export interface RedisBinary {
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The Debian packages of the server, without those that every Debian has. */
const PACKAGES = ['redis-server', 'redis-tools', 'liblzf1', 'libjemalloc2', 'libatomic1'];
const CACHE = resolve('node_modules/.cache/redis-server');

/**
 * Provides a server from Debian's packages, without root and without files outside `node_modules/.cache`: apt downloads
 * them with separate package lists, and they are unpacked here. The next run finds them there.
 */
export async function provideRedis(): Promise<RedisBinary> {
  if (!(await exists(serverIn(CACHE)))) await fill(CACHE);
  return { path: serverIn(CACHE), env: { LD_LIBRARY_PATH: (await libraryFolders(CACHE)).join(':') } };
}

/** Fills a new folder and then renames it, so that two jest workers can do this at the same time. */
async function fill(target: string): Promise<void> {
  await mkdir(join(target, '..'), { recursive: true });
  const folder = await mkdtemp(`${target}-`);
  try {
    await download(folder);
    for (const file of await readdir(folder)) {
      if (file.endsWith('.deb')) await run('dpkg-deb', ['-x', join(folder, file), folder]);
    }
    await rename(folder, target);
  } catch (error) {
    if (!(await exists(serverIn(target)))) throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function download(folder: string): Promise<void> {
  const lists = join(folder, 'lists');
  const cache = join(folder, 'cache');
  await mkdir(join(lists, 'partial'), { recursive: true });
  await mkdir(join(cache, 'archives', 'partial'), { recursive: true });
  const own = ['-o', `Dir::State::lists=${lists}`, '-o', `Dir::Cache=${cache}`, '-o', 'APT::Sandbox::User='];
  try {
    await run('apt-get', [...own, '-o', 'Debug::NoLocking=1', 'update'], { cwd: folder });
    await run('apt-get', [...own, 'download', ...PACKAGES], { cwd: folder });
  } finally {
    await rm(lists, { recursive: true, force: true });
    await rm(cache, { recursive: true, force: true });
  }
}

function serverIn(folder: string): string {
  return join(folder, 'usr', 'bin', 'redis-server');
}

/** Finds the multiarch folders, such as `usr/lib/x86_64-linux-gnu`. */
async function libraryFolders(folder: string): Promise<string[]> {
  const lib = join(folder, 'usr', 'lib');
  const entries = await readdir(lib, { withFileTypes: true });
  return entries.filter((entry) => entry.name.endsWith('-linux-gnu')).map((entry) => join(lib, entry.name));
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
