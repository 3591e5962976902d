import { createHash } from 'node:crypto';
import { InvalidOptionError } from '../queue.errors.js';

/** The most pages without an item that one call reads: with a filter most pages may be empty. */
const MOST_EMPTY = 5;
/** The most items of one page of a partition: each brings its record. */
const LARGEST_PAGE = 100;
/** The length of a mark. */
const MARK = 8;
/** Stands for the first page of a partition. */
const BEGINNING = '';

/** The page of one partition. */
export interface PartitionPage<Item> {
  readonly items: readonly Item[];
  /** For the next page; missing after the last one. */
  readonly cursor?: string;
}

/** How the items of partitions are read and put in order. */
export interface Merging<Item> {
  /** The stored queues. */
  readonly stored: readonly string[];
  /** Reads a page of a stored queue. */
  read(stored: string, cursor: string | undefined, limit: number): Promise<PartitionPage<Item>>;
  idOf(item: Item): string;
  /** Below 0 if the first item stands in front of the second one. */
  compare(a: Item, b: Item): number;
}

/** The items that a walk has read, and where it goes on. */
export interface Merged<Item> {
  readonly items: readonly Item[];
  /** The number of items that were left out. */
  readonly skipped: number;
  /** For the next call; missing after the last item. */
  readonly cursor?: readonly string[];
}

/** Where the walk is in one partition. */
interface Walker<Item> {
  readonly stored: string;
  /** Where its page begins. */
  cursor: string;
  /** The marks of the items of this page that were told. */
  used: string[];
  /** Those that were not told. */
  items: Item[];
  /** Where the next page begins; `undefined` after the last one. */
  next: string | undefined;
  isOver: boolean;
}

/**
 * Walks through lists that are one list: each time it takes the first one of the first items of all partitions.
 *
 * The cursor has the beginning of the page of each partition, and marks of the items of this page that a call has returned. So the walk returns
 * no item twice, and skips no item that stays where it is, also if others move between two calls.
 *
 * @param limit the most items
 * @param skip the number of items to leave out first
 * @param from the cursor of the last call
 * @throws InvalidOptionError if it is none
 */
export async function walkMerged<Item>(
  merging: Merging<Item>,
  limit: number,
  skip: number,
  from?: readonly string[],
): Promise<Merged<Item>> {
  if (from?.length === 0) throw wrongCursor(from);
  const walkers = from ? from.map((text) => readWalker<Item>(text, merging.stored)) : merging.stored.map(begin<Item>);
  const size = Math.min(Math.ceil((limit + skip) / Math.max(walkers.length, 1)), LARGEST_PAGE);
  const items: Item[] = [];
  let skipped = 0;
  for (let empty = 0; items.length < limit;) {
    const hungry = walkers.filter(({ items: left, isOver }) => left.length === 0 && !isOver);
    if (hungry.length > 0) {
      if (empty === MOST_EMPTY) break;
      await Promise.all(hungry.map((walker) => readOn(walker, merging, size)));
      if (hungry.some((walker) => walker.items.length === 0 && !walker.isOver)) empty++;
      continue;
    }
    const first = firstOf(walkers, merging);
    if (!first) break;
    const item = first.items.shift()!;
    first.used.push(markOf(merging.idOf(item)));
    if (skipped < skip) skipped++;
    else items.push(item);
    if (first.items.length === 0) turnPage(first);
  }
  const left = walkers.filter(({ isOver }) => !isOver);
  return { items, skipped, ...(left.length > 0 && { cursor: left.map(writeWalker) }) };
}

async function readOn<Item>(walker: Walker<Item>, merging: Merging<Item>, size: number): Promise<void> {
  const { stored, cursor, used } = walker;
  // A page that was begun is read again.
  const limit = Math.max(size, used.length);
  const page = await merging.read(stored, cursor === BEGINNING ? undefined : cursor, limit);
  walker.next = page.cursor;
  walker.items = page.items.filter((item) => !used.includes(markOf(merging.idOf(item))));
  if (walker.items.length === 0) turnPage(walker);
}

function turnPage<Item>(walker: Walker<Item>): void {
  walker.isOver = walker.next === undefined;
  walker.cursor = walker.next ?? BEGINNING;
  walker.used = [];
}

function firstOf<Item>(walkers: readonly Walker<Item>[], merging: Merging<Item>): Walker<Item> | undefined {
  let first: Walker<Item> | undefined;
  for (const walker of walkers) {
    if (walker.items.length === 0) continue;
    if (!first || merging.compare(walker.items[0]!, first.items[0]!) < 0) first = walker;
  }
  return first;
}

function begin<Item>(stored: string): Walker<Item> {
  return { stored, cursor: BEGINNING, used: [], items: [], next: undefined, isOver: false };
}

function writeWalker<Item>({ stored, cursor, used }: Walker<Item>): string {
  return `${stored} ${used.join('')} ${cursor}`;
}

function readWalker<Item>(text: string, all: readonly string[]): Walker<Item> {
  const [stored = '', marks, ...cursor] = text.split(' ');
  if (!all.includes(stored) || marks === undefined || marks.length % MARK !== 0 || cursor.length === 0) {
    throw wrongCursor(text);
  }
  const used = marks.match(/.{8}/gs) ?? [];
  return { ...begin<Item>(stored), cursor: cursor.join(' '), used };
}

function wrongCursor(given: unknown): InvalidOptionError {
  return new InvalidOptionError('jobs.cursor', 'the cursor of another page of this list', given);
}

/** Returns a short text that stands for an id. */
function markOf(id: string): string {
  return createHash('sha256').update(id).digest('base64url').slice(0, MARK);
}
