import { composeScript } from './compose-script.js';
import { countGrouped, dropGrouped } from './parts/clear-groups.part.js';
import { dropDebounced } from './parts/debounce.part.js';
import { dropCancelled } from './parts/cancelled.part.js';
import { drop } from './parts/drop.part.js';
import { dropFailures } from './parts/failures.part.js';
import { forgetDropped } from './parts/given-ids.part.js';
import { dropHolders, knowGroups } from './parts/groups.part.js';
import { dropLogs } from './parts/logs.part.js';
import { dropNotes } from './parts/notes.part.js';
import { dropCheckpoint } from './parts/checkpoint.part.js';
import { clearByPriority, countByPriority } from './parts/priority.part.js';
import { dropProgress } from './parts/progress.part.js';
import { noteDropped } from './parts/outbox.part.js';
import { expireKeptDropped } from './parts/retain.part.js';
import { dropStale, stale } from './parts/stale.part.js';
import { dropTraits, knowTraits } from './parts/traits.part.js';
import { dropUnique } from './parts/unique.part.js';
import { tellDropped } from './parts/waits.part.js';

/** The parts that forget the dropped jobs. */
const FORGETTING = [
  forgetDropped,
  dropFailures,
  dropLogs,
  dropNotes,
  dropProgress,
  dropCheckpoint,
  dropCancelled,
  expireKeptDropped,
  dropUnique,
  dropDebounced,
  dropHolders,
  noteDropped,
  dropTraits,
  tellDropped,
] as const;

const PARTS = [stale, knowTraits, knowGroups, countGrouped, clearByPriority, drop, dropStale, ...FORGETTING] as const;

/** Drops waiting jobs. Reply: the number of elements that it looked at, of those that stay, and of the dropped jobs. */
export const clearScript = composeScript('clear', PARTS, {
  result: 'S.result',
});

/** Drops ready jobs with a group. Reply: see the part `drop grouped`. */
export const clearGroupsScript = composeScript(
  'clear-groups',
  [stale, knowTraits, knowGroups, countGrouped, countByPriority, dropGrouped, ...FORGETTING],
  { result: 'S.result' },
);
