import type { UiFiles } from '../board-template.js';
import { htmlAnswer, type BoardAnswer, type BoardRequest } from '../http.js';
import { PAGE_SCRIPT, PAGE_STYLE } from './assets.js';
import { flowPage } from './flow.page.js';
import { changeJob } from './change-job.js';
import { flowsPage } from './flows.page.js';
import { jobPage } from './job.page.js';
import { layout } from './layout.js';
import type { Page, PageParts, PageQuery } from './page.js';
import { schedulesPage } from './schedules.page.js';
import { searchPage } from './search.page.js';
import { workersPage } from './workers.page.js';

type MakePage = (parts: PageParts, query: PageQuery) => Promise<Page>;

const PAGES: Readonly<Record<string, MakePage>> = {
  search: searchPage,
  flows: flowsPage,
  flow: flowPage,
  job: jobPage,
  workers: workersPage,
  schedules: schedulesPage,
};

const ASSETS: Readonly<Record<string, { readonly type: string; readonly body: string }>> = {
  'board.css': { type: 'text/css; charset=utf-8', body: PAGE_STYLE },
  'board.js': { type: 'text/javascript; charset=utf-8', body: PAGE_SCRIPT },
};

const LINKS = [
  { text: 'Search', path: 'pages/search' },
  { text: 'Flows', path: 'pages/flows' },
  { text: 'Workers', path: 'pages/workers' },
  { text: 'Schedules', path: 'pages/schedules' },
] as const;

/** The pages of this library beside the pages of bull-board, written by the server, and the changes that they make. */
export class BoardPages {
  readonly links: readonly { readonly text: string; readonly path: string }[] = LINKS;

  constructor(private readonly parts: PageParts) {}

  /** @returns `undefined` if there is no such page */
  async answer(name: string, { base, query }: BoardRequest, ui: UiFiles): Promise<BoardAnswer | undefined> {
    const asset = Object.hasOwn(ASSETS, name) ? ASSETS[name] : undefined;
    if (asset) return { status: 200, ...asset, cache: 'private, max-age=300' };
    const make = Object.hasOwn(PAGES, name) ? PAGES[name] : undefined;
    if (!make) return undefined;
    const page = await make(this.parts, firstOfEach(query));
    const { links } = this;
    const frame = { title: this.parts.title, base, styles: ui.styles, links, active: `pages/${name}` };
    return htmlAnswer(layout(frame, page).toString(), page.status);
  }

  /** Makes a change. @returns `undefined` if there is no such change */
  async change(name: string, { query, body }: BoardRequest): Promise<BoardAnswer | undefined> {
    try {
      return await changeJob(this.parts, name, firstOfEach(query), body);
    } finally {
      this.parts.reads.changed();
    }
  }
}

function firstOfEach(query: BoardRequest['query']): PageQuery {
  const entries = Object.entries(query).map(([name, value]) => [name, [value].flat()[0]] as const);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
