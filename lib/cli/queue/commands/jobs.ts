import type { Command } from 'commander';
import type { JobDetails, JobList, ListedState } from '../../../index.js';
import { localTime } from '../../format.js';
import { nonEmptyText, wholeNumber } from '../../option-values.js';
import { queueName, words } from '../queue-arguments.js';
import { noteUnknownQueue } from '../queue-note.js';
import { table } from '../queue-output.js';
import type { RunCommand } from '../queue-tools.js';

const STATES = [
  'queued',
  'blocked',
  'delayed',
  'retrying',
  'processing',
  'failed',
  'completed',
  'cancelled',
] as const satisfies readonly ListedState[];
/** The jobs that have not ended. */
const LIVE: readonly ListedState[] = ['processing', 'queued', 'blocked', 'delayed', 'retrying'];
const MOST = 500;

interface JobsFlags {
  readonly state?: readonly ListedState[];
  readonly limit: number;
  readonly cursor?: string;
  readonly name?: string;
  readonly tag?: string;
  readonly search?: string;
  readonly order?: readonly ('oldest' | 'newest')[];
}

export function addJobs(program: Command, run: RunCommand): void {
  program
    .command('jobs')
    .description('list the jobs of a queue')
    .argument('<queue>', 'the queue', queueName)
    .option(
      '--state <states>',
      `in these states: ${STATES.join(', ')} (default: those that have not ended)`,
      words(STATES),
    )
    .option('--limit <n>', 'at most so many', wholeNumber(1, MOST), 20)
    .option('--cursor <cursor>', 'the next page, as the last one told', nonEmptyText)
    .option('--order <order>', 'oldest or newest first', words(['oldest', 'newest'] as const))
    .option('--name <name>', 'of this job name', nonEmptyText)
    .option('--tag <tag>', 'with this tag', nonEmptyText)
    .option('--search <text>', 'whose id, name or data contains this text', nonEmptyText)
    .action((queue: string, { state = LIVE, order, ...flags }: JobsFlags) =>
      run(async (tools) => {
        await noteUnknownQueue(tools, queue);
        const list = await tools.admin.jobs(queue, state, { ...flags, order: order?.[0] });
        tools.out.print(list, () => toText(list));
      }),
    );
}

function toText({ jobs, total, cursor }: JobList): string {
  const rows = jobs.map((job) => [job.id, job.name, job.state, job.attempt, timeOf(job), job.error ?? '']);
  const lines = [jobs.length === 0 ? 'No jobs' : table(['id', 'name', 'state', 'attempt', 'time', 'error'], rows)];
  if (total !== undefined && total > jobs.length) lines.push('', `${jobs.length} of ${total}`);
  if (cursor !== undefined) lines.push(`The next page: --cursor ${cursor}`);
  return lines.join('\n');
}

/** The time that tells most of a job. */
function timeOf({ pushedAt, availableAt, startedAt, endedAt }: JobDetails): string {
  const [what, time] = endedAt
    ? (['ended', endedAt] as const)
    : availableAt
      ? (['due', availableAt] as const)
      : startedAt
        ? (['started', startedAt] as const)
        : (['pushed', pushedAt] as const);
  return `${what} ${localTime(time)}`;
}
