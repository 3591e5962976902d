import type { Command } from 'commander';
import { EXIT } from '../../command-error.js';
import { seconds, wholeNumber } from '../../option-values.js';
import { queueNames } from '../queue-arguments.js';
import { age, table } from '../queue-output.js';
import type { RunCommand } from '../queue-tools.js';

/** How long the look at one queue may take, in seconds. */
const TIMEOUT = 10;
const DEFAULT_MAX = 1_000;

interface MonitorFlags {
  readonly max: number;
  readonly maxAge?: number;
  readonly minWorkers?: number;
}

export function addMonitor(program: Command, run: RunCommand): void {
  program
    .command('monitor')
    .description('check the queues against limits; the exit code is 1 if one is exceeded')
    .argument('[queues...]', 'these queues, also divided by commas (default: all)', queueNames)
    .option('--max <n>', 'the most jobs that may be ready', wholeNumber(0), DEFAULT_MAX)
    .option('--max-age <duration>', 'for how long the oldest ready job may wait', seconds)
    .option('--min-workers <n>', 'how many workers have to work each queue', wholeNumber(0))
    .action((names: readonly string[] | undefined, { max, maxAge, minWorkers }: MonitorFlags) =>
      run(async ({ health, driver, out }) => {
        const queues = names?.length ? names : await driver.queues();
        const limits = { maxReady: max, maxAge, minWorkers, timeout: TIMEOUT };
        const results = await Promise.all(
          queues.map(async (queue) => {
            const { state } = await health.check('state', { ...limits, queues: [queue] });
            const { status, message, queues: looks } = state;
            return { queue, ok: status === 'up', message, details: looks?.[queue] };
          }),
        );
        out.print(results, () =>
          table(
            ['queue', 'ready', 'oldest', 'workers', 'status'],
            results.map(({ queue, ok, details, message }) => [
              queue,
              details?.ready ?? '-',
              age(details?.oldestReadyAge),
              details?.workers ?? '-',
              ok ? (details?.paused ? 'OK (paused)' : 'OK') : `ALERT: ${message}`,
            ]),
          ),
        );
        return results.every(({ ok }) => ok) ? EXIT.ok : EXIT.failure;
      }),
    );
}
