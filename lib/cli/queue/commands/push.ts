import type { Command } from 'commander';
import type { PushOptions } from '../../../index.js';
import { CommandError, EXIT } from '../../command-error.js';
import { nonEmptyText, seconds } from '../../option-values.js';
import { anyInteger, queueName, texts } from '../queue-arguments.js';
import type { QueueTools, RunCommand } from '../queue-tools.js';

interface PushFlags extends Pick<PushOptions, 'id' | 'group' | 'priority'> {
  readonly queue?: string;
  readonly delay?: number;
  readonly tag?: readonly string[];
}

export function addPush(program: Command, run: RunCommand): void {
  program
    .command('push')
    .description('push a job by the name of its class')
    .argument('<name>', 'the name of the job', nonEmptyText)
    .argument('[data]', 'its data as JSON; - to read it from the input')
    .option('--queue <queue>', 'the queue (default: the default queue)', queueName)
    .option('--delay <duration>', 'how long it waits', seconds)
    .option('--id <id>', 'its id: while such a job is there, nothing is added', nonEmptyText)
    .option('--priority <n>', 'from -1000 to 1000', anyInteger)
    .option('--group <group>', 'its group', nonEmptyText)
    .option('--tag <tags>', 'its tags, divided by commas', texts)
    .action((name: string, data: string | undefined, { tag, ...flags }: PushFlags) =>
      run(async (tools) => {
        const { queue, options, out } = tools;
        const to = { queue: options.default, ...flags, ...(tag && { tags: [...tag] }) };
        const { id, outcome } = await queue.dispatch(name, await readData(tools, data), to);
        out.print({ id, outcome, queue: to.queue }, () => `${id} ${outcome} in ${to.queue}`);
      }),
    );
}

/** @throws CommandError */
async function readData({ io }: QueueTools, data: string | undefined): Promise<unknown> {
  if (data === undefined) return undefined;
  const text = data === '-' ? await io.readInput() : data;
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new CommandError(`The data is no JSON: ${(cause as Error).message}`, EXIT.usage, { cause });
  }
}
