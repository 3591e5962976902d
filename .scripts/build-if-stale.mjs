import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Builds the library, and with the argument `sample-app` the sample application too. Skips a build that is newer than its
 * sources: a new build would remove the files of a process that runs already. Prints nothing unless a build fails.
 */
const CONFIGS = ['package.json', 'nest-cli.json', 'tsconfig.json', 'tsconfig.build.json'];

buildIfStale('build', ['lib', ...CONFIGS], 'dist/index.js');
if (process.argv.includes('sample-app')) {
  const sources = ['sample-app/src', 'sample-app/tsconfig.build.json', 'dist/index.d.ts'];
  buildIfStale('build:sample', sources, 'sample-app/dist/main.js');
}

function buildIfStale(script, sources, built) {
  if (Math.max(...sources.map(newest)) <= newest(built)) return;
  const { status, stdout } = spawnSync('npm', ['run', '--silent', script], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status === 0) return;
  process.stderr.write(stdout);
  process.exit(1);
}

/** Returns the time of the last change at or below a path; 0 if the path does not exist. */
function newest(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}
