import { Command } from 'commander';
import { ownVersion } from '../../support/own-version.js';
import { nonEmptyText } from '../option-values.js';
import { addCancel } from './commands/cancel.js';
import { addClear } from './commands/clear.js';
import { addDoctor } from './commands/doctor.js';
import { addFailed } from './commands/failed.js';
import { addFlush } from './commands/flush.js';
import { addJobs } from './commands/jobs.js';
import { addList } from './commands/list.js';
import { addMonitor } from './commands/monitor.js';
import { addPause } from './commands/pause.js';
import { addPromote } from './commands/promote.js';
import { addPush } from './commands/push.js';
import { addRemove } from './commands/remove.js';
import { addResume } from './commands/resume.js';
import { addRetry } from './commands/retry.js';
import { addSchedules } from './commands/schedules.js';
import { addShow } from './commands/show.js';
import { addStats } from './commands/stats.js';
import { addWorkers } from './commands/workers.js';
import type { QueueIo } from './queue-io.js';
import type { RunCommand } from './queue-tools.js';

const COMMANDS = [
  addList,
  addStats,
  addMonitor,
  addJobs,
  addShow,
  addFailed,
  addRetry,
  addRemove,
  addFlush,
  addPause,
  addResume,
  addClear,
  addCancel,
  addPromote,
  addPush,
  addWorkers,
  addSchedules,
  addDoctor,
];

const DETAILS = `
Without --url the server is that of REDIS_URL, or of REDIS_HOST, REDIS_PORT, REDIS_PASSWORD and REDIS_DATABASE, also from .env.

Exit codes:
  0    done
  1    failed: the server did not answer, a job was not there or not in such a state, a limit of monitor is exceeded
  2    wrong usage: an unknown command or option, a bad value

Examples:
  $ queue list                                 all queues
  $ queue failed emails                        the failed jobs of a queue
  $ queue retry all --queue emails             put them back
  $ queue pause emails --for 10m               start no job of it for ten minutes
  $ queue monitor emails,default --max 1000    exit with 1 if more than 1000 jobs wait
  $ queue push SendEmailJob '{"to":"ada@example.org"}' --queue emails
`;

/** Makes the program with all commands. */
export function queueProgram(run: RunCommand, io: QueueIo): Command {
  const program = new Command('queue')
    .description('Shows and changes the queues of a Redis, without starting the application.')
    .option('--url <url>', 'the server, such as redis://localhost:6379/0', nonEmptyText)
    .option('--prefix <prefix>', 'the prefix of the keys (option "prefix" of the application)', nonEmptyText)
    .option('--json', 'print one JSON document')
    .option(
      '--env-file <path>',
      'file of variables, in place of .env; variables that are set already win',
      nonEmptyText,
    )
    .version(ownVersion(), '-V, --version', 'show the version of the library')
    .helpOption('-h, --help', 'show this')
    .addHelpText('after', DETAILS)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: io.write,
      writeErr: io.writeError,
      outputError: (text, write) => write(text.replace(/^error: /, 'queue: ')),
    });
  for (const add of COMMANDS) add(program, run);
  return program;
}
