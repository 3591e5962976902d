import type { Command } from 'commander';
import { nonEmptyText, seconds } from '../../option-values.js';
import { hours, queueName } from '../queue-arguments.js';
import { noteUnknownQueue } from '../queue-note.js';
import { count } from '../queue-output.js';
import type { RunCommand } from '../queue-tools.js';

interface FlushFlags {
  readonly hours?: number;
  readonly olderThan?: number;
  readonly name?: string;
}

export function addFlush(program: Command, run: RunCommand): void {
  program
    .command('flush')
    .description('remove the failed jobs of all queues, or of one')
    .argument('[queue]', 'of this queue alone', queueName)
    .option('--hours <n>', 'those that failed so many hours ago, or earlier', hours)
    .option('--older-than <duration>', 'those that failed so long ago, or earlier', seconds)
    .option('--name <name>', 'of this job name', nonEmptyText)
    .action((queue: string | undefined, flags: FlushFlags) =>
      run(async (tools) => {
        if (queue !== undefined) await noteUnknownQueue(tools, queue);
        const options = { olderThan: flags.olderThan ?? flags.hours, name: flags.name };
        let removed = 0;
        for (const each of queue === undefined ? await tools.driver.queues() : [queue]) {
          removed += await tools.admin.flush(each, options);
        }
        tools.out.print({ removed }, () => `Removed ${count(removed, 'failed job')}`);
      }),
    );
}
