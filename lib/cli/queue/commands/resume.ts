import type { Command } from 'commander';
import { queueNames } from '../queue-arguments.js';
import { noteUnknownQueue } from '../queue-note.js';
import type { RunCommand } from '../queue-tools.js';

export function addResume(program: Command, run: RunCommand): void {
  program
    .command('resume')
    .alias('continue')
    .description('end the pause of queues')
    .argument('<queues...>', 'the queues', queueNames)
    .action((queues: readonly string[]) =>
      run(async (tools) => {
        for (const queue of queues) {
          await noteUnknownQueue(tools, queue);
          await tools.admin.resume(queue);
        }
        tools.out.print({ resumed: queues }, () => `Resumed ${queues.join(', ')}`);
      }),
    );
}
