import { InvalidJobIdError } from '../../queue.errors.js';
import { isListedState, LISTED_STATES, type ListedState } from '../../job/job-status.js';
import type { JobDetails } from '../../lists/job-details.js';
import type { Page, PageParts, PageQuery } from './page.js';
import { flowsOfId, flowsOfJobs, LOOKED_AT, newestFlows, QUEUES, type FoundFlow } from './flow-reader.js';
import { flowTable } from './flows.page.js';
import { html, type Html } from './html.js';
import { flowLinks, linkToChanges, linkToJob, linkToQueue, stateOf, table, timeOf } from './layout.js';

/** The most jobs of a page, and the most lists that are read for it: each looks at a bounded number of jobs. */
const JOBS = 50;
const READS = 40;
/** How much of an error is shown. */
const ERROR_LENGTH = 200;

/** No list of all flows is kept: see `newestFlows`. */
const COVERED = `By an id every flow is found; by a name those of the newest ${LOOKED_AT} jobs of each queue, of ${QUEUES} queues at most.`;

/** The query of the search. */
interface Search {
  readonly text: string;
  readonly queue: string;
  readonly state: ListedState | '';
  readonly name: string;
  readonly tag: string;
  /** Where the last page ended. */
  readonly at: string;
  readonly cursor: string;
}

interface Found {
  readonly jobs: readonly JobDetails[];
  /** Where the next page begins; missing after the last one. */
  readonly next?: { readonly at: string; readonly cursor: string };
}

/** Searches all queues for jobs, and for flows. */
export async function searchPage(parts: PageParts, query: PageQuery): Promise<Page> {
  const search = readSearch(query);
  const queues = await parts.driver.queues();
  const isAsked = [search.text, search.queue, search.state, search.name, search.tag].some((part) => part !== '');
  return {
    title: 'Search',
    main: html`${form(search, queues)}
    ${isAsked ? await results(parts, search, queues) : html`<p class="own-note">Search by an id, or by a text in the id, the name, the options or the data of a job.</p>`}`,
  };
}

function readSearch({ q = '', queue = '', state = '', name = '', tag = '', at = '', cursor = '' }: PageQuery): Search {
  return {
    text: q.trim(),
    queue,
    state: isListedState(state) ? state : '',
    name: name.trim(),
    tag: tag.trim(),
    at,
    cursor,
  };
}

function form({ text, queue, state, name, tag }: Search, queues: readonly string[]): Html {
  const option = (value: string, label: string, chosen: string): Html =>
    html`<option value="${value}" ${value === chosen && html` selected`}>${label}</option>`;
  return html`<form class="own-form" action="pages/search" method="get" role="search">
    <label>Id or text<input name="q" type="search" value="${text}" autofocus /></label>
    <label
      >Queue<select name="queue">
        ${option('', 'all', queue)}${queues.map((each) => option(each, each, queue))}
      </select></label
    >
    <label
      >State<select name="state">
        ${option('', 'all', state)}${LISTED_STATES.map((each) => option(each, each, state))}
      </select></label
    >
    <label>Name<input name="name" value="${name}" /></label>
    <label>Tag<input name="tag" value="${tag}" /></label>
    <button type="submit">Search</button>
  </form>`;
}

async function results(parts: PageParts, search: Search, queues: readonly string[]): Promise<Html> {
  const isFirst = search.at === '';
  const { jobs, next } = await findJobs(parts, search, queues);
  const own = isFirst ? await jobOfId(parts, search) : undefined;
  const shown = own ? [own, ...jobs.filter(({ id }) => id !== own.id)] : jobs;
  const seeksFlows = isFirst && search.text !== '';
  const flows = seeksFlows ? await findFlows(parts, search.text, shown) : [];
  const rest = next && new URLSearchParams({ ...asked(search), ...next }).toString();
  return html`${
      seeksFlows &&
      html`<h2>Flows</h2>
        ${flowTable(flows, 'None.')}
        <p class="own-note">${COVERED}</p>`
    }
    <h2>Jobs</h2>
    ${jobTable(shown, next ? 'None so far.' : 'No such job.', parts.readOnly)}
    ${rest !== undefined && html`<p><a href="pages/search?${rest}">Search on</a></p>`}`;
}

function asked({ text, queue, state, name, tag }: Search): Record<string, string> {
  return { q: text, queue, state, name, tag };
}

/** Goes through the lists of the queues until the page is full. */
async function findJobs({ admin }: PageParts, search: Search, queues: readonly string[]): Promise<Found> {
  const { text, name, tag, state } = search;
  const wanted = search.queue === '' ? queues : queues.filter((queue) => queue === search.queue);
  const states = state === '' ? LISTED_STATES : [state];
  const filter = { ...(text && { search: text }), ...(name && { name }), ...(tag && { tag }) };
  const jobs: JobDetails[] = [];
  let index = Math.max(wanted.indexOf(search.at), 0);
  let { cursor } = search;
  for (let reads = 0; index < wanted.length; reads++) {
    const at = wanted[index]!;
    if (jobs.length >= JOBS || reads === READS) return { jobs, next: { at, cursor } };
    const options = { ...filter, order: 'newest' as const, limit: JOBS - jobs.length, ...(cursor && { cursor }) };
    const page = await admin.jobs(at, states, options);
    jobs.push(...page.jobs);
    cursor = page.cursor ?? '';
    if (cursor === '') index++;
  }
  return { jobs };
}

/** Reads the job whose id the text is, in whatever queue it is. */
async function jobOfId(
  { admin }: PageParts,
  { text, queue, state, name, tag }: Search,
): Promise<JobDetails | undefined> {
  if (text === '') return undefined;
  try {
    const job = await admin.job(text);
    if (!job || (queue !== '' && job.queue !== queue) || (state !== '' && job.state !== state)) return undefined;
    return (name === '' || job.name === name) && (tag === '' || job.tags.includes(tag)) ? job : undefined;
  } catch (error) {
    if (error instanceof InvalidJobIdError) return undefined;
    throw error;
  }
}

/** Finds the flows of this id, those of the jobs that were found, and those of the newest jobs whose name or id has the text. */
async function findFlows(parts: PageParts, text: string, jobs: readonly JobDetails[]): Promise<FoundFlow[]> {
  const newest = (await newestFlows(parts)).filter(({ flow }) =>
    [flow.id, flow.name].some((each) => each?.includes(text)),
  );
  const all = [...(await flowsOfId(parts, text)), ...(await flowsOfJobs(parts, jobs)), ...newest];
  return [...new Map(all.map((found) => [`${found.kind} ${found.flow.id}`, found])).values()];
}

function jobTable(jobs: readonly JobDetails[], empty: string, readOnly: boolean): Html {
  const rows = jobs.map(
    (job) =>
      html`<tr>
        <td>${linkToJob(job)}</td>
        <td>${job.name}</td>
        <td>${linkToQueue(job.queue)}</td>
        <td>${stateOf(job.state)}</td>
        <td>${job.attempt}</td>
        <td>${job.tags.join(', ')}</td>
        <td>${flowLinks(job)}</td>
        <td>${timeOf(job.pushedAt)}</td>
        <td>${job.error !== undefined && html`<span class="own-error">${job.error.slice(0, ERROR_LENGTH)}</span>`}</td>
        <td>${!readOnly && linkToChanges(job)}</td>
      </tr>`,
  );
  return table(['Id', 'Name', 'Queue', 'State', 'Attempt', 'Tags', 'Flow', 'Pushed', 'Error', ''], rows, empty);
}
