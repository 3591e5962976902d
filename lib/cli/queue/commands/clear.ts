import type { Command } from 'commander';
import type { JobState } from '../../../index.js';
import { CommandError, EXIT } from '../../command-error.js';
import { queueName, words } from '../queue-arguments.js';
import { noteUnknownQueue } from '../queue-note.js';
import { count } from '../queue-output.js';
import type { RunCommand } from '../queue-tools.js';

const STATES = [
  'queued',
  'delayed',
  'retrying',
  'failed',
  'completed',
  'cancelled',
] as const satisfies readonly JobState[];

interface ClearFlags {
  readonly state?: readonly JobState[];
  readonly force?: boolean;
}

export function addClear(program: Command, run: RunCommand): void {
  program
    .command('clear')
    .description('remove the jobs of a queue that wait, or those in some states; jobs that run go on')
    .argument('<queue>', 'the queue', queueName)
    .option('--state <states>', `in these states: ${STATES.join(', ')} (default: the first three)`, words(STATES))
    .option('--force', 'do not ask')
    .action((queue: string, { state, force }: ClearFlags) =>
      run(async (tools) => {
        const { admin, driver, io, out } = tools;
        await noteUnknownQueue(tools, queue);
        const what = `the ${state?.join(', ') ?? 'waiting'} jobs of ${queue} on ${driver.address}`;
        if (!force) {
          if (!io.ask) throw new CommandError(`--force is needed to remove ${what} without a question`, EXIT.usage);
          if (!(await io.ask(`Remove ${what}?`))) return EXIT.failure;
        }
        const removed = await admin.clear(queue, state ? { states: state } : {});
        out.print({ removed }, () => `Removed ${count(removed, 'job')}`);
        return EXIT.ok;
      }),
    );
}
