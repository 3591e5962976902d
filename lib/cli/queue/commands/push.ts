import type { Command } from 'commander';
import type { PushOptions } from '../../../index.js';
import { CommandError, EXIT } from '../../command-error.js';
import { nonEmptyText, seconds } from '../../option-values.js';
import { anyInteger, queueName, texts } from '../queue-arguments.js';
import type { QueueIo } from '../queue-io.js';
import type { ApplicationTools, QueueTools, RunCommand } from '../queue-tools.js';

interface PushFlags extends Pick<PushOptions, 'id' | 'group' | 'priority'> {
  readonly queue?: string;
  readonly delay?: number;
  readonly tag?: readonly string[];
  readonly module?: string;
}

/** The jobs of a queue that are looked at. */
const LOOKED_AT = 100;
/** The codec `compress`: without it data is readable as well. */
const COMPRESS = 'deflate';

export function addPush(program: Command, run: RunCommand): void {
  program
    .command('push')
    .description('push a job by the name of its class')
    .argument('<name>', 'the name of the job', nonEmptyText)
    .argument('[data]', 'its data as JSON; - to read it from the input')
    .option('--queue <queue>', 'the queue (default: the default queue; with --module that of its class)', queueName)
    .option('--delay <duration>', 'how long it waits', seconds)
    .option('--id <id>', 'its id: while such a job is there, nothing is added', nonEmptyText)
    .option('--priority <n>', 'from -1000 to 1000', anyInteger)
    .option('--group <group>', 'its group', nonEmptyText)
    .option('--tag <tags>', 'its tags, divided by commas', texts)
    .option(
      '--module <path[#name]>',
      'push as the application does, with its codecs, schemas and options: the file of its module',
      nonEmptyText,
    )
    .action((name: string, data: string | undefined, { tag, module, ...flags }: PushFlags) => {
      const wish = { ...flags, ...(tag && { tags: [...tag] }) };
      if (module !== undefined) return run.inApplication(module, (tools) => push(tools, name, data, wish));
      return run(async (tools) => {
        const to = { queue: tools.options.default, ...wish };
        await assertPlain(tools, to.queue);
        await push(tools, name, data, to);
      });
    });
}

async function push(
  { queue, out, io }: ApplicationTools,
  name: string,
  data: string | undefined,
  wish: PushOptions,
): Promise<void> {
  const { id, outcome } = await queue.dispatch(name, await readData(io, data), wish);
  const at = wish.queue ?? (await queue.getJobStatus(id))?.queue ?? '';
  out.print({ id, outcome, queue: at }, () => `${id} ${outcome} in ${at}`);
}

/**
 * This command knows no codecs. It never stores plain data among encrypted data: it looks at the jobs that are there.
 *
 * @throws CommandError if codecs have encoded one of them
 */
async function assertPlain({ admin, io }: QueueTools, queue: string): Promise<void> {
  // Loaded late, as by the connection: help and wrong usage need none of it.
  const { LISTED_STATES } = await import('../../../index.js');
  const { jobs } = await admin.jobs(queue, LISTED_STATES, { order: 'newest', limit: LOOKED_AT });
  const marks = jobs.flatMap(({ options }) => options.marks ?? []).map((mark) => mark.split(':', 1)[0]!);
  const codecs = [...new Set(marks)].filter((codec) => codec !== COMPRESS);
  if (codecs.length > 0) {
    throw new CommandError(
      `The data of jobs in ${queue} is encoded by ${codecs.join(', ')}, which this command does not know: it would store plain data.
Name the module of the application: queue push --module dist/app.module.js`,
      EXIT.usage,
    );
  }
  if (jobs.length > 0) return;
  io.writeError(
    `queue: note: the data is stored as it is. No job in ${queue} tells if the application encodes data; --module does as the application\n`,
  );
}

/** @throws CommandError */
async function readData(io: QueueIo, data: string | undefined): Promise<unknown> {
  if (data === undefined) return undefined;
  const text = data === '-' ? await io.readInput() : data;
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new CommandError(`The data is no JSON: ${(cause as Error).message}`, EXIT.usage, { cause });
  }
}
