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

/** A heartbeat or a reply that comes late can add a function to one measurement, but not to each of three. */
const MOST_TRIES = 3;

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
  let excesses: string[] = [];
  for (let tries = values.check ? MOST_TRIES : 1; tries > 0; tries--) {
    const way = await measureWay();
    if (values.list) process.stdout.write(`${formatFunctions(way)}\n\n`);
    process.stdout.write(`${formatSizes(way)}\n`);
    if (!values.check) return 0;
    excesses = findExcesses({ push: sizeOf(way.push), whole: sizeOf(way.whole) });
    if (excesses.length === 0) return 0;
  }
  for (const excess of excesses) process.stderr.write(`TOO LONG: ${excess}\n`);
  return excesses.length > 0 ? 1 : 0;
}
