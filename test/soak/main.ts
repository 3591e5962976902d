import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { countExtra, findBreaches } from './breaches.js';
import { growth } from './growth.js';
import { soak } from './soak.js';

const USAGE = `npm run test:soak -- [options]

  --jobs <number>   the number of jobs (default: 1,000,000)
  --quick           run 20,000 jobs
  --help
`;

process.exitCode = await main();

/** Runs very many jobs, prints the measured values, and returns the exit code: 1 if a value breaks a limit. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { jobs: { type: 'string' }, quick: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const jobs = Number(values.jobs ?? (values.quick ? 20_000 : 1_000_000));
  if (!Number.isSafeInteger(jobs) || jobs < 1_000) {
    process.stderr.write(`--jobs: expected a whole number of at least 1000\n\n${USAGE}`);
    return 2;
  }
  const startedAt = Date.now();
  const findings = await soak(jobs, (line) => process.stdout.write(`${line}\n`));
  const { runs, kills, heap, before, after, keysAfter, consumers } = findings;
  const figures = {
    jobs,
    seconds: Math.round((Date.now() - startedAt) / 1_000),
    lost: runs.filter((count) => count === 0).length,
    'extra runs': countExtra(runs),
    'workers killed': kills,
    'heap growth, bytes': Math.round(growth(heap)),
    'heap growth, bytes a job': Number((growth(heap) / ((heap.at(-1)?.x ?? 1) - (heap[0]?.x ?? 0))).toPrecision(2)),
    'handles before': JSON.stringify(before.handles),
    'handles after': JSON.stringify(after.handles),
    'kinds of keys after': keysAfter.join(' '),
    'consumers after': String(consumers),
  };
  for (const [name, value] of Object.entries(figures)) process.stdout.write(`${name}: ${value}\n`);
  const breaches = findBreaches(findings);
  for (const breach of breaches) process.stderr.write(`BREACH: ${breach}\n`);
  return breaches.length > 0 ? 1 : 0;
}
