import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const CACHES = resolve(import.meta.dirname, '../../node_modules/.cache');
/** How long a folder is kept, in milliseconds. No test run lasts longer. */
const KEPT_MS = 3_600_000;

/**
 * Makes a folder unless it exists: test files, jest workers and runs share it. If two processes make it at the same time,
 * the second deletes its copy.
 *
 * @param cache the folder in which similar folders are kept
 * @param name the name of the folder; a folder with other contents needs another name
 * @param make fills the folder
 */
export async function madeOnce(cache: string, name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const parent = join(CACHES, cache);
  const folder = join(parent, name);
  if (await exists(folder)) return folder;
  await mkdir(parent, { recursive: true });
  await removeOld(parent);
  const draft = await mkdtemp(join(parent, 'draft-'));
  await make(draft);
  await rename(draft, folder).catch(async (error: unknown) => {
    await rm(draft, { recursive: true });
    if (!(await exists(folder))) throw error;
  });
  return folder;
}

async function removeOld(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const path = join(parent, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > KEPT_MS) await rm(path, { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
