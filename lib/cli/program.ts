import { Command, CommanderError } from 'commander';
import { CommandError, EXIT } from './command-error.js';
import { addQueue, megabytes, seconds, someSeconds, someText, wholeNumber } from './option-values.js';
import { ownVersion } from './own-package.js';

/** What the command was asked for. Durations are in seconds, sizes in bytes; what is `undefined` the application decides. */
export interface WorkerArguments {
  /** In strict order; none for the application's default queue. */
  readonly queues: readonly string[];
  readonly concurrency?: number;
  readonly maxJobs?: number;
  readonly maxTime?: number;
  readonly maxMemory?: number;
  readonly stopWhenEmpty: boolean;
  readonly timeout?: number;
  readonly maxTries?: number;
  readonly shutdownTimeout?: number;
  readonly module?: string;
  readonly envFile?: string;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** The options as commander hands them out: each is called as it is written, and a switch that is not set is not there. */
interface GivenOptions extends Partial<Omit<WorkerArguments, 'queues' | 'maxMemory' | 'maxTries'>> {
  readonly memory?: number;
  readonly tries?: number;
}

/** More would be a typing error: a process has one event loop. */
const MOST_JOBS_AT_ONCE = 10_000;

const DETAILS = `
Queues are worked in the order given: a job of the second one is taken when none of the first is ready.
Durations are seconds (90, 0.5) or have a unit (90s, 5m, 1h).

The application's module is looked for in this order:
  1. --module <path>
  2. "queue": { "module": "<path>" } in the package.json of the working directory, or of the nearest above it
  3. dist/app.module.js, dist/src/app.module.js
In the file it is the class named after #, else AppModule, else the default export, else the only module there is.

Signals:
  SIGTERM, SIGINT    take no more jobs, wait for the running ones (see --shutdown-timeout), put back the others, end
  a second one       put the running jobs back at once: they run again, the attempt is not counted
  a third one        end without waiting for anything

Exit codes:
  0    stopped in order: a signal, --stop-when-empty, --max-jobs, --max-time, --memory
  1    the application was not found, could not be started, or could not be stopped in order
  2    wrong usage: an unknown option, a bad value, a bad queue name

Examples:
  $ queue-worker                                     work the default queue
  $ queue-worker high emails --concurrency 20        work two queues, the first one first
  $ queue-worker emails --stop-when-empty            work what is there, then end
  $ queue-worker --max-time 1h --memory 512          end after an hour, or above 512 MB
  $ queue-worker --module dist/worker.module.js#WorkerModule
`;

/**
 * Reads the command line.
 *
 * @returns what was asked for, or the text to show where that was `--help` or `--version`
 * @throws CommandError with the exit code for wrong usage
 */
export function parseArguments(argv: readonly string[]): WorkerArguments | string {
  const written: string[] = [];
  const program = createProgram().configureOutput({
    writeOut: (text) => written.push(text),
    writeErr: (text) => written.push(text),
    // Every failure of the command is introduced in the same way, by its name.
    outputError: (text, write) => write(text.replace(/^error: /, '')),
  });
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const text = written.join('');
    if (error.exitCode === 0) return text;
    throw new CommandError(text.trim(), EXIT.usage);
  }
  const { memory, tries, stopWhenEmpty = false, json = false, quiet = false, ...rest } = program.opts<GivenOptions>();
  const [queues] = program.processedArgs as [readonly string[] | undefined];
  return { ...rest, queues: queues ?? [], maxMemory: memory, maxTries: tries, stopWhenEmpty, json, quiet };
}

function createProgram(): Command {
  return new Command('queue-worker')
    .description('Runs the jobs of a NestJS application: boots its module without HTTP and works the named queues.')
    .argument('[queue...]', "the queues to work (default: the application's default queue)", addQueue)
    .option('--concurrency <n>', 'how many jobs run at once', wholeNumber(1, MOST_JOBS_AT_ONCE))
    .option('--max-jobs <n>', 'end after so many jobs', wholeNumber(1))
    .option('--max-time <duration>', 'end after this time', someSeconds)
    .option('--memory <megabytes>', 'end when the process takes more memory than this', megabytes)
    .option('--stop-when-empty', 'end when no job is ready')
    .option('--timeout <duration>', 'how long a job may take that says nothing itself; 0 for no limit', seconds)
    .option('--tries <n>', 'how many attempts a job gets that says nothing itself', wholeNumber(1))
    .option('--json', 'print one JSON object a line; everything else goes to stderr')
    .option('--quiet', 'print nothing but errors')
    .option('--module <path[#name]>', "the file of the application's module, and the name of its class", someText)
    .option('--env-file <path>', 'variables for the application, in place of .env; those that are set win', someText)
    .option('--shutdown-timeout <duration>', 'how long running jobs are waited for after a signal', seconds)
    .helpOption('-h, --help', 'show this')
    .version(ownVersion(), '-V, --version', 'show the version of the library')
    .addHelpText('after', DETAILS)
    .showHelpAfterError('Try queue-worker --help')
    .exitOverride();
}
