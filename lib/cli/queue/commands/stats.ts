import type { Command } from 'commander';
import type { Percentiles, QueueStatistics, StatisticsCounts } from '../../../index.js';
import { localTime, shortDuration } from '../../format.js';
import { positiveSeconds } from '../../option-values.js';
import { pointInTime, queueName } from '../queue-arguments.js';
import { noteUnknownQueue } from '../queue-note.js';
import { age, table } from '../queue-output.js';
import type { RunCommand } from '../queue-tools.js';

interface StatsFlags {
  readonly from?: Date;
  readonly to?: Date;
  readonly step?: number;
}

export function addStats(program: Command, run: RunCommand): void {
  program
    .command('stats')
    .description('show how many jobs ended, and how long they ran and waited')
    .argument('[queue]', 'this queue alone', queueName)
    .option('--from <time>', 'since when: a duration before now, or a date (default: an hour ago)', pointInTime)
    .option('--to <time>', 'until when (default: now)', pointInTime)
    .option('--step <duration>', 'one line for each of such spans', positiveSeconds)
    .action((queue: string | undefined, flags: StatsFlags) =>
      run(async (tools) => {
        if (queue !== undefined) await noteUnknownQueue(tools, queue);
        const statistics = await tools.admin.stats(queue, flags);
        tools.out.print(statistics, () => toText(statistics, flags.step !== undefined));
      }),
    );
}

function toText({ from, to, total, points, oldestReadyAge }: QueueStatistics, withPoints: boolean): string {
  const rows = withPoints ? points.map((point) => [localTime(point.time), ...cellsOf(point)]) : [];
  const headings = ['', 'completed', 'failed', 'retried', 'run p50', 'p95', 'p99', 'wait p50', 'p95', 'p99'];
  return [
    `${localTime(from)} to ${localTime(to)}; the oldest ready job waits for ${age(oldestReadyAge)}`,
    '',
    table(headings, [...rows, ['in all', ...cellsOf(total)]]),
  ].join('\n');
}

function cellsOf({ completed, failed, retried, run, wait }: StatisticsCounts): (string | number)[] {
  return [completed, failed, retried, ...timesOf(run), ...timesOf(wait)];
}

function timesOf(times: Percentiles | null): string[] {
  return times ? [times.p50, times.p95, times.p99].map((time) => shortDuration(time)) : ['-', '-', '-'];
}
