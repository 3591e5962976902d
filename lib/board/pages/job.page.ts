import type { JobDetails } from '../../lists/job-details.js';
import { InvalidJobIdError } from '../../queue.errors.js';
import { isLive } from '../job-json.js';
import type { Page, PageParts, PageQuery } from './page.js';
import { html, type Html } from './html.js';
import { factList, flowLinks, linkToJob, linkToQueue, stateOf, timeOf } from './layout.js';

/** What one can do with a job, and bull-board does not offer: cancel it, and give it any priority. */
export async function jobPage(parts: PageParts, { id = '' }: PageQuery): Promise<Page> {
  const job = await readJob(parts, id);
  if (!job) {
    const main = html`<p class="own-note">There is no job of the id ${id}, or none any more.</p>`;
    return { title: 'Job', status: 404, main };
  }
  return {
    title: `Job ${job.id}`,
    main: html`${facts(job)}
      <p class="own-note own-answer" role="status"></p>
      ${!parts.readOnly && isLive(job.state) && forms(job)}
      <p>${linkToJob(job, 'Data, result and log')}</p>`,
  };
}

async function readJob({ admin }: PageParts, id: string): Promise<JobDetails | null> {
  try {
    return await admin.job(id);
  } catch (error) {
    if (error instanceof InvalidJobIdError) return null;
    throw error;
  }
}

function facts(job: JobDetails): Html {
  const { name, queue, state, attempt, priority, group, tags, pushedAt, availableAt, startedAt, worker, error } = job;
  return factList([
    ['Name', name],
    ['Queue', linkToQueue(queue)],
    ['State', stateOf(state)],
    ['Attempt', attempt],
    ['Priority', priority],
    ['Group', group],
    ['Tags', tags.length > 0 && tags.join(', ')],
    ['Flow', (job.chain ?? job.batch ?? job.workflow) !== undefined && flowLinks(job)],
    ['Pushed', timeOf(pushedAt)],
    ['Due', timeOf(availableAt)],
    ['Started', timeOf(startedAt)],
    ['Worker', worker],
    ['Error', error],
  ]);
}

/** The script of the pages sends them: a form by itself could be sent from the page of another site. */
function forms({ id, state, priority }: JobDetails): Html {
  const query = new URLSearchParams({ id }).toString();
  return html`<form class="own-form" data-put="pages/cancel?${query}">
      <label>Reason<input name="reason" placeholder="optional" /></label>
      <button type="submit">Cancel the job</button>
    </form>
    ${
      state !== 'processing' &&
      html`<form class="own-form" data-put="pages/priority?${query}">
        <label
          >Priority, higher first<input
            name="priority"
            type="number"
            min="-1000"
            max="1000"
            step="1"
            value="${priority}"
            required
        /></label>
        <button type="submit">Change the priority</button>
      </form>`
    }`;
}
