import type { Command } from 'commander';
import { EXIT } from '../../command-error.js';
import { count } from '../queue-output.js';
import type { RunCommand } from '../queue-tools.js';

export function addRemove(program: Command, run: RunCommand): void {
  program
    .command('remove')
    .alias('forget')
    .description('remove jobs that wait or have ended, with all that is kept of them')
    .argument('<ids...>', 'the ids of the jobs')
    .action((ids: readonly string[]) =>
      run(async ({ admin, out, io }) => {
        const removed = await admin.remove(ids);
        out.print({ removed }, () => `Removed ${count(removed, 'job')}`);
        if (removed === new Set(ids).size) return EXIT.ok;
        io.writeError(`queue: ${new Set(ids).size - removed} of the jobs are not known, or run: cancel those\n`);
        return EXIT.failure;
      }),
    );
}
