import { LIST_PLACES, type ListCursor, type ListPlace } from '../drivers/queue-lists.interface.js';
import { InvalidOptionError } from '../queue.errors.js';

/** The most jobs that a list leaves out first. */
export const MAX_OFFSET = 10_000;

/** Where a walk goes on. */
export interface WalkPosition {
  readonly place: ListPlace;
  /** The matching jobs that are still to be left out. */
  readonly skip: number;
  /** Missing at the beginning of the place. */
  readonly from?: ListCursor;
}

/** Writes a cursor for the caller, who hands it back as it is. */
export function writeCursor(order: 'oldest' | 'newest', { place, skip, from = [] }: WalkPosition): string {
  return Buffer.from(JSON.stringify([order, place, skip, ...from])).toString('base64url');
}

/** @throws InvalidOptionError if the text is no cursor of this list */
export function readCursor(cursor: string, order: 'oldest' | 'newest', places: readonly ListPlace[]): WalkPosition {
  const values = parse(cursor);
  const [ownOrder, place, skip, ...from] = values;
  const isOwn =
    ownOrder === order &&
    LIST_PLACES.includes(place as ListPlace) &&
    places.includes(place as ListPlace) &&
    Number.isInteger(skip) &&
    (skip as number) >= 0 &&
    (skip as number) <= MAX_OFFSET &&
    from.every((part) => typeof part === 'string');
  if (!isOwn) throw new InvalidOptionError('jobs.cursor', 'the cursor of another page of this list', cursor);
  const position = { place: place as ListPlace, skip: skip as number };
  return from.length > 0 ? { ...position, from } : position;
}

function parse(cursor: string): readonly unknown[] {
  try {
    const values: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(values) ? (values as unknown[]) : [];
  } catch {
    return [];
  }
}
