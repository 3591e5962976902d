import { parseArgs } from 'node:util';
import { sizeOf } from './count-calls.js';
import { findExcesses } from './limits.js';
import { measureWay } from './measure.js';
import { formatFunctions, formatSizes } from './report.js';

const USAGE = `npm run test:way -- [options]

  --list    print the files and functions of both trips as well
  --check   fail (exit code 1) if a trip exceeds its limit
  --help
`;

process.exitCode = await main();

/** Counts the way of one job through the library, prints it, and returns the exit code. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { list: { type: 'boolean' }, check: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const way = await measureWay();
  if (values.list) process.stdout.write(`${formatFunctions(way)}\n\n`);
  process.stdout.write(`${formatSizes(way)}\n`);
  if (!values.check) return 0;
  const excesses = findExcesses({ push: sizeOf(way.push), whole: sizeOf(way.whole) });
  for (const excess of excesses) process.stderr.write(`TOO LONG: ${excess}\n`);
  return excesses.length > 0 ? 1 : 0;
}
