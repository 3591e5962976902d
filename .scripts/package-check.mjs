import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Packs the package as for publishing and checks the tarball: entry points, types and their resolution. */
const folder = mkdtempSync(join(tmpdir(), 'package-check-'));
try {
  const packed = execFileSync('npm', ['pack', '--json', '--loglevel=error', '--pack-destination', folder], {
    encoding: 'utf8',
  });
  const tarball = join(folder, JSON.parse(packed.slice(packed.indexOf('[')))[0].filename);
  run('publint', ['run', tarball, '--strict']);
  run('attw', [tarball, '--profile', 'node16', '--ignore-rules', 'cjs-resolves-to-esm', '--no-emoji']);
} catch (error) {
  if (error.status === undefined) throw error;
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function run(tool, args) {
  execFileSync(join('node_modules', '.bin', tool), args, { stdio: 'inherit' });
}
