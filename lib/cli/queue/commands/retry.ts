import type { Command } from 'commander';
import type { RetryAllOptions } from '../../../index.js';
import { CommandError, EXIT } from '../../command-error.js';
import { nonEmptyText, wholeNumber } from '../../option-values.js';
import { pointInTime, queueName } from '../queue-arguments.js';
import { noteUnknownQueue } from '../queue-note.js';
import { count } from '../queue-output.js';
import type { QueueTools, RunCommand } from '../queue-tools.js';

interface RetryFlags extends RetryAllOptions {
  readonly queue?: string;
}

export function addRetry(program: Command, run: RunCommand): void {
  program
    .command('retry')
    .description('put failed jobs back into their queue')
    .argument('[ids...]', 'the ids of the jobs, or all')
    .option('--queue <queue>', 'the failed jobs of this queue', queueName)
    .option('--name <name>', 'of this job name', nonEmptyText)
    .option('--tag <tag>', 'with this tag', nonEmptyText)
    .option('--since <time>', 'that failed since: a duration before now, or a date', pointInTime)
    .option('--until <time>', 'that failed before', pointInTime)
    .option('--limit <n>', 'at most so many of each queue, those that failed first', wholeNumber(1))
    .option('--to <queue>', 'put them into this queue', queueName)
    .action((ids: readonly string[], flags: RetryFlags) => {
      checkUse(ids, flags);
      return run(async (tools) => {
        const retried =
          ids.length > 0 && ids[0] !== 'all' ? await tools.admin.retry(ids) : await retryAll(tools, flags);
        tools.out.print({ retried }, () => `Put back ${count(retried, 'job')}`);
        if (ids.length === 0 || ids[0] === 'all' || retried === new Set(ids).size) return EXIT.ok;
        tools.io.writeError(`queue: ${new Set(ids).size - retried} of the jobs are not known, or have not failed\n`);
        return EXIT.failure;
      });
    });
}

async function retryAll(tools: QueueTools, { queue, ...filter }: RetryFlags): Promise<number> {
  if (queue !== undefined) await noteUnknownQueue(tools, queue);
  let retried = 0;
  for (const each of queue === undefined ? await tools.driver.queues() : [queue]) {
    retried += await tools.admin.retryAll(each, filter);
  }
  return retried;
}

/** @throws CommandError */
function checkUse(ids: readonly string[], flags: RetryFlags): void {
  const isAll = ids[0] === 'all';
  const [flag] = Object.keys(flags);
  if (isAll && ids.length > 1) throw new CommandError('Give all, or ids', EXIT.usage);
  if (!isAll && ids.length > 0 && flag !== undefined) {
    throw new CommandError(`--${flag} is for all failed jobs, not for ids: queue retry all --${flag} ...`, EXIT.usage);
  }
  if (ids.length === 0 && flags.queue === undefined) {
    throw new CommandError('Say which: ids, all, or --queue <queue>', EXIT.usage);
  }
}
