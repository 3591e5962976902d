import type { StoredNode } from '../../drivers/queue-flows.interface.js';
import type { FlowState } from '../../flows/flow-state.js';
import { flowRef, type FlowKind } from '../../job/flow-ref.js';
import { each } from '../../support/slices.js';
import type { Page, PageParts, PageQuery } from './page.js';
import { flowGraph, type DrawnNode } from './flow-graph.js';
import { KINDS, readFlow } from './flow-reader.js';
import { html, type Html } from './html.js';
import { factList, jobPath, linkToJob, linkToQueue, stateOf, table, timeOf } from './layout.js';

const REFRESH = 5;
/** The most nodes that are drawn, and the most whose jobs are looked at for their names. */
const DRAWN = 300;
const LOOKED_AT = 60;
const AT_ONCE = 8;
/** How long a graph is kept, in milliseconds. */
const KEPT = 2_000;

/** One flow: how it is, and its graph. */
export async function flowPage(parts: PageParts, { kind = '', id = '' }: PageQuery): Promise<Page> {
  const known = KINDS.find((one) => one === kind);
  const flow = known && (await readFlow(parts, known, id));
  if (!known || !flow) {
    const main = html`<p class="own-note">There is no ${known ?? 'flow'} of the id ${id}, or none any more.</p>`;
    return { title: 'Flow', status: 404, main };
  }
  return {
    title: `${known[0]!.toUpperCase()}${known.slice(1)} ${flow.name ?? flow.id}`,
    refresh: flow.finishedAt ? undefined : REFRESH,
    main: html`${facts(flow)} ${known === 'batch' ? batchGraph(flow) : await graph(parts, known, id)} ${failures(flow)}`,
  };
}

function facts(flow: FlowState): Html {
  return factList([
    ['Id', flow.id],
    ['State', stateOf(flow.state)],
    ['Jobs', flow.total],
    ['Completed', flow.completed],
    ['Failed', flow.failed],
    ['Cancelled', flow.cancelled],
    ['Progress', `${Math.floor(flow.progress * 100)} %`],
    ['Created', timeOf(flow.createdAt)],
    ['Finished', timeOf(flow.finishedAt)],
  ]);
}

/** A batch may have a hundred thousand jobs, which do not wait for each other: they are drawn together, by their states. */
function batchGraph({ name, id, total, completed, failed, cancelled }: FlowState): Html {
  const parts = [
    ['completed', completed],
    ['failed', failed],
    ['cancelled', cancelled],
    ['running', total - completed - failed - cancelled],
  ] as const;
  const drawn = parts.filter(([, count]) => count > 0);
  const root: DrawnNode = { title: name ?? id, detail: `${total} jobs`, state: 'batch', after: [] };
  return flowGraph([
    root,
    ...drawn.map(([state, count]): DrawnNode => ({
      title: `${count} ${count === 1 ? 'job' : 'jobs'}`,
      detail: state,
      state,
      after: [0],
    })),
  ]);
}

async function graph(parts: PageParts, kind: FlowKind, id: string): Promise<Html | undefined> {
  const read = (): Promise<readonly StoredNode[] | null> => parts.driver.flows.nodes(flowRef(kind, id));
  const nodes = await parts.reads.shared(`nodes ${flowRef(kind, id)}`, KEPT, read);
  if (!nodes || nodes.length === 0) return undefined;
  const names = await namesOf(parts, nodes);
  const drawn = nodes.map((node, number): DrawnNode => {
    const { job, state, after, name } = node;
    const jobName = names.get(number);
    const isPushed = job && job.name === undefined;
    return {
      title: name ?? jobName ?? `Job ${number + 1}`,
      detail: [state, name !== undefined && jobName].filter(Boolean).join(', '),
      state,
      after,
      ...(isPushed && { href: jobPath(job.id, job.queue) }),
    };
  });
  const picture = nodes.length <= DRAWN ? flowGraph(drawn) : undefined;
  const rows = nodes.map(
    ({ job, state, after }, number) =>
      html`<tr>
        <td>${drawn[number]!.title}</td>
        <td>${stateOf(state)}</td>
        <td>${job && linkOrId(job)}</td>
        <td>${names.get(number)}</td>
        <td>${job && linkToQueue(job.queue)}</td>
        <td>${after.map((other) => drawn[other]?.title ?? '').join(', ')}</td>
      </tr>`,
  );
  return html`${picture}${table(['Node', 'State', 'Job', 'Name', 'Queue', 'After'], rows, '')}`;
}

/** A job that was not pushed yet has no page. */
function linkOrId(job: NonNullable<StoredNode['job']>): Html | string {
  return job.name === undefined ? linkToJob(job) : job.id;
}

/** Finds the names of jobs, by the numbers of their nodes; not of those that are not kept any more. */
async function namesOf({ admin }: PageParts, nodes: readonly StoredNode[]): Promise<ReadonlyMap<number, string>> {
  const numbered = nodes.map(({ job }, number) => ({ job, number }));
  const pushed = numbered.filter(({ job }) => job && job.name === undefined).slice(0, LOOKED_AT);
  const found = await each(pushed, AT_ONCE, async ({ job, number }) => {
    return [number, (await admin.job(job!.id))?.name] as const;
  });
  const waiting = numbered.map(({ job, number }) => [number, job?.name] as const);
  return new Map([...waiting, ...found].filter((entry): entry is [number, string] => entry[1] !== undefined));
}

function failures({ failedIds }: FlowState): Html | undefined {
  if (failedIds.length === 0) return undefined;
  const links = failedIds.map(
    (id) => html`<li><a href="pages/search?${new URLSearchParams({ q: id }).toString()}">${id}</a></li>`,
  );
  return html`<h2>Failed jobs</h2>
    <ul>
      ${links}
    </ul>`;
}
