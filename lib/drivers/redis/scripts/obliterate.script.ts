import { composeScript } from './compose-script.js';
import { answer, keepAnswer } from './parts/answer.part.js';
import { dropDebounced, removeDebounced } from './parts/debounce.part.js';
import { dropCancelled } from './parts/cancelled.part.js';
import { dropCheckpoint } from './parts/checkpoint.part.js';
import { removeGroups } from './parts/clear-groups.part.js';
import { dropFailures, forgetFailures } from './parts/failures.part.js';
import { forget } from './parts/forget.part.js';
import { knowGroups } from './parts/groups.part.js';
import { dropLogs, forgetLogs } from './parts/logs.part.js';
import { dropNotes } from './parts/notes.part.js';
import { obliterate } from './parts/obliterate.part.js';
import { noteDropped } from './parts/outbox.part.js';
import { ownStatus } from './parts/own-status.part.js';
import { removePriorities } from './parts/priority.part.js';
import { dropProgress } from './parts/progress.part.js';
import { stale } from './parts/stale.part.js';
import { dropEndedTraits, dropTraits, knowTraits, removeTraits } from './parts/traits.part.js';
import { dropUnique, removeUnique } from './parts/unique.part.js';
import { tellDropped } from './parts/waits.part.js';

/** Removes a part of a queue. Reply: see the part `obliterate`. */
export const obliterateScript = composeScript(
  'obliterate',
  [
    answer,
    dropNotes,
    ownStatus,
    stale,
    forgetFailures,
    forgetLogs,
    knowTraits,
    dropUnique,
    dropDebounced,
    forget,
    knowGroups,
    removeGroups,
    removePriorities,
    obliterate,
    dropFailures,
    dropLogs,
    dropProgress,
    dropCheckpoint,
    dropCancelled,
    removeUnique,
    removeDebounced,
    noteDropped,
    dropTraits,
    removeTraits,
    dropEndedTraits,
    tellDropped,
    keepAnswer,
  ],
  { result: 'S.result' },
);
