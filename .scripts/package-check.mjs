import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';

/** Packs the package as for publishing and checks the tarball: documents, entry points, types and their resolution. */
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

/** A package without a document to which another one links has dead links. */
function checkDocuments(packed) {
  const documents = packed.filter((path) => path.endsWith('.md'));
  const links = documents.flatMap((document) =>
    [...readFileSync(document, 'utf8').matchAll(/\]\((?!\w+:)([^)#\s]+\.md)/g)].map(([, link]) =>
      posix.join(posix.dirname(document), link),
    ),
  );
  if (links.length === 0) throw new Error('The documents of the package have no links: the check is wrong');
  const missing = new Set(links.filter((path) => !packed.includes(path)));
  if (missing.size > 0) throw new Error(`The package lacks ${[...missing].join(', ')}`);
}

function run(tool, args) {
  execFileSync(join('node_modules', '.bin', tool), args, { stdio: 'inherit' });
}
