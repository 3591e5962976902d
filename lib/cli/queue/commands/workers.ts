import type { Command } from 'commander';
import type { WorkerInfo } from '../../../index.js';
import { localTime } from '../../format.js';
import { table } from '../queue-output.js';
import type { RunCommand } from '../queue-tools.js';

export function addWorkers(program: Command, run: RunCommand): void {
  program
    .command('workers')
    .description('list the workers that run, in all processes')
    .action(() =>
      run(async ({ admin, out }) => {
        const workers = await admin.workers();
        out.print(workers, () => (workers.length === 0 ? 'No worker runs' : toTable(workers)));
      }),
    );
}

function toTable(workers: readonly WorkerInfo[]): string {
  return table(
    ['process', 'queues', 'busy', 'slots', 'started', 'last seen', 'version'],
    workers.map(({ host, pid, queues, busy, concurrency, startedAt, lastSeenAt, version }) => [
      `${host}:${pid}`,
      queues.join(' '),
      busy,
      concurrency,
      localTime(startedAt),
      localTime(lastSeenAt),
      version,
    ]),
  );
}
