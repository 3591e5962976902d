import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A fenced block of a document. */
export interface Block {
  /** The document it stands in, such as `lib/job/README.md`. */
  readonly file: string;
  readonly lang: string;
  readonly text: string;
  /** The number of its first line in the document, from 1. */
  readonly line: number;
  /** The heading it stands under. */
  readonly heading: string;
}

export interface Table {
  readonly file: string;
  readonly heading: string;
  readonly line: number;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface Link {
  readonly file: string;
  readonly text: string;
  readonly target: string;
  readonly line: number;
}

/** An item of a list that begins with words in bold. */
export interface Item {
  readonly file: string;
  readonly heading: string;
  readonly lead: string;
  readonly text: string;
}

/** One document, taken apart. */
export interface Doc {
  readonly file: string;
  readonly text: string;
  readonly headings: readonly string[];
  readonly blocks: readonly Block[];
  readonly tables: readonly Table[];
  readonly links: readonly Link[];
  readonly items: readonly Item[];
  /** The text outside of fenced blocks, in one line. */
  readonly prose: string;
}

/** The root of the repository, with a slash at its end. */
export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** The folders whose documents are read, besides the README of the repository. */
const FOLDERS = ['lib', 'test', 'sample-app'];

/** The folders that hold no documents of this project. */
const FOREIGN = new Set(['node_modules', 'dist']);

/** All documents of the repository. */
export class Docs {
  readonly blocks: readonly Block[];
  readonly tables: readonly Table[];
  readonly links: readonly Link[];
  readonly items: readonly Item[];
  /** The prose of all documents, one after the other. */
  readonly prose: string;

  constructor(readonly files: readonly Doc[]) {
    this.blocks = files.flatMap(({ blocks }) => blocks);
    this.tables = files.flatMap(({ tables }) => tables);
    this.links = files.flatMap(({ links }) => links);
    this.items = files.flatMap(({ items }) => items);
    this.prose = files.map(({ prose }) => prose).join(' ');
  }

  /** @throws if there is no document of this path */
  of(file: string): Doc {
    const doc = this.files.find((candidate) => candidate.file === file);
    if (!doc) throw new Error(`There is no document ${file}`);
    return doc;
  }

  /**
   * Finds the rows of the one table under a heading of a document whose first column has this title.
   *
   * @throws if there is no such table, or more than one
   */
  table(file: string, heading: string, column: string): readonly (readonly string[])[] {
    const found = this.of(file).tables.filter((table) => table.heading === heading && table.header[0] === column);
    if (found.length !== 1) throw new Error(`${file} has ${found.length} tables "${column}" under "${heading}"`);
    return found[0]!.rows;
  }

  /**
   * Finds the text of the one block of this language under a heading of a document.
   *
   * @throws if there is no such block, or more than one
   */
  block(file: string, heading: string, lang: string): string {
    const found = this.of(file).blocks.filter((block) => block.heading === heading && block.lang === lang);
    if (found.length !== 1) throw new Error(`${file} has ${found.length} blocks of ${lang} under "${heading}"`);
    return found[0]!.text;
  }
}

/** Reads every document. The README of the repository is the first one. */
export function readDocs(): Docs {
  const files = ['README.md', ...FOLDERS.flatMap(findDocs)];
  return new Docs(files.map((file) => readDoc(file, readFileSync(join(REPOSITORY, file), 'utf8'))));
}

function findDocs(folder: string): string[] {
  return readdirSync(join(REPOSITORY, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return FOREIGN.has(entry.name) ? [] : findDocs(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

/** Takes one document apart. */
export function readDoc(file: string, text: string): Doc {
  const headings: string[] = [];
  const blocks: Block[] = [];
  const prose: Line[] = [];
  let fence: { lang: string; line: number; text: string[] } | undefined;
  text.split('\n').forEach((content, index) => {
    const line = index + 1;
    const heading = headings.at(-1) ?? '';
    if (fence && content === '```') {
      blocks.push({ file, lang: fence.lang, text: fence.text.join('\n'), line: fence.line, heading });
      fence = undefined;
    } else if (fence) {
      fence.text.push(content);
    } else if (content.startsWith('```')) {
      fence = { lang: content.slice(3), line: line + 1, text: [] };
    } else {
      const title = /^#+ (.+)$/.exec(content)?.[1];
      if (title !== undefined) headings.push(title);
      prose.push({ file, line, content, heading: headings.at(-1) ?? '' });
    }
  });
  if (fence) throw new Error(`The block that begins in line ${fence.line} of ${file} does not end`);
  return {
    file,
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

/** Finds the words between backticks in a text, in their order. */
export function codeIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);
}

/** Makes the anchor that a heading gets. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
}

interface Line {
  readonly file: string;
  readonly line: number;
  readonly content: string;
  readonly heading: string;
}

function readTables(prose: readonly Line[]): Table[] {
  const tables: Table[] = [];
  let rows: string[][] | undefined;
  for (const { file, line, content, heading } of prose) {
    if (!content.startsWith('|')) {
      rows = undefined;
    } else if (!rows) {
      rows = [];
      tables.push({ file, heading, line, header: cellsOf(content), rows });
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

function readLinks({ file, line, content }: Line): Link[] {
  return [...content.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)].map((match) => ({
    file,
    line,
    text: match[1]!,
    target: match[2]!,
  }));
}

function readItems(prose: readonly Line[]): Item[] {
  const items: { file: string; heading: string; lead: string; text: string }[] = [];
  let open: (typeof items)[number] | undefined;
  for (const { file, content, heading } of prose) {
    const lead = /^- \*\*(.+?)\.?\*\*/.exec(content)?.[1];
    if (lead !== undefined) {
      open = { file, heading, lead, text: content };
      items.push(open);
    } else if (open && content.startsWith('  ')) {
      open.text += ` ${content.trim()}`;
    } else {
      open = undefined;
    }
  }
  return items;
}
