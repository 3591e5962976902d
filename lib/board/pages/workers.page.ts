import type { JobDetails } from '../../lists/job-details.js';
import { each } from '../../support/slices.js';
import type { WorkerInfo } from '../../workers/worker-info.js';
import type { Page, PageParts } from './page.js';
import { html, type Html } from './html.js';
import { linkToChanges, linkToJob, linkToQueue, table, timeOf } from './layout.js';

const REFRESH = 5;
/** The most jobs of a queue that are looked at, and the most that are shown for a worker. */
const LOOKED_AT = 200;
const SHOWN = 50;
const AT_ONCE = 8;

/** The workers that run, with the jobs that they have. */
export async function workersPage({ admin, reads, readOnly }: PageParts): Promise<Page> {
  const workers = await reads.shared('workers', 1_000, () => admin.workers());
  const { queues } = await reads.board();
  const busy = [...queues.values()].filter(({ reserved }) => reserved > 0).map(({ name }) => name);
  const lists = await each(busy, AT_ONCE, (queue) => reads.jobs(queue, ['processing'], { limit: LOOKED_AT }));
  const jobs = lists.flat();
  const known = new Set(workers.flatMap(({ consumers }) => consumers));
  const others = jobs.filter(({ worker = '' }) => !known.has(worker));
  return {
    title: 'Workers',
    refresh: REFRESH,
    main: html`${table(
      ['Process', 'Version', 'Started', 'Last sign of life', 'Queues', 'Busy'],
      workers.map(rowOf),
      'No worker runs.',
    )}
    ${workers.map((worker) => jobsOf(worker, jobs, readOnly))}
    ${
      others.length > 0 &&
      html`<h2>Jobs of others</h2>
        ${jobTable(others, readOnly)}`
    }`,
  };
}

function rowOf({ host, pid, version, startedAt, lastSeenAt, queues, busy, concurrency }: WorkerInfo): Html {
  return html`<tr>
    <td>${host}:${pid}</td>
    <td>${version}</td>
    <td>${timeOf(startedAt)}</td>
    <td>${timeOf(lastSeenAt)}</td>
    <td>${queues.map((queue, index) => html`${index > 0 && ', '}${linkToQueue(queue)}`)}</td>
    <td>${busy} of ${concurrency}</td>
  </tr>`;
}

function jobsOf(
  { host, pid, consumers }: WorkerInfo,
  jobs: readonly JobDetails[],
  readOnly: boolean,
): Html | undefined {
  const own = jobs.filter(({ worker }) => worker !== undefined && consumers.includes(worker));
  if (own.length === 0) return undefined;
  return html`<h2>${host}:${pid} has ${own.length} ${own.length === 1 ? 'job' : 'jobs'}</h2>
    ${jobTable(own, readOnly)}`;
}

/** The jobs that run, and behind them those that were claimed ahead. */
function jobTable(jobs: readonly JobDetails[], readOnly: boolean): Html {
  const rows = jobs.slice(0, SHOWN).map(
    (job) =>
      html`<tr>
        <td>${linkToJob(job)}</td>
        <td>${job.name}</td>
        <td>${linkToQueue(job.queue)}</td>
        <td>${job.attempt}</td>
        <td>${timeOf(job.startedAt)}</td>
        <td>${job.progress !== undefined && JSON.stringify(job.progress)}</td>
        <td>${!readOnly && linkToChanges(job)}</td>
      </tr>`,
  );
  return html`${table(['Job', 'Name', 'Queue', 'Attempt', 'Taken', 'Progress', ''], rows, '')}
  ${jobs.length > SHOWN && html`<p class="own-note">and ${jobs.length - SHOWN} more</p>`}`;
}
