import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Packs the package as it would be published and checks that one tarball: documents, entry points, types, how they resolve. */
const folder = mkdtempSync(join(tmpdir(), 'package-check-'));
try {
  const packed = execFileSync('npm', ['pack', '--json', '--loglevel=error', '--pack-destination', folder], {
    encoding: 'utf8',
  });
  const [{ filename, files }] = JSON.parse(packed.slice(packed.indexOf('[')));
  checkDocuments(files.map(({ path }) => path));
  const tarball = join(folder, filename);
  run('publint', ['run', tarball, '--strict']);
  run('attw', [tarball, '--profile', 'node16', '--ignore-rules', 'cjs-resolves-to-esm', '--no-emoji']);
} catch (error) {
  if (error.status === undefined) throw error;
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The README links to the documents beside the code: a package without them has dead links. */
function checkDocuments(packed) {
  const documents = readdirSync('lib', { recursive: true }).filter((file) => file.endsWith('.md'));
  const missing = documents.map((file) => `lib/${file}`).filter((path) => !packed.includes(path));
  if (missing.length > 0) throw new Error(`The package lacks ${missing.join(', ')}`);
}

function run(tool, args) {
  execFileSync(join('node_modules', '.bin', tool), args, { stdio: 'inherit' });
}
