import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A fenced block of the README. */
export interface Block {
  readonly lang: string;
  readonly text: string;
  /** The number of its first line in the README, from 1. */
  readonly line: number;
  /** The heading it stands under. */
  readonly heading: string;
}

export interface Table {
  readonly heading: string;
  readonly line: number;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface Link {
  readonly text: string;
  readonly target: string;
  readonly line: number;
}

/** An item of a list that begins with words in bold. */
export interface Item {
  readonly heading: string;
  readonly lead: string;
  readonly text: string;
}

/** What the README says, taken apart. */
export interface Readme {
  readonly text: string;
  readonly headings: readonly string[];
  readonly blocks: readonly Block[];
  readonly tables: readonly Table[];
  readonly links: readonly Link[];
  readonly items: readonly Item[];
  /** What stands outside of fenced blocks, in one line. */
  readonly prose: string;
}

export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

export function readReadme(text = readFileSync(`${REPOSITORY}README.md`, 'utf8')): Readme {
  const lines = text.split('\n');
  const headings: string[] = [];
  const blocks: Block[] = [];
  const prose: (Line & { readonly heading: string })[] = [];
  let fence: { lang: string; line: number; text: string[] } | undefined;
  lines.forEach((content, index) => {
    const line = index + 1;
    const heading = headings.at(-1) ?? '';
    if (fence && content === '```') {
      blocks.push({ lang: fence.lang, text: fence.text.join('\n'), line: fence.line, heading });
      fence = undefined;
    } else if (fence) {
      fence.text.push(content);
    } else if (content.startsWith('```')) {
      fence = { lang: content.slice(3), line: line + 1, text: [] };
    } else {
      const title = /^#+ (.+)$/.exec(content)?.[1];
      if (title !== undefined) headings.push(title);
      prose.push({ line, content, heading: headings.at(-1) ?? '' });
    }
  });
  if (fence) throw new Error(`The block that begins in line ${fence.line} of the README does not end`);
  return {
    text,
    headings,
    blocks,
    tables: readTables(prose),
    links: prose.flatMap(readLinks),
    items: readItems(prose),
    prose: prose
      .map(({ content }) => content)
      .join(' ')
      .replaceAll(/\s+/g, ' '),
  };
}

/** The one table under a heading whose first column has this title. */
export function tableOf({ tables }: Readme, heading: string, column: string): readonly (readonly string[])[] {
  const found = tables.filter((table) => table.heading === heading && table.header[0] === column);
  if (found.length !== 1) throw new Error(`The README has ${found.length} tables "${column}" under "${heading}"`);
  return found[0]!.rows;
}

/** What stands between backticks in a text, in its order. */
export function codeIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);
}

/** The anchor that a heading gets. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
}

interface Line {
  readonly line: number;
  readonly content: string;
}

function readTables(prose: readonly (Line & { readonly heading: string })[]): Table[] {
  const tables: Table[] = [];
  let rows: string[][] | undefined;
  for (const { line, content, heading } of prose) {
    if (!content.startsWith('|')) {
      rows = undefined;
    } else if (!rows) {
      rows = [];
      tables.push({ heading, line, header: cellsOf(content), rows });
    } else if (!/^[|: -]+$/.test(content)) {
      rows.push(cellsOf(content));
    }
  }
  return tables;
}

function cellsOf(line: string): string[] {
  return line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}

function readLinks({ line, content }: Line): Link[] {
  return [...content.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)].map((match) => ({
    line,
    text: match[1]!,
    target: match[2]!,
  }));
}

function readItems(prose: readonly (Line & { readonly heading: string })[]): Item[] {
  const items: { heading: string; lead: string; text: string }[] = [];
  let open: (typeof items)[number] | undefined;
  for (const { content, heading } of prose) {
    const lead = /^- \*\*(.+?)\.?\*\*/.exec(content)?.[1];
    if (lead !== undefined) {
      open = { heading, lead, text: content };
      items.push(open);
    } else if (open && content.startsWith('  ')) {
      open.text += ` ${content.trim()}`;
    } else {
      open = undefined;
    }
  }
  return items;
}
