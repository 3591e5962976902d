import type { JobDetails } from '../../lists/job-details.js';
import { changePath, isLive } from '../job-json.js';
import { html, type Html, type HtmlValue } from './html.js';

/** The settings that all pages share. */
export interface Frame {
  readonly title: string;
  /** The path of the board, with a slash at its end. */
  readonly base: string;
  /** The styles of bull-board: its colours and fonts. */
  readonly styles: readonly string[];
  readonly links: readonly { readonly text: string; readonly path: string }[];
  /** The path of the page. */
  readonly active: string;
}

/** Makes a whole page. */
export function layout(
  frame: Frame,
  { title, main, refresh }: { readonly title: string; readonly main: Html; readonly refresh?: number },
): Html {
  const { base, styles, links, active } = frame;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <base href="${base}" />
        <title>${title} - ${frame.title}</title>
        <link rel="icon" type="image/svg+xml" href="static/images/logo.svg" />
        ${styles.map((path) => html`<link href="${path}" rel="stylesheet" />`)}
        <link href="pages/board.css" rel="stylesheet" />
        <script defer src="pages/board.js"></script>
      </head>
      <body class="own-page" data-refresh="${refresh ?? 0}">
        <header class="own-header">
          <a class="own-brand" href="${base}">${frame.title}</a>
          <nav>
            ${links.map(
              ({ text, path }) => html`<a href="${path}" ${path === active && html` aria-current="page"`}>${text}</a>`,
            )}
          </nav>
        </header>
        <div class="own-main" role="main">
          <h1>${title}</h1>
          ${main}
        </div>
      </body>
    </html>`;
}

/** A time, which the script of the pages writes in the language and the time zone of the reader. */
export function timeOf(date: Date | undefined): Html | undefined {
  if (!date) return undefined;
  const text = date.toISOString();
  return html`<time datetime="${text}">${text.replace('T', ' ').slice(0, 19)}</time>`;
}

/** The state of a job, of a node or of a flow. */
export function stateOf(state: string): Html {
  return html`<span class="own-state own-${state}">${state}</span>`;
}

/** A link to the page of a job. */
export function linkToJob({ id, queue }: { readonly id: string; readonly queue: string }, text = id): Html {
  return html`<a href="${jobPath(id, queue)}">${text}</a>`;
}

export function jobPath(id: string, queue: string): string {
  return `queue/${encodeURIComponent(queue)}/${encodeURIComponent(id)}`;
}

export function linkToQueue(queue: string): Html {
  return html`<a href="queue/${encodeURIComponent(queue)}">${queue}</a>`;
}

/** A link to the page of a flow. */
export function linkToFlow(kind: string, id: string, text = id): Html {
  return html`<a href="pages/flow?${new URLSearchParams({ kind, id }).toString()}">${text}</a>`;
}

/** Links to the flow of a job. */
export function flowLinks({ chain, batch, workflow }: JobDetails): Html {
  return html`${chain !== undefined && linkToFlow('chain', chain, 'chain')}${batch !== undefined && linkToFlow('batch', batch, 'batch')}${workflow !== undefined && linkToFlow('workflow', workflow, 'workflow')}`;
}

/** A link to the page on which a job can be cancelled, if it can. */
export function linkToChanges({ id, state }: JobDetails): Html | undefined {
  return isLive(state) ? html`<a href="${changePath(id)}">cancel</a>` : undefined;
}

/** A list of names with their values; those without a value are left out. */
export function factList(rows: readonly (readonly [name: string, value: HtmlValue])[]): Html {
  const shown = rows.filter(([, value]) => value !== undefined && value !== false);
  return html`<dl class="own-facts">
    ${shown.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

/** A table; a note in its place if it has no rows. */
export function table(heads: readonly string[], rows: readonly Html[], empty: string): Html {
  if (rows.length === 0) return html`<p class="own-note">${empty}</p>`;
  return html`<div class="own-card">
    <table>
      <thead>
        <tr>
          ${heads.map((head) => html`<th>${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}
