import { composeScript } from './compose-script.js';
import { attempts } from './parts/attempts.part.js';
import { dropCheckpoint } from './parts/checkpoint.part.js';
import { dropDebounced } from './parts/debounce.part.js';
import { ended } from './parts/ended.part.js';
import { forgetFailures } from './parts/failures.part.js';
import { forget } from './parts/forget.part.js';
import { forgetDropped, givenIds } from './parts/given-ids.part.js';
import { forgetLogs } from './parts/logs.part.js';
import { dropNotes } from './parts/notes.part.js';
import { dropHolders, knowGroups, takeByGroup } from './parts/groups.part.js';
import { knowPriorities, takeByPriority } from './parts/priority.part.js';
import { dropProgress, tellProgress } from './parts/progress.part.js';
import { noteStopped } from './parts/outbox.part.js';
import { expireKeptDropped, keepCompleted } from './parts/retain.part.js';
import { stale, takeWaiting } from './parts/stale.part.js';
import { status } from './parts/status.part.js';
import { stopMembers } from './parts/stop.part.js';
import { dropTraits, knowTraits } from './parts/traits.part.js';
import { dropUnique } from './parts/unique.part.js';
import { tellCancelled as tellWaits } from './parts/waits.part.js';

/** Cancels members of a batch because another one has failed. Reply: see the part `stop members`. */
export const stopMembersScript = composeScript(
  'stop members',
  [
    attempts,
    givenIds,
    status,
    dropNotes,
    tellProgress,
    ended,
    stale,
    knowTraits,
    knowGroups,
    knowPriorities,
    takeByGroup,
    takeByPriority,
    takeWaiting,
    forgetFailures,
    forgetLogs,
    keepCompleted,
    forget,
    stopMembers,
    forgetDropped,
    dropProgress,
    dropCheckpoint,
    expireKeptDropped,
    dropUnique,
    dropDebounced,
    dropHolders,
    noteStopped,
    dropTraits,
    tellWaits,
  ],
  { result: 'S.result' },
);
