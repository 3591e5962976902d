import type { Page, PageParts } from './page.js';
import { newestFlows, type FoundFlow } from './flow-reader.js';
import { html, type Html } from './html.js';
import { linkToFlow, stateOf, table, timeOf } from './layout.js';

const REFRESH = 10;

/** The flows that run, and those that ended lately. */
export async function flowsPage(parts: PageParts): Promise<Page> {
  const flows = await newestFlows(parts);
  return {
    title: 'Flows',
    refresh: REFRESH,
    main: html`<p class="own-note">The chains, batches and workflows of the newest jobs of each queue.</p>
      ${flowTable(flows, 'The newest jobs belong to no flow.')}`,
  };
}

/** A table of flows. */
export function flowTable(flows: readonly FoundFlow[], empty: string): Html {
  const rows = flows.map(
    ({ kind, flow }) =>
      html`<tr>
        <td>${linkToFlow(kind, flow.id)}</td>
        <td>${flow.name}</td>
        <td>${kind}</td>
        <td>${stateOf(flow.state)}</td>
        <td>${flow.completed + flow.failed + flow.cancelled} of ${flow.total}</td>
        <td>${flow.failed}</td>
        <td>${timeOf(flow.createdAt)}</td>
        <td>${timeOf(flow.finishedAt)}</td>
      </tr>`,
  );
  return table(['Id', 'Name', 'Kind', 'State', 'Ended', 'Failed', 'Created', 'Finished'], rows, empty);
}
