import type { ScheduleInfo } from '../../schedules/schedule-info.js';
import { html, type Html } from './html.js';
import { linkToJob, linkToQueue, stateOf, table, timeOf } from './layout.js';
import type { Page, PageParts, PageQuery } from './page.js';

const REFRESH = 10;
/** How long the schedules are kept, in milliseconds. */
const KEPT = 5_000;
/** The most schedules of a page. */
const SHOWN = 500;

/** The schedules, with their rules and their next and last times. */
export async function schedulesPage({ reads, schedules }: PageParts, { q = '' }: PageQuery): Promise<Page> {
  const all = await reads.shared('schedules', KEPT, () => schedules.list());
  const text = q.trim();
  const found = all.filter(({ name, job }) => [name, job.name, job.queue].some((part) => part.includes(text)));
  return {
    title: 'Schedules',
    refresh: REFRESH,
    main: html`<form class="own-form" action="pages/schedules" method="get" role="search">
        <label>Name, job or queue<input name="q" type="search" value="${text}" /></label>
        <button type="submit">Filter</button>
      </form>
      ${table(
        ['Name', 'Rule', 'State', 'Next', 'Last', 'Runs', 'Job', 'Queue', 'Declared by'],
        found.slice(0, SHOWN).map(rowOf),
        text === '' ? 'There is no schedule.' : 'No such schedule.',
      )}
      ${found.length > SHOWN && html`<p class="own-note">and ${found.length - SHOWN} more</p>`}`,
  };
}

function rowOf(schedule: ScheduleInfo): Html {
  const { name, paused, next, last, runs, job, application } = schedule;
  return html`<tr>
    <td>${name}</td>
    <td>${ruleOf(schedule)}</td>
    <td>${stateOf(paused ? 'paused' : next ? 'running' : 'completed')}</td>
    <td>${timeOf(next)}</td>
    <td>${timeOf(last?.time)} ${last && linkToJob({ id: last.id, queue: job.queue }, 'job')}</td>
    <td>${runs}</td>
    <td>${job.name}</td>
    <td>${linkToQueue(job.queue)}</td>
    <td>${application}</td>
  </tr>`;
}

function ruleOf({ cron, timeZone, every }: ScheduleInfo): string {
  return cron === undefined ? `every ${every ?? 0} s` : `${cron} (${timeZone ?? 'UTC'})`;
}
