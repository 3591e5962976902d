import { composeScript } from './compose-script.js';
import { pushByPriority } from './parts/priority.part.js';
import { persistKept } from './parts/retain.part.js';
import { store } from './parts/store.part.js';
import { noteIds, takeIds } from './parts/take-ids.part.js';
import { takeUnique } from './parts/take-unique.part.js';
import { takeTraits } from './parts/traits.part.js';
import { beginWaits } from './parts/waits.part.js';

/** Stores jobs with generated ids. Reply: the number of added jobs; -1 for a push that arrived before. */
export const pushScript = composeScript('push', [store, persistKept], { flags: [], result: 'added' });

/** The jobs that were not simply added, if there are any. */
const EXCEPTIONS = '#S.conflicts + #S.duplicates > 0 and { S.conflicts, S.duplicates } or added';

/**
 * Stores jobs whose ids the application gave. Reply: as of `push`; if ids are taken, two lists: id, name asked for, queue and
 * name found (empty if not known) of each conflict; index and id of each duplicate. A push that arrived before gets the same
 * lists.
 */
export const pushGivenScript = composeScript('push-given', [takeIds, store, persistKept, noteIds, beginWaits], {
  flags: [],
  result: EXCEPTIONS,
});

/** Stores jobs of which some have traits. Reply: as of `push-given`. */
export const pushTraitsScript = composeScript(
  'push-traits',
  [takeIds, takeTraits, takeUnique, pushByPriority, store, persistKept, noteIds, beginWaits],
  { flags: [], result: EXCEPTIONS },
);
