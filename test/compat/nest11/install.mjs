import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Installs the packages of this folder if they are missing or differ from the lock file. Runs before the tests that need
 * them, and not as an install script, because users of the library must not get these packages.
 */
const folder = dirname(fileURLToPath(import.meta.url));
const lock = readFileSync(join(folder, 'package-lock.json'), 'utf8');
const stamp = join(folder, 'node_modules', '.installed-lock.json');

if (installedLock() !== lock) {
  console.log('Installing the packages of test/compat/nest11 ...');
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: 'inherit',
  });
  writeFileSync(stamp, lock);
}

function installedLock() {
  try {
    return readFileSync(stamp, 'utf8');
  } catch {
    return undefined;
  }
}
