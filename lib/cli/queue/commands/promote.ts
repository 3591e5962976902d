import type { Command } from 'commander';
import { EXIT } from '../../command-error.js';
import { count } from '../queue-output.js';
import type { RunCommand } from '../queue-tools.js';

export function addPromote(program: Command, run: RunCommand): void {
  program
    .command('promote')
    .description('make jobs ready now that are delayed, or that wait for their next attempt')
    .argument('<ids...>', 'the ids of the jobs')
    .action((ids: readonly string[]) =>
      run(async ({ admin, out, io }) => {
        let promoted = 0;
        for (const id of ids) if (await admin.promote(id)) promoted++;
        out.print({ promoted }, () => `Made ${count(promoted, 'job')} ready`);
        if (promoted === ids.length) return EXIT.ok;
        io.writeError(`queue: ${ids.length - promoted} of the jobs are not delayed\n`);
        return EXIT.failure;
      }),
    );
}
