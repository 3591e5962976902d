import type { Command } from 'commander';
import type { JobDetails } from '../../../index.js';
import { localTime } from '../../format.js';
import { nonEmptyText, wholeNumber } from '../../option-values.js';
import { queueName } from '../queue-arguments.js';
import { noteUnknownQueue } from '../queue-note.js';
import { table } from '../queue-output.js';
import type { QueueTools, RunCommand } from '../queue-tools.js';

const MOST = 500;

interface FailedFlags {
  readonly limit: number;
  readonly name?: string;
  readonly tag?: string;
}

export function addFailed(program: Command, run: RunCommand): void {
  program
    .command('failed')
    .description('list the failed jobs, the newest first')
    .argument('[queue]', 'of this queue alone', queueName)
    .option('--limit <n>', 'at most so many of each queue', wholeNumber(1, MOST), 50)
    .option('--name <name>', 'of this job name', nonEmptyText)
    .option('--tag <tag>', 'with this tag', nonEmptyText)
    .action((queue: string | undefined, flags: FailedFlags) =>
      run(async (tools) => {
        const jobs = await failedJobs(tools, queue, flags);
        tools.out.print(jobs, () => toText(jobs));
      }),
    );
}

async function failedJobs(tools: QueueTools, queue: string | undefined, flags: FailedFlags): Promise<JobDetails[]> {
  if (queue !== undefined) await noteUnknownQueue(tools, queue);
  const queues = queue === undefined ? await tools.driver.queues() : [queue];
  const jobs: JobDetails[] = [];
  for (const each of queues) jobs.push(...(await tools.admin.jobs(each, 'failed', flags)).jobs);
  return jobs.sort((a, b) => Number(b.endedAt ?? 0) - Number(a.endedAt ?? 0));
}

function toText(jobs: readonly JobDetails[]): string {
  if (jobs.length === 0) return 'No failed jobs';
  const rows = jobs.map(({ id, queue, name, attempt, endedAt, error }) => [
    id,
    queue,
    name,
    attempt,
    endedAt ? localTime(endedAt) : '-',
    error ?? '',
  ]);
  return table(['id', 'queue', 'name', 'attempts', 'failed at', 'error'], rows);
}
