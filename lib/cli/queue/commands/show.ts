import type { Command } from 'commander';
import type { FlowState, JobDetails } from '../../../index.js';
import { EXIT } from '../../command-error.js';
import { oneLine } from '../../format.js';
import type { QueueTools, RunCommand } from '../queue-tools.js';

/** The longest text of a line. */
const WIDEST = 2_000;

export function addShow(program: Command, run: RunCommand): void {
  program
    .command('show')
    .description('show all that is known of a job, of a chain, of a batch or of a workflow')
    .argument('<id>', 'its id')
    .action((id: string) =>
      run(async (tools) => {
        const found = await find(tools, id);
        if (!found) {
          tools.io.writeError(
            `queue: nothing is known of ${oneLine(id, 100)}: neither a job nor a chain, a batch or a workflow\n`,
          );
          return EXIT.failure;
        }
        const [kind, value] = found;
        tools.out.print({ kind, ...value }, () => toText(kind, value));
        return EXIT.ok;
      }),
    );
}

type Found = readonly [kind: 'job' | 'chain' | 'batch' | 'workflow', value: object];

async function find({ admin, queue }: QueueTools, id: string): Promise<Found | undefined> {
  const job: JobDetails | null = await admin.job(id);
  if (job) return ['job', job];
  // The status is kept longer than the record.
  const status = await queue.getJobStatus(id);
  if (status) return ['job', status];
  const chain: FlowState | null = await queue.getChain(id);
  if (chain) return ['chain', chain];
  const batch = await queue.getBatch(id);
  if (batch) return ['batch', batch];
  const workflow = await queue.getWorkflow(id);
  return workflow ? ['workflow', workflow] : undefined;
}

function toText(kind: string, value: object): string {
  const lines = [kind];
  for (const [key, each] of Object.entries(value) as [string, unknown][]) {
    if (each === undefined || (Array.isArray(each) && each.length === 0)) continue;
    const below = linesBelow(key, each);
    if (below) lines.push(key, ...below.map((line) => `  ${oneLine(line, WIDEST)}`));
    else lines.push(`${key.padEnd(12)}  ${textOf(each)}`);
  }
  return lines.join('\n');
}

/** Returns the lines of a value that has several; `undefined` for other values. */
function linesBelow(key: string, value: unknown): readonly string[] | undefined {
  if (key === 'failures') return (value as JobDetails['failures']).map(failureLine);
  if (key === 'logs') return value as readonly string[];
  return key === 'stack' ? (value as string).split('\n') : undefined;
}

function failureLine({ attempt, startedAt, endedAt, error, worker }: JobDetails['failures'][number]): string {
  return `attempt ${attempt}, ${startedAt.toISOString()} to ${endedAt.toISOString()}, ${worker}: ${error}`;
}

function textOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  return oneLine(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''), WIDEST);
}
