import { InvalidOptionError } from '../../queue.errors.js';
import type { ListCursor, ListPlace } from '../queue-lists.interface.js';
import { ANCHORS } from './scripts/list-turns.script.js';

const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/;
const ELEMENT = /^\d{29}[cx]./s;
const INDEX = /^\d{1,15}$/;
const LEVEL = /^-?[1-9]\d{0,3}$/;
const SCAN = /^\d{1,20}$/;
const LONGEST = 1_000;

/**
 * Refuses a cursor that no list of this place has given: a script would fail with it.
 *
 * @throws InvalidOptionError
 */
export function assertCursor(place: ListPlace, cursor: ListCursor | undefined): void {
  if (cursor === undefined || (cursor.every((part) => part.length <= LONGEST) && fits(place, cursor))) return;
  throw new InvalidOptionError('jobs.cursor', 'the cursor of another page of this list', cursor.join(' '));
}

function fits(place: ListPlace, [first = '', ...others]: ListCursor): boolean {
  switch (place) {
    case 'claimed':
      return NUMBER.test(first) && others.length <= 1;
    case 'ready':
    case 'recovered':
      return INDEX.test(first) && others.length <= ANCHORS;
    case 'grouped':
      return SCAN.test(first) && INDEX.test(others[0] ?? '');
    case 'prioritized':
      return LEVEL.test(first) && (others.length === 0 || fits('ready', others));
    case 'delayed':
    case 'failed':
      return NUMBER.test(first) && others.length === 1 && others[0] !== '';
    case 'ended':
      return ELEMENT.test(first) && others.length === 0;
  }
}
