import { Command, CommanderError } from 'commander';
import { closest } from '../support/closest.js';
import { COMMAND_SIGNALS } from '../support/shutdown-signal.js';
import { CommandError, EXIT } from './command-error.js';
import {
  addQueue,
  megabytes,
  MOST_JOBS_AT_ONCE,
  nonEmptyText,
  positiveSeconds,
  seconds,
  wholeNumber,
  type NamedQueue,
} from './option-values.js';
import { ownVersion } from '../support/own-version.js';

/** The parsed command line. Durations are in seconds, sizes in bytes; for `undefined` the application's option counts. */
export interface WorkerArguments {
  /** In strict order; empty for the application's default queue, or with `all`. */
  readonly queues: readonly string[];
  /** The slots of each queue, if they have slots of their own. */
  readonly pools?: Readonly<Record<string, number>>;
  /** Whether to work the default queue and every queue that a job class names, in turn. */
  readonly all: boolean;
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
  /** How many processes work; each has its own slots and limits. */
  readonly processes?: number;
  /** The port that answers probes. */
  readonly healthPort?: number;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** The options as commander returns them: under the names of the command line, and without the switches that are not set. */
interface GivenOptions extends Partial<Omit<WorkerArguments, 'queues' | 'pools' | 'maxMemory' | 'maxTries'>> {
  readonly memory?: number;
  readonly tries?: number;
}

/** More processes than a machine has processors only cost memory. */
const MOST_PROCESSES = 256;
const HIGHEST_PORT = 65_535;

const DETAILS = `
Queues are worked in the given order: the worker takes a job of the second queue only when the first has none ready.
With a number behind each name (emails:10 images:2) each queue has slots of its own, and no queue waits for another one.
Without names the worker works the default queue alone; with --all every queue that a job class names, too.
Durations are seconds (90, 0.5) or have a unit (90s, 5m, 1h).

The command looks for the application's module in this order:
  1. --module <path>
  2. "queue": { "module": "<path>" } in the package.json of the working directory, or of the nearest folder above it
  3. dist/app.module.js, dist/src/app.module.js
In that file it takes the class named after #, else AppModule, else the default export, else the only module.

Signals:
  first signal     take no more jobs, wait for the running jobs (see --shutdown-timeout), requeue the others, end
  second signal    requeue the running jobs at once: they run again, and the attempt is not counted
  third signal     end without waiting
  These signals count: ${COMMAND_SIGNALS.join(', ')}.
  SIGUSR2          start no more jobs in this process, until SIGCONT; running jobs go on

Exit codes:
  0    stopped in order: a signal, --stop-when-empty, --max-jobs, --max-time, --memory
  1    the application was not found, did not start, or did not stop in order; or nobody caught an error
  2    wrong usage: an unknown option, a bad value, a bad queue name

Examples:
  $ queue-worker                                     work the default queue
  $ queue-worker high emails --concurrency 20        work two queues, high before emails
  $ queue-worker emails:10 images:2                  10 slots for emails, 2 for images
  $ queue-worker --all                               work every queue that a job class names
  $ queue-worker --processes 4                       work in four processes, for jobs that compute
  $ queue-worker emails --stop-when-empty            work the jobs that are ready, then end
  $ queue-worker --max-time 1h --memory 512          end after an hour, or above 512 MB
  $ queue-worker --module dist/worker.module.js#WorkerModule
`;

/**
 * Reads the command line.
 *
 * @returns the arguments, or the text to show for `--help` and `--version`
 * @throws CommandError with the exit code for wrong usage
 */
export function parseArguments(argv: readonly string[]): WorkerArguments | string {
  const written: string[] = [];
  const program = createProgram().configureOutput({
    writeOut: (text) => written.push(text),
    writeErr: (text) => written.push(text),
    // `main` puts the name of the command in front of each failure, so the prefix of commander goes.
    outputError: (text, write) => write(text.replace(/^error: /, '')),
  });
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const text = written.join('');
    if (error.exitCode === 0) return text;
    const hint = hintFor(argv, program);
    throw new CommandError([text.trim(), ...(hint === undefined ? [] : [hint])].join('\n'), EXIT.usage);
  }
  const {
    memory,
    tries,
    all = false,
    stopWhenEmpty = false,
    json = false,
    quiet = false,
    ...rest
  } = program.opts<GivenOptions>();
  const [named = []] = program.processedArgs as [readonly NamedQueue[] | undefined];
  const queues = named.map(({ name }) => name);
  const pools = readPools(named, rest);
  if (all && queues.length > 0) {
    throw new CommandError(`--all works every queue: name no queue beside it, got ${queues.join(', ')}`, EXIT.usage);
  }
  return {
    ...rest,
    queues,
    ...(pools && { pools }),
    all,
    maxMemory: memory,
    maxTries: tries,
    stopWhenEmpty,
    json,
    quiet,
  };
}

/** Reads the slots behind the names of queues; `undefined` if there are none. */
function readPools(named: readonly NamedQueue[], given: GivenOptions): Record<string, number> | undefined {
  const pools = named.filter(({ slots }) => slots !== undefined);
  if (pools.length === 0) return undefined;
  if (pools.length < named.length) {
    throw new CommandError('Give each queue its own slots, or none of them: emails:10 images:2', EXIT.usage);
  }
  if (given.concurrency !== undefined || given.maxJobs !== undefined) {
    const option = given.concurrency === undefined ? '--max-jobs' : '--concurrency';
    throw new CommandError(
      `${option} is for queues that share their slots, not for ${named[0]!.name}:${named[0]!.slots}`,
      EXIT.usage,
    );
  }
  return Object.fromEntries(pools.map(({ name, slots }) => [name, slots!]));
}

/** Finds the option that the user meant, if commander has no suggestion. */
function hintFor(argv: readonly string[], program: Command): string | undefined {
  if (argv.some((arg) => /^--?queues?(=|$)/.test(arg))) return 'Name queues without an option: queue-worker emails';
  const known = program.options.map(({ long }) => long!.slice(2));
  const word = argv.map((arg) => /^-([a-z][a-z-]+)/i.exec(arg)?.[1]).find((name) => name !== undefined);
  const meant = word && closest(word, known);
  return meant && `Did you mean --${meant}?`;
}

function createProgram(): Command {
  return new Command('queue-worker')
    .description('Runs the jobs of a NestJS application: boots its module without HTTP and works the named queues.')
    .argument('[queue...]', "the queues to work (default: the application's default queue)", addQueue)
    .option('--all', 'work the default queue and every queue that a job class names, in turn')
    .option('--concurrency <n>', 'how many jobs run at once', wholeNumber(1, MOST_JOBS_AT_ONCE))
    .option('--processes <n>', 'run so many processes, and start those again that die', wholeNumber(1, MOST_PROCESSES))
    .option('--max-jobs <n>', 'end after this number of jobs', wholeNumber(1))
    .option('--max-time <duration>', 'end after this time', positiveSeconds)
    .option('--memory <megabytes>', 'end when the process takes more memory than this', megabytes)
    .option('--stop-when-empty', 'end when no job is ready')
    .option('--timeout <duration>', 'how long a job may take if its class sets no timeout; 0 for no limit', seconds)
    .option('--tries <n>', 'how many attempts a job gets if its class sets no maxTries', wholeNumber(1))
    .option('--json', 'print one JSON object a line; everything else goes to stderr')
    .option('--quiet', 'print nothing but errors')
    .option('--module <path[#name]>', "the file of the application's module, and the name of its class", nonEmptyText)
    .option(
      '--env-file <path>',
      'file of variables, in place of .env; variables that are set already win',
      nonEmptyText,
    )
    .option('--shutdown-timeout <duration>', 'how long to wait for running jobs after a signal', seconds)
    .option('--health-port <port>', 'answer probes over HTTP: GET /live and GET /ready', wholeNumber(1, HIGHEST_PORT))
    .helpOption('-h, --help', 'show this')
    .version(ownVersion(), '-V, --version', 'show the version of the library')
    .addHelpText('after', DETAILS)
    .showHelpAfterError('Try queue-worker --help')
    .exitOverride();
}
