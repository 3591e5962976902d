import { html, type Html } from './html.js';

/** A node of a graph, as it is drawn. */
export interface DrawnNode {
  readonly title: string;
  readonly detail: string;
  readonly state: string;
  /** Where its title leads. */
  readonly href?: string;
  /** The numbers of the nodes in front of it. */
  readonly after: readonly number[];
}

const WIDTH = 190;
const HEIGHT = 46;
const GAP_X = 60;
const GAP_Y = 18;
/** The most letters of a text in a node. */
const LETTERS = 26;

/** Draws a graph from left to right: each node stands one column behind the last one of those in front of it. */
export function flowGraph(nodes: readonly DrawnNode[]): Html {
  const columns = columnsOf(nodes);
  const rows: number[] = [];
  const places = columns.map((column) => {
    const row = rows[column] ?? 0;
    rows[column] = row + 1;
    return { x: column * (WIDTH + GAP_X), y: row * (HEIGHT + GAP_Y) };
  });
  const width = (Math.max(0, ...columns) + 1) * (WIDTH + GAP_X) - GAP_X;
  const height = Math.max(1, ...rows.filter((row) => row > 0)) * (HEIGHT + GAP_Y) - GAP_Y;
  const edges = nodes.flatMap(({ after }, number) => after.map((other) => edge(places[other]!, places[number]!)));
  // Half of the lines would be cut at the edge of the picture.
  return html`<div class="own-card">
    <svg
      class="own-graph"
      width="${width + 2}"
      height="${height + 2}"
      viewBox="-1 -1 ${width + 2} ${height + 2}"
      role="img"
      aria-label="Graph of the flow"
    >
      ${edges} ${nodes.map((node, number) => drawn(node, places[number]!))}
    </svg>
  </div>`;
}

interface Place {
  readonly x: number;
  readonly y: number;
}

function edge(from: Place, to: Place): Html {
  const [x1, y1, x2, y2] = [from.x + WIDTH, from.y + HEIGHT / 2, to.x, to.y + HEIGHT / 2];
  const middle = (x1 + x2) / 2;
  return html`<path d="M ${x1} ${y1} C ${middle} ${y1}, ${middle} ${y2}, ${x2} ${y2}" />`;
}

function drawn({ title, detail, state, href }: DrawnNode, { x, y }: Place): Html {
  const text = html`<text x="${x + 10}" y="${y + 19}">${short(title)}</text>`;
  return html`<g class="own-${state}"
    ><title>${title}: ${detail}</title>
    <rect x="${x}" y="${y}" width="${WIDTH}" height="${HEIGHT}" rx="6" />
    ${href === undefined ? text : html`<a href="${href}">${text}</a>`}
    <text class="own-detail" x="${x + 10}" y="${y + 36}">${short(detail)}</text></g
  >`;
}

function short(text: string): string {
  const letters = Array.from(text);
  return letters.length <= LETTERS ? text : `${letters.slice(0, LETTERS - 1).join('')}\u2026`;
}

/** Returns the column of each node. A graph of a flow has no cycles; one that another program has changed is drawn all the same. */
function columnsOf(nodes: readonly DrawnNode[]): number[] {
  const columns: (number | undefined)[] = [];
  const open = new Set<number>();
  const columnOf = (number: number): number => {
    const known = columns[number];
    if (known !== undefined) return known;
    if (open.has(number)) return 0;
    open.add(number);
    const column = nodes[number]!.after.reduce((most, other) => Math.max(most, columnOf(other) + 1), 0);
    open.delete(number);
    columns[number] = column;
    return column;
  };
  return nodes.map((_, number) => columnOf(number));
}
