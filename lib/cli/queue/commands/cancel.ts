import type { Command } from 'commander';
import type { CancelAllOptions } from '../../../index.js';
import { CommandError, EXIT } from '../../command-error.js';
import { nonEmptyText } from '../../option-values.js';
import { queueName } from '../queue-arguments.js';
import { noteUnknownQueue } from '../queue-note.js';
import { count } from '../queue-output.js';
import type { QueueTools, RunCommand } from '../queue-tools.js';

interface CancelFlags extends CancelAllOptions {
  readonly queue?: string;
  readonly reason?: string;
}

export function addCancel(program: Command, run: RunCommand): void {
  program
    .command('cancel')
    .description('cancel jobs: those that wait end at once, those that run are told by their signals')
    .argument('[ids...]', 'the ids of the jobs')
    .option('--queue <queue>', 'all jobs of this queue', queueName)
    .option('--name <name>', 'of this job name', nonEmptyText)
    .option('--tag <tag>', 'with this tag', nonEmptyText)
    .option('--group <group>', 'of this group', nonEmptyText)
    .option('--reason <text>', 'why, for jobs that are named by their ids', nonEmptyText)
    .action((ids: readonly string[], flags: CancelFlags) => {
      checkUse(ids, flags);
      return run(async (tools) => {
        const cancelled = ids.length > 0 ? await cancelEach(tools, ids, flags.reason) : await cancelAll(tools, flags);
        tools.out.print({ cancelled }, () => `Cancelled ${count(cancelled, 'job')}`);
        if (ids.length === 0 || cancelled === ids.length) return EXIT.ok;
        tools.io.writeError(`queue: ${ids.length - cancelled} of the jobs are not known, or have ended\n`);
        return EXIT.failure;
      });
    });
}

async function cancelEach({ queue }: QueueTools, ids: readonly string[], reason?: string): Promise<number> {
  let cancelled = 0;
  for (const id of ids) if (await queue.cancel(id, reason)) cancelled++;
  return cancelled;
}

async function cancelAll(tools: QueueTools, { queue, name, tag, group }: CancelFlags): Promise<number> {
  await noteUnknownQueue(tools, queue!);
  return tools.admin.cancelAll(queue!, { name, tag, group });
}

/** @throws CommandError */
function checkUse(ids: readonly string[], { queue, reason, ...filter }: CancelFlags): void {
  if (ids.length === 0 && queue === undefined) throw new CommandError('Say which: ids, or --queue <queue>', EXIT.usage);
  if (ids.length === 0 && reason !== undefined) throw new CommandError('--reason is for ids', EXIT.usage);
  const [flag] = Object.keys(queue === undefined ? filter : { queue });
  if (ids.length > 0 && flag !== undefined) throw new CommandError(`--${flag} is not for ids`, EXIT.usage);
}
