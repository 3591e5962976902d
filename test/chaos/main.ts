import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROWS_FILE, type Row } from './harness/record.js';
import { formatRows } from './report/table.js';

const USAGE = `npm run test:chaos -- [options] [part of a file's name ...]

  --short         run the short forms, as \`npm test\` does
  --json <file>   save the rows
  --help
`;

process.exitCode = main();

/** Runs the chaos tests at full size, one file after the other, and prints their figures. Returns the exit code. */
function main(): number {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { short: { type: 'boolean' }, json: { type: 'string' }, help: { type: 'boolean' } },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const folder = mkdtempSync(join(tmpdir(), 'chaos-'));
  try {
    const file = join(folder, 'rows');
    writeFileSync(file, '');
    const paths = positionals.length > 0 ? positionals.map((name) => `test/chaos/.*${name}`) : ['test/chaos'];
    const { status } = spawnSync('npm', ['run', '--silent', 'jest', '--', '--maxWorkers=1', ...paths], {
      stdio: 'inherit',
      env: { ...process.env, CHAOS: values.short ? 'short' : 'long', [ROWS_FILE]: file },
    });
    const rows = readFileSync(file, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Row);
    process.stdout.write(`\n${formatRows(rows)}\n`);
    if (values.json !== undefined) {
      writeFileSync(values.json, `${JSON.stringify({ date: new Date().toISOString(), rows }, undefined, 2)}\n`);
    }
    return status ?? 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
