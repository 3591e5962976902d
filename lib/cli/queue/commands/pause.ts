import type { Command } from 'commander';
import { positiveSeconds } from '../../option-values.js';
import { queueNames } from '../queue-arguments.js';
import { noteUnknownQueue } from '../queue-note.js';
import type { RunCommand } from '../queue-tools.js';

export function addPause(program: Command, run: RunCommand): void {
  program
    .command('pause')
    .description('start no more jobs of queues, in all processes; jobs that run go on')
    .argument('<queues...>', 'the queues', queueNames)
    .option('--for <duration>', 'how long (default: until they are resumed)', positiveSeconds)
    .action((queues: readonly string[], options: { readonly for?: number }) =>
      run(async (tools) => {
        for (const queue of queues) {
          await noteUnknownQueue(tools, queue);
          await tools.admin.pause(queue, options);
        }
        const span = options.for === undefined ? 'until they are resumed' : `for ${options.for} s`;
        tools.out.print({ paused: queues }, () => `Paused ${queues.join(', ')} ${span}`);
      }),
    );
}
