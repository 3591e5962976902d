import { parseArgs } from 'node:util';
import { formatResults } from './report.js';
import { runTests, type ServerResult } from './run-tests.js';
import { findServers, PLACES } from './servers.js';

const FILES = ['test/contract/redis', 'test/model/redis', 'test/e2e'];
const USAGE = `npm run test:servers -- [options] [files]

Runs the contract, model and e2e tests, or the files, on each server: the program in REDIS_SERVER, redis-server and
valkey-server on PATH, and the server of the Debian packages. Prints how many tests passed and failed on each.

  --list    print the servers only
  --help
`;

process.exitCode = await main();

/** Returns the exit code: 1 if there is no server, or if a test failed on one of them. */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { list: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const servers = await findServers(PLACES, (place, reason) => process.stderr.write(`${place}: ${reason}\n`));
  if (values.list) {
    for (const { version, binary } of servers) process.stdout.write(`${version} ${binary.path}\n`);
    return servers.length > 0 ? 0 : 1;
  }
  const results: ServerResult[] = [];
  for (const { version, binary } of servers) {
    process.stderr.write(`\n${version}\n`);
    results.push(await runTests(version, binary, positionals.length > 0 ? positionals : FILES));
  }
  process.stdout.write(`${formatResults(results)}\n`);
  const isFine = results.length > 0 && results.every(({ passed, failed }) => passed > 0 && failed.length === 0);
  return isFine ? 0 : 1;
}
